"""The pages that may read the chat runtime's answers: those of an origin that Setup > CORS lists.

Source: observed errors of browsers for the public configuration. It is inferred that the other resources behave in the
same way.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from provisioner.localorg.chat_deployments import is_allowed
from provisioner.localorg.org import Org

_METHODS = "GET, POST, DELETE"
_HEADERS = "authorization, content-type, last-event-id, x-org-id"


def shared(answer: Response, request: Request, org: Org) -> Response:
    """Return the answer, with the header that lets the page of an allowed origin read it."""
    origin = request.headers.get("origin")
    if origin is not None and is_allowed(org, origin):
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Vary"] = "Origin"
    return answer


def preflight(request: Request, org: Org) -> Response:
    """Return the answer to a browser's preflight request."""
    answer = Response(status_code=204)
    answer.headers["Access-Control-Allow-Methods"] = _METHODS
    answer.headers["Access-Control-Allow-Headers"] = _HEADERS
    return shared(answer, request, org)
