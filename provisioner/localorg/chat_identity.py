"""Identity tokens: the JWT that identifies a customer, checked against the channel's configurations.

Source: Salesforce Help, "Troubleshooting User Verification" (kid, iss, key, certificate); RFC 7515. ``aud``, ``nbf``
and ``iat`` have no setting to be checked against, and are not checked.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import jwt

from provisioner.localorg.chat_answers import TokenRefused
from provisioner.localorg.chat_deployments import Authorization, ChatChannel
from provisioner.localorg.chat_keysets import PublicKey, issuer_and_keys
from provisioner.localorg.org import Org

_ALGORITHMS = ("RS256", "RS512")


async def subject_of(org: Org, channel: ChatChannel, token: Any) -> str:
    """Return the end user's subject, ``v2/iamessage/AUTH/<configuration>/uid:<sub>``; raises :class:`TokenRefused`."""
    header, claims = _parts(token)
    algorithm, kid, sub = header.get("alg"), header.get("kid"), claims.get("sub")
    if algorithm not in _ALGORITHMS:
        raise TokenRefused("JWT algorithm is not supported")
    if org.faults.on("chat-typ-required") and header.get("typ") != "JWT":
        raise TokenRefused("JWT header typ is missing")
    if not isinstance(sub, str) or not sub:
        raise TokenRefused("JWT claim sub is missing")
    authorization, key = await _signer(org, channel, claims.get("iss"), kid, algorithm)
    if not org.faults.on("chat-accepts-any-signature"):
        _check_signature(token, key, algorithm)
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or isinstance(expires, bool):
        raise TokenRefused("JWT claim exp is missing")
    if expires <= org.now / 1000:
        raise TokenRefused("JWT is expired")
    return _subject(org, authorization.identifier, sub)


def _parts(token: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    pieces = token.split(".") if isinstance(token, str) else []
    malformed = TokenRefused("JWT is malformed")
    if len(pieces) != 3 or not all(pieces):
        raise malformed
    try:
        header, claims = (
            json.loads(base64.b64decode((piece + "=" * (-len(piece) % 4)).encode("ascii"), b"-_", validate=True))
            for piece in pieces[:2]
        )
    except (ValueError, binascii.Error):
        raise malformed from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise malformed
    return header, claims


async def _signer(
    org: Org, channel: ChatChannel, issuer: Any, kid: Any, algorithm: str
) -> tuple[Authorization, PublicKey]:
    known_issuer = False
    for authorization in channel.authorizations:
        found = await issuer_and_keys(org, authorization.keyset)
        if found is None or found[0] != issuer:
            continue
        known_issuer = True
        for key in found[1]:
            if key.kid == kid and key.alg in (None, algorithm):
                return authorization, key
    raise TokenRefused("JWT key is not found" if known_issuer else "JWT issuer is not found")


def _check_signature(token: str, key: PublicKey, algorithm: str) -> None:
    try:
        jwt.PyJWS().decode(token, key.key, algorithms=[algorithm])
    except jwt.PyJWTError:
        raise TokenRefused("JWT signature is invalid") from None


def _subject(org: Org, configuration: str, sub: str) -> str:
    wrong = org.faults.argument("chat-wrong-subject")
    if wrong == "other-configuration":
        configuration = "other"
    if wrong == "other-user":
        sub = "somebody-else"
    if wrong == "no-version":
        return f"iamessage/AUTH/{configuration}/uid:{sub}"
    return f"v2/iamessage/AUTH/{configuration}/uid:{sub}"
