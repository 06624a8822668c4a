"""The assertion of the OAuth 2.0 JWT bearer flow (RFC 7523; Salesforce Help, remoteaccess_oauth_jwt_flow)."""

from __future__ import annotations

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provisioner.salesforce.settings import LoginSettings

#: The lifetime of an assertion, in seconds: the three minutes of Salesforce's documentation.
LIFETIME_SECONDS = 180


def claims(settings: LoginSettings, now: float) -> dict[str, str | int]:
    """Return the claims of the assertion; ``now`` is in seconds since 1970 (UTC)."""
    return {
        "iss": settings.consumer_key,
        "sub": settings.username,
        "aud": settings.audience,
        "exp": int(now) + LIFETIME_SECONDS,
    }


def sign(settings: LoginSettings, key: RSAPrivateKey, now: float) -> str:
    """Return a new assertion, signed with RS256."""
    return jwt.encode(dict(claims(settings, now)), key, algorithm="RS256")
