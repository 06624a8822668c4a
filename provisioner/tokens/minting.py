"""Mints identity tokens: the JWT that identifies a customer to the chat runtime.

Source: Salesforce Help, "Troubleshooting User Verification" (header alg, typ, kid; claims sub, iss, exp), and
Salesforce's key-command-line-utility, which adds iat; RFC 7515, RFC 7519. The private key is used only for the
signature here.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt import PyJWS

from provisioner.errors import InputError
from provisioner.jose.cures import Input
from provisioner.jose.private_key import load_private_key
from provisioner.secrets import Secret
from provisioner.tokens.claims import DEFAULT_TTL, MintingError, payload
from provisioner.untrusted import require_trusted

_JWS = PyJWS()
_GIVE = "Give the private key (PEM) of the certificate in the keyset."
#: The next step if the key is encrypted and no passphrase was given; callers that accept one replace it.
DECRYPT = "Give a decrypted copy that only you can read, and delete it afterwards: openssl pkey -in FILE -out COPY."
_NEXT = {
    "key-too-small": "Give the private key of a declared key; Salesforce accepts RSA keys of 2048 bits or more.",
    "key-not-rsa": "Give the private key of a declared key; Salesforce accepts only RSA keys.",
}
#: Steps for a login key that do not apply to a key that signs tokens.
_OF_A_LOGIN = ("login", "reference", "private_key_passphrase")


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, with the kid and the algorithm (RS256, RS512) of its public half in Salesforce."""

    key: RSAPrivateKey
    kid: str
    algorithm: str


def load_signing_key(
    secret: Secret, shown: str, passphrase: Secret | None = None, *, unlock: str = DECRYPT, given: Input | None = None
) -> RSAPrivateKey:
    """Return the RSA key in ``secret``. ``shown`` is its name in messages, ``given`` its shell expression.

    ``unlock`` is the next step if the key is encrypted and there is no ``passphrase``. Raises :class:`MintingError`
    with the code key-unreadable, key-encrypted, key-too-small or key-not-rsa, and :class:`RefusedError` in an untrusted
    run: the declaration would decide for which issuer the key signs.
    """
    require_trusted("No token is signed")
    try:
        return load_private_key(secret, passphrase, given=given)
    except InputError as error:
        raise about_signing(error, shown, unlock=None if passphrase else unlock) from None


def about_signing(error: InputError, shown: str, *, unlock: str | None = None) -> MintingError:
    """Return an error about a login's private key as one about a key that signs tokens."""
    message = error.message.replace("The private key of the login", f"The private key {shown}".rstrip())
    step = error.next if not any(word in error.next for word in _OF_A_LOGIN) else _GIVE
    if error.code == "key-encrypted" and unlock is not None:
        step = unlock
    return MintingError(message, next=_NEXT.get(error.code, step), code=error.code)


def mint(
    signer: Signer,
    *,
    issuer: str,
    subject: str,
    now: float,
    lifetime: int = DEFAULT_TTL,
    audience: str | None = None,
    claims: Mapping[str, Any] | None = None,
) -> Secret:
    """Return a signed token. ``now`` is in seconds since 1970, ``lifetime`` in seconds; ``claims`` are added.

    Raises :class:`MintingError` if subject, audience or claims are not valid in a token.
    """
    body = payload(issuer=issuer, subject=subject, now=now, ttl=lifetime, audience=audience, claims=claims)
    headers = {"typ": "JWT", "kid": signer.kid}
    return Secret(_JWS.encode(body, signer.key, algorithm=signer.algorithm, headers=headers))


def with_broken_signature(token: Secret) -> Secret:
    """Return the token with one inverted bit in its signature. Raises ValueError if it has no signature."""
    head, _, signature = token.reveal().rpartition(".")
    octets = bytearray(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    if not octets or head.count(".") != 1:
        raise ValueError("the token has no signature")
    octets[len(octets) // 2] ^= 1
    return Secret(f"{head}.{base64.urlsafe_b64encode(bytes(octets)).rstrip(b'=').decode()}")
