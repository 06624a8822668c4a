"""The chat runtime's answers by their kind: good, refused, busy, strange or missing.

Its errors are not documented. They are passed on unchanged, and read leniently: text is under ``message``, ``text``,
``error_description`` or ``error``, in an object or in a list of one.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import requests

from provisioner.salesforce.api_errors import is_html, page_title
from provisioner.salesforce.clock import Clock, skew_of
from provisioner.salesforce.login import is_token
from provisioner.secrets import redactor

SHOWN_CHARACTERS = 600
_WORDS = ("message", "text", "error_description", "errorMessage", "error", "errorCode")


class Kind(StrEnum):
    """The kind of an answer.

    ``strange``: a web page, a redirect, a server's own error; ``silent``: no answer at all.
    """

    GOOD = "good"
    REFUSED = "refused"
    BUSY = "busy"
    STRANGE = "strange"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """One answer. ``words`` are its message (or, without an answer, the reason), cut and without secrets.

    ``members`` is the JSON object, empty if there is none; ``clock_offset`` is the host's clock minus ours in seconds,
    if known; ``trouble`` is the code of the network's error. ``allowed_origin`` is the origin that may read it in
    browsers (Access-Control-Allow-Origin).
    """

    kind: Kind
    status: int | None
    words: str
    members: dict[str, Any]
    clock_offset: float | None = None
    trouble: str | None = None
    allowed_origin: str | None = None

    @property
    def access_token(self) -> str | None:
        token = self.members.get("accessToken")
        return token if isinstance(token, str) and token and is_token(token) else None

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the end user's subject in the answer and in its access token; one entry if they agree."""
        beside = _at(self.members, "context", "endUser", "subject")
        inside = _claims(self.access_token or "").get("sub")
        return tuple(dict.fromkeys(each for each in (beside, inside) if isinstance(each, str)))

    @property
    def is_verified(self) -> bool:
        """Return whether the answer admits a verified customer, with any subject."""
        return any("/AUTH/" in subject for subject in self.subjects)

    @property
    def deployment_type(self) -> str | None:
        """Return ``web``, ``mobile``, ``api`` …, in lower case, if a configuration has it."""
        found = _at(self._config, "deploymentType")
        return found.lower() if isinstance(found, str) else None

    @property
    def auth_mode(self) -> str | None:
        """Return the mode: ``Auth``, ``UnAuth``, ``ExperienceSiteAuth``, ``SalesforceSessionAuth`` or another."""
        found = _at(self._config, "embeddedServiceMessagingChannel", "authMode")
        return found if isinstance(found, str) else None

    @property
    def channel_address(self) -> str | None:
        """Return the channel's ChannelAddressIdentifier."""
        found = _at(self._config, "embeddedServiceMessagingChannel", "channelAddressIdentifier")
        return found if isinstance(found, str) else None

    @property
    def site_url(self) -> str | None:
        """Return the address of a web deployment's site."""
        found = _at(self._config, "siteUrl")
        return found if isinstance(found, str) and found else None

    @property
    def client_version(self) -> str | None:
        """Return ``WebV1`` or ``WebV2``, if the configuration names the version of the web client."""
        found = _at(self._config, "embeddedServiceMessagingChannel", "esClientVersion")
        return found if isinstance(found, str) and found else None

    @property
    def _config(self) -> Any:
        return self.members.get("embeddedServiceConfig") or _at(
            self.members, "context", "configuration", "embeddedServiceConfig"
        )


def silence(words: str, code: str) -> ChatAnswer:
    """Return the answer for a request that got none."""
    return ChatAnswer(Kind.SILENT, None, words, {}, trouble=code)


def understand(response: requests.Response, clock: Clock) -> ChatAnswer:
    """Return an answer's kind and message. Call it when the answer arrives: ``clock`` is compared with its Date."""
    body, members = response.text, _json(response.content)
    access_token = members.get("accessToken") if isinstance(members, dict) else None
    if isinstance(access_token, str):
        redactor.keep(access_token)
    return ChatAnswer(
        _kind(response.status_code, body, members),
        response.status_code,
        _words(body, members),
        members if isinstance(members, dict) else {},
        skew_of(response.headers, clock),
        allowed_origin=response.headers.get("Access-Control-Allow-Origin"),
    )


def _kind(status: int, body: str, members: Any) -> Kind:
    if status == 429:
        return Kind.BUSY
    if 200 <= status < 300:
        return Kind.GOOD if isinstance(members, dict) or not body.strip() else Kind.STRANGE
    return Kind.REFUSED if 400 <= status < 500 and not is_html(body) else Kind.STRANGE


def _words(body: str, members: Any) -> str:
    title = page_title(body)
    if title:
        return f"a web page ({title})"
    first = members[0] if isinstance(members, list) and members else members
    if isinstance(first, dict) and "accessToken" not in first:
        found = [first[name] for name in _WORDS if isinstance(first.get(name), str)]
        if found:
            return _cut(found[0])
    return "" if isinstance(members, dict) and "accessToken" in members else _cut(body)


def _cut(text: str) -> str:
    shown = redactor.redact(" ".join(text.split()))
    return shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[:SHOWN_CHARACTERS]}…"


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _claims(token: str) -> dict[str, Any]:
    """Return the claims of a JWT without verification: only for display and comparison."""
    pieces = token.split(".")
    if len(pieces) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(pieces[1] + "=" * (-len(pieces[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
