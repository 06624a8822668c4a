"""The login with a JWT bearer assertion: every check of the token endpoint, in the assumed order.

Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration"; the texts are those that users
reported. Order: form, assertion, audience, app, signature, expiry, user, policy and scopes, network and rate.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography import x509

from provisioner.localorg import admin_login
from provisioner.localorg.admin_login import is_administrator
from provisioner.localorg.app_changes import as_propagated
from provisioner.localorg.certificates import read_certificate
from provisioner.localorg.org import Org
from provisioner.localorg.records import App, User
from provisioner.localorg.refreshing import ELSEWHERE

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_GENERIC_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
#: A leeway after ``exp`` is known to exist; its length is not.
_LEEWAY_SECONDS = 30
_LONGEST_LIFE_SECONDS = 180
_LATE_SECONDS = 600
#: Times in milliseconds are accepted; in seconds, this value is a year far in the future.
_MILLISECONDS_FROM = 100_000_000_000


class LoginRefusal(Exception):
    """A refused login. ``error`` and ``description`` go to the caller.

    ``status`` goes to the login history of ``user``, if there is one. ``app`` is the requested app, once it is known.
    """

    def __init__(self, error: str, description: str, status: str = "", user: User | None = None) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status
        self.user = user
        self.app: App | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    user: User
    app: App


_NOT_INSTALLED = (
    "invalid_request", "refresh_token scope is required and the connected app should be installed and preauthorized",
)  # fmt: skip
_INACTIVE_TEXTS = {
    "authentication-failure": ("invalid_grant", "authentication failure"),
    "inactive-user": ("inactive_user", "user is inactive"),
    "user-is-inactive": ("invalid_grant", "inactive user"),
}
_NOT_APPROVED = ("invalid_grant", "user hasn't approved this consumer")
_NOT_IN_ORG = ("app_not_found", "External client app is not installed in this org")
_DISABLED_TEXTS = {
    "app-not-found": _NOT_IN_ORG,
    "client-identifier": ("invalid_client_id", "client identifier invalid"),
    "blocked": ("OAUTH_APP_BLOCKED", "this app is blocked by admin"),
    "not-approved": _NOT_APPROVED,
}
_ECA_SIGNATURE = {
    "invalid-client": ("invalid_client", "invalid client credentials"),
    "invalid-grant": ("invalid_grant", "invalid assertion"),
}
_UNKNOWN_TEXTS = {"authentication-failure": "authentication failure", "not-approved": _NOT_APPROVED[1]}
_IP_TEXTS = {"ip-restricted": "ip restricted", "documented": "IP restricted or invalid login hours"}
_HOURS_TEXTS = {
    "documented": "IP restricted or invalid login hours",
    "authentication-failure": "authentication failure",
}


_ON_THE_WAY = {
    "grant-type": ("unsupported_grant_type", "grant type not supported"),
    "scope": ("invalid_request", "scope parameter not supported"),
    "credentials": ("invalid_client", "invalid client credentials"),
    "no-valid-scopes": ("invalid_grant", "no valid scopes defined"),
    "no-run-as-user": ("invalid_grant", "no client credentials user enabled"),
    "expired-refresh-token": ("invalid_grant", "expired access/refresh token"),
}
_OTHER_HOST = {
    "not-approved": _NOT_APPROVED,
    "authentication-failure": ("invalid_grant", "authentication failure"),
    "client-identifier": ("invalid_client_id", "client identifier invalid"),
}


def authenticate(org: Org, form: Mapping[str, str], origins: frozenset[str]) -> Grant:
    """Return the user and the app of a login; raises :class:`LoginRefusal`. ``origins`` are the org's own."""
    if form.get("grant_type") != GRANT_TYPE:
        raise LoginRefusal("unsupported_grant_type", "grant type not supported")
    if "scope" in form:
        raise LoginRefusal("invalid_request", "scope parameter not supported")
    if "client_secret" in form:
        raise LoginRefusal("invalid_client", "invalid client credentials")
    assertion = form.get("assertion", "").strip()
    if is_administrator(org, assertion):
        return Grant(admin_login.USER, admin_login.APP)
    _check_surroundings(org)
    claims = _claims(org, assertion)
    own = _check_audience(claims.get("aud"), frozenset() if org.faults.on("wrong-audience") else origins)
    app = _app(org, claims.get("iss"), own)
    try:
        _check_signature(org, app, assertion, claims.get("sub"))
        _check_expiry(org, claims.get("exp"))
        user = _user(org, claims.get("sub"))
        _check_state(org, user)
        _check_policy(org, app, user)
        _check_network(org, user)
    except LoginRefusal as refusal:
        refusal.app = app
        raise
    return Grant(user, app)


def _check_surroundings(org: Org) -> None:
    for fault, texts in (
        ("unexpected-request", _ON_THE_WAY),
        ("wrong-flow", _ON_THE_WAY),
        ("wrong-login-host", _OTHER_HOST),
    ):
        if org.faults.on(fault):
            raise LoginRefusal(*texts[str(org.faults.argument(fault))])
    if org.faults.on("unknown"):
        raise LoginRefusal("invalid_grant", "unspecified condition 17")
    if org.faults.on("org-inactive"):
        raise LoginRefusal("inactive_org", "organization locked, closed or suspended")
    if org.faults.strike("transient-login-error"):
        raise LoginRefusal("unknown_error", "retry your request")


def _claims(org: Org, assertion: str) -> dict[str, Any]:
    refusal = LoginRefusal("invalid_grant", "invalid assertion")
    pieces = assertion.split(".")
    if len(pieces) != 3 or not all(pieces):
        raise refusal
    try:
        header, claims = (json.loads(base64.b64decode(_padded(piece), b"-_", validate=True)) for piece in pieces[:2])
    except (ValueError, binascii.Error):
        raise refusal from None
    if org.faults.on("malformed-assertion"):
        raise refusal
    if not isinstance(header, dict) or not isinstance(claims, dict) or header.get("alg") != "RS256":
        raise refusal
    return claims


def _padded(piece: str) -> bytes:
    return (piece + "=" * (-len(piece) % 4)).encode("ascii", "replace")


def _check_audience(audience: Any, origins: frozenset[str]) -> bool:
    """Return whether the audience is the org's own URL, and not one of the generic ones."""
    given = audience.removesuffix("/") if isinstance(audience, str) else None
    if given in origins:
        return True
    if given in _GENERIC_AUDIENCES:
        return False
    raise LoginRefusal("invalid_grant", "audience is invalid")


def _app(org: Org, issuer: Any, own_audience: bool) -> App:
    unknown = LoginRefusal("invalid_client_id", "client identifier invalid")
    app = as_propagated(org, issuer) if isinstance(issuer, str) else None
    if app is None and issuer in (org.store.meta(ELSEWHERE) or ()):
        raise LoginRefusal(*_NOT_IN_ORG)
    if app is None or org.faults.strike("not-propagated"):
        raise unknown
    if not app.installed and org.faults.argument("app-not-installed") == "connected":
        raise LoginRefusal("invalid_client", "app must be installed into org")
    if not app.installed or ((app.external or org.faults.on("eca-needs-my-domain")) and not own_audience):
        raise LoginRefusal(*_NOT_IN_ORG)
    if not app.enabled:
        raise LoginRefusal(*_DISABLED_TEXTS[org.faults.argument("eca-disabled-answer") or "app-not-found"])
    if not app.oauth_enabled or (org.faults.on("oauth-not-enabled") and not app.external):
        raise unknown
    return app


def _check_signature(org: Org, app: App, assertion: str, subject: Any) -> None:
    held = [each for each in map(read_certificate, (app.certificate, app.old_certificate)) if each is not None]
    if not held:
        if org.faults.argument("digital-signatures-not-enabled") == "not-preauthorized":
            raise LoginRefusal(*_NOT_INSTALLED)
        raise LoginRefusal("invalid_grant", "invalid assertion")
    if not any(_signed(assertion, each) for each in held):
        user = next((user for user in org.users() if user.username == subject), None)
        wrong = _ECA_SIGNATURE[org.faults.argument("eca-wrong-signature") or "invalid-client"]
        texts = wrong if app.external else ("invalid_grant", "invalid assertion")
        raise LoginRefusal(*texts, "Failed: Signature Invalid", user)


def _signed(assertion: str, certificate: x509.Certificate) -> bool:
    try:
        jwt.PyJWS().decode(assertion, certificate.public_key(), algorithms=["RS256"])  # type: ignore[arg-type]
    except jwt.PyJWTError:
        return False
    return True


def _check_expiry(org: Org, expiry: Any) -> None:
    expired = LoginRefusal("invalid_grant", "expired authorization code")
    if isinstance(expiry, str) and expiry.strip().isdecimal():
        expiry = int(expiry)
    if isinstance(expiry, bool) or not isinstance(expiry, int | float):
        raise expired
    seconds = expiry / 1000 if expiry >= _MILLISECONDS_FROM else expiry
    now = org.now / 1000 + (_LATE_SECONDS if org.faults.on("expired-assertion") else 0)
    if seconds < now - _LEEWAY_SECONDS:
        raise expired
    if org.faults.on("strict-expiry") and seconds > now + _LONGEST_LIFE_SECONDS + _LEEWAY_SECONDS:
        raise LoginRefusal("invalid_grant", "invalid assertion")


def _user(org: Org, subject: Any) -> User:
    name = subject.strip().lower() if isinstance(subject, str) else ""
    user = next((user for user in org.users() if user.username.lower() == name), None)
    if user is None or org.faults.on("user-unknown"):
        raise LoginRefusal(
            "invalid_grant", _UNKNOWN_TEXTS[org.faults.argument("user-unknown") or "authentication-failure"]
        )
    return user


def _check_state(org: Org, user: User) -> None:
    for stopped, fault, status in (
        (not user.is_active, "user-inactive", "User is inactive"),
        (user.is_frozen, "user-frozen", "User is frozen"),
    ):
        if stopped:
            texts = _INACTIVE_TEXTS[org.faults.argument(fault) or "authentication-failure"]
            raise LoginRefusal(*texts, status, user)


def _check_policy(org: Org, app: App, user: User) -> None:
    if org.faults.on("app-blocked"):
        if org.faults.argument("app-blocked") == "blocked":
            raise LoginRefusal("OAUTH_APP_BLOCKED", "this app is blocked by admin", "Not approved for access", user)
        raise LoginRefusal(*_NOT_APPROVED, "Not approved for access", user)
    checks = [_check_scopes, _check_approval]
    for check in reversed(checks) if app.external else checks:
        check(org, app, user)


def _check_scopes(org: Org, app: App, user: User) -> None:
    zero = None if app.refreshes else org.faults.argument("eca-zero-refuses")
    if zero == "not-approved":
        raise LoginRefusal(*_NOT_APPROVED, "user hasn't approved consumer", user)
    if "refresh_token" not in app.scopes or zero:
        raise LoginRefusal(*_NOT_INSTALLED, "Failed: Invalid Token", user)


def _check_approval(org: Org, app: App, user: User) -> None:
    if not app.admin_approved_only:
        if app.consumer_key not in user.approvals:
            raise LoginRefusal(*_NOT_APPROVED, "user hasn't approved consumer", user)
        return
    held = {each.name for each in org.permission_sets(user.id)}
    if user.profile in app.profiles or held & set(app.permission_sets):
        return
    if org.faults.argument("user-not-preauthorized") == "not-approved":
        raise LoginRefusal(*_NOT_APPROVED, "Not approved for access", user)
    raise LoginRefusal(
        "invalid_app_access", "user is not admin approved to access this app", "Not approved for access", user
    )


def _check_network(org: Org, user: User) -> None:
    if org.faults.on("ip-restricted"):
        text = _IP_TEXTS[org.faults.argument("ip-restricted") or "ip-restricted"]
        raise LoginRefusal("invalid_grant", text, "Restricted IP", user)
    if org.faults.on("login-hours"):
        text = _HOURS_TEXTS[org.faults.argument("login-hours") or "documented"]
        raise LoginRefusal("invalid_grant", text, "Restricted time", user)
    if org.faults.strike("rate-limited"):
        raise LoginRefusal("rate_limit_exceeded", "number of logins exceeded", "Login rate exceeded", user)
