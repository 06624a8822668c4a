"""Fin Messenger (Intercom) in front of Salesforce Enhanced Chat: its token and its settings.

Source: Intercom Help, "Authenticate users with JWTs for Fin Messenger and Salesforce Enhanced Chat": two tokens with
separate keys, made on the server for each page load. ``intercom_user_jwt`` is HS256 with the Messenger API Secret;
:class:`provisioner.tokens.IdentityTokenMinter` makes ``salesforce_identity_token``.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from jwt import PyJWS

from provisioner.tokens.claims import MintingError, as_json, checked_ttl, text

API_BASE = "https://api-iam.intercom.io"
#: In seconds; both tokens of Intercom's own example have this lifetime.
INTERCOM_TTL = 3600
#: RFC 7518 §3.2: a key for HS256 has at least as many bits as its hash, 256.
SHORTEST_SECRET = 32
#: The issuer of the keys that Fin holds and mints with.
FIN_ISSUER = "fin.ai"

_JWS = PyJWS()
_GIVE = "Give only the Messenger API Secret: Intercom > Settings > Messenger > Security."


def intercom_user_jwt(secret: str, user_id: str, ttl: int = INTERCOM_TTL) -> str:
    """Return the token that identifies the user to Intercom. For servers only; mint it again for each page load.

    Args:
        secret: Intercom's Messenger API Secret, of 32 bytes or more. With a shorter one PyJWT warns
            (``jwt.warnings.InsecureKeyLengthWarning``, from version 2.11 on). Never the key of the other token.
        user_id: the user who is logged in; the same as ``user_id`` of intercomSettings.
        ttl: the lifetime in seconds, from 1 to 86400 (a day).

    Returns:
        A JWT, HS256, with the claims ``user_id`` and ``exp``.

    Raises:
        MintingError: with the code secret-invalid, user-id-invalid or ttl-invalid. It never contains a value.
    """
    life = checked_ttl(ttl)
    key = checked_secret(secret)
    body = as_json({"user_id": checked_user_id(user_id), "exp": int(time.time()) + life})
    return _JWS.encode(body, key, algorithm="HS256", headers={"typ": "JWT"})


def intercom_settings(
    *, app_id: str, user_id: str, intercom_user_jwt: str, salesforce_identity_token: str, api_base: str = API_BASE
) -> dict[str, str]:
    """Return the whole of ``window.intercomSettings``, ready for JSON. Write it only into the page of that user.

    Args:
        app_id: Intercom's id of the workspace.
        user_id: the user who is logged in; the same as in ``intercom_user_jwt``.
        intercom_user_jwt: the result of :func:`intercom_user_jwt`.
        salesforce_identity_token: the result of :meth:`IdentityTokenMinter.mint`.
        api_base: an https URL; workspaces outside the United States have another one.

    Raises:
        MintingError: with the code user-id-invalid or setting-invalid.
    """
    text(app_id, "app_id", "setting-invalid", "Pass the id that Intercom's own installation code shows.")
    if urlsplit(text(api_base, "api_base", "setting-invalid", f"Keep {API_BASE}.")).scheme != "https":
        raise MintingError("The api_base is not an https URL.", next=f"Keep {API_BASE}.", code="setting-invalid")
    return {
        "api_base": api_base,
        "app_id": app_id,
        "user_id": checked_user_id(user_id),
        "intercom_user_jwt": intercom_user_jwt,
        "salesforce_identity_token": salesforce_identity_token,
    }


def checked_user_id(user_id: object) -> str:
    """Return the user id if it is valid. Raises :class:`MintingError`."""
    return text(
        user_id,
        "user_id",
        "user-id-invalid",
        "Sign only for the logged-in user, with the stable id of that user as text, such as str(user.id).",
    )


def checked_secret(secret: object) -> bytes:
    """Return the secret's bytes if it is valid. Raises :class:`MintingError`."""
    given = text(secret, "Messenger API Secret", "secret-invalid", _GIVE)
    problem = None
    if "-----BEGIN " in given or given.startswith("ssh-"):
        problem = "is a key or a certificate, not a secret: each of the two tokens has its own key"
    elif given[0] in "\"'" or given[-1] in "\"'":
        problem = "is in quotation marks"
    elif any(each.isspace() for each in given):
        problem = "contains white space"
    if problem is not None:
        raise MintingError(f"The Messenger API Secret {problem}.", next=_GIVE, code="secret-invalid")
    return given.encode()
