"""The chat runtime's access tokens: JWTs with the end user as ``sub``, valid for the channel's expiration."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

import jwt

from provisioner.localorg.chat_answers import ChatProblem
from provisioner.localorg.chat_deployments import ChatChannel, Deployment
from provisioner.localorg.org import Org

_SECRET, _REVOKED = "chat-secret", "chat-revoked"
#: The access-token requests of one org in a minute. Source: Salesforce Help, rate limits of Enhanced Chat.
REQUESTS_A_MINUTE = 200


def is_verified(subject: str) -> bool:
    return "/AUTH/" in subject


def guest() -> str:
    """Return a new guest's subject."""
    return f"v2/iamessage/UNAUTH/NA/uid:{uuid.uuid4()}"


def open_session(org: Org, deployment: Deployment, channel: ChatChannel, subject: str) -> str:
    """Return a new access token."""
    now = org.now // 1000
    minutes = channel.verified_minutes if is_verified(subject) else channel.unverified_minutes
    seconds = org.faults.milliseconds("chat-tokens-expire") // 1000 or 60 * minutes
    return _signed(
        org,
        {
            "iss": "iamessage", "sub": subject, "iat": now, "exp": now + seconds, "jti": str(uuid.uuid4()),
            "orgId": org.identity.org_id[:15], "channelAddId": channel.address, "deployment": deployment.name,
            "clientId": str(uuid.uuid4()),
        },
    )  # fmt: skip


def continued(org: Org, claims: dict[str, Any]) -> str:
    """Return a token for another tab: same subject and expiration, another client."""
    return _signed(org, {**claims, "jti": str(uuid.uuid4()), "clientId": str(uuid.uuid4())})


def claims_of(org: Org, authorization: str | None) -> dict[str, Any]:
    """Return the claims of a Bearer token; raises :class:`ChatProblem` (401) if it is invalid or expired."""
    scheme, _, token = (authorization or "").partition(" ")
    refused = ChatProblem(401, "Unauthorized")
    if scheme.lower() != "bearer":
        raise refused
    try:
        options = {"verify_exp": False, "verify_iat": False}
        claims: dict[str, Any] = jwt.decode(token, _secret(org), algorithms=["HS256"], options=options)  # type: ignore[arg-type]
    except jwt.PyJWTError:
        raise refused from None
    if claims["exp"] <= org.now / 1000 or claims["jti"] in (org.store.meta(_REVOKED) or []):
        raise refused
    return claims


def revoke(org: Org, claims: dict[str, Any]) -> None:
    with org.store.transaction():
        org.store.set_meta(_REVOKED, [*(org.store.meta(_REVOKED) or []), claims["jti"]])


def within_rate(org: Org) -> bool:
    """Count one access-token request; False if the org accepts no more in this minute."""
    return org.store.tally(f"chat tokens {org.now // 60_000}") <= REQUESTS_A_MINUTE


def _signed(org: Org, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, _secret(org), algorithm="HS256")


def _secret(org: Org) -> str:
    with org.store.transaction():
        known = org.store.meta(_SECRET)
        if not isinstance(known, str):
            known = secrets.token_hex(32)
            org.store.set_meta(_SECRET, known)
    return known
