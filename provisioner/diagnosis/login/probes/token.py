"""One attempt at the token endpoint, and on request further ones while a change may still propagate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provisioner.diagnosis.login.evidence import Failure, TokenAnswer
from provisioner.diagnosis.login.probes.network import ANSWER_SECONDS, failure_of
from provisioner.diagnosis.login.texts import PROPAGATION_SECONDS, known_text
from provisioner.errors import ProvisionerError, RefusedError
from provisioner.salesforce.api_errors import AttemptFailed, page_title
from provisioner.salesforce.clock import Clock, skew_of
from provisioner.salesforce.hosts import require_login_host
from provisioner.salesforce.login import GRANT_TYPE, LOGIN_PATH, Session, json_object, session_of, sign
from provisioner.salesforce.settings import LoginSettings
from provisioner.salesforce.transport import Transport

RETRY_SECONDS = 30.0
_SHOWN_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class TokenExchange:
    """The outcome of an attempt.

    ``scope`` is None if the answer named none; ``refused``: why the session must not be used.
    """

    answer: TokenAnswer | None = None
    failure: Failure | None = None
    session: Session | None = None
    scope: str | None = None
    skew: float | None = None
    refused: str | None = None


def ask(settings: LoginSettings, key: RSAPrivateKey, transport: Transport, clock: Clock) -> TokenExchange:
    """Send one assertion. Raises :class:`RefusedError` for a host that must not see one."""
    origin = require_login_host(
        settings.login_url, settings.audience, {"iss": settings.consumer_key, "sub": settings.username}
    )
    try:
        response = transport.session(clock.monotonic() + ANSWER_SECONDS).post(
            origin + LOGIN_PATH,
            data={"grant_type": GRANT_TYPE, "assertion": sign(settings, key, clock.now())},
            headers={"Accept": "application/json"},
        )
    except (AttemptFailed, ProvisionerError) as error:
        return TokenExchange(failure=failure_of(error))
    return replace(_understood(response, settings), skew=skew_of(response.headers, clock))


def ask_until_propagated(
    settings: LoginSettings,
    key: RSAPrivateKey,
    transport: Transport,
    clock: Clock,
    say: Callable[[str], None],
) -> TokenExchange:
    """Send a new assertion every 30 seconds, for at most 10 minutes, while waiting may help."""
    begun = clock.monotonic()
    tries = 1
    asked = ask(settings, key, transport, clock)
    while asked.answer is not None and _may_propagate(asked.answer):
        spent = clock.monotonic() - begun
        if spent >= PROPAGATION_SECONDS or tries > PROPAGATION_SECONDS / RETRY_SECONDS:
            break
        say(
            f"{asked.answer.words}. Trying again in {RETRY_SECONDS:.0f} seconds; {spent:.0f} of "
            f"{PROPAGATION_SECONDS:.0f} have passed."
        )
        clock.sleep(RETRY_SECONDS)
        asked = ask(settings, key, transport, clock)
        tries += 1
    if asked.answer is None or tries == 1:
        return asked
    return replace(asked, answer=replace(asked.answer, tries=tries, seconds=clock.monotonic() - begun))


def _may_propagate(answer: TokenAnswer) -> bool:
    row = known_text(answer.error, answer.description) if answer.shape == "json" else None
    return row is not None and row.propagates


def _understood(response: requests.Response, settings: LoginSettings) -> TokenExchange:
    status, body = response.status_code, json_object(response)
    if body is not None and isinstance(body.get("access_token"), str) and status == 200:
        answer = TokenAnswer(status, shape="token", shown="a session")
        scope = str(body["scope"]) if isinstance(body.get("scope"), str) else None
        try:
            return TokenExchange(answer, session=session_of(body, settings), scope=scope)
        except RefusedError as refused:
            return TokenExchange(answer, refused=refused.message, scope=scope)
    if body is not None and isinstance(body.get("error"), str):
        return TokenExchange(TokenAnswer(status, body["error"], str(body.get("error_description") or "")))
    return TokenExchange(_not_the_endpoint(response))


def _not_the_endpoint(response: requests.Response) -> TokenAnswer:
    status = response.status_code
    if 300 <= status < 400:
        return TokenAnswer(status, shape="redirect", shown=response.headers.get("Location", ""))
    text = response.text.strip()
    if not text:
        return TokenAnswer(status, shape="empty")
    title = page_title(text)
    if title or text.startswith("<"):
        return TokenAnswer(status, shape="html", shown=title)
    return TokenAnswer(status, shape="text", shown=text[:_SHOWN_CHARACTERS])
