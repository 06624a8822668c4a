"""Verifies a signature with one key. RSASSA-PKCS1-v1_5 (RFC 7518 §3.3), the two algorithms that Salesforce accepts."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from provisioner.model.jwk import Jwk
from provisioner.tokens.compact import Compact

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {"RS256": hashes.SHA256, "RS512": hashes.SHA512}
#: The limit of OpenSSL; no real key has a larger modulus.
_LARGEST_BITS = 16384


def verifies(token: Compact, jwk: Jwk) -> bool:
    """Return whether ``jwk`` verifies the token with the algorithm of its header.

    Never raises; tries no other algorithm.
    """
    algorithm = _HASHES.get(token.header_text("alg") or "")
    if algorithm is None or token.signature is None or not 0 < jwk.bits <= _LARGEST_BITS:
        return False
    if len(token.signature) != (jwk.bits + 7) // 8:
        return False
    try:
        key = rsa.RSAPublicNumbers(jwk.e, jwk.n).public_key()
        key.verify(token.signature, token.signing_input, padding.PKCS1v15(), algorithm())
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, OverflowError):
        return False
    return True
