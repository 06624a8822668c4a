"""Mints identity tokens: the JWT that identifies a customer to the chat runtime.

Source: Salesforce Help, "Troubleshooting User Verification" (header alg, typ, kid; claims sub, iss, exp), and
Salesforce's key-command-line-utility, which adds iat; RFC 7515, RFC 7519. The private key is used only for the
signature here.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt import PyJWS

from provisioner.errors import InputError
from provisioner.jose.cures import Input
from provisioner.jose.jwk_members import ALGORITHMS
from provisioner.jose.private_key import load_private_key
from provisioner.secrets import Secret
from provisioner.tokens.claims import DEFAULT_TTL, MintingError, checked_ttl, payload, text
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


_UNLOCK = "Pass passphrase=…, from the secret store of your server."
_CONTENT = "Pass the content of the file, not its path: Path(…).read_text()."


class IdentityTokenMinter:
    """Mints identity tokens for Salesforce chat user verification. For servers only: a page gets the finished token.

    The key is parsed once, here; any number of threads may call :meth:`mint`. Nothing goes over a network, and
    nothing is logged. Source: Salesforce Help, "Troubleshooting User Verification"; RFC 7515, RFC 7519.

    Args:
        private_key_pem: an RSA private key of 2048 bits or more, text or bytes: as PEM, or in any other form that
            ``token mint`` accepts. Its certificate is the one in the keyset. Use it for nothing else.
        kid: the key id, as in the JWK (not the key's API name in Salesforce).
        issuer: the keyset's issuer, byte for byte: case and a slash at the end count.
        algorithm: ``RS256`` or ``RS512``, the ``alg`` of the JWK.
        passphrase: the passphrase of the key, if it is encrypted.
        clock: returns the time in seconds since 1970; tests may pass their own.

    Raises:
        MintingError: with the code key-unreadable, key-encrypted, key-not-rsa, key-too-small, kid-invalid,
            issuer-invalid or algorithm-unknown, and with the next step. It never contains a part of the key.
    """

    __slots__ = ("_clock", "_issuer", "_signer")

    def __init__(
        self,
        private_key_pem: str | bytes,
        *,
        kid: str,
        issuer: str,
        algorithm: str = "RS256",
        passphrase: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        text(kid, "kid", "kid-invalid", "Pass the kid from the JWK of the key.")
        text(issuer, "issuer", "issuer-invalid", "Pass the issuer of the keyset, byte for byte.")
        if algorithm not in ALGORITHMS:
            raise MintingError(
                "The algorithm is neither RS256 nor RS512, and Salesforce verifies no others.",
                next="Pass the `alg` of the key's JWK.",
                code="algorithm-unknown",
            )
        secret = Secret(passphrase) if passphrase else None
        key = load_signing_key(_pem(private_key_pem), "", secret, unlock=_UNLOCK)
        self._signer = Signer(key, kid, algorithm)
        self._issuer = issuer
        self._clock = clock

    def mint(
        self,
        subject: str,
        ttl: int = DEFAULT_TTL,
        audience: str | None = None,
        claims: Mapping[str, Any] | None = None,
    ) -> str:
        """Return a signed token: header ``alg``, ``typ``, ``kid``; claims ``iss``, ``sub``, ``iat``, ``exp``.

        Make a new one for each page load, for the customer of the session, and answer with
        ``Cache-Control: no-store``.

        Args:
            subject: the customer's stable id. It becomes the end of the Messaging Platform Key,
                ``v2/iamessage/AUTH/<Configuration Name>/uid:<subject>``, and with it the owner of the conversation.
            ttl: the lifetime in seconds, from 1 to 86400 (a day). ``iat`` is set 30 seconds back.
            audience: ``aud``, if the token needs one; nothing in Salesforce is known to check it.
            claims: further claims, of JSON's types. iss, sub, exp, iat, aud and kid cannot be among them.

        Returns:
            The token as compact text, three parts with full stops between.

        Raises:
            MintingError: with the code subject-invalid, ttl-invalid, audience-invalid, claim-reserved or
                claims-invalid. It never contains a value.
        """
        return mint(
            self._signer,
            issuer=self._issuer,
            subject=subject,
            now=self._clock(),
            lifetime=checked_ttl(ttl),
            audience=audience,
            claims=claims,
        ).reveal()

    def __repr__(self) -> str:
        """Return the representation without the key."""
        return (
            f"IdentityTokenMinter(kid={self._signer.kid!r}, issuer={self._issuer!r}, "
            f"algorithm={self._signer.algorithm!r})"
        )


def _pem(given: object) -> Secret:
    if isinstance(given, bytes | bytearray):
        return Secret.of_octets(bytes(given))
    if isinstance(given, str):
        if "-----BEGIN " not in given and len(given) < 300 and given.strip().endswith((".pem", ".key")):
            raise MintingError("The private key is a file path.", next=_CONTENT, code="key-unreadable")
        return Secret(given)
    raise MintingError(
        f"The private key must be text or bytes, not {type(given).__name__}.", next=_CONTENT, code="key-unreadable"
    )
