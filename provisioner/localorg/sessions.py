"""Sessions: the validity of access tokens."""

from __future__ import annotations

import base64
import json
import secrets

from provisioner.localorg.answers import SESSION_ENDED, ApiProblem
from provisioner.localorg.ids import new_token
from provisioner.localorg.login import Grant
from provisioner.localorg.org import Org
from provisioner.localorg.records import App, Session, User

_METADATA_REFUSED = "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions"
LIFE_MS = 2 * 60 * 60 * 1000


def open_session(org: Org, grant: Grant) -> Session:
    token = _jwt(org, grant) if grant.app.jwt_tokens else new_token(org.identity.org_id)
    session = Session(token, grant.user.id, org.now, 0, grant.app.consumer_key)
    org.store.add_session(session)
    return session


def _jwt(org: Org, grant: Grant) -> str:
    """Return a token of the JWT form. Its signature is random: only the org, which stores it, reads it."""
    claims = {
        "iss": org.origin, "aud": org.origin, "sub": f"uid:{grant.user.id}", "client_id": grant.app.consumer_key,
        "exp": (org.now + LIFE_MS) // 1000, "scp": " ".join(grant.app.scopes), "mty": "oauth",
    }  # fmt: skip
    header = {"tnk": f"core/local/{org.identity.org_id}", "ver": "1.0", "kid": "local", "tty": "sfdc-core-token",
              "typ": "JWT", "alg": "RS256"}  # fmt: skip
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (header, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, secrets.token_bytes(256)))


def is_jwt(token: str) -> bool:
    return token.count(".") == 2 and token.startswith("ey")


def user_of(org: Org, token: str | None) -> User:
    """Return the user of a session; counts the call. Raises :class:`ApiProblem`."""
    ended = ApiProblem(SESSION_ENDED, "Session expired or invalid", 401)
    session = org.store.session(token) if token else None
    if session is None:
        raise ended
    app = next((app for app in org.apps() if app.consumer_key == session.app), None)
    if session.app and org.now - session.created > _life(app):
        raise ended
    if org.faults.on("session-ends") and session.calls >= org.faults.number("session-ends"):
        org.store.end_session(session.token)
        raise ended
    org.store.count_call(session.token)
    user = org.user(session.user_id)
    if user is None or not user.is_active or user.is_frozen:
        raise ended
    if "ApiEnabled" not in org.permissions_of(user.id):
        raise ApiProblem("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", 403)
    if app is not None and not {"api", "full"} & set(app.scopes):
        raise ApiProblem(SESSION_ENDED, "This session is not valid for use with the REST API", 401)
    if app is not None and app.high_assurance:
        raise ApiProblem("INSUFFICIENT_ACCESS", "High assurance session required", 403)
    return user


def _life(app: App | None) -> int:
    return LIFE_MS if app is None or app.session_minutes is None else app.session_minutes * 60_000


def within_limits(org: Org, text: str) -> None:
    """Raise :class:`ApiProblem` with ``text`` if the org accepts no more calls."""
    if org.faults.strike("request-limit"):
        raise ApiProblem("REQUEST_LIMIT_EXCEEDED", text, 403)


def may_use_metadata(org: Org, user: User) -> None:
    """Raise :class:`ApiProblem` if the user may not use the Metadata API."""
    if not {"ModifyMetadata", "ModifyAllData"} & org.permissions_of(user.id):
        raise ApiProblem("INSUFFICIENT_ACCESS", _METADATA_REFUSED, 403)
