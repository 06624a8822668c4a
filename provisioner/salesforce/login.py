"""The OAuth 2.0 JWT bearer flow: sends an assertion, receives a session.

Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration"; RFC 7523.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provisioner.errors import LoginError, ProvisionerError, RefusedError, UnreachableError
from provisioner.jose.private_key import CALLED, load_private_key
from provisioner.model.ids import ORGANIZATION, USER, is_id
from provisioner.salesforce.api_errors import AttemptFailed, not_understood, page_title
from provisioner.salesforce.clock import Clock, skew_of
from provisioner.salesforce.hosts import host_of, require_instance, require_login_host
from provisioner.salesforce.retries import RetryPolicy, persist, retry_policy
from provisioner.salesforce.settings import LoginSettings
from provisioner.salesforce.transport import Transport
from provisioner.secrets import Secret, redactor

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOGIN_PATH = "/services/oauth2/token"
#: The lifetime of an assertion, in seconds: the three minutes of Salesforce's documentation.
LIFETIME_SECONDS = 180
_PASSING = frozenset({"unknown_error", "server_error", "temporarily_unavailable"})
_TOKEN = re.compile(r"[!-~]{0,16384}")


class TokenFormat(StrEnum):
    """The format of an access token: ``00D…!…``, or a JWT, which SOAP refuses below API version 68.0."""

    OPAQUE = "opaque"
    JWT = "jwt"


@dataclass(frozen=True, slots=True)
class Session:
    """A session in an org. ``org_id`` has 18 characters, or 15 if only the token has it; empty if it is unknown.

    ``client_id`` is the consumer key of the session's app, empty if that is not known. ``borrowed``: it belongs to the
    official CLI, and must not change a production org. Raises :class:`RefusedError` for a token that is not valid in a
    header.
    """

    access_token: Secret
    instance_url: str
    org_id: str
    user_id: str
    token_format: TokenFormat
    scope: str = ""
    client_id: str = ""
    borrowed: bool = False

    def __post_init__(self) -> None:
        if not is_token(self.access_token.reveal()):
            raise RefusedError(
                "The access token has characters that no access token has, or too many: it was not sent.",
                next="Check who gives it: an environment variable, or a proxy between this machine and Salesforce.",
                code="not-a-token",
            )


def is_token(text: str) -> bool:
    """Return whether ``text`` can be an access token: printable ASCII (RFC 6750 §2.1), short enough for a header."""
    return _TOKEN.fullmatch(text) is not None


def format_of(token: str) -> TokenFormat:
    """Return the format of a token."""
    return TokenFormat.JWT if re.fullmatch(r"ey[\w-]+\.[\w-]+\.[\w-]*", token) else TokenFormat.OPAQUE


def log_in(
    settings: LoginSettings,
    transport: Transport,
    clock: Clock,
    *,
    patience: RetryPolicy | None,
    admitted: Callable[[str], None],
) -> Session:
    """Sign and send an assertion, a new one with each attempt. ``admitted`` gets the host's origin before each.

    Raises :class:`InputError` for an unusable key, :class:`RefusedError` for a host that must not see an assertion,
    :class:`LoginError` with the endpoint's own message if it refuses, and :class:`UnreachableError`.
    """
    host = require_login_host(
        settings.login_url, settings.audience, {"iss": settings.consumer_key, "sub": settings.username}
    )
    key = _private_key(settings)

    def attempt(deadline: float) -> Session:
        assertion = sign(settings, key, clock.now())
        admitted(host)
        with transport.session(deadline) as http:
            response = http.post(
                host + LOGIN_PATH,
                data={"grant_type": GRANT_TYPE, "assertion": assertion},
                headers={"Accept": "application/json"},
            )
            return _understand(response, settings, clock)

    return persist(attempt, patience=patience or retry_policy(settings.timeout), clock=clock)


def sign(settings: LoginSettings, key: RSAPrivateKey, now: float) -> str:
    """Return a new assertion (RFC 7523), signed with RS256; ``now`` is in seconds since 1970 (UTC)."""
    claims = {
        "iss": settings.consumer_key,
        "sub": settings.username,
        "aud": settings.audience,
        "exp": int(now) + LIFETIME_SECONDS,
    }
    return jwt.encode(claims, key, algorithm="RS256")


def _private_key(settings: LoginSettings) -> RSAPrivateKey:
    called = f"{CALLED} ({settings.shown_key})" if settings.shown_key else CALLED
    return load_private_key(settings.private_key, settings.passphrase, called=called, given=settings.key_input)


def _understand(response: requests.Response, settings: LoginSettings, clock: Clock) -> Session:
    answer = json_object(response)
    if answer is not None and isinstance(answer.get("access_token"), str) and response.status_code == 200:
        return session_of(answer, settings)
    if answer is not None and isinstance(answer.get("error"), str):
        raise _refused(answer, response.status_code, settings, skew_of(response.headers, clock))
    raise _not_the_endpoint(response, settings)


def session_of(answer: dict[str, Any], settings: LoginSettings) -> Session:
    """Return the session in the token endpoint's answer.

    Raises :class:`RefusedError` if it must not be sent further.
    """
    token = str(answer["access_token"])
    redactor.keep(token)
    instance_url = require_instance(str(answer.get("instance_url") or settings.login_url), settings.audience)
    identity = re.search(r"/id/([A-Za-z0-9]+)/([A-Za-z0-9]+)$", str(answer.get("id") or ""))
    org_id, user_id = identity.groups() if identity else (token.partition("!")[0], "")
    return Session(
        access_token=Secret(token),
        instance_url=instance_url,
        org_id=org_id if is_id(org_id, ORGANIZATION) else "",
        user_id=user_id if is_id(user_id, USER) else "",
        token_format=TokenFormat.JWT if answer.get("token_format") == "jwt" else format_of(token),
        scope=str(answer.get("scope") or ""),
        client_id=settings.consumer_key,
    )


def _refused(answer: dict[str, Any], status: int, settings: LoginSettings, skew: float | None) -> Exception:
    error, description = str(answer["error"]), str(answer.get("error_description") or "")
    words = f"{error}: {description}" if description else error
    verdict = LoginError(
        f"The org did not log {settings.user} in: {words}",
        next=f"Find out more with: {settings.diagnose}",
        server={"status": status, "error": error, "error_description": description},
        skew=skew,
    )
    passing = status >= 500 or status == 429 or error in _PASSING
    return AttemptFailed(verdict) if passing and error != "rate_limit_exceeded" else verdict


def _not_the_endpoint(response: requests.Response, settings: LoginSettings) -> Exception:
    """Return the exception for an answer without the token endpoint's JSON: a redirect, a page, a gateway's error."""
    host, status = host_of(settings.login_url), response.status_code
    redirect = 300 <= status < 400
    if status >= 500 or status == 429 or not (redirect or response.content.strip()):
        return _pointing_on(not_understood(host, status, response.text, request="the login"), settings)
    location = response.headers.get("Location", "")
    if redirect:
        seen = f"a redirect to {location or 'nowhere'}, which is not followed, because the request holds an assertion"
    else:
        seen = f"a response that is not from the token endpoint ({page_title(response.text) or 'no title'})"
    return LoginError(
        f"{host} is not a login host: it answered with HTTP {status} and {seen}.",
        next="Use the org's My Domain (https://NAME.my.salesforce.com, never a lightning.force.com address), "
        f"or find out more with: {settings.diagnose}",
        code="not-a-login-host",
        server={"status": status, "error": "", "error_description": ""},
    )


def _pointing_on(failed: Exception, settings: LoginSettings) -> Exception:
    verdict: ProvisionerError | Exception = failed.verdict if isinstance(failed, AttemptFailed) else failed
    if isinstance(verdict, UnreachableError):
        verdict.next = f"{verdict.next} Find out more with: {settings.diagnose}"
    return failed


def json_object(response: requests.Response) -> dict[str, Any] | None:
    """Return the answer's JSON object; None for anything else."""
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
