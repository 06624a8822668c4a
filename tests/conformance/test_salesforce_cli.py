"""The official Salesforce CLI at work on the local org: what it does to an org, it does to ours."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cli import Answer, SalesforceCli
from tests.conformance.material import SourceProject, certificate, jwk, key_xml, keyset_xml, rsa_key
from tests.conformance.product import LocalOrg, provisioner
from tests.conformance.xml import canonical, child

# Installing the CLI takes its time, once.
pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]

REST = {"SF_ORG_METADATA_REST_DEPLOY": "true"}
DEPLOY = ("project", "deploy", "start")
RETRIEVE = ("project", "retrieve", "start")


@pytest.fixture
def key_file(project: SourceProject) -> Path:
    """The source of a key ``storefront_2026`` in the project."""
    made = jwk(certificate(rsa_key(1), "storefront"), "storefront-2026")
    return project.write("PublicKeyCertificate", "storefront_2026", key_xml("Storefront 2026", made))


@pytest.fixture
def keyset_file(project: SourceProject, key_file: Path) -> Path:
    """The source of a keyset ``storefront`` with that key."""
    xml = keyset_xml("Storefront", "https://id.example.com", "storefront_2026")
    return project.write("PublicKeyCertificateSet", "storefront", xml)


def names(sf: SalesforceCli, kind: str) -> list[str]:
    """The full names that the org lists for a metadata type."""
    return sorted(row["fullName"] for row in sf.run("org", "list", "metadata", "--metadata-type", kind).result)


def states(answer: Answer) -> dict[str, str]:
    """What became of each component of a deploy, by ``type:name``."""
    return {f"{row['type']}:{row['fullName']}": row["state"] for row in answer.document["result"]["files"]}


def failures(answer: Answer) -> list[dict[str, Any]]:
    """The components that the org refused."""
    assert answer.status == 1, answer
    return [row for row in answer.document["result"]["files"] if row["state"] == "Failed"]


def test_it_logs_in_by_jwt(visitor: SalesforceCli, org: LocalOrg) -> None:
    result = visitor.log_in(org).result

    assert result["orgId"][:15] == org.org_id[:15]
    assert result["instanceUrl"] == org.url


def test_it_knows_the_org_for_a_sandbox(sf: SalesforceCli, org: LocalOrg) -> None:
    (listed,) = sf.run("org", "list", "--all").result["nonScratchOrgs"]

    assert (listed["username"], listed["connectedStatus"], listed["isSandbox"]) == (org.username, "Connected", True)


def logins(sf: SalesforceCli) -> int:
    return int(sf.run("data", "query", "--query", "SELECT Id FROM LoginHistory").result["totalSize"])


def test_it_logs_in_anew_when_its_session_has_ended(sf: SalesforceCli, org: LocalOrg) -> None:
    before = logins(sf)
    org.break_("session-ends=5")

    listed = [names(sf, "MessagingChannel") for _ in range(5)]

    org.mend()
    assert listed == [["App_Chat", "Kiosk_Chat", "SMS_Alerts", "Web_Chat", "WhatsApp_US"]] * 5
    assert logins(sf) > before


def test_it_finds_the_three_types_described(sf: SalesforceCli) -> None:
    described = sf.run("org", "list", "metadata-types").result["metadataObjects"]
    found = {row["xmlName"]: (row["directoryName"], row["suffix"]) for row in described}

    assert found["PublicKeyCertificate"] == ("PublicKeyCertificate", "PublicKeyCertificate")
    assert found["PublicKeyCertificateSet"] == ("PublicKeyCertificateSet", "PublicKeyCertificateSet")
    assert found["MessagingChannel"] == ("messagingChannels", "messagingChannel")


def test_it_lists_metadata(sf: SalesforceCli, keyset_file: Path) -> None:
    assert sf.run("org", "list", "metadata", "--metadata-type", "PublicKeyCertificate").result == []

    assert sf.run(*DEPLOY, "--source-dir", "force-app").result["success"] is True
    (row,) = sf.run("org", "list", "metadata", "--metadata-type", "PublicKeyCertificate").result

    assert row["fullName"] == "storefront_2026"
    assert row["fileName"] == "PublicKeyCertificate/storefront_2026.PublicKeyCertificate"
    assert (row["type"], row["manageableState"]) == ("PublicKeyCertificate", "unmanaged")


def test_it_queries_data(sf: SalesforceCli) -> None:
    soql = "SELECT DeveloperName, IsActive FROM MessagingChannel WHERE DeveloperName = 'Web_Chat'"
    result = sf.run("data", "query", "--query", soql).result

    assert [(row["DeveloperName"], row["IsActive"]) for row in result["records"]] == [("Web_Chat", True)]


@pytest.mark.parametrize("by", [{}, REST], ids=["soap", "rest"])
def test_what_it_deploys_it_retrieves(
    sf: SalesforceCli, project: SourceProject, keyset_file: Path, by: dict[str, str]
) -> None:
    meant = canonical(keyset_file.read_text(encoding="utf-8"))

    deployed = sf.run(*DEPLOY, "--source-dir", "force-app", **by)

    assert deployed.result["status"] == "Succeeded"
    assert states(deployed) == {
        "PublicKeyCertificate:storefront_2026": "Created",
        "PublicKeyCertificateSet:storefront": "Created",
    }
    again = sf.retrieve(project, "PublicKeyCertificateSet", "storefront")
    assert canonical(again.read_text(encoding="utf-8")) == meant


def test_a_connected_app_that_it_retrieves_it_deploys(sf: SalesforceCli, project: SourceProject, org: LocalOrg) -> None:
    file = sf.retrieve(project, "ConnectedApp", "Provisioner")
    assert child(file.read_text(encoding="utf-8"), "oauthConfig/consumerKey") == org.consumer_key

    deployed = sf.run(*DEPLOY, "--source-dir", "force-app")

    assert states(deployed) == {"ConnectedApp:Provisioner": "Unchanged"}


def test_it_retrieves_by_manifest(sf: SalesforceCli, project: SourceProject, keyset_file: Path) -> None:
    assert sf.run(*DEPLOY, "--source-dir", "force-app").result["success"] is True
    everything = project.manifest(
        "package.xml", PublicKeyCertificate="*", PublicKeyCertificateSet="*", MessagingChannel="*"
    )

    result = sf.run(*RETRIEVE, "--manifest", everything).result

    got = {f"{row['type']}:{row['fullName']}" for row in result["files"]}
    assert {"PublicKeyCertificate:storefront_2026", "PublicKeyCertificateSet:storefront"} < got
    assert {"MessagingChannel:Web_Chat", "MessagingChannel:App_Chat", "MessagingChannel:WhatsApp_US"} < got


def test_a_name_that_the_org_does_not_have_is_a_warning(sf: SalesforceCli) -> None:
    result = sf.run(*RETRIEVE, "--metadata", "PublicKeyCertificate:nobody").result

    (message,) = result["messages"]
    assert "Entity of type 'PublicKeyCertificate' named 'nobody' cannot be found" in message["problem"]


@pytest.mark.parametrize("by", [{}, REST], ids=["soap", "rest"])
def test_a_dry_run_changes_nothing(sf: SalesforceCli, keyset_file: Path, by: dict[str, str]) -> None:
    result = sf.run(*DEPLOY, "--source-dir", "force-app", "--dry-run", **by).result

    assert (result["success"], result["checkOnly"]) == (True, True)
    assert names(sf, "PublicKeyCertificate") == []


def test_the_same_again_is_no_change(sf: SalesforceCli, keyset_file: Path) -> None:
    assert sf.run(*DEPLOY, "--source-dir", "force-app").result["success"] is True

    assert set(states(sf.run(*DEPLOY, "--source-dir", "force-app")).values()) == {"Unchanged"}


def test_a_channel_keeps_what_it_was_through_retrieve_and_deploy(sf: SalesforceCli, project: SourceProject) -> None:
    path = sf.retrieve(project, "MessagingChannel", "Web_Chat")
    before = canonical(path.read_text(encoding="utf-8"))

    assert sf.run(*DEPLOY, "--source-dir", str(path)).result["success"] is True

    again = sf.retrieve(project, "MessagingChannel", "Web_Chat")
    assert canonical(again.read_text(encoding="utf-8")) == before


def test_it_changes_a_channel(sf: SalesforceCli, project: SourceProject) -> None:
    path = sf.retrieve(project, "MessagingChannel", "Web_Chat")
    text = path.read_text(encoding="utf-8")
    assert child(text, "embeddedConfig/anonymousUserJwtExpirationTime") == "360"
    changed = text.replace("<anonymousUserJwtExpirationTime>360<", "<anonymousUserJwtExpirationTime>120<")
    path.write_text(changed, encoding="utf-8")

    assert states(sf.run(*DEPLOY, "--source-dir", str(path))) == {"MessagingChannel:Web_Chat": "Changed"}

    again = sf.retrieve(project, "MessagingChannel", "Web_Chat").read_text(encoding="utf-8")
    assert child(again, "embeddedConfig/anonymousUserJwtExpirationTime") == "120"


@pytest.mark.parametrize("by", [{}, REST], ids=["soap", "rest"])
def test_a_failing_deploy_shows_the_orgs_problem_and_its_place(
    sf: SalesforceCli, project: SourceProject, key_file: Path, by: dict[str, str]
) -> None:
    xml = keyset_xml("Storefront", "https://id.example.com", "storefront_2026", "nobody")
    project.write("PublicKeyCertificateSet", "storefront", xml)

    (failure,) = failures(sf.run(*DEPLOY, "--source-dir", "force-app", **by))

    assert (failure["type"], failure["fullName"]) == ("PublicKeyCertificateSet", "storefront")
    assert "no PublicKeyCertificate named nobody found" in failure["error"]
    assert isinstance(failure["lineNumber"], int)
    assert isinstance(failure["columnNumber"], int)


def test_a_failing_deploy_leaves_nothing_behind(sf: SalesforceCli, project: SourceProject, key_file: Path) -> None:
    project.write("PublicKeyCertificateSet", "storefront", keyset_xml("Storefront", "https://id.example.com", "nobody"))

    assert failures(sf.run(*DEPLOY, "--source-dir", "force-app"))

    assert names(sf, "PublicKeyCertificate") == []


def test_it_deletes_what_nothing_refers_to(sf: SalesforceCli, key_file: Path) -> None:
    assert sf.run(*DEPLOY, "--source-dir", "force-app").result["success"] is True
    component = "PublicKeyCertificate:storefront_2026"

    deleted = sf.run("project", "delete", "source", "--metadata", component, "--no-prompt").result

    assert deleted["success"] is True
    assert not key_file.exists()
    assert names(sf, "PublicKeyCertificate") == []


@pytest.mark.parametrize("when", ["pre", "post"])
def test_it_deletes_by_destructive_changes(
    sf: SalesforceCli, project: SourceProject, keyset_file: Path, when: str
) -> None:
    assert sf.run(*DEPLOY, "--source-dir", "force-app").result["success"] is True
    nothing = project.manifest("package.xml")
    gone = project.manifest("gone.xml", PublicKeyCertificateSet="storefront")

    result = sf.run(*DEPLOY, "--manifest", nothing, f"--{when}-destructive-changes", gone).result

    assert result["success"] is True
    assert (names(sf, "PublicKeyCertificateSet"), names(sf, "PublicKeyCertificate")) == ([], ["storefront_2026"])


def test_it_is_refused_to_delete_a_key_in_use(sf: SalesforceCli, project: SourceProject, keyset_file: Path) -> None:
    assert sf.run(*DEPLOY, "--source-dir", "force-app").result["success"] is True
    nothing = project.manifest("package.xml")
    gone = project.manifest("gone.xml", PublicKeyCertificate="storefront_2026")

    rows = failures(sf.run(*DEPLOY, "--manifest", nothing, "--post-destructive-changes", gone))

    # The CLI shows the failure twice: for the file that it still has, and for the deletion.
    assert {row["fullName"] for row in rows} == {"storefront_2026"}
    assert all("referenced elsewhere" in row["error"] for row in rows)
    assert names(sf, "PublicKeyCertificate") == ["storefront_2026"]


def test_it_reports_on_a_deploy_by_its_id_alone(sf: SalesforceCli, key_file: Path) -> None:
    deployed = sf.run(*DEPLOY, "--source-dir", "force-app").result

    report = sf.run("project", "deploy", "report", "--job-id", deployed["id"]).result

    assert (report["id"], report["status"], report["done"]) == (deployed["id"], "Succeeded", True)


@pytest.mark.parametrize("fault", ["deploy-queued=2", "deploy-finalizing=2", "poll-html=1"])
def test_it_waits_through_what_orgs_do_to_a_deploy(
    sf: SalesforceCli, org: LocalOrg, key_file: Path, fault: str
) -> None:
    org.break_(fault)

    assert sf.run(*DEPLOY, "--source-dir", "force-app").result["status"] == "Succeeded"


def test_it_shows_the_setup_lock_in_the_orgs_words(sf: SalesforceCli, org: LocalOrg, key_file: Path) -> None:
    org.break_("setup-locked=1")

    answer = sf.run(*DEPLOY, "--source-dir", "force-app")

    assert answer.status == 1
    assert answer.document["result"]["errorStatusCode"] == "ALREADY_IN_PROCESS"
    assert "temporarily lock your organization's administration setup" in answer.document["result"]["errorMessage"]


def test_it_cancels_a_deploy_that_waits(sf: SalesforceCli, org: LocalOrg, key_file: Path) -> None:
    org.break_("deploy-queued=1000")
    started = sf.run(*DEPLOY, "--source-dir", "force-app", "--async").result

    canceled = sf.run("project", "deploy", "cancel", "--job-id", started["id"])

    org.mend()
    assert canceled.document["result"]["status"] == "Canceled"
    assert names(sf, "PublicKeyCertificate") == []


def test_it_deploys_what_it_validated(sf: SalesforceCli, key_file: Path) -> None:
    validated = sf.run(
        *("project", "deploy", "validate", "--source-dir", "force-app", "--test-level", "RunLocalTests")
    ).result
    assert names(sf, "PublicKeyCertificate") == []

    assert sf.run("project", "deploy", "quick", "--job-id", validated["id"]).result["status"] == "Succeeded"

    assert names(sf, "PublicKeyCertificate") == ["storefront_2026"]


def test_it_deploys_a_folder_in_metadata_format(sf: SalesforceCli, project: SourceProject, key_file: Path) -> None:
    folder = project.folder / "package"
    (folder / "PublicKeyCertificate").mkdir(parents=True)
    key_file.rename(folder / "PublicKeyCertificate" / "storefront_2026.PublicKeyCertificate")
    project.manifest("package/package.xml", PublicKeyCertificate="storefront_2026")

    assert sf.run(*DEPLOY, "--metadata-dir", "package").result["success"] is True

    assert names(sf, "PublicKeyCertificate") == ["storefront_2026"]


def test_our_commands_use_its_session(sf: SalesforceCli, org: LocalOrg, tmp_path: Path) -> None:
    """The whole way from a login of the CLI to a plan: `init --from-sf`, and nothing typed into a file."""
    home = {**sf.environment(), "REQUESTS_CA_BUNDLE": str(org.ca_bundle)}
    program = tmp_path / "bin" / "sf"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(sf.command())} "$@"\n')
    program.chmod(0o755)
    home["PATH"] = f"{program.parent}{os.pathsep}{home['PATH']}"

    made = provisioner("init", "--from-sf", org.username, "--env", "uat", cwd=tmp_path, environment=home).expect(0)
    assert "config/environments/uat.yaml" in made.stdout
    planned = provisioner("plan", "--env", "uat", cwd=tmp_path, environment=home).expect(0)
    assert "No changes." in planned.stdout
    drifted = provisioner("drift", "--target-org", org.username, cwd=tmp_path, environment=home).expect(0)
    assert org.url in drifted.stdout
