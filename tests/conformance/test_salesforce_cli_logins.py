"""The official Salesforce CLI makes a login on an org that has only an administrator, and logs in with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.cli import SalesforceCli
from tests.conformance.material import SourceProject, component_xml
from tests.conformance.product import LocalOrg
from tests.conformance.test_salesforce_cli import DEPLOY, REST, RETRIEVE, states
from tests.conformance.xml import canonical

# Installing the CLI takes its time, once.
pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]

APP, GATE = "Provisioner_CI", "Provisioner_CI_Access"
KEY = "qWeRtZuIoP" * 8
PARENT = {"externalClientApplication": APP}


@pytest.fixture
def org(tmp_path: Path) -> Iterator[LocalOrg]:
    """A newborn local org that has only an administrator."""
    running = LocalOrg.start(tmp_path / "org", "--bare")
    yield running
    running.stop()


@pytest.fixture
def administrator(visitor: SalesforceCli, org: LocalOrg) -> SalesforceCli:
    """The CLI with the administrator's token."""
    logged_in = visitor.run(
        *("org", "login", "access-token", "--set-default", "--no-prompt", "--instance-url", org.url),
        SF_ACCESS_TOKEN=org.admin_token_file.read_text().strip(),
    )
    assert logged_in.result["orgId"][:15] == org.org_id[:15]
    return visitor


@pytest.fixture
def app_files(project: SourceProject, org: LocalOrg) -> dict[str, Path]:
    """The sources of the permission set and the app, by ``type:name``."""
    sources = {
        ("PermissionSet", GATE): {"hasActivationRequired": "false", "label": "Provisioner CI Access"},
        ("ExternalClientApplication", APP): {
            "contactEmail": "platform@example.com", "distributionState": "Local", "isProtected": "false", "label": APP,
        },
        ("ExtlClntAppOauthSettings", f"{APP}_oauth"): {
            **PARENT, "commaSeparatedOauthScopes": "Api, RefreshToken", "label": f"{APP}_oauth",
        },
        ("ExtlClntAppGlobalOauthSettings", f"{APP}_glbloauth"): {
            **PARENT, "callbackUrl": "http://localhost:1717/OauthRedirect", "consumerKey": KEY,
            "certificate": (org.folder / "login.crt").read_text(), "label": f"{APP}_glbloauth",
        },
        ("ExtlClntAppOauthConfigurablePolicies", f"{APP}_oauth_defaultPolicy"): {
            **PARENT, "commaSeparatedPermissionSet": GATE, "label": f"{APP}_oauth_defaultPolicy",
            "permittedUsersPolicyType": "AdminApprovedPreAuthorized", "refreshTokenPolicyType": "Zero",
        },
        ("ExtlClntAppConfigurablePolicies", f"{APP}_defaultPolicy"): {
            **PARENT, "isEnabled": "true", "label": f"{APP}_defaultPolicy", "startPage": "None",
        },
    }  # fmt: skip
    return {
        f"{kind}:{name}": project.write(kind, name, component_xml(kind, **elements))
        for (kind, name), elements in sources.items()
    }


def elements(text: str) -> list[object]:
    """The elements of a file; the org may add others."""
    _, nested = canonical(text)
    assert isinstance(nested, list)
    return nested


def test_it_hides_its_session_and_shows_it_on_demand(administrator: SalesforceCli, org: LocalOrg) -> None:
    displayed = administrator.run("org", "display").result
    shown = administrator.run("org", "auth", "show-access-token").result

    assert displayed["accessToken"].startswith("[REDACTED]")
    assert displayed["instanceUrl"].rstrip("/") == org.url
    assert shown["accessToken"] == org.admin_token_file.read_text().strip()


@pytest.mark.parametrize("by", [{}, REST], ids=["soap", "rest"])
def test_it_makes_a_login(
    administrator: SalesforceCli, org: LocalOrg, app_files: dict[str, Path], by: dict[str, str]
) -> None:
    deployed = administrator.run(*DEPLOY, "--source-dir", "force-app", **by)
    assert states(deployed) == dict.fromkeys(app_files, "Created")
    assigned = administrator.run("org", "assign", "permset", "--name", GATE, "--on-behalf-of", org.username)
    assert [row["name"] for row in assigned.result["successes"]] == [org.username]

    logged_in = administrator.run(
        *("org", "login", "jwt", "--instance-url", org.url, "--username", org.username),
        *("--client-id", KEY, "--jwt-key-file", str(org.private_key_file)),
    )

    assert logged_in.result["username"] == org.username


def test_what_it_deploys_of_an_app_it_retrieves(
    administrator: SalesforceCli, project: SourceProject, app_files: dict[str, Path]
) -> None:
    assert administrator.run(*DEPLOY, "--source-dir", "force-app").result["success"] is True
    meant = {address: path.read_text(encoding="utf-8") for address, path in app_files.items()}
    for path in app_files.values():
        path.unlink()

    types = {address.partition(":")[0]: "*" for address in app_files}
    result = administrator.run(*RETRIEVE, "--manifest", project.manifest("package.xml", **types)).result

    assert {f"{row['type']}:{row['fullName']}" for row in result["files"]} == set(app_files)
    for address, path in app_files.items():
        got, sent = elements(path.read_text(encoding="utf-8")), elements(meant[address])
        assert [each for each in sent if each not in got] == [], address


def test_it_deletes_an_app(administrator: SalesforceCli, app_files: dict[str, Path]) -> None:
    assert administrator.run(*DEPLOY, "--source-dir", "force-app").result["success"] is True

    words = ("project", "delete", "source", "--no-prompt", "--metadata", f"ExternalClientApplication:{APP}")
    assert administrator.run(*words).result["success"] is True

    kinds = [address.partition(":")[0] for address in app_files if not address.startswith("PermissionSet:")]
    left = [administrator.run("org", "list", "metadata", "--metadata-type", kind).result for kind in kinds]
    assert left == [[]] * 5
