"""A JWKS endpoint, asked as Salesforce asks it: one GET over https, without credentials.

Source: RFC 7517 section 5 for the form. Whether Salesforce follows redirects is unknown: none is followed here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from provisioner.errors import ProvisionerError
from provisioner.keys.material import parse_observed
from provisioner.model.jwk import Jwk
from provisioner.org.clock import SYSTEM_CLOCK, Clock
from provisioner.org.faults import AttemptFailed, page_title
from provisioner.org.transport import ANSWER_SECONDS, Transport

_LARGEST = 1_000_000


class Served(StrEnum):
    """What an endpoint gave."""

    JWKS = "jwks"
    NOT_JWKS = "not-jwks"
    REDIRECT = "redirect"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class JwksAnswer:
    """``keys`` are the RSA keys among the served ones; ``words`` say what was seen in place of a JWKS."""

    url: str
    served: Served
    words: str
    keys: tuple[Jwk, ...] = ()


@dataclass(frozen=True, slots=True)
class _Settings:
    ca_bundle: Path | None
    timeout: float | None


def fetch_jwks(
    url: str, *, ca_bundle: Path | None = None, timeout: float | None = None, clock: Clock = SYSTEM_CLOCK
) -> JwksAnswer:
    """What the endpoint serves now. Never raises for what it answers, nor for the lack of an answer."""
    if not url.lower().startswith("https://"):
        return JwksAnswer(url, Served.UNREACHABLE, "the URL does not begin with https://")
    transport = Transport(_Settings(ca_bundle, timeout), clock)
    session = transport.session(clock.monotonic() + (timeout or ANSWER_SECONDS), largest=_LARGEST)
    try:
        response = session.get(url, headers={"Accept": "application/json"})
    except AttemptFailed as failed:
        return JwksAnswer(url, Served.UNREACHABLE, failed.verdict.message)
    except ProvisionerError as error:
        return JwksAnswer(url, Served.UNREACHABLE, error.message)
    status = response.status_code
    if 300 <= status < 400:
        where = response.headers.get("Location", "nowhere")
        return JwksAnswer(url, Served.REDIRECT, f"HTTP {status}, a redirect to {where}")
    if status != 200:
        return JwksAnswer(url, Served.REFUSED, f"HTTP {status}")
    return _read(url, response.content)


def _read(url: str, content: bytes) -> JwksAnswer:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        title = page_title(content.decode("utf-8", "replace"))
        return JwksAnswer(url, Served.NOT_JWKS, f"a web page ({title})" if title else "text that is not JSON")
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        return JwksAnswer(url, Served.NOT_JWKS, 'JSON without a list of "keys"')
    parsed = (parse_observed(json.dumps(each)) for each in members if isinstance(each, dict))
    keys = tuple(key for key in parsed if key is not None)
    return JwksAnswer(url, Served.JWKS, f"{len(members)} keys, {len(keys)} of them RSA", keys)
