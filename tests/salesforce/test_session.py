"""A session that ends, requests that pass only the second time, and an org that says no."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from provisioner.errors import LoginError, OrgRefusedError, ProvisionerError, UnreachableError
from provisioner.salesforce import Org, OrgFault
from provisioner.salesforce.connection import LOGINS_A_REQUEST
from tests.salesforce.conftest import Waits
from tests.salesforce.server import (
    CUT,
    HTML_503,
    TOKEN,
    Answer,
    Received,
    ScriptedOrg,
    fault,
    json_answer,
    oauth_error,
    records,
    rest_error,
)

Connect = Callable[..., Org]
QUERY = "SELECT Id FROM Account"
ENDED_REST = rest_error("INVALID_SESSION_ID", "Session expired or invalid", 401)
ENDED_SOAP = fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")


def test_an_ended_session_is_renewed_and_the_query_repeated(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    scripted.script("query Account", ENDED_REST, records({"Id": "1"}))
    assert org.query(QUERY) == [{"Id": "1"}]
    assert sorted(scripted.names()[:2]) == ["token", "versions"]
    assert scripted.names()[2:] == ["query Account", "token", "query Account"]


def test_an_ended_session_is_renewed_for_a_deployment(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    scripted.script("deploy", ENDED_SOAP)
    assert org.deploy(b"zip", check_only=False) == scripted.deploys[0]["Id"]
    assert len(scripted.deploys) == 1
    assert scripted.count("token") == 2


def test_the_new_session_is_the_one_that_is_sent(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    new = TOKEN.replace("door", "gate")
    scripted.script("token", json_answer({"access_token": new, "instance_url": scripted.url}))
    scripted.script("query Account", ENDED_REST, records())
    org.query(QUERY)
    assert scripted.received[-1].headers["Authorization"] == f"Bearer {new}"


def test_a_session_that_never_holds_is_explained_and_no_loop(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    scripted.always("query Account", ENDED_REST)
    with pytest.raises(LoginError) as failed:
        org.query(QUERY)
    assert failed.value.code == "session-refused"
    assert "Session expired or invalid" in failed.value.message
    assert "provisioner diagnose login --env uat" in failed.value.next
    assert scripted.count("token") == scripted.count("query Account") == LOGINS_A_REQUEST + 1


def test_the_missing_api_scope_is_recognised(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    text = "This session is not valid for use with the REST API"
    scripted.always("query Account", rest_error("INVALID_SESSION_ID", text, 401))
    with pytest.raises(LoginError) as failed:
        org.query(QUERY)
    assert "(api)" in failed.value.next


def test_a_renewed_session_of_another_org_is_not_used(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    other = "https://login.salesforce.com/id/00D5g0000000002EAA/0055g0000000001AAA"
    scripted.script("token", json_answer({"access_token": TOKEN, "instance_url": scripted.url, "id": other}))
    scripted.script("query Account", ENDED_REST)
    with pytest.raises(OrgRefusedError, match="another org"):
        org.query(QUERY)
    assert scripted.count("query Account") == 1


def test_a_login_that_fails_later_is_a_login_error(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    scripted.always("token", oauth_error("inactive_user", "user is inactive"))
    scripted.always("query Account", ENDED_REST)
    with pytest.raises(LoginError, match="inactive_user"):
        org.query(QUERY)


def test_threads_share_one_renewal(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    new = TOKEN.replace("door", "gate")
    scripted.script("token", json_answer({"access_token": new, "instance_url": scripted.url}))

    def by_session(request: Received) -> Answer:
        return records() if new in request.headers["Authorization"] else ENDED_REST

    scripted.judge("query Account", by_session)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(org.query, [QUERY] * 12)) == [[]] * 12
    assert scripted.count("token") == 2


@pytest.mark.parametrize(
    "passing",
    [
        CUT,
        HTML_503,
        Answer('[{"broken', 200),
        Answer("<html>who are you?</html>", 200),
        Answer("", 502),
        json_answer({"unexpected": "shape"}),
        rest_error("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", 403),
        rest_error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
        rest_error("SERVER_UNAVAILABLE", "The server is temporarily unavailable.", 503),
        rest_error("UNKNOWN_EXCEPTION", "An unexpected error occurred.", 500),
        Answer("slow down", 429),
    ],
)
def test_what_passes_is_tried_again(connect: Connect, scripted: ScriptedOrg, waits: Waits, passing: Answer) -> None:
    org = connect()
    scripted.script("query Account", passing, passing, records({"Id": "1"}))
    assert org.query(QUERY) == [{"Id": "1"}]
    assert scripted.count("query Account") == 3
    assert len(waits.slept) == 2


@pytest.mark.parametrize(
    ("lasting", "kind", "status", "words"),
    [
        (CUT, UnreachableError, 4, "broke"),
        (HTML_503, UnreachableError, 4, "Down for Maintenance"),
        (Answer("", 502), UnreachableError, 4, "HTTP 502"),
        (rest_error("SERVER_UNAVAILABLE", "gone", 503), UnreachableError, 4, "out of service"),
        (rest_error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403), OrgFault, 5, "TotalRequests"),
        (rest_error("UNABLE_TO_LOCK_ROW", "locked"), OrgFault, 5, "UNABLE_TO_LOCK_ROW"),
    ],
)
def test_what_lasts_ends_the_run(
    connect: Connect, scripted: ScriptedOrg, lasting: Answer, kind: type[ProvisionerError], status: int, words: str
) -> None:
    org = connect()
    scripted.always("query Account", lasting)
    with pytest.raises(kind, match=words) as failed:
        org.query(QUERY)
    assert failed.value.exit_status == status
    assert failed.value.next
    assert scripted.count("query Account") == 5


def test_sixty_seconds_are_enough(connect: Connect, scripted: ScriptedOrg, waits: Waits) -> None:
    org = connect()

    def slow() -> Answer:
        waits.slept.append(25.0)
        return CUT

    scripted.script("query Account", *[slow] * 5)
    with pytest.raises(UnreachableError):
        org.query(QUERY)
    assert scripted.count("query Account") == 3


def test_a_considered_no_is_not_tried_again(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    scripted.always("query Account", rest_error("INVALID_TYPE", "sObject type 'Account' is not supported."))
    with pytest.raises(OrgFault) as refused:
        org.query(QUERY)
    assert refused.value.fault_code == "INVALID_TYPE"
    assert refused.value.exit_status == 5
    assert scripted.count("query Account") == 1


def test_all_pages_of_a_query_are_read(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    more = "/services/data/v67.0/query/01g-2000"
    first = {"done": False, "nextRecordsUrl": more, "records": [{"attributes": {"type": "Account"}, "Id": "1"}]}
    scripted.script("query Account", json_answer(first))
    scripted.script(more, CUT, records({"Id": "2"}))
    assert org.query(QUERY) == [{"Id": "1"}, {"Id": "2"}]


def test_a_channel_is_activated_by_its_name(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    path = "/services/data/v67.0/sobjects/MessagingChannel/0Mj5g0000000001"
    scripted.script(path, HTML_503, Answer("", 204))

    org.activate_channel("O'Neil")

    asked = next(received.path for received in scripted.received if received.name == "query MessagingChannel")
    assert "O%5C%27Neil" in asked, "a name must not end the literal of the query"
    changed = scripted.received[-1]
    assert (changed.method, changed.path, changed.body) == ("PATCH", path, '{"IsActive": true}')


def test_a_channel_that_is_gone_is_said_so(connect: Connect, scripted: ScriptedOrg) -> None:
    org = connect()
    scripted.always("query MessagingChannel", records())
    with pytest.raises(OrgRefusedError, match="no messaging channel Web_Chat"):
        org.activate_channel("Web_Chat")
