"""The OAuth endpoints: token, userinfo, revoke, discovery, identity."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from provisioner.localorg.answers import ELSEWHERE, html_page, json_answer
from provisioner.localorg.login import LoginRefusal, authenticate
from provisioner.localorg.login_records import record_event, record_login
from provisioner.localorg.org import Org
from provisioner.localorg.records import User
from provisioner.localorg.sessions import open_session

_FORM = "application/x-www-form-urlencoded"


def own_origins(org: Org) -> frozenset[str]:
    """Return every URL of the org, in each notation that an audience may have."""
    port = org.identity.port
    return frozenset(f"https://{host}:{port}" for host in ("localhost", "127.0.0.1", "[::1]"))


async def token(request: Request, org: Org) -> Response:
    if request.method != "POST":
        return html_page(405, "Error 405 Only POST allowed", "Only POST allowed")
    form: dict[str, str] = {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
        async with request.form() as sent:
            form = {name: value for name, value in sent.items() if isinstance(value, str)}
    source = request.client.host if request.client else ""
    try:
        grant = authenticate(org, form, own_origins(org))
    except LoginRefusal as refusal:
        record_event(org, refusal)
        if refusal.user is not None:
            record_login(org, refusal.user, refusal.app, refusal.status, source)
        return json_answer({"error": refusal.error, "error_description": refusal.description}, 400)
    record_login(org, grant.user, grant.app, "Success", source)
    session = open_session(org, grant)
    answer: dict[str, Any] = {
        "access_token": session.token,
        "scope": " ".join(sorted(scope for scope in grant.app.scopes if scope != "refresh_token")),
        "instance_url": ELSEWHERE if org.faults.on("instance-url-elsewhere") else org.origin,
        "id": _identity_url(org, grant.user),
        "token_type": "Bearer",
    }
    if grant.app.jwt_tokens:
        answer |= {"token_format": "jwt"}
    return json_answer(answer)


def _identity_url(org: Org, user: User) -> str:
    return f"{org.origin}/id/{org.identity.org_id}/{user.id}"


def discovery(org: Org) -> Response:
    base = f"{org.origin}/services/oauth2"
    return json_answer(
        {
            "issuer": "https://login.salesforce.com" if org.faults.on("wrong-login-host") else org.origin,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "revocation_endpoint": f"{base}/revoke",
            "userinfo_endpoint": f"{base}/userinfo",
            "introspection_endpoint": f"{base}/introspect",
            "jwks_uri": f"{org.origin}/id/keys",
            "scopes_supported": ["api", "refresh_token", "full", "openid"],
            "response_types_supported": ["code", "token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
    )


def user_info(org: Org, user: User) -> Response:
    return json_answer(
        {
            "sub": _identity_url(org, user),
            "user_id": user.id,
            "organization_id": org.identity.org_id,
            "preferred_username": user.username,
            "nickname": user.username.partition("@")[0],
            "name": user.name,
            "email": user.username,
            "email_verified": True,
            "given_name": user.first_name,
            "family_name": user.last_name,
            "zoneinfo": "Europe/Berlin",
            "urls": _urls(org),
            "active": user.is_active,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
        }
    )


def identity(org: Org, user: User) -> Response:
    return json_answer(
        {
            "id": _identity_url(org, user),
            "asserted_user": True,
            "user_id": user.id,
            "organization_id": org.identity.org_id,
            "username": user.username,
            "nick_name": user.username.partition("@")[0],
            "display_name": user.name,
            "email": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "active": user.is_active,
            "user_type": "STANDARD",
            "urls": _urls(org),
        }
    )


def _urls(org: Org) -> dict[str, str]:
    return {
        "metadata": f"{org.origin}/services/Soap/m/{{version}}/{org.identity.org_id[:15]}",
        "rest": f"{org.origin}/services/data/v{{version}}/",
        "sobjects": f"{org.origin}/services/data/v{{version}}/sobjects/",
        "query": f"{org.origin}/services/data/v{{version}}/query/",
        "tooling_rest": f"{org.origin}/services/data/v{{version}}/tooling/",
    }
