"""The chat runtime: public configuration, access tokens of both versions, revocation, conversations, messages.

Source: the messaging API reference (v2), Salesforce's own clients (v1), and public clients. It has the same origin as
the org; a real one has a separate host (``salesforce-scrt.com``).
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from provisioner.localorg import chat_conversations, chat_messages, chat_schema, chat_sessions
from provisioner.localorg.answers import STREAM, Cut, html_page, json_answer
from provisioner.localorg.chat_answers import ChatProblem, TokenRefused, bad_request, token_refused
from provisioner.localorg.chat_deployments import (
    API,
    UNAUTH,
    ChatChannel,
    Deployment,
    channel_of,
    find,
    is_allowed,
    public_config,
)
from provisioner.localorg.chat_identity import subject_of
from provisioner.localorg.chat_schema import Shape
from provisioner.localorg.messaging_tables import begin_session
from provisioner.localorg.org import Org
from provisioner.localorg.publishing import is_published, shows_verification

_Endpoint = Callable[[Request, Org], Awaitable[Response]]
#: Members without which Salesforce's own client calls a public configuration invalid. Source: that client.
_UNUSED_HERE = {
    "htmlDirection": "LTR", "branding": [], "customLabels": [], "forms": [], "attachments": {}, "fallbackMessage": {},
    "termsAndConditions": {}, "transcript": {}, "choiceListConfig": {},
    "messagingChannel": {"captchaInfo": {"siteKey": ""}},
}  # fmt: skip
#: Sent to pages of origins that Setup > CORS lists. Observed errors of browsers prove it for the public configuration;
#: for the other resources it is inferred.
_METHODS = "GET, POST, DELETE"
_HEADERS = "authorization, content-type, last-event-id, x-org-id"
_NO_SCHEMES = "User verification configuration has no active AuthSchemes."


def routes() -> list[Route]:
    v1, v2 = "/iamessage/v1", "/iamessage/api/v2"
    tokens1, tokens2 = f"{v1}/authorization", f"{v2}/authorization"
    conversation1, conversation2 = f"{v1}/conversation/{{conversation_id}}", f"{v2}/conversation/{{conversation_id}}"
    return [
        _route("/embeddedservice/v1/embedded-service-config", _config),
        _route(f"{tokens2}/authenticated/access-token", _verified_or_revoke, "POST", "DELETE"),
        _route(f"{tokens2}/unauthenticated/access-token", partial(_guest, 2), "POST"),
        _route(f"{tokens2}/continuation-access-token", _continuation),
        _route(f"{tokens1}/authenticated/accessToken", partial(_verified, 1), "POST"),
        _route(f"{tokens1}/unauthenticated/accessToken", partial(_guest, 1), "POST"),
        _route(f"{tokens1}/continuityAccessToken", _continuation),
        _route(f"{tokens1}/revokeToken", _revoke_v1, "POST"),
        _route(f"{v2}/conversation", _of_version(chat_conversations.create, 2), "POST"),
        _route(f"{v1}/conversation", _of_version(chat_conversations.create, 1), "POST"),
        _route(f"{v2}/conversation/list", _of_version(chat_conversations.listing, 2)),
        _route(f"{v1}/queries/conversation/list", _of_version(chat_conversations.listing, 1), "POST"),
        _route(conversation2, _of_version(chat_conversations.close, 2), "DELETE"),
        _route(conversation1, _of_version(chat_conversations.close, 1), "DELETE"),
        _route(f"{conversation2}/session", chat_conversations.end_session, "DELETE"),
        _route(f"{conversation2}/message", chat_messages.send, "POST"),
        _route(f"{conversation2}/entries", chat_messages.entries),
        _route(STREAM, chat_messages.events),
    ]


def _route(path: str, endpoint: _Endpoint, *methods: str) -> Route:
    """Return a resource that browsers may also ask with a preflight request."""
    return Route(path, _served(endpoint), methods=[*(methods or ("GET",)), "OPTIONS"])


def _of_version(endpoint: Callable[[Request, Org, int], Awaitable[Response]], version: int) -> _Endpoint:
    return lambda request, org: endpoint(request, org, version)


def _served(endpoint: _Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint with the runtime's own gate: its faults, and its form of refusals."""

    async def wrapped(request: Request) -> Response:
        org = request.state.org
        await asyncio.sleep(max(0, org.faults.milliseconds("chat-slow")) / 1000)
        if org.faults.strike("chat-cut"):
            raise Cut
        if org.faults.on("chat-html"):
            status = int(org.faults.argument("chat-html") or 503)
            return html_page(status, "Service Unavailable", "Please try again later.")
        if request.method == "OPTIONS":
            return _preflight(request, org)
        try:
            answer = await endpoint(request, org)
        except ChatProblem as problem:
            answer = problem.response()
        return _shared(answer, request, org)

    return wrapped


def _shared(answer: Response, request: Request, org: Org) -> Response:
    """Return the answer, with the header that lets the page of an allowed origin read it."""
    origin = request.headers.get("origin")
    if origin is not None and is_allowed(org, origin):
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Vary"] = "Origin"
    return answer


def _preflight(request: Request, org: Org) -> Response:
    """Return the answer to a browser's preflight request."""
    answer = Response(status_code=204)
    answer.headers["Access-Control-Allow-Methods"] = _METHODS
    answer.headers["Access-Control-Allow-Headers"] = _HEADERS
    return _shared(answer, request, org)


async def _config(request: Request, org: Org) -> Response:
    deployment = find(org, request.query_params.get("esConfigName"))
    hidden = deployment is not None and deployment.type == API and org.faults.on("chat-config-not-for-api")
    if not _is_org(org, request.query_params.get("orgId")) or deployment is None or hidden:
        if org.faults.on("chat-unknown-404"):
            raise ChatProblem(404, "Embedded Service Config is not found", member="text")
        return Response(status_code=400)  # seen for a name that is no deployment: no word in the body
    channel = channel_of(org, deployment)
    if channel is None or not is_published(org, deployment):
        raise ChatProblem(412, "Embedded Messaging Config is not Published", member="text")
    verified = shows_verification(org, deployment, channel)
    shown = {**_UNUSED_HERE, **public_config(org, deployment, channel, verified)}
    return json_answer({"standardLabels": [], "embeddedServiceConfig": shown})


async def _verified_or_revoke(request: Request, org: Org) -> Response:
    return await (_revoke(request, org) if request.method == "DELETE" else _verified(2, request, org))


async def _verified(version: int, request: Request, org: Org) -> Response:
    """Return an access token for an identity token."""
    body, deployment, channel = await _token_request(
        version, request, org, chat_schema.V2_VERIFIED if version == 2 else chat_schema.V1_VERIFIED
    )
    if not channel.verified:
        raise bad_request("Set the auth mode to true")
    if not channel.authorizations:
        raise ChatProblem(400, _NO_SCHEMES)
    try:
        subject = await subject_of(org, channel, body["customerIdentityToken"])
    except TokenRefused as refusal:
        if not org.faults.on("chat-answers-anon"):
            return token_refused(refusal, org.faults)
        guest = chat_sessions.guest()
        anon = org.faults.argument("chat-answers-anon") == "anon"
        subject = guest.replace("/UNAUTH/", "/ANON/") if anon else guest
    return _granted(version, org, deployment, channel, subject)


async def _guest(version: int, request: Request, org: Org) -> Response:
    _, deployment, channel = await _token_request(
        version, request, org, chat_schema.V2_GUEST if version == 2 else chat_schema.V1_GUEST
    )
    if channel.mode != UNAUTH:
        raise bad_request("Set the auth mode to false")
    return _granted(version, org, deployment, channel, chat_sessions.guest())


async def _token_request(
    version: int, request: Request, org: Org, shape: Shape
) -> tuple[dict[str, Any], Deployment, ChatChannel]:
    """Check the requirements of every request for an access token."""
    if org.faults.strike("chat-rate-limited") or not chat_sessions.within_rate(org):
        raise ChatProblem(429, "Too Many Requests")
    body = await chat_schema.token_request(request, shape)
    deployment = find(org, body[shape.name])
    if not _is_org(org, body["orgId"]):
        raise bad_request("Specify a valid orgId.")
    if deployment is None:
        raise bad_request(f"Specify a valid {shape.name}.")
    if version == 2 and deployment.type != API:
        raise bad_request("Set the esDeveloperName to a deploymentType that's set to api")
    if version == 1 and deployment.type == API and not org.faults.on("chat-v1-takes-api"):
        raise bad_request("Set the developerName to a deploymentType that's set to web or mobile")
    channel = channel_of(org, deployment)
    if channel is None or not is_published(org, deployment):
        raise ChatProblem(412, "Embedded Messaging Config is not Published")
    if not channel.active:
        raise bad_request("The messaging channel isn't active.")
    return body, deployment, channel


def _granted(version: int, org: Org, deployment: Deployment, channel: ChatChannel, subject: str) -> Response:
    """Return the answer with a token. Version 1 has the subject only in the access token; version 2 also beside it."""
    if org.faults.on("chat-session-at-exchange"):
        begin_session(org, channel, subject, str(uuid.uuid4()))
    access_token = chat_sessions.open_session(org, deployment, channel, subject)
    answer = {"accessToken": access_token, "lastEventId": chat_messages.last_event_id(org)}
    if version == 1:
        return json_answer({**answer, "context": {}})
    configuration = {"embeddedServiceConfig": public_config(org, deployment, channel, channel.verified)}
    context = {"configuration": configuration, "endUser": {"subject": subject, "role": "EndUser"}}
    return json_answer({**answer, "context": context})


async def _continuation(request: Request, org: Org) -> Response:
    claims = chat_sessions.claims_of(org, request.headers.get("authorization"))
    access_token = chat_sessions.continued(org, claims)
    return json_answer({"accessToken": access_token, "lastEventId": chat_messages.last_event_id(org), "context": {}})


async def _revoke_v1(request: Request, org: Org) -> Response:
    allowed = () if org.faults.argument("chat-revoke-fails") == "body" else ("deregisterDevice",)
    await chat_schema.body_of(request, allowed=allowed, required=())
    return await _revoke(request, org)


async def _revoke(request: Request, org: Org) -> Response:
    claims = chat_sessions.claims_of(org, request.headers.get("authorization"))
    if org.faults.argument("chat-revoke-fails") == "server-error":
        raise ChatProblem(500, "Internal Server Error")
    chat_sessions.revoke(org, claims)
    return Response(status_code=204)


def _is_org(org: Org, given: Any) -> bool:
    """Return whether it is the org's id. Ids of 15 and of 18 characters are accepted, though the reference names 15."""
    return isinstance(given, str) and len(given) in (15, 18) and org.identity.org_id.startswith(given)
