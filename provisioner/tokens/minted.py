"""Mints a token and judges it immediately: a token that cannot verify is of no use.

Pure except for the signature: the key, the state and the time are arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provisioner.errors import InputError
from provisioner.secrets import Secret
from provisioner.tokens.check import Check, CheckId, Status
from provisioner.tokens.explain import Explanation, explain
from provisioner.tokens.minting import Signer, mint
from provisioner.tokens.verification_state import VerificationState

#: Checks about channels do not count against a token: a declaration need not name all channels that use a keyset.
_ABOUT_CHANNELS = (CheckId.KEYSET_ON_CHANNEL, CheckId.CONFIGURATION_ACTIVE)
#: If the result of these checks is unknown, the user chose an unproven value.
_CHOSEN = (CheckId.ALG, CheckId.SUB, CheckId.EXP)


@dataclass(frozen=True, slots=True)
class Signing:
    """A private key with the names that its tokens carry. ``key`` is the declared key's name; an endpoint has none.

    ``state`` has this keyset, its key, and the known channels, for the checks of its tokens. ``endpoint`` is the URL of
    the keyset's JWKS, if it has one; ``endpoint_asked``: the state contains the keys that it serves.
    """

    private: RSAPrivateKey = field(repr=False)
    keyset: str
    key: str | None
    kid: str
    algorithm: str
    issuer: str
    state: VerificationState = field(repr=False)
    endpoint: str | None = None
    endpoint_asked: bool = False

    @property
    def called(self) -> str:
        return f"key.{self.key}" if self.key is not None else f"keyset.{self.keyset}"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The requested content of a token. ``ttl`` is in seconds."""

    subject: str
    ttl: int
    audience: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Minted:
    """A token, its header and claims, and warnings in sentences."""

    token: Secret
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing: Signing
    ttl: int
    warnings: tuple[str, ...]


def mint_judged(signing: Signing, wanted: TokenRequest, now: float, *, useless_too: bool = False) -> Minted:
    """Return a token. ``now`` is in seconds since 1970; ``useless_too``: a token that would not verify gets a warning.

    Without ``useless_too`` such a token raises :class:`provisioner.errors.InputError` (code token-would-not-verify).
    Raises MintingError if no token can be made.
    """
    token = mint(
        Signer(signing.private, signing.kid, signing.algorithm),
        issuer=signing.issuer,
        subject=wanted.subject,
        now=now,
        lifetime=wanted.ttl,
        audience=wanted.audience,
        claims=wanted.claims,
    )
    explanation = explain(token.reveal().encode(), signing.state, None, datetime.fromtimestamp(now, UTC))
    useless = _useless(explanation)
    if useless is not None and not useless_too:
        raise InputError(
            f"A token of {signing.called} would not verify: {useless.message}",
            next=f"{useless.fix} To test the refusal, add --yes: the token is then signed anyway.",
            code="token-would-not-verify",
        )
    assert explanation.token is not None
    header, claims = explanation.token.header or {}, explanation.token.claims or {}
    warnings = [f"This token will not verify: {useless.message}"] if useless is not None else []
    return Minted(token, header, claims, signing, wanted.ttl, (*warnings, *_warnings(explanation, signing)))


def _useless(explanation: Explanation) -> Check | None:
    """Return the first reason why every channel would refuse the token."""
    return next((check for check in explanation.with_status(Status.FAILED) if check.id not in _ABOUT_CHANNELS), None)


def _warnings(explanation: Explanation, signing: Signing) -> Iterator[str]:
    if signing.endpoint is not None and not signing.endpoint_asked:
        yield (
            f"It was not checked whether {signing.endpoint} serves this key under the kid {signing.kid}; "
            f"--check-endpoint checks it."
        )
    for check in explanation.checks:
        off = check.id in _ABOUT_CHANNELS and check.status is Status.FAILED
        unproven = check.id in _CHOSEN and check.status is Status.UNKNOWN
        if off or unproven:
            yield check.message
    # The user chose the audience, and it is known to do no harm.
    yield from (note.message for note in explanation.notes if note.id != "aud-present")
