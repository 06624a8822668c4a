"""Ids that are none become neither paths nor commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioner.errors import RefusedError, UnreachableError
from provisioner.execution.entry_json import DamagedError, from_json, to_json
from provisioner.execution.state_directory import folder_of_org
from provisioner.model.ids import is_id
from provisioner.salesforce import DeployUnsettled, Org
from tests.execution.test_journal import DONE, entry
from tests.salesforce.server import ORG_ID, USER_ID, ScriptedOrg, deploy_result, json_answer, records, soap

Connect = Callable[..., Org]
HOSTILE = ["../../../../abc", "x;rm -rf ~ $(id)", "00D", "", "00D5g0000000001\n::error::x", "00D5g00000000٠١EAA"]
ORGANIZATION = {"IsSandbox": True, "OrganizationType": "Enterprise Edition", "TrialExpirationDate": None}
STRANGE_DEPLOY = "x;rm -rf ~ $(id)"


@pytest.mark.parametrize("text", [*HOSTILE, "00D5g0000000001E", "00D5g0000000001EAA "])
def test_what_is_no_id(text: str) -> None:
    assert not is_id(text)


def test_both_forms_of_an_id() -> None:
    assert is_id(ORG_ID, "00D")
    assert is_id(ORG_ID[:15], "00D")
    assert not is_id(USER_ID, "00D")


@pytest.mark.parametrize("found", [text for text in HOSTILE if text])
def test_an_organization_with_no_id_is_refused(connect: Connect, scripted: ScriptedOrg, found: str) -> None:
    scripted.always("query Organization", records({**ORGANIZATION, "Id": found}))
    with pytest.raises(RefusedError) as refused:
        connect().observe()
    assert refused.value.code == "not-an-id"
    assert "\n" not in refused.value.message


def test_an_organization_of_another_id_is_refused(connect: Connect, scripted: ScriptedOrg) -> None:
    other = "00D5g0000000009EAA"
    scripted.always("query Organization", records({**ORGANIZATION, "Id": other}))
    with pytest.raises(RefusedError, match=f"{other}.*{ORG_ID}") as refused:
        connect().observe()
    assert refused.value.code == "another-org"


@pytest.mark.parametrize("token", ["00D/../../../x!AQEAQx.y", "00D!AQEAQx.y", "opaque"])
def test_a_token_of_no_org_names_none(connect: Connect, scripted: ScriptedOrg, token: str) -> None:
    scripted.always("token", json_answer({"access_token": token, "instance_url": scripted.url, "id": "/id/00D../005"}))
    assert connect().session.org_id == ""


def test_a_folder_is_made_for_an_id_only() -> None:
    for each in HOSTILE:
        with pytest.raises(RefusedError):
            folder_of_org(each)


def test_a_deployment_without_an_id_is_looked_for(connect: Connect, scripted: ScriptedOrg) -> None:
    answer = soap("deploy", f"<result><done>false</done><id>{STRANGE_DEPLOY}</id></result>")
    scripted.script("deploy", answer)
    assert connect().deploy(b"PK", check_only=False) == scripted.deploys[0]["Id"]
    assert scripted.count("deploy") == 2


def test_a_listed_deployment_without_an_id(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.deploys.append({"Id": STRANGE_DEPLOY, "Status": "InProgress", "CreatedById": USER_ID})
    with pytest.raises(UnreachableError) as failed:
        connect().recent_deploys()
    assert STRANGE_DEPLOY not in failed.value.next


def test_a_deployment_found_without_an_id(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    scripted.script("deploy", soap("deploy", "<result/>"))
    scripted.always("query DeployRequest", records({"Id": STRANGE_DEPLOY, "CreatedById": USER_ID, "CheckOnly": False}))
    with pytest.raises(DeployUnsettled) as open_end:
        org.deploy(b"PK", check_only=False, known=frozenset())
    assert open_end.value.deploy_id is None
    assert STRANGE_DEPLOY not in open_end.value.next


def test_an_answer_about_another_deployment(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("checkDeployStatus", deploy_result(id="0Af5g00000BBBBBAA4", done="true", success="true"))
    with pytest.raises(UnreachableError, match="another deployment"):
        connect().deploy_status("0Af5g00000AAAAAAA4")


def test_a_channel_without_an_id_is_not_changed(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("query MessagingChannel", records({"Id": "../../User/005x", "DeveloperName": "Web_Chat"}))
    with pytest.raises(RefusedError):
        connect().activate_channel("Web_Chat")
    assert not [each for each in scripted.received if each.method == "PATCH"]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "../../x"},
        {"environment": "x; rm -rf ~"},
        {"org": {"id": "../../..", "instance_url": "https://x"}},
        {"deployments": [{"deploy_id": STRANGE_DEPLOY}]},
    ],
)
def test_an_entry_of_the_journal_with_no_id(changes: dict[str, Any]) -> None:
    document = json.loads("".join(to_json(entry(sent=(DONE,), outcome="applied"))))
    (deployment,) = document["deployments"]
    for each in changes.get("deployments", ()):
        changes = {"deployments": [{**deployment, **each}]}
    with pytest.raises(DamagedError, match="shape"):
        from_json({**document, **changes})
