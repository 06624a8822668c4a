"""Recognises what openssl prints of a key or certificate as text: such text is no key, but shows which key it is."""

from __future__ import annotations

import re

from provisioner.jose.recognition import Form, Kind, Recognition

_MODULUS = re.compile(rb"^[ \t]*Modulus=([0-9A-Fa-f]{100,10000})\s*$", re.M)
_DIGITS = rb":\s*((?:[0-9a-f]{2}:?\s*){60,4000}+)"
_PRINTED_MODULUS = re.compile(rb"\bmodulus" + _DIGITS, re.I)
_EXPONENT = re.compile(rb"^[ \t]*(?:public)?exponent: (\d{1,20}) \(0x", re.I | re.M)
#: The numbers of a private key: `privateExponent` of RSA (GnuTLS: `private exponent`), `priv` of the others.
_PRIVATE = re.compile(rb"^[ \t]*(?:privateExponent|private exponent|priv):[ \t\r]{0,9}\n[ \t]{1,40}[0-9a-f]{2}:", re.M)
_BEGINNINGS = re.compile(
    rb"^[ \t]*(?:(?:RSA |ECDSA |EC )?(Private|Public)-Key: \((\d{2,5}) bit"
    rb"|(ED25519|X25519|ED448|X448) (Private|Public)-Key:|(Certificate):[ \t\r]{0,9}\n[ \t]{1,40}Data:|(Modulus)=)",
    re.M,
)
#: A key that a program printed with its numbers: Python, Go, Java, C#. A number has 4300 digits at most in Python.
_LONG = rb"[+]?(?:0x[0-9A-Fa-f]{100,4000}|[0-9]{150,4300})\b"
_PRIVATE_NAME = rb"(?:d|D|p|q|privateExponent|private[ _]exponent|prime[ _]?(?:[12pqPQ]|exponent [pqPQ]))[\"']?"
_BETWEEN = rb"[ \t]{0,9}(?:=>|[:=])[ \t]{0,9}(?:#<OpenSSL::BN )?"
_NAMED_PRIVATE = re.compile(
    rb"\b(?:PrivateKey\(" + _LONG + rb",\s*[0-9]{1,20},\s*" + _LONG + rb"|Primes:\[" + _LONG
    + rb"|" + _PRIVATE_NAME + _BETWEEN + _LONG + rb")|\{\{" + _LONG + rb" [0-9]{1,20}\} " + _LONG
)  # fmt: skip
_NAMED_MODULUS = re.compile(
    rb"(?:\{\{|\bPrivateKey\(|\b(?:n|N|modulus)[\"']?(?:" + _BETWEEN + rb")?[+]?)([0-9]{150,4300})\b"
)
_NAMED_EXPONENT = re.compile(rb"\b(?:e|E|publicExponent|public[ _]exponent)[\"']?" + _BETWEEN + rb"[+]?([0-9]{1,20})\b")
_PUBLIC_NUMBERS = re.compile(rb"\s*(?:RSA (?:Private|Public)(?: CRT)? Key \[[0-9a-f:]{5,}|<?RSAPublicNumbers\()")
_LISTING = re.compile(rb"\s*Keystore type: ")
_NAMES = {b"ED25519": "Ed25519", b"X25519": "X25519", b"ED448": "Ed448", b"X448": "X448"}


def of_printed(content: bytes) -> Recognition | None:
    """Recognise the output of `openssl … -text` or `-modulus` without PEM; None for another text."""
    if _LISTING.match(content) is not None:
        what = "the listing of a keystore (keytool -list), without its keys"
        return Recognition(Kind.OTHER, what, Form.PRINTED_KEY)
    begin = _BEGINNINGS.search(content)
    if begin is None:
        return _printed_numbers(content)
    is_private = _PRIVATE.search(content, begin.start()) is not None
    public = _numbers(content)
    bits = public[0].bit_length() if public is not None else None
    algorithm = "RSA" if public is not None or begin[6] else _NAMES.get(begin[3] or b"")
    if begin[6]:
        modulus = _MODULUS.search(content)
        bits = int(modulus[1], 16).bit_length() if modulus is not None else None
    subject = f"{algorithm} " if algorithm is not None else ""
    if is_private:
        what = f"the numbers of {_article(subject)}private key as text (openssl -text)"
    elif begin[5]:
        what = "the text of a certificate (openssl x509 -text), without the certificate itself"
    elif begin[6]:
        what = "the modulus of an RSA key (openssl -modulus)"
    else:
        what = f"the numbers of {_article(subject)}public key as text (openssl -text)"
    kind = Kind.PRIVATE_KEY if is_private else Kind.OTHER if begin[5] else Kind.PUBLIC_KEY
    return Recognition(
        kind, what, Form.PRINTED_KEY, public=public, is_private=is_private, algorithm=algorithm, bits=bits
    )


def _printed_numbers(content: bytes) -> Recognition | None:
    """Recognise the private numbers of RSA as a program prints its key object."""
    if _NAMED_PRIVATE.search(content) is None and _PRIVATE.search(content) is None:
        return _public_numbers(content)
    modulus, exponent = _NAMED_MODULUS.search(content), _NAMED_EXPONENT.search(content)
    public = (int(modulus[1]), int(exponent[1])) if modulus is not None and exponent is not None else None
    return Recognition(
        Kind.PRIVATE_KEY,
        "the numbers of an RSA private key, as a program prints them",
        Form.PRINTED_KEY,
        public=public,
        is_private=True,
        algorithm="RSA",
        bits=public[0].bit_length() if public is not None else None,
    )


def _public_numbers(content: bytes) -> Recognition | None:
    """Recognise the public numbers of an RSA key. Bouncy Castle prints only these of a private key, too."""
    if _PUBLIC_NUMBERS.match(content) is None:
        return None
    what = "the public numbers of an RSA key, as a program prints them"
    return Recognition(Kind.PUBLIC_KEY, what, Form.PRINTED_KEY, algorithm="RSA")


def _article(subject: str) -> str:
    return f"{'an' if subject[:1] in ('E', 'R', 'X') else 'a'} {subject}"


def _numbers(content: bytes) -> tuple[int, int] | None:
    modulus, exponent = _PRINTED_MODULUS.search(content), _EXPONENT.search(content)
    if modulus is None or exponent is None:
        return None
    digits = re.sub(rb"[:\s]", b"", modulus[1])
    return int(digits, 16), int(exponent[1])
