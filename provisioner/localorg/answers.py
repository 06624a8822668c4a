"""How the org says no: over REST a JSON array, over SOAP a fault, otherwise an HTML page, or nothing at all."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import HTMLResponse, Response

SESSION_ENDED = "INVALID_SESSION_ID"


class Problem(Exception):
    """Ends a call. ``code`` and ``message`` are Salesforce's; ``status`` is what REST answers with (SOAP: 500)."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class Unavailable(Exception):
    """Ends a call with an HTML page, as a load balancer in trouble does."""


class Cut(Exception):
    """Ends a call without any answer: the connection is cut."""


def json_answer(value: Any, status: int = 200) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, media_type="application/json;charset=UTF-8")


def rest_refusal(problem: Problem) -> Response:
    return json_answer([{"message": problem.message, "errorCode": problem.code}], problem.status)


def html_page(status: int, title: str, text: str) -> Response:
    return HTMLResponse(
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>\n",
        status,
    )


def unavailable() -> Response:
    return html_page(503, "Service Unavailable", "The service is temporarily unavailable. Please try again.")
