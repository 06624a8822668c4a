"""Deploying at most once, and what the org reports about it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
from lxml import etree

from provisioner.components.package import ZIP_BYTES_AT_MOST
from provisioner.errors import InputError, StillRunningError, UnreachableError
from provisioner.salesforce import DeployProblem, DeploySuccess, DeployUnsettled, Org, OrgFault, keys_of
from tests.salesforce.server import (
    CUT,
    CUT_AFTER_ACTING,
    HTML_503,
    USER_ID,
    Answer,
    ScriptedOrg,
    deploy_result,
    fault,
    rest_error,
    soap,
)

Connect = Callable[..., Org]
PACKAGE = b"PK the package"


def _acting(answer: Answer) -> Answer:
    return Answer(answer.body, answer.status, answer.headers, cut=answer.cut, acts=True)


def _other(number: int, *, user: str = USER_ID, check_only: bool = False) -> dict[str, object]:
    return {"Id": f"0Af5g0000009{number:03d}AAA", "CheckOnly": check_only, "CreatedById": user}


@pytest.mark.parametrize("check_only", [False, True])
def test_the_package_and_its_options_are_sent_as_they_must_be(
    connect: Connect, scripted: ScriptedOrg, check_only: bool
) -> None:
    deploy_id = connect().deploy(PACKAGE, check_only=check_only)

    assert deploy_id == scripted.deploys[0]["Id"]
    body = scripted.received[-1].body
    options = dict(re.findall(r"<(\w+)>(true|false)<", body))
    assert options == {
        "allowMissingFiles": "false",
        "autoUpdatePackage": "false",
        "checkOnly": str(check_only).lower(),
        "ignoreWarnings": "false",
        "performRetrieve": "false",
        "purgeOnDelete": "false",
        "rollbackOnError": "true",
        "singlePackage": "true",
    }
    assert "testLevel" not in body
    assert base64.b64decode(re.findall(r"<ZipFile>([^<]+)<", body)[0]) == PACKAGE


def test_deployments_known_from_before_cost_no_further_request(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    known = org.recent_deploys()
    org.deploy(PACKAGE, check_only=False, known=keys_of(known))
    assert scripted.count("query DeployRequest") == 1


@pytest.mark.parametrize(
    "lost",
    [
        CUT_AFTER_ACTING,
        _acting(HTML_503),
        _acting(Answer("half an env", 200)),
        _acting(fault("UNKNOWN_EXCEPTION", "ErrorId: 1-2 (3)")),
        _acting(fault("Server", "Unexpected internal servlet state", "soapenv")),
        _acting(soap("deploy", "")),
    ],
)
def test_a_lost_answer_is_looked_for_and_nothing_is_sent_twice(
    connect: Connect, scripted: ScriptedOrg, lost: Answer
) -> None:
    scripted.deploys += [_other(1), _other(2, user="0055g0000000002AAA")]
    scripted.script("deploy", lost)
    deploy_id = connect().deploy(PACKAGE, check_only=False)
    assert deploy_id == scripted.deploys[2]["Id"]
    assert scripted.count("deploy") == 1


def test_a_deployment_that_shows_late_is_found(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    known = org.recent_deploys()
    scripted.script("deploy", CUT)

    def appears() -> Answer:
        scripted.deploys.append(_other(7))
        return Answer('{"done": true, "records": []}')

    scripted.script("query DeployRequest", appears)
    assert org.deploy(PACKAGE, check_only=False, known=keys_of(known)) == _other(7)["Id"]
    assert scripted.count("deploy") == 1


def test_what_never_arrived_is_sent_again(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.deploys.append(_other(1))
    scripted.script("deploy", CUT)
    deploy_id = connect().deploy(PACKAGE, check_only=False)
    assert deploy_id == scripted.deploys[1]["Id"]
    assert scripted.count("deploy") == 2


def test_deployments_of_others_are_never_taken_for_ours(connect: Connect, scripted: ScriptedOrg) -> None:
    def others_begin() -> Answer:
        scripted.deploys += [_other(5, user="0055g0000000002AAA"), _other(6, check_only=True)]
        return CUT

    scripted.script("deploy", others_begin)
    assert connect().deploy(PACKAGE, check_only=False) == scripted.deploys[-1]["Id"]
    assert scripted.count("deploy") == 2


@pytest.mark.parametrize(
    "refused",
    [
        fault("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
        fault("SERVER_UNAVAILABLE", "try later"),
        fault("INVALID_SESSION_ID", "Invalid Session ID"),
    ],
)
def test_a_certain_refusal_is_sent_again_without_a_search(
    connect: Connect, scripted: ScriptedOrg, refused: Answer
) -> None:
    scripted.script("deploy", refused)
    connect().deploy(PACKAGE, check_only=False)
    assert scripted.count("deploy") == 2
    assert len(scripted.deploys) == 1
    assert scripted.count("query DeployRequest") == 1


def test_a_considered_no_is_the_end(connect: Connect, scripted: ScriptedOrg) -> None:
    text = "testLevel of NoTestRun cannot be used in production organizations"
    scripted.always("deploy", fault("INVALID_OPERATION", text))
    with pytest.raises(OrgFault, match=text):
        connect().deploy(PACKAGE, check_only=False)
    assert scripted.count("deploy") == 1


def test_several_candidates_leave_the_outcome_open(connect: Connect, scripted: ScriptedOrg) -> None:
    def two_begin() -> Answer:
        scripted.deploys += [_other(5), _other(6)]
        return CUT

    scripted.script("deploy", two_begin)
    with pytest.raises(StillRunningError) as open_end:
        connect().deploy(PACKAGE, check_only=False)
    assert open_end.value.exit_status == 6
    assert open_end.value.code == "outcome-unknown"
    assert "0Af5g0000009005AAA" in open_end.value.message
    assert "Setup > Deployment Status" in open_end.value.next
    assert "provisioner plan --env uat" in open_end.value.next
    assert scripted.count("deploy") == 1


def test_nothing_is_sent_to_an_org_that_does_not_answer(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("query DeployRequest", HTML_503)
    with pytest.raises(UnreachableError):
        connect().deploy(PACKAGE, check_only=False)
    assert scripted.count("deploy") == 0


def test_a_search_that_is_not_possible_leaves_the_outcome_open(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("query DeployRequest", rest_error("INSUFFICIENT_ACCESS", "no Tooling API"))
    scripted.script("deploy", CUT_AFTER_ACTING)
    with pytest.raises(DeployUnsettled, match="is unknown") as open_end:
        connect().deploy(PACKAGE, check_only=False)
    assert open_end.value.deploy_id is None
    assert scripted.count("deploy") == 1


def test_a_search_that_fails_afterwards_leaves_the_outcome_open(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    known = org.recent_deploys()
    scripted.always("query DeployRequest", HTML_503)
    scripted.script("deploy", CUT_AFTER_ACTING)
    with pytest.raises(DeployUnsettled):
        org.deploy(PACKAGE, check_only=False, known=keys_of(known))
    assert scripted.count("deploy") == 1


def test_a_deployment_needs_no_list_where_its_answer_comes(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("query DeployRequest", rest_error("INSUFFICIENT_ACCESS", "no Tooling API"))
    assert connect().deploy(PACKAGE, check_only=False) == scripted.deploys[0]["Id"]


def test_an_org_that_takes_nothing_is_out_of_reach(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("deploy", HTML_503)
    with pytest.raises(UnreachableError):
        connect().deploy(PACKAGE, check_only=False)
    assert 2 <= scripted.count("deploy") <= 5
    assert scripted.deploys == []


def test_a_package_beyond_the_limit_is_not_sent(connect: Connect, scripted: ScriptedOrg) -> None:
    with pytest.raises(InputError) as wrong:
        connect().deploy(bytes(ZIP_BYTES_AT_MOST + 1), check_only=False)
    assert wrong.value.code == "package-too-large"
    assert scripted.count("deploy") == 0


FAILED = """
<componentFailures><changed>false</changed><columnNumber>16</columnNumber>
<componentType>PublicKeyCertificateSet</componentType><created>false</created><deleted>false</deleted>
<fileName>PublicKeyCertificateSet/ks1.PublicKeyCertificateSet</fileName><fullName>ks1</fullName>
<lineNumber>7</lineNumber><problem>In field: publicKeyCertificate - no PublicKeyCertificate named pck9 found</problem>
<problemType>Error</problemType><success>false</success><somethingNew>1</somethingNew></componentFailures>
<componentFailures><fullName>package.xml</fullName><fileName>package.xml</fileName>
<problem>An object 'X' was named in package.xml, but was not found in zipped directory</problem></componentFailures>
<componentSuccesses><changed>true</changed><componentType></componentType><created>false</created>
<fileName>package.xml</fileName><fullName>package.xml</fullName><success>true</success></componentSuccesses>
<componentSuccesses><changed>true</changed><componentType>PublicKeyCertificate</componentType><created>true</created>
<deleted>false</deleted><fileName>PublicKeyCertificate/k.PublicKeyCertificate</fileName><fullName>k</fullName>
<success>true</success></componentSuccesses>
"""


def test_a_failed_deployment_is_reported_in_full(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always(
        "checkDeployStatus",
        deploy_result(
            checkOnly=True,
            createdBy="0055g0000000001",
            createdByName="Ada Admin",
            details=FAILED,
            done=True,
            errorMessage="null: it went wrong",
            errorStatusCode="UNKNOWN_EXCEPTION",
            id="0Af5g0000000001AAA",
            numberComponentErrors=1,
            numberComponentsDeployed=1,
            numberComponentsTotal=2,
            stateDetail="1/2",
            status="Failed",
            success=False,
            newField="unheard of",
        ),
    )

    status = connect().deploy_status("0Af5g0000000001AAA")

    assert (status.id, status.done, status.success, status.status) == ("0Af5g0000000001AAA", True, False, "Failed")
    assert (status.components_total, status.components_deployed, status.component_errors) == (2, 1, 1)
    assert (status.error_status_code, status.error_message) == ("UNKNOWN_EXCEPTION", "null: it went wrong")
    assert (status.check_only, status.state_detail, status.created_by_name) == (True, "1/2", "Ada Admin")
    assert status.failures[0] == DeployProblem(
        component_type="PublicKeyCertificateSet",
        full_name="ks1",
        file_name="PublicKeyCertificateSet/ks1.PublicKeyCertificateSet",
        problem="In field: publicKeyCertificate - no PublicKeyCertificate named pck9 found",
        problem_type="Error",
        line=7,
        column=16,
    )
    assert "not found in zipped directory" in status.failures[1].problem
    assert status.successes == (
        DeploySuccess(
            component_type="PublicKeyCertificate",
            full_name="k",
            file_name="PublicKeyCertificate/k.PublicKeyCertificate",
            created=True,
            changed=True,
        ),
    )
    assert not status.setup_locked


@pytest.mark.parametrize(
    ("done", "code", "locked"),
    [(True, "ALREADY_IN_PROCESS", True), (False, "ALREADY_IN_PROCESS", False), (True, "UNKNOWN_EXCEPTION", False)],
)
def test_the_setup_lock_is_recognised(
    connect: Connect, scripted: ScriptedOrg, done: bool, code: str, locked: bool
) -> None:
    scripted.always("checkDeployStatus", deploy_result(done=done, errorStatusCode=code, status="Failed", success=False))
    assert connect().deploy_status("0Af").setup_locked is locked


def test_a_deployment_is_called_off_by_its_id(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("cancelDeploy", soap("cancelDeploy", "<result><done>false</done><id>0Af1</id></result>"))
    connect().cancel_deploy("0Af1")
    body = etree.fromstring(scripted.received[-1].body.encode())
    assert [node.text for node in body.iter("{*}String")] == ["0Af1"]


def test_what_is_over_cannot_be_called_off(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("cancelDeploy", fault("INVALID_ID_FIELD", "Deployment already completed"))
    with pytest.raises(OrgFault, match="Deployment already completed"):
        connect().cancel_deploy("0Af1")
