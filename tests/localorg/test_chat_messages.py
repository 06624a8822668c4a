"""Chats at the runtime: who may ask from which page, messages, their events, and visits that end."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from tests.localorg.client import Client
from tests.localorg.conftest import ServedOrg
from tests.localorg.test_chat import V2, Break, Chat, provision, token

PAGE = "http://localhost:8100"
CONFIG = "/embeddedservice/v1/embedded-service-config"
TOKENS = f"{V2}/authorization/authenticated/access-token"


@pytest.fixture
def chat(org: Client) -> Iterator[Chat]:
    made = Chat(org)
    yield made
    made.http.close()


def allow(chat: Chat, origin: str) -> None:
    """List an origin in Setup > CORS."""
    entry = f'<CorsWhitelistOrigin xmlns="http://soap.sforce.com/2006/04/metadata"><urlPattern>{origin}</urlPattern>'
    assert chat.org.deploy({"CorsWhitelistOrigin/shop": entry + "</CorsWhitelistOrigin>"})["status"] == "Succeeded"


def begun(chat: Chat) -> tuple[str, str]:
    """A verified customer's access token and new conversation."""
    access, name = chat.v2().json()["accessToken"], str(uuid.uuid4())
    body = {"conversationId": name, "esDeveloperName": "Shop_Api"}
    assert chat.ask("POST", f"{V2}/conversation", access, json=body).status_code == 201
    return access, name


def say(chat: Chat, access: str, name: str, text: str, **changes: Any) -> requests.Response:
    content = {"formatType": "Text", "text": text}
    message = {"id": str(uuid.uuid4()), "messageType": "StaticContentMessage", "staticContent": content}
    body = {"message": message, "esDeveloperName": "Shop_Api", **changes}
    return chat.ask("POST", f"{V2}/conversation/{name}/message", access, json=body)


def sessions(chat: Chat) -> list[tuple[str, bool]]:
    rows = chat.org.query("SELECT Status, EndTime FROM MessagingSession ORDER BY StartTime, Id")
    return [(row["Status"], row["EndTime"] is not None) for row in rows]


@pytest.mark.parametrize(("method", "path"), [("GET", CONFIG), ("POST", TOKENS), ("GET", "/eventrouter/v1/sse")])
def test_pages_of_listed_origins_read_answers(chat: Chat, method: str, path: str) -> None:
    """Refusals, too: a page that cannot read why it is refused shows a network error."""
    asked = {"Origin": PAGE}
    preflight = {**asked, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization"}
    for verb, headers in ((method, asked), ("OPTIONS", preflight)):
        assert "Access-Control-Allow-Origin" not in chat.ask(verb, path, headers=headers).headers
    allow(chat, PAGE)
    assert chat.ask(method, path, headers=asked).headers["Access-Control-Allow-Origin"] == PAGE
    may = chat.ask("OPTIONS", path, headers=preflight)
    assert (may.status_code, may.headers["Access-Control-Allow-Origin"]) == (204, PAGE)
    assert method in may.headers["Access-Control-Allow-Methods"]
    assert "authorization" in may.headers["Access-Control-Allow-Headers"]
    other = chat.ask(method, path, headers={"Origin": "http://localhost:8101"})
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_message_and_its_answer(chat: Chat) -> None:
    provision(chat.org)
    access, name = begun(chat)
    assert say(chat, access, name, "Where is my order?").status_code == 202
    found = chat.ask("GET", f"{V2}/conversation/{name}/entries?limit=50", access).json()["conversationEntries"]
    texts = [entry["entryPayload"]["abstractMessage"]["staticContent"]["text"] for entry in found]
    assert [entry["sender"]["role"] for entry in found] == ["EndUser", "Chatbot"]
    assert texts[0] == "Where is my order?"
    assert "a verified customer: v2/iamessage/AUTH/shop/uid:uv-probe-1" in texts[1]


def test_the_stream_continues_from_the_last_event(chat: Chat) -> None:
    provision(chat.org)
    access, name = begun(chat)
    headers = {"X-Org-Id": chat.org.connection.org_id[:15]}

    def read(after: str, count: int) -> list[tuple[str, Any]]:
        found = []
        path = "/eventrouter/v1/sse"
        with chat.ask("GET", path, access, headers={**headers, "Last-Event-Id": after}, stream=True) as answer:
            lines = answer.iter_lines(chunk_size=1, decode_unicode=True)
            while len(found) < count:
                line = next(lines)
                if line.startswith("id: "):
                    assert next(lines) == "event: CONVERSATION_MESSAGE"
                    found.append((line[4:], json.loads(next(lines)[6:])))
        return found

    say(chat, access, name, "one")
    first, second = read("0", 2)
    payload = json.loads(first[1]["conversationEntry"]["entryPayload"])
    assert (first[1]["conversationId"], payload["abstractMessage"]["staticContent"]["text"]) == (name, "one")
    assert chat.v2().json()["lastEventId"] == second[0]
    say(chat, access, name, "two")
    assert [each[0] for each in read(second[0], 2)] == ["3", "4"]


def test_an_ended_visit_and_the_next_one(chat: Chat) -> None:
    provision(chat.org)
    access, name = begun(chat)
    assert sessions(chat) == [("Active", False)]
    ends = f"{V2}/conversation/{name}/session"
    assert chat.ask("DELETE", ends, access).status_code == 400
    assert chat.ask("DELETE", f"{ends}?esDeveloperName=Shop_Api", access).status_code == 204
    assert sessions(chat) == [("Ended", True)]
    assert say(chat, access, name, "too late").status_code == 417
    assert say(chat, access, name, "again", isNewMessagingSession=True).status_code == 202
    assert sessions(chat) == [("Ended", True), ("Active", False)]
    listed = chat.ask("GET", f"{V2}/conversation/list", access).json()
    assert listed["openConversationsFound"] == 1
    assert chat.ask("DELETE", f"{V2}/conversation/{name}?esDeveloperName=Shop_Api", access).status_code == 204
    assert sessions(chat) == [("Ended", True), ("Ended", True)]
    assert say(chat, access, name, "closed", isNewMessagingSession=True).status_code == 417


def test_conversations_of_others_are_not_found(chat: Chat) -> None:
    provision(chat.org)
    _, name = begun(chat)
    other = chat.v2(identity=token(sub="uv-probe-2")).json()["accessToken"]
    assert say(chat, other, name, "hello").status_code == 404
    assert chat.ask("GET", f"{V2}/conversation/{name}/entries", other).status_code == 404
    assert chat.ask("DELETE", f"{V2}/conversation/{name}/session?esDeveloperName=Shop_Api", other).status_code == 404


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        {"id": "1", "messageType": "StaticContentMessage"},
        {"id": "1", "messageType": "Choices", "staticContent": {"formatType": "Text", "text": "x"}},
        {"messageType": "StaticContentMessage", "staticContent": {"formatType": "Text", "text": "x"}},
        {"id": "1", "messageType": "StaticContentMessage", "staticContent": {"formatType": "Text", "text": 1}},
    ],
)
def test_messages_of_another_shape(chat: Chat, message: Any) -> None:
    provision(chat.org)
    access, name = begun(chat)
    assert say(chat, access, name, "", message=message).status_code == 400


def test_access_tokens_that_expire_early(chat: Chat, broken: Break) -> None:
    provision(chat.org)
    broken("chat-tokens-expire=90s")
    access = chat.v2().json()["accessToken"]
    claims = jwt.decode(access, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 90
    assert chat.ask("GET", f"{V2}/conversation/list", access).status_code == 200
    broken("clock-skew=2m")
    assert chat.ask("GET", f"{V2}/conversation/list", access).status_code == 401


def test_a_stream_does_not_hold_up_the_end_of_the_server(tmp_path: Path) -> None:
    served = ServedOrg(tmp_path / "org")
    chat = Chat(Client(served.connection, served.directory))
    access = chat.v2("unauthenticated").json()["accessToken"]
    headers = {"X-Org-Id": served.connection.org_id[:15]}
    stream = chat.ask("GET", "/eventrouter/v1/sse", access, headers=headers, stream=True)
    assert next(stream.iter_lines()) == b"event: ping"
    begun = time.monotonic()
    served.stop()
    assert time.monotonic() - begun < 15
    stream.close()
    chat.http.close()
    chat.org.close()
