"""What chats leave behind in the org, and what channels are routed to."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from tests.localorg.client import Client
from tests.localorg.test_chat import V2, Chat, provision, token

Break = Callable[..., None]
BY_CLASS = (
    "SELECT MessagingChannelId c, COUNT(Id) sessions, COUNT_DISTINCT(MessagingEndUserId) people FROM MessagingSession "
    "WHERE ChannelType='EmbeddedMessaging' AND MessagingEndUser.MessagingPlatformKey LIKE 'v2/iamessage/{}/%' "
    "GROUP BY MessagingChannelId"
)


def begin(chat: Chat, access: str, deployment: str = "Shop_Api") -> None:
    body = {"conversationId": str(uuid.uuid4()), "esDeveloperName": deployment}
    assert chat.ask("POST", f"{V2}/conversation", access, json=body).status_code == 201


def counted(org: Client, who: str) -> list[tuple[int, int]]:
    return [(row["sessions"], row["people"]) for row in org.query(BY_CLASS.format(who))]


def test_a_conversation_is_a_session_of_an_end_user(org: Client) -> None:
    chat = Chat(org)
    guest = chat.v2("unauthenticated").json()["accessToken"]
    begin(chat, guest)
    provision(org)
    for subject in ("customer-1", "customer-1", "customer-2"):
        begin(chat, chat.v2(identity=token(sub=subject)).json()["accessToken"])
    assert counted(org, "UNAUTH") == [(1, 1)]
    assert counted(org, "AUTH") == [(3, 2)]
    (user,) = org.query("SELECT Id, MessagingChannelId FROM MessagingEndUser WHERE MessagingPlatformKey LIKE '%-2'")
    (channel,) = org.query("SELECT Id FROM MessagingChannel WHERE DeveloperName='Web_Chat'")
    assert user["Id"].startswith("0PA")
    assert user["MessagingChannelId"] == channel["Id"]


def test_an_exchange_alone_is_no_session_unless_broken(org: Client, broken: Break) -> None:
    chat = Chat(org)
    provision(org)
    chat.v2(identity=token())
    assert counted(org, "AUTH") == []
    broken("chat-session-at-exchange")
    chat.v2(identity=token())
    assert counted(org, "AUTH") == [(1, 1)]


def test_groups_say_that_they_are_groups(org: Client, broken: Break) -> None:
    broken("chat-history")
    answer = org.get("/services/data/v67.0/query", q=BY_CLASS.format("AUTH")).json()
    assert answer["records"][0]["attributes"] == {"type": "AggregateResult"}
    assert answer["totalSize"] == 1


@pytest.mark.parametrize(
    ("kind", "verified", "guests"), [("verified", True, False), ("guests", False, True), ("mixed", True, True)]
)
def test_weeks_of_history(org: Client, broken: Break, kind: str, verified: bool, guests: bool) -> None:
    broken(f"chat-history={kind}")
    assert [bool(counted(org, who)) for who in ("AUTH", "UNAUTH")] == [verified, guests]


def test_a_silent_history_has_nothing_lately(org: Client, broken: Break) -> None:
    broken("chat-history=silent")
    recent = "SELECT COUNT() FROM MessagingSession WHERE StartTime = {}"
    sizes = [
        org.get("/services/data/v67.0/query", q=recent.format(span)).json()["totalSize"]
        for span in ("LAST_N_DAYS:2", "LAST_N_DAYS:4")
    ]
    assert sizes[0] == 0
    assert sizes[1] > 0


def test_sessions_that_the_user_may_not_see(org: Client, broken: Break) -> None:
    broken("chat-history", "sessions-not-shared=some")
    total = sum(sessions for sessions, _ in counted(org, "AUTH"))
    broken("sessions-not-shared")
    assert total > 0
    assert counted(org, "AUTH") == []
    assert org.query("SELECT PermissionSet.PermissionsViewAllData FROM PermissionSetAssignment")[0] == {
        "PermissionSet": {"attributes": {"type": "PermissionSet"}, "PermissionsViewAllData": False}
    }
    broken("sessions-unreadable")
    answer = org.get("/services/data/v67.0/query", q="SELECT Id FROM MessagingSession")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")


QUEUE = "SELECT Id, QueueRoutingConfigId FROM Group WHERE Type='Queue' AND DeveloperName='Support'"


def test_routing_of_a_newborn_org(org: Client) -> None:
    (queue,) = org.query(QUEUE)
    assert queue["Id"].startswith("00G")
    assert queue["QueueRoutingConfigId"] is not None
    objects = org.query(f"SELECT SobjectType FROM QueueSobject WHERE QueueId='{queue['Id']}'")
    assert {"SobjectType": "MessagingSession"} in objects
    assert len(org.query(f"SELECT Id FROM GroupMember WHERE GroupId='{queue['Id']}'")) == 1
    (flow,) = org.query(
        "SELECT ProcessType, IsActive, ActiveVersionId FROM FlowDefinitionView WHERE ApiName='Route_Messaging'"
    )
    assert (flow["ProcessType"], flow["IsActive"]) == ("RoutingFlow", True)
    assert flow["ActiveVersionId"].startswith("301")
    assert org.query("SELECT MasterLabel FROM ServiceChannel WHERE DeveloperName='sfdc_livemessage'")


def test_routing_that_does_not_work(org: Client, broken: Break) -> None:
    broken("queue-without-routing", "queue-without-members", "queue-not-for-messaging", "flow-inactive")
    assert org.query(QUEUE)[0]["QueueRoutingConfigId"] is None
    assert org.query("SELECT Id FROM GroupMember") == []
    assert org.query("SELECT Id FROM QueueSobject") == []
    assert org.query("SELECT Id FROM FlowDefinitionView WHERE ActiveVersionId != null") == []
    broken("flow-not-for-routing", "routing-unreadable")
    assert org.get("/services/data/v67.0/query", q=QUEUE).json()[0]["errorCode"] == "INVALID_TYPE"
