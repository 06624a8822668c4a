"""Pasted output of any client, understood: the token endpoint's words in it, and a token, if one stands there."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from provisioner.diagnosis.evidence import Answer, Configured, Pasted, PastedAttempt, PastedToken
from provisioner.diagnosis.sf_cli import read_sf_output
from provisioner.diagnosis.texts import TOKEN_TEXTS, known_client_text, known_text
from provisioner.secrets import MASK, redactor

#: Longer pasted text is cut: an error is not so long, and a log's end is where it stands.
MOST_CHARACTERS = 200_000
_SHOWN_CHARACTERS = 400
_TOKEN = re.compile(r"\bey[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?")
_PAIR = re.compile(
    r"""["']?\berror["']?\s*[:=]\s*["']?(?P<error>[A-Za-z_]+)["']?.{0,200}?"""
    r"""["']?error_description["']?\s*[:=]\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\n&}]+))""",
    re.S,
)
_REVERSED = re.compile(
    r"""error_description["']?\s*[:=]\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\n&}]+))"""
    r""".{0,200}?["']?\berror["']?\s*[:=]\s*["']?(?P<error>[A-Za-z_]+)""",
    re.S,
)
#: What people paste along.
_SECRET = re.compile(
    r"""((?:client_secret|password|refresh_token|access_token|security_token|assertion|sessionid)["']?\s*[:=]\s*["']?)"""
    r"""[^\s"'&,}]+""",
    re.I,
)
_CODES = sorted({code for row in TOKEN_TEXTS for code in row.errors}, key=len, reverse=True)
_CODE = re.compile(r"\b(" + "|".join(map(re.escape, _CODES)) + r")\b", re.I)


def understand(text: str, configured: Configured) -> tuple[Pasted, Answer | None]:
    """What the text is, and the answer in it that counts; None where no words of an org or client are known in it."""
    text = text[-MOST_CHARACTERS:].strip()
    token = _token_in(text)
    message = _message_of(text)
    attempts = read_sf_output(message, configured, words_in)
    if attempts:
        counting = [each for each in attempts if each.worthless is None] or list(attempts)
        pasted = Pasted(_shown(text), "of the Salesforce CLI", attempts, token)
        known = [each for each in counting if is_known(each.answer)]
        return pasted, (known or counting)[0].answer
    answer = words_in(message)
    client = "of a client"
    if token is not None and _TOKEN.fullmatch(text):
        client = "a token, and no words"
        answer = None
    pasted = Pasted(_shown(text), client, (PastedAttempt(1, answer),) if answer is not None else (), token)
    return pasted, answer


def is_known(answer: Answer) -> bool:
    """Whether an answer's words are in the catalogue."""
    return (known_text(answer.error, answer.description) or known_client_text(answer.words)) is not None


def words_in(text: str) -> Answer | None:
    """The token endpoint's ``error`` and ``error_description`` in a piece of text, as far as they stand there."""
    for shape in (_PAIR, _REVERSED):
        match = shape.search(text)
        if match is not None:
            description = match["double"] or match["single"] or match["bare"] or ""
            return Answer(error=match["error"], description=_unescaped(description).strip(), ours=False)
    stripped = " ".join(text.split())
    if not stripped:
        return None
    code = _CODE.search(stripped)
    if code is not None:
        rest = stripped[code.end() :].strip(" :-,'\")(")
        return Answer(error=code[1].lower(), description=_shown(rest), ours=False)
    return Answer(description=_shown(_known_line(text) or stripped), ours=False)


def _known_line(text: str) -> str | None:
    """Of several lines, the one whose words are known."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for known in (lambda line: known_text("", line), known_client_text):
        for line in lines:
            if known(line) is not None:
                return line
    return None


def _message_of(text: str) -> str:
    """The message in JSON that a client printed; the text itself where it is no such JSON."""
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(document, list) and document:
        document = document[0]
    if isinstance(document, dict):
        nested = document.get("error")
        if isinstance(nested, dict):
            document = nested.get("server") if isinstance(nested.get("server"), dict) else nested
        if isinstance(document.get("error"), str):
            return json.dumps(
                {"error": document["error"], "error_description": document.get("error_description") or ""}
            )
        if isinstance(document.get("message"), str):
            code = str(document.get("errorCode") or "")
            return f"{code} {document['message']}".strip()
    return text


def _token_in(text: str) -> PastedToken | None:
    for match in _TOKEN.finditer(text):
        parts = [_json_of(part) for part in match[0].split(".")[:2]]
        if all(isinstance(part, dict) for part in parts):
            return PastedToken(parts[0], parts[1])  # type: ignore[arg-type]
    return None


def _json_of(part: str) -> dict[str, Any] | None:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _shown(text: str) -> str:
    """Text that may be shown: without tokens and keys, and not too long."""
    shown = redactor.redact(_SECRET.sub(rf"\g<1>{MASK}", text))
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"
