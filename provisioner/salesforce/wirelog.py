"""The log of ``-vv``: requests and answers, without any credentials."""

from __future__ import annotations

import logging
import re

from requests import PreparedRequest, Response

from provisioner.secrets import MASK, redactor

log = logging.getLogger("provisioner.wire")
#: Longer bodies are cut.
SHOWN_CHARACTERS = 4_000

_TOKENS = re.compile(r'("(?:access_token|accessToken|refresh_token|id_token|signature)"\s*:\s*")((?:[^"\\]|\\.)+)')
_MASKED = (
    re.compile(r"(<(?:\w+:)?(?:sessionId|ZipFile|zipFile|jsonWebKey|consumerSecret)\b[^>/]*>)[^<]+"),
    _TOKENS,
    re.compile(r"((?:^|&)(?:assertion|client_secret|password)=)[^&]+"),
    re.compile(r'((?:"|&quot;|\\")(?:d|p|q|dp|dq|qi|oth|k)(?:"|&quot;|\\")\s*:\s*(?:"|&quot;|\\"))[^"&\\]+'),
)


def shown(body: str | bytes | None) -> str:
    """Return a body without sessions, assertions, packages and keys. Headers are never shown."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body or ""
    for token in _TOKENS.finditer(text):
        redactor.keep(token[2])  # the same answer may repeat it in another member
    for pattern in _MASKED:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    text = redactor.redact(text)
    left = len(text) - SHOWN_CHARACTERS
    return text if left <= 0 else f"{text[:SHOWN_CHARACTERS]}… ({left} characters more)"


def log_request(number: int, request: PreparedRequest) -> None:
    if log.isEnabledFor(logging.DEBUG):
        body = request.body if isinstance(request.body, (str, bytes)) else None
        log.debug("%d > %s %s\n%s", number, request.method, redactor.redact(request.url or ""), shown(body))


def log_response(number: int, response: Response) -> None:
    if log.isEnabledFor(logging.DEBUG):
        took = response.elapsed.total_seconds()
        log.debug("%d < HTTP %d after %.2f s\n%s", number, response.status_code, took, shown(response.content))
