"""The org's refusals: over REST a JSON array, over SOAP a fault, else an HTML page or no answer."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

#: The key in the ASGI scope's extensions for the function that cuts a connection.
CUT = "provisioner.cut"
#: The event stream of chats: its answer ends only when its client or the server closes it.
STREAM = "/eventrouter/v1/sse"
#: A host that never exists (RFC 2606): the target of a fault.
ELSEWHERE = "https://elsewhere.example"
SESSION_ENDED = "INVALID_SESSION_ID"


class ApiProblem(Exception):
    """Stops a call. ``code`` and ``message`` are Salesforce's; ``status`` is that of REST (SOAP: 500)."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class Unavailable(Exception):
    """Stops a call with an HTML page, as an overloaded load balancer does."""


class Cut(Exception):
    """Stops a call without any answer: the connection is cut."""


class Silence(Response):
    """A response that sends nothing: the connection is dropped."""

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        scope["extensions"][CUT]()
        while (await receive())["type"] != "http.disconnect":
            pass


def not_found() -> ApiProblem:
    """Return the refusal of a resource or record that does not exist."""
    return ApiProblem("NOT_FOUND", "The requested resource does not exist", 404)


def json_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object in the body of a request; raises :class:`ApiProblem`."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise ApiProblem("JSON_PARSER_ERROR", "The body isn't valid JSON") from None
    if not isinstance(value, dict):
        raise ApiProblem("JSON_PARSER_ERROR", "The body isn't a JSON object")
    return value


def json_answer(value: Any, status: int = 200) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, media_type="application/json;charset=UTF-8")


def rest_refusal(problem: ApiProblem) -> Response:
    return json_answer([{"message": problem.message, "errorCode": problem.code}], problem.status)


def html_page(status: int, title: str, text: str) -> Response:
    body = f"<body><h1>{title}</h1><p>{text}</p></body>"
    return HTMLResponse(f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>{body}</html>\n", status)


def unavailable() -> Response:
    return html_page(503, "Service Unavailable", "The service is temporarily unavailable. Please try again.")
