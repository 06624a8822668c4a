"""Identity tokens: the JWT that tells the chat runtime who a customer is.

Source: Salesforce Help, "Troubleshooting User Verification" (header alg, typ, kid; claims sub, iss, exp), and
Salesforce's key-command-line-utility, which adds iat; RFC 7515, RFC 7519. The private key signs here and goes nowhere.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provisioner.errors import InputError
from provisioner.org.private_key import load_private_key
from provisioner.secrets import Secret

#: How long before now a token says that it was made, in seconds: no documented leeway would forgive a clock ahead.
BACKDATED_SECONDS = 30
_GIVE = "Give the private key (PEM) that a declared key's certificate was made with."
_NEXT = {
    "key-encrypted": "Give a decrypted copy that only you can read, and delete it afterwards: "
    "openssl pkey -in FILE -out COPY.",
    "key-too-small": "Give the private key of a declared key; Salesforce takes RSA keys of 2048 bits or more.",
    "key-not-rsa": "Give the private key of a declared key; Salesforce takes RSA keys only.",
}


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, and under which kid and algorithm (RS256, RS512) its public half is known to Salesforce."""

    key: RSAPrivateKey
    kid: str
    algorithm: str

    @property
    def modulus(self) -> int:
        return self.key.public_key().public_numbers().n


def load_signing_key(secret: Secret, shown: str) -> RSAPrivateKey:
    """The RSA key in ``secret`` (PEM); ``shown`` is what messages call it. Raises :class:`InputError`."""
    try:
        return load_private_key(secret)
    except InputError as error:
        message = error.message.replace("The private key of the login", f"The private key {shown}")
        step = error.next if "login" not in error.next else _GIVE
        raise InputError(message, next=_NEXT.get(error.code, step), code=error.code) from None


def mint(
    signer: Signer,
    *,
    issuer: str,
    subject: str,
    now: float,
    lifetime: int = 300,
    claims: Mapping[str, Any] | None = None,
) -> Secret:
    """A signed token. ``now`` is in seconds since 1970, ``lifetime`` in seconds; ``claims`` come on top."""
    made = {
        "iss": issuer,
        "sub": subject,
        "iat": int(now) - BACKDATED_SECONDS,
        "exp": int(now) + lifetime,
        **(claims or {}),
    }
    headers = {"typ": "JWT", "kid": signer.kid}
    return Secret(jwt.encode(made, signer.key, algorithm=signer.algorithm, headers=headers))


def with_broken_signature(token: Secret) -> Secret:
    """The same token with one bit of its signature turned over. Raises ValueError where it has none."""
    head, _, signature = token.reveal().rpartition(".")
    octets = bytearray(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    if not octets or head.count(".") != 1:
        raise ValueError("the token has no signature")
    octets[len(octets) // 2] ^= 1
    return Secret(f"{head}.{base64.urlsafe_b64encode(bytes(octets)).rstrip(b'=').decode()}")
