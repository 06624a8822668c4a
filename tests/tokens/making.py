"""Tokens and verification states for tests: a token that verifies, the state of its key, and changes of both."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt

from provisioner.model.jwk import Jwk
from provisioner.model.verification import KnownChannel, KnownConfiguration, KnownKey, KnownKeyset
from provisioner.tokens.check import CheckId, Status
from provisioner.tokens.explain import Explanation, explain
from provisioner.tokens.verification_state import VerificationState
from tests.jose.making import DER, NOW, other, rsa_key, shop

ISSUER = "https://id.example.com"
TIME = int(NOW.timestamp())


def jwk_of(made: Any = None, kid: str = "shop-1", alg: str = "RS256", **changes: Any) -> Jwk:
    made = made or shop()
    numbers = made.public_key().public_numbers()
    return replace(Jwk(kid, alg, numbers.n, numbers.e, (made.public_bytes(DER),), "sig"), **changes)


STATE = VerificationState(
    source="the declaration under test",
    keys={
        "shop": KnownKey("shop", True, jwk_of()),
        "spare": KnownKey("spare", True, jwk_of(other(), "spare-1")),
        "loose": KnownKey("loose", True, jwk_of(other(), "loose-1")),
    },
    keysets={
        "web": KnownKeyset("web", ISSUER, ("shop", "spare")),
        "app": KnownKeyset("app", "https://app.example.com", ("spare",)),
    },
    channels={
        "Web_Chat": KnownChannel("Web_Chat", True, (KnownConfiguration("login", "web", True),), 60, True),
        "App_Chat": KnownChannel("App_Chat", True, (KnownConfiguration("login", "app", True),), 60, True),
    },
)


def token(claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None, **options: Any) -> bytes:
    """A token without a fault; a claim or header parameter of None is left out."""
    body = {"iss": ISSUER, "sub": "customer-1", "exp": TIME + 300, "iat": TIME, **(claims or {})}
    head = {"typ": "JWT", "kid": "shop-1", **(header or {})}
    key = options.get("key") or rsa_key()
    return signed(
        {name: value for name, value in {"alg": options.get("alg", "RS256"), **head}.items() if value is not None},
        {name: value for name, value in body.items() if value is not None},
        key,
        options.get("alg", "RS256"),
    )


def signed(header: Any, payload: Any, key: Any, alg: str = "RS256") -> bytes:
    """Whatever header and payload (as JSON, or bytes as they are), really signed."""
    parts = [encoded(each if isinstance(each, bytes) else json.dumps(each).encode()) for each in (header, payload)]
    algorithm = jwt.get_algorithm_by_name(alg)
    signature = algorithm.sign(b".".join(parts), algorithm.prepare_key(key))
    return b".".join((*parts, encoded(signature)))


def encoded(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def explained(
    content: bytes, state: VerificationState = STATE, channel: str | None = "Web_Chat", **options: Any
) -> Explanation:
    known = state.channels[channel] if channel is not None else None
    return explain(content, state, known, options.get("now", NOW))


def statuses(explanation: Explanation) -> dict[str, str]:
    return {check.id.value: check.status.value for check in explanation.checks}


def not_ok(explanation: Explanation) -> dict[str, str]:
    """The checks that are not ok, with their status."""
    return {name: status for name, status in statuses(explanation).items() if status != Status.OK.value}


def message(explanation: Explanation, check: CheckId) -> str:
    """A check's message and fix."""
    found = next(each for each in explanation.checks if each.id is check)
    return f"{found.message} {found.fix or ''}"


def with_key(state: VerificationState = STATE, name: str = "shop", **changes: Any) -> VerificationState:
    return replace(state, keys={**state.keys, name: replace(state.keys[name], **changes)})


def with_keyset(state: VerificationState = STATE, name: str = "web", **changes: Any) -> VerificationState:
    return replace(state, keysets={**state.keysets, name: replace(state.keysets[name], **changes)})


def with_channel(state: VerificationState = STATE, name: str = "Web_Chat", **changes: Any) -> VerificationState:
    return replace(state, channels={**state.channels, name: replace(state.channels[name], **changes)})


HOUR = timedelta(hours=1)
