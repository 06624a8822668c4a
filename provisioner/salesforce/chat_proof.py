"""The proof that customers are not guests: exchange a token, read its subject, offer a broken one, revoke all.

Only the subject is a proof. Sources disagree on whether a runtime answers a refused token with an error or with a
guest's access token and HTTP 200. The negative control (the same token, one bit of its signature changed) works on
every org: it must not verify anyone.

Without a key, :func:`offer` shows the runtime a token that nobody signed. The message of a refusal is the runtime's own
report of its state; a runtime that accepts such a token admits anyone.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from provisioner.salesforce.chat import ChatRequest, ChatRuntime, TokenEndpoint
from provisioner.salesforce.chat_answers import ChatAnswer, Kind
from provisioner.secrets import Secret, redactor

#: The answer of a v2 endpoint to a web or mobile deployment.
_WRONG_ENDPOINT = "deploymenttype"
_PAUSE_SECONDS = 1.0
#: The requests to keep for the control, and for the revocation of both exchanges' tokens.
_CONTROL_AND_REVOKES, _REVOKES = 3, 2
#: The token that nobody signed.
_LIFETIME_SECONDS, _SIGNATURE_OCTETS = 120, 256


class Control(StrEnum):
    """The result of the token with the broken signature."""

    REFUSED = "refused"
    ACCEPTED = "accepted"
    NOT_RUN = "not-run"


class Why(StrEnum):
    """The result of the proof; every value except ``VERIFIED`` is a failure."""

    VERIFIED = "verified"
    OUT_OF_REACH = "out-of-reach"
    BUSY = "rate-limited"
    REFUSED = "token-refused"
    GUEST = "guest"
    OTHER_SUBJECT = "other-subject"
    ANY_SIGNATURE = "any-signature"
    UNCONTROLLED = "not-controlled"


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof. ``answer`` is the decisive one; ``config`` the public configuration; ``sent`` every request.

    ``revoked`` is None if there was nothing to revoke.
    """

    why: Why
    expected: str
    endpoint: TokenEndpoint | None
    answer: ChatAnswer
    config: ChatAnswer
    control: Control
    revoked: bool | None
    sent: tuple[ChatRequest, ...]

    @property
    def verified(self) -> bool:
        return self.why is Why.VERIFIED

    @property
    def subject(self) -> str | None:
        """Return the customer as the runtime identified it."""
        return self.answer.subjects[0] if self.answer.subjects else None


def expected_subject(configuration: str, sub: str) -> str:
    """Return the documented platform key of a verified customer.

    Source: Salesforce Help, user verification overview.
    """
    return f"v2/iamessage/AUTH/{configuration}/uid:{sub}"


def prove(
    runtime: ChatRuntime, token: Secret, broken: Secret, *, expected: str, endpoint: TokenEndpoint | None = None
) -> Proof:
    """Run the proof.

    ``broken`` is ``token`` with a broken signature; without an ``endpoint`` the deployment decides.
    """
    return _Proving(runtime, token, broken, expected).run(endpoint)


class _Proving:
    def __init__(self, runtime: ChatRuntime, token: Secret, broken: Secret, expected: str) -> None:
        self._runtime = runtime
        self._token = token
        self._broken = broken
        self._expected = expected

    def run(self, wanted: TokenEndpoint | None) -> Proof:
        config = self._runtime.config()
        if _passing(config):
            self._runtime.clock.sleep(_PAUSE_SECONDS)
            config = self._runtime.config()
        if _passing(config) or config.kind is Kind.BUSY:
            return self._ended(Why.BUSY if config.kind is Kind.BUSY else Why.OUT_OF_REACH, None, config, config)
        endpoint, answer = self._exchange(wanted, config)
        why = self._judge(answer)
        if why is not Why.VERIFIED:
            return self._ended(why, endpoint, answer, config, tokens=[answer])
        control = self._patiently(endpoint, self._broken, "negative control", _REVOKES)
        if control.is_verified:
            return self._ended(Why.ANY_SIGNATURE, endpoint, answer, config, Control.ACCEPTED, [answer, control])
        refused = control.kind is Kind.REFUSED or (control.kind is Kind.GOOD and control.subjects)
        if not refused:
            return self._ended(Why.UNCONTROLLED, endpoint, answer, config, tokens=[answer])
        return self._ended(Why.VERIFIED, endpoint, answer, config, Control.REFUSED, [answer])

    def _exchange(self, wanted: TokenEndpoint | None, config: ChatAnswer) -> tuple[TokenEndpoint, ChatAnswer]:
        first = wanted or _endpoint_for(config.deployment_type)
        answer = self._patiently(first or TokenEndpoint.V2, self._token, "exchange", _CONTROL_AND_REVOKES)
        if first is None and answer.kind is Kind.REFUSED and _WRONG_ENDPOINT in answer.words.lower():
            return TokenEndpoint.V1, self._patiently(TokenEndpoint.V1, self._token, "exchange", _CONTROL_AND_REVOKES)
        return first or TokenEndpoint.V2, answer

    def _patiently(self, endpoint: TokenEndpoint, token: Secret, purpose: str, reserve: int) -> ChatAnswer:
        """Send; and again if the failure may be temporary and enough requests remain."""
        answer = self._runtime.exchange(endpoint, token, purpose)
        if _passing(answer) and self._runtime.left > reserve:
            self._runtime.clock.sleep(_PAUSE_SECONDS)
            answer = self._runtime.exchange(endpoint, token, f"{purpose}, again")
        return answer

    def _judge(self, answer: ChatAnswer) -> Why:
        match answer.kind:
            case Kind.SILENT | Kind.STRANGE:
                return Why.OUT_OF_REACH
            case Kind.BUSY:
                return Why.BUSY
            case Kind.REFUSED:
                return Why.REFUSED
            case Kind.GOOD:
                return self._judge_accepted(answer)
            case _:
                assert_never(answer.kind)

    def _judge_accepted(self, answer: ChatAnswer) -> Why:
        if not answer.subjects:
            return Why.OUT_OF_REACH
        if answer.subjects == (self._expected,):
            return Why.VERIFIED
        return Why.OTHER_SUBJECT if answer.is_verified else Why.GUEST

    def _ended(
        self,
        why: Why,
        endpoint: TokenEndpoint | None,
        answer: ChatAnswer,
        config: ChatAnswer,
        control: Control = Control.NOT_RUN,
        tokens: list[ChatAnswer] | None = None,
    ) -> Proof:
        access = [each.access_token for each in tokens or () if each.is_verified and each.access_token]
        done = [self._revoke(endpoint or TokenEndpoint.V1, each, others=len(access) - 1) for each in access]
        revoked = all(done) if done else None
        return Proof(why, self._expected, endpoint, answer, config, control, revoked, self._runtime.sent)

    def _revoke(self, endpoint: TokenEndpoint, access_token: str, *, others: int) -> bool:
        if not self._runtime.left:
            return False
        answer = self._runtime.revoke(endpoint, access_token)
        if answer.kind is Kind.REFUSED and endpoint is TokenEndpoint.V1 and self._runtime.left > others:
            answer = self._runtime.revoke(endpoint, access_token, bare=True)
        return answer.kind is Kind.GOOD


def _endpoint_for(deployment_type: str | None) -> TokenEndpoint | None:
    if deployment_type is None:
        return None
    return TokenEndpoint.V2 if deployment_type == "api" else TokenEndpoint.V1


def _passing(answer: ChatAnswer) -> bool:
    """Return whether another attempt may succeed."""
    gateway = answer.kind is Kind.STRANGE and (answer.status or 0) >= 500
    return gateway or answer.kind is Kind.SILENT


def unsigned_token(*, issuer: str, kid: str, algorithm: str, now: float) -> Secret:
    """Return a token like a real one, but with a random signature."""
    header = {"alg": algorithm, "typ": "JWT", "kid": kid}
    claims = {"iss": issuer, "sub": f"uv-probe-{int(now)}", "exp": int(now) + _LIFETIME_SECONDS}
    parts = [*(json.dumps(part).encode() for part in (header, claims)), secrets.token_bytes(_SIGNATURE_OCTETS)]
    token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    redactor.keep(token)
    return Secret(token)


def offer(runtime: ChatRuntime, token: Secret, deployment_type: str | None) -> ChatAnswer:
    """Return the runtime's answer to the token. An access token, which it should not issue, is revoked."""
    endpoint = _endpoint_for(deployment_type) or TokenEndpoint.V2
    answer = runtime.exchange(endpoint, token, "unsigned token")
    if deployment_type is None and answer.kind is Kind.REFUSED and _WRONG_ENDPOINT in answer.words.lower():
        endpoint = TokenEndpoint.V1
        answer = runtime.exchange(endpoint, token, "unsigned token")
    if answer.access_token is not None and answer.is_verified:
        runtime.revoke(endpoint, answer.access_token)
    return answer
