"""Conversations: opened, listed, closed, and the end of a visit.

A verified end user has one conversation that every later one resumes; it has the id of the first.
"""

from __future__ import annotations

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from provisioner.localorg import chat_entries
from provisioner.localorg.answers import json_answer
from provisioner.localorg.chat_answers import ChatProblem, bad_request
from provisioner.localorg.chat_deployments import channel_of, find
from provisioner.localorg.chat_schema import body_of
from provisioner.localorg.chat_sessions import claims_of
from provisioner.localorg.messaging_tables import begin_session, end_sessions
from provisioner.localorg.org import Org

_KEPT = "chat-conversations"
_ALLOWED = {2: ("conversationId", "esDeveloperName", "routingAttributes"), 1: ("conversationId", "routingAttributes")}
_REQUIRED = {2: ("conversationId", "esDeveloperName"), 1: ("conversationId",)}


async def create(request: Request, org: Org, version: int) -> Response:
    claims = claims_of(org, request.headers.get("authorization"))
    body = await body_of(request, allowed=_ALLOWED[version], required=_REQUIRED[version])
    conversation = body["conversationId"]
    if not _is_uuid4(conversation):
        raise bad_request("Specify the conversationId in UUID format.")
    with org.store.transaction():
        kept = conversations(org)
        if conversation in kept:
            raise ChatProblem(409, "Conversation already exists")
        kept[conversation] = {"subject": claims["sub"], "open": True}
        org.store.set_meta(_KEPT, kept)
        visit(org, claims, conversation)
    return json_answer({"conversationId": conversation, "participants": [{"subject": claims["sub"]}]}, 201)


async def listing(request: Request, org: Org, version: int) -> Response:
    claims = claims_of(org, request.headers.get("authorization"))
    if version == 1:
        body = await body_of(request, allowed=("includeClosedConversations",), required=())
        closed_too = body.get("includeClosedConversations") is True
    else:
        closed_too = request.query_params.get("inclClosedConvs") == "true"
    own = {name: each for name, each in conversations(org).items() if each["subject"] == claims["sub"]}
    shown = [{"conversationId": name, "open": each["open"]} for name, each in own.items() if each["open"] or closed_too]
    still_open = sum(each["open"] for each in own.values())
    return json_answer(
        {
            "openConversationsFound": still_open,
            "closedConversationsFound": len(own) - still_open,
            "conversations": shown,
        }
    )


async def close(request: Request, org: Org, version: int) -> Response:
    """Close a conversation, and end its visit."""
    claims = claims_of(org, request.headers.get("authorization"))
    _require_deployment(request, version)
    with org.store.transaction():
        name = own_conversation(request, org, claims)
        kept = conversations(org)
        kept[name]["open"] = False
        org.store.set_meta(_KEPT, kept)
        _end_visit(org, claims, name)
    return Response(status_code=204)


async def end_session(request: Request, org: Org) -> Response:
    """End a visit; the conversation stays open."""
    claims = claims_of(org, request.headers.get("authorization"))
    _require_deployment(request, 2)
    with org.store.transaction():
        _end_visit(org, claims, own_conversation(request, org, claims))
    return Response(status_code=204)


def visit(org: Org, claims: dict[str, Any], conversation: str) -> None:
    """Begin a messaging session in a conversation."""
    deployment = find(org, claims["deployment"])
    channel = channel_of(org, deployment) if deployment is not None else None
    if channel is not None:
        begin_session(org, channel, claims["sub"], conversation)


def _end_visit(org: Org, claims: dict[str, Any], conversation: str) -> None:
    if end_sessions(org, conversation):
        chat_entries.add_session_end(org, conversation, {"subject": claims["sub"], "role": "EndUser"}, "Customer")


def own_conversation(request: Request, org: Org, claims: dict[str, Any]) -> str:
    """Return the id in the path; raises :class:`ChatProblem` if the end user has no such conversation."""
    name = str(request.path_params["conversation_id"])
    found = conversations(org).get(name)
    if found is None or found["subject"] != claims["sub"]:
        raise ChatProblem(404, "Conversation not found")
    return name


def conversations(org: Org) -> dict[str, Any]:
    """Return all conversations by id, each with its subject and whether it is open."""
    kept = org.store.meta(_KEPT)
    return kept if isinstance(kept, dict) else {}


def _require_deployment(request: Request, version: int) -> None:
    if version == 2 and not request.query_params.get("esDeveloperName"):
        raise bad_request("Specify the esDeveloperName.")


def _is_uuid4(text: Any) -> bool:
    try:
        return isinstance(text, str) and uuid.UUID(text).version == 4 and str(uuid.UUID(text)) == text
    except ValueError:
        return False
