"""The chat runtime's refusals. Observed texts are exact; the others are invented.

Observed: no active AuthSchemes, the two BAD_REQUEST sentences, the config's 412, the header's organization. Its answer
to a bad identity token is not documented: ``chat-error-texts`` uses each candidate in turn.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from provisioner.localorg.answers import json_answer
from provisioner.localorg.faults import Faults


class ChatProblem(Exception):
    """Stops a call to the chat runtime with ``status`` and ``{member: text}``, and an ``error`` if there is one."""

    def __init__(self, status: int, text: str, *, error: str | None = None, member: str = "message") -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.error = error
        self.member = member

    def response(self) -> Response:
        error = {} if self.error is None else {"error": self.error}
        return json_answer({**error, self.member: self.text}, self.status)


class TokenRefused(Exception):
    """The identity token is refused."""


def bad_request(text: str) -> ChatProblem:
    return ChatProblem(400, text, error="BAD_REQUEST")


def token_refused(refusal: TokenRefused, faults: Faults) -> Response:
    """Return the refusal: Salesforce's sample client expects 401 for a bad token; message and shape are unknown."""
    reason = str(refusal)
    candidates: dict[str, tuple[int, Any]] = {
        "message": (401, {"message": reason}),
        "unauthorized": (401, {"message": "Unauthorized"}),
        "bad-request": (400, {"error": "BAD_REQUEST", "message": reason}),
        "forbidden": (403, {"message": "Forbidden"}),
        "error-array": (401, [{"errorCode": "INVALID_TOKEN", "message": reason}]),
        "server-error": (500, {"message": "Internal Server Error"}),
    }
    word = faults.argument("chat-error-texts") or "message"
    if word == "empty":
        return Response(status_code=401)
    if word == "text":
        return Response(reason, 401, media_type="text/plain")
    status, body = candidates[word]
    return json_answer(body, status)
