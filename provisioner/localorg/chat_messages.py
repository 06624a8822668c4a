"""Messages: sent, listed, and streamed as events. The org itself answers each one with the user that it identified.

Source: Salesforce's sample client of version 2; its error handler for 417, a message without an open session. It is not
known how long a real stream stays open: here it lasts half a minute, and ``Last-Event-Id`` continues it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from provisioner.localorg import chat_entries
from provisioner.localorg.answers import json_answer
from provisioner.localorg.chat_answers import ChatProblem, bad_request
from provisioner.localorg.chat_conversations import conversations, own_conversation, visit
from provisioner.localorg.chat_schema import body_of
from provisioner.localorg.chat_sessions import claims_of, is_verified
from provisioner.localorg.messaging_tables import has_open_session
from provisioner.localorg.org import Org

_STREAM_SECONDS, _LOOK_SECONDS = 30.0, 0.2
_ALLOWED = ("message", "esDeveloperName", "isNewMessagingSession", "routingAttributes", "language")


async def send(request: Request, org: Org) -> Response:
    """Accept a message, and answer it."""
    claims = claims_of(org, request.headers.get("authorization"))
    body = await body_of(request, allowed=_ALLOWED, required=("message", "esDeveloperName"))
    message_id, text = _content(body["message"])
    subject = claims["sub"]
    with org.store.transaction():
        name = own_conversation(request, org, claims)
        if not conversations(org)[name]["open"]:
            raise ChatProblem(417, "The conversation is closed")
        if not has_open_session(org, name):
            if body.get("isNewMessagingSession") is not True:
                raise ChatProblem(417, "The conversation has no open messaging session")
            visit(org, claims, name)
        customer, bot = {"subject": subject, "role": "EndUser"}, {"subject": "local-org", "role": "Chatbot"}
        chat_entries.add_message(org, name, customer, "Customer", text, message_id)
        kind = "a verified customer" if is_verified(subject) else "a guest"
        answer = f"The local org has your message. It knows you as {kind}: {subject}"
        chat_entries.add_message(org, name, bot, "Local org", answer, str(uuid.uuid4()))
    return json_answer({"conversationEntries": [{"id": message_id}]}, 202)


def _content(message: Any) -> tuple[str, str]:
    """Return the id and the text of a message; raises :class:`ChatProblem`."""
    given = message if isinstance(message, dict) else {}
    content = given.get("staticContent")
    text = content.get("text") if isinstance(content, dict) and content.get("formatType") == "Text" else None
    message_id = given.get("id")
    if given.get("messageType") != "StaticContentMessage" or not isinstance(text, str) or not text:
        raise bad_request("Specify a message that is a StaticContentMessage with text.")
    if not isinstance(message_id, str) or not message_id:
        raise bad_request("Specify the id of the message.")
    return message_id, text


async def entries(request: Request, org: Org) -> Response:
    """Return the entries of a conversation."""
    claims = claims_of(org, request.headers.get("authorization"))
    name = own_conversation(request, org, claims)
    return json_answer({"conversationEntries": [each.entry for each in chat_entries.events(org, frozenset({name}))]})


async def events(request: Request, org: Org) -> Response:
    """Return the stream of the end user's events, from ``Last-Event-Id`` on."""
    claims = claims_of(org, request.headers.get("authorization"))
    if request.headers.get("x-org-id") != claims["orgId"]:
        raise ChatProblem(400, "OrgId in the header and token must match")
    given = request.headers.get("last-event-id", "0")
    after = int(given) if given.isascii() and given.isdecimal() else 0
    return StreamingResponse(_stream(org, claims["sub"], after), media_type="text/event-stream")


async def _stream(org: Org, subject: str, after: int) -> AsyncIterator[str]:
    yield "event: ping\ndata: 0\n\n"
    for _ in range(int(_STREAM_SECONDS / _LOOK_SECONDS)):
        own = frozenset(name for name, each in conversations(org).items() if each["subject"] == subject)
        for event in chat_entries.events(org, own, after):
            after = event.number
            yield event.as_text()
        await asyncio.sleep(_LOOK_SECONDS)


def last_event_id(org: Org) -> str:
    """Return the id of the newest event, from which a new client listens."""
    return str(chat_entries.last_number(org))
