"""Each fault does what the list says of it, and each is in the list."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from provisioner.errors import UsageError
from provisioner.localorg import FAULTS, break_, mend, status
from tests.localorg import material
from tests.localorg.client import Client, deploy_body, failures, package
from tests.localorg.material import authorization, channel_file, key_file, keyset_file

KEY, KEYSET, CHANNEL = "PublicKeyCertificate", "PublicKeyCertificateSet", "MessagingChannel"
ONE_KEY = {f"{KEY}/k1": key_file()}
Break = Callable[..., None]


def statuses(org: Client, deployment_id: str) -> list[str]:
    """Every status that polling shows, each once."""
    seen: list[str] = []
    while True:
        result = org.look(deployment_id)
        if result["status"] not in seen:
            seen.append(result["status"])
        if result["done"]:
            return seen
        time.sleep(0.002)


def test_the_list_is_complete_and_says_something_of_each() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    for fault in FAULTS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.name)
        assert fault.what
        assert fault.source
        assert fault.listed.startswith(fault.what)


def test_every_fault_is_looked_at_somewhere() -> None:
    import provisioner.localorg

    room = Path(provisioner.localorg.__file__).parent
    code = "".join(file.read_text() for file in room.glob("*.py") if file.name != "fault_table.py")
    assert [fault.name for fault in FAULTS if f'"{fault.name}"' not in code] == []


def test_unknown_names_and_arguments(org: Client) -> None:
    with pytest.raises(UsageError) as caught:
        break_(org.directory, "deploy-qeued")
    assert caught.value.message == "The local org has no fault deploy-qeued. Did you mean deploy-queued?"
    assert caught.value.next == "Run `provisioner localorg break` for the list."
    for name in (
        "slow=fast",
        "setup-locked=0",
        "setup-locked=x",
        "production=1",
        "user-frozen=no",
        "element-dropped=a b",
    ):
        with pytest.raises(UsageError):
            break_(org.directory, name)
    with pytest.raises(UsageError):
        mend(org.directory, "nope")
    assert status(org.directory)["faults"] == []


def test_broken_and_mended(org: Client) -> None:
    break_(org.directory, "slow=10ms")
    break_(org.directory, "production")
    assert [(row["name"], row["argument"]) for row in status(org.directory)["faults"]] == [
        ("production", None),
        ("slow", "10ms"),
    ]
    mend(org.directory, "slow")
    assert [row["name"] for row in status(org.directory)["faults"]] == ["production"]
    mend(org.directory)
    assert status(org.directory)["faults"] == []


def test_deployments_that_queue(org: Client, broken: Break) -> None:
    broken("deploy-queued=4")
    deployment_id = org.submit(package(ONE_KEY))
    assert [org.look(deployment_id)["status"] for _ in range(4)] == ["Pending"] * 4
    assert org.wait(deployment_id)["success"]


def test_a_queued_deployment_advances_by_queries(org: Client, broken: Break) -> None:
    broken("deploy-queued=3")
    deployment_id = org.submit(package(ONE_KEY))
    query = f"SELECT Id, Status FROM DeployRequest WHERE Id='{deployment_id}'"
    deadline = time.monotonic() + 60
    while org.query(query, tooling=True)[0]["Status"] != "Succeeded":
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.mark.parametrize(
    ("fault", "spelled"), [("deploy-finalizing", "Finalizing"), ("finalizing-deploy", "FinalizingDeploy")]
)
def test_deployments_that_finalize(org: Client, broken: Break, fault: str, spelled: str) -> None:
    broken(fault)
    deployment_id = org.submit(package(ONE_KEY))
    assert statuses(org, deployment_id)[-2:] == [spelled, "Succeeded"]


def test_early_polls_that_fail(org: Client, broken: Break) -> None:
    broken("early-poll-fails=2")
    deployment_id = org.submit(package(ONE_KEY))
    poll = f"<met:checkDeployStatus><met:asyncProcessId>{deployment_id}</met:asyncProcessId></met:checkDeployStatus>"
    assert org.fault(poll) == ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    assert org.get(f"/services/data/v67.0/metadata/deployRequest/{deployment_id}").status_code == 500
    assert org.wait(deployment_id)["success"]


@pytest.mark.parametrize("fault", ["setup-locked", "deploy-error"])
def test_deployments_that_fail_without_details(org: Client, broken: Break, fault: str) -> None:
    broken(f"{fault}=1")
    code = {"setup-locked": "ALREADY_IN_PROCESS", "deploy-error": "UNKNOWN_EXCEPTION"}[fault]
    result = org.deploy(ONE_KEY)
    assert (result["status"], result["success"], result["errorStatusCode"]) == ("Failed", False, code)
    assert failures(result) == []
    assert result["errorMessage"]
    assert org.deploy(ONE_KEY)["success"]
    broken(fault)
    assert [org.deploy(ONE_KEY)["errorStatusCode"] for _ in range(3)] == [code] * 3


def test_an_answer_that_is_lost(org: Client, broken: Break) -> None:
    broken("deploy-answer-lost=1")
    with pytest.raises(requests.ConnectionError):
        org.soap(deploy_body(package(ONE_KEY)))
    [row] = org.query("SELECT Id FROM DeployRequest", tooling=True)
    assert org.wait(row["Id"])["success"]
    assert org.deploy(ONE_KEY)["success"]


def test_a_call_that_is_lost(org: Client, broken: Break) -> None:
    broken("deploy-not-accepted-lost=1")
    with pytest.raises(requests.ConnectionError):
        org.soap(deploy_body(package(ONE_KEY)))
    assert org.query("SELECT Id FROM DeployRequest", tooling=True) == []
    assert org.deploy(ONE_KEY)["success"]


def test_polls_that_go_wrong(org: Client, broken: Break) -> None:
    deployment_id = org.submit(package(ONE_KEY))
    poll = f"<met:checkDeployStatus><met:asyncProcessId>{deployment_id}</met:asyncProcessId></met:checkDeployStatus>"
    broken("poll-html=2")
    for answer in (org.soap(poll), org.get(f"/services/data/v67.0/metadata/deployRequest/{deployment_id}")):
        assert answer.status_code == 503
        assert answer.headers["Content-Type"].startswith("text/html")
    broken("poll-cut=1")
    with pytest.raises(requests.ConnectionError):
        org.soap(poll)
    assert org.wait(deployment_id)["success"]


def test_an_element_that_is_dropped(org: Client, broken: Break) -> None:
    broken("element-dropped")
    text = org.file(CHANNEL, "Web_Chat")
    assert org.deploy({f"{CHANNEL}/Web_Chat": text})["success"]
    assert "<description>" in text
    assert "<description>" not in org.file(CHANNEL, "Web_Chat")
    broken("element-dropped=maxFileSize")
    org.deploy({f"{CHANNEL}/Web_Chat": text})
    assert "<maxFileSize>" not in org.file(CHANNEL, "Web_Chat")
    assert "<description>" in org.file(CHANNEL, "Web_Chat")


def test_references_within_a_package(org: Client, broken: Break) -> None:
    keyset = {f"{KEYSET}/web": keyset_file(["k1"])}
    channel = {f"{CHANNEL}/New_Chat": channel_file(f"<authMode>Auth</authMode>{authorization()}")}
    broken("key-same-package", "keyset-same-package")
    both = failures(org.deploy({**ONE_KEY, **keyset, **channel}))
    assert both == [
        "In field: publicKeyCertificate - no PublicKeyCertificate named k1 found",
        "In field: publicKeyCertificateSetName - no PublicKeyCertificateSet named web found",
    ]
    for step in (ONE_KEY, keyset, channel):
        assert org.deploy(step)["success"]


def test_a_channel_that_is_deactivated(org: Client, broken: Break) -> None:
    broken("channel-deactivated")
    org.deploy({f"{CHANNEL}/Web_Chat": org.file(CHANNEL, "Web_Chat")})
    assert org.query("SELECT IsActive FROM MessagingChannel WHERE DeveloperName='Web_Chat'") == [{"IsActive": False}]
    assert org.query("SELECT IsActive FROM MessagingChannel WHERE DeveloperName='App_Chat'") == [{"IsActive": True}]


def test_an_expiration_of_the_other_mode_that_is_kept(org: Client, broken: Break) -> None:
    broken("other-expiration-kept")
    org.deploy({f"{CHANNEL}/Web_Chat": channel_file("<authMode>Auth</authMode>")})
    assert "<anonymousUserJwtExpirationTime>360<" in org.file(CHANNEL, "Web_Chat")
    other = "<anonymousUserJwtExpirationTime>300</anonymousUserJwtExpirationTime>"
    org.deploy({f"{CHANNEL}/Web_Chat": channel_file(f"<authMode>Auth</authMode>{other}")})
    after = org.file(CHANNEL, "Web_Chat")
    assert "<anonymousUserJwtExpirationTime>300<" in after
    assert "<verifiedUserJwtExpirationTime>60<" in after


def test_scalars_that_are_kept(org: Client, broken: Break) -> None:
    broken("omitted-kept")
    embedded = "<anonymousUserJwtExpirationTime>90</anonymousUserJwtExpirationTime><authMode>UnAuth</authMode>"
    org.deploy({f"{CHANNEL}/Web_Chat": channel_file(embedded)})
    org.deploy({f"{CHANNEL}/Web_Chat": channel_file()})
    after = org.file(CHANNEL, "Web_Chat")
    assert "<anonymousUserJwtExpirationTime>90<" in after
    assert "<description>" in after
    assert "<automatedResponses>" not in after


@pytest.mark.parametrize(
    ("fault", "files", "problem"),
    [
        ("component-refused", {f"{CHANNEL}/Web_Chat": channel_file()},
         "Only active Agentforce Service Agents are supported"),
        ("keyset-type-fixed", {f"{KEYSET}/web": keyset_file(endpoint="https://x.example/k")},
         "You can't change the type of an existing keyset."),
        ("jwk-fixed", {f"{KEY}/k1": key_file(material.jwk(kid="other"))},
         "You can't change the JSON web key of an existing key."),
        ("inactive-key-in-use-refused", {f"{KEY}/k1": key_file(active="false")},
         "You can't deactivate a key that a keyset uses."),
        ("channel-label-40", {f"{CHANNEL}/Web_Chat": channel_file(label="x" * 41)},
         f"masterLabel: data value too large: {'x' * 41} (max length=40)"),
        ("expiration-range",
         {f"{CHANNEL}/Web_Chat": channel_file(
             "<authMode>UnAuth</authMode><verifiedUserJwtExpirationTime>30</verifiedUserJwtExpirationTime>")},
         "verifiedUserJwtExpirationTime must be between 60 and 240 minutes"),
        ("auth-mode-active-refused", {f"{CHANNEL}/Web_Chat": channel_file("<authMode>Auth</authMode>")},
         "Deactivate the channel before you change its user verification."),
    ],
)  # fmt: skip
def test_refusals_that_are_not_proven(
    org: Client, broken: Break, fault: str, files: dict[str, str], problem: str
) -> None:
    org.deploy({**ONE_KEY, f"{KEYSET}/web": keyset_file(["k1"])})
    broken(fault)
    assert failures(org.deploy(files)) == [problem]
    mend(org.directory)
    assert org.deploy(files)["success"]


def test_what_might_be_allowed(org: Client, broken: Break) -> None:
    org.deploy({**ONE_KEY, f"{KEYSET}/web": keyset_file(["k1"])})
    bare = {f"{KEY}/k2": key_file(material.jwk(x5c=None))}
    assert org.deploy(bare)["status"] == "Failed"
    broken("x5c-not-required", "delete-in-use")
    assert org.deploy(bare)["success"]
    assert org.deploy({}, listed={}, removed={KEY: ["k1"]})["success"]
    assert "<publicKeyCertificate>k1<" in org.file(KEYSET, "web")


def test_too_many_requests(org: Client, broken: Break) -> None:
    broken("request-limit=2")
    answer = org.get("/services/data/v67.0/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert org.fault("<met:describeMetadata/>") == (
        "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    )  # fmt: skip
    assert org.get("/services/data/v67.0/limits").status_code == 200
    broken("request-limit")
    assert {org.get("/services/data/v67.0/limits").status_code for _ in range(4)} == {403}
    assert org.ask_token().status_code == 200


@pytest.mark.parametrize(("fault", "code"), [("server-error", 500), ("maintenance", 503)])
def test_pages_instead_of_answers(org: Client, broken: Break, fault: str, code: int) -> None:
    broken(fault)
    for answer in (org.ask_token(), org.get("/services/data"), org.soap("<met:describeMetadata/>")):
        assert answer.status_code == code
        assert answer.text.startswith("<!DOCTYPE html>")


def test_a_slow_org(org: Client, broken: Break) -> None:
    broken("slow=80ms")
    begun = time.monotonic()
    org.get("/services/data")
    assert time.monotonic() - begun >= 0.08


def test_a_validation_that_sees_too_little(org: Client, broken: Break) -> None:
    files = {f"{KEYSET}/web": keyset_file(["nope"])}
    assert org.deploy(files, checkOnly="true")["status"] == "Failed"
    broken("check-only-blind")
    assert org.deploy(files, checkOnly="true")["success"]
    assert org.deploy(files)["status"] == "Failed"


@pytest.mark.parametrize("spelled", ["FinalizingFailed", "FinalizingDeployFailed"])
def test_a_deployment_that_fails_in_its_last_stage(org: Client, broken: Break, spelled: str) -> None:
    broken(f"finalizing-fails={spelled}")
    result = org.deploy(ONE_KEY)
    assert (result["status"], result["done"], result["success"]) == (spelled, True, False)
    assert failures(result) == []
    assert org.deploy({f"{KEYSET}/web": keyset_file(["k1"])})["status"] == "Failed"


def test_a_deployment_that_reports_a_partial_success(org: Client, broken: Break) -> None:
    broken("partial-success")
    result = org.deploy(ONE_KEY)
    assert (result["status"], result["done"], result["success"]) == ("SucceededPartial", True, False)
    assert org.deploy(ONE_KEY, checkOnly="true")["success"]
    assert org.deploy({f"{KEYSET}/web": keyset_file(["k1"])})["status"] == "SucceededPartial"


def test_redirects_and_answers_that_cannot_be_read(org: Client, broken: Break) -> None:
    broken("redirects=1")
    url = f"{org.connection.url}/services/data/v67.0/limits"
    answer = org.http.get(url, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (
        302, "https://elsewhere.example/services/data/v67.0/limits",
    )  # fmt: skip
    broken("garbled=2")
    for answer in (org.http.get(url), org.soap("<met:describeMetadata/>")):
        assert answer.status_code == 200
        with pytest.raises(ValueError, match="."):
            answer.json()
    assert org.http.get(url).json()


def test_channel_records_that_cannot_be_queried(org: Client, broken: Break) -> None:
    broken("channel-records-unreadable")
    answer = org.get("/services/data/v67.0/query", q="SELECT Id, IsActive FROM MessagingChannel")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")
    assert org.file(CHANNEL, "Web_Chat")


def test_what_begins_after_a_deployment(org: Client, broken: Break) -> None:
    broken("later-deploy-fails", "unreadable-after-deploy=2")
    assert org.deploy(ONE_KEY, checkOnly=True)["success"]
    assert org.deploy(ONE_KEY)["success"]
    assert org.deploy(ONE_KEY)["errorStatusCode"] == "UNKNOWN_EXCEPTION"
    assert "<masterLabel>" in org.file(KEY, "k1")
    mend(org.directory, "later-deploy-fails")
    assert org.deploy(ONE_KEY)["success"]
    read = f"<met:readMetadata><met:type>{KEY}</met:type><met:fullNames>k1</met:fullNames></met:readMetadata>"
    assert org.soap(read).status_code == 503
    assert org.deploy(ONE_KEY)["success"]
