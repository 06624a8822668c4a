"""Identity tokens: the JWT that tells the chat runtime who a customer is.

Source: Salesforce Help, "Troubleshooting User Verification" (header alg, typ, kid; claims sub, iss, exp), and
Salesforce's key-command-line-utility, which adds iat; RFC 7515, RFC 7519. The private key signs here and goes nowhere.
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
#: What to do where the key is encrypted and no passphrase was given; callers that can take one say so.
DECRYPT = "Give a decrypted copy that only you can read, and delete it afterwards: openssl pkey -in FILE -out COPY."
_NEXT = {
    "key-too-small": "Give the private key of a declared key; Salesforce accepts RSA keys of 2048 bits or more.",
    "key-not-rsa": "Give the private key of a declared key; Salesforce accepts only RSA keys.",
}
#: Steps of a login that are none for a key that signs tokens.
_OF_A_LOGIN = ("login", "reference", "private_key_passphrase")


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, and under which kid and algorithm (RS256, RS512) its public half is known to Salesforce."""

    key: RSAPrivateKey
    kid: str
    algorithm: str


def load_signing_key(
    secret: Secret, shown: str, passphrase: Secret | None = None, *, unlock: str = DECRYPT, given: Input | None = None
) -> RSAPrivateKey:
    """The RSA key in ``secret``; ``shown`` is its name in messages, perhaps empty; ``given`` is how a shell reads it.

    ``unlock`` is the next step where the key is encrypted and there is no ``passphrase``. Raises
    :class:`MintingError` with the code key-unreadable, key-encrypted, key-too-small or key-not-rsa, and
    :class:`RefusedError` in an untrusted run: the declaration would say as whose token it passes.
    """
    require_trusted("No token is signed")
    try:
        return load_private_key(secret, passphrase, given=given)
    except InputError as error:
        raise about_signing(error, shown, unlock=None if passphrase else unlock) from None


def about_signing(error: InputError, shown: str, *, unlock: str | None = None) -> MintingError:
    """What was said about a login's private key, said about one that signs tokens."""
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
    """A signed token. ``now`` is in seconds since 1970, ``lifetime`` in seconds; ``claims`` come on top.

    Raises :class:`MintingError` where subject, audience or claims cannot stand in a token.
    """
    body = payload(issuer=issuer, subject=subject, now=now, ttl=lifetime, audience=audience, claims=claims)
    headers = {"typ": "JWT", "kid": signer.kid}
    return Secret(_JWS.encode(body, signer.key, algorithm=signer.algorithm, headers=headers))


def with_broken_signature(token: Secret) -> Secret:
    """The same token with one bit of its signature turned over. Raises ValueError where it has none."""
    head, _, signature = token.reveal().rpartition(".")
    octets = bytearray(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    if not octets or head.count(".") != 1:
        raise ValueError("the token has no signature")
    octets[len(octets) // 2] ^= 1
    return Secret(f"{head}.{base64.urlsafe_b64encode(bytes(octets)).rstrip(b'=').decode()}")
