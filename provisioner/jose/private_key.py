"""The private key that signs assertions: read with patience, refused with a reason.

Nobody remembers what a private key has to look like, and libraries answer every mistake with one sentence.
Here each usual mistake has its own, and no message ever holds a part of the key.
"""

from __future__ import annotations

import base64
import binascii
import re
import warnings
from collections.abc import Callable

from cryptography import x509
from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from provisioner.errors import InputError
from provisioner.secrets import Secret

#: Salesforce asks for 2048 bits or more with RS256.
SMALLEST_KEY_BITS = 2048

_BLOCK = re.compile(r"-----BEGIN (?P<label>[A-Z0-9 ]+)-----(?P<body>.*?)-----END (?P=label)-----", re.S)
#: The identifier of RSA keys in PKCS#8 (RFC 8017, rsaEncryption), DER-encoded.
_RSA_ENCRYPTION = bytes.fromhex("2a864886f70d010101")
ARMOUR_TAKEN_OFF = "sed -E 's/-----[A-Z ]+-----//g; s/[[:space:]]//g' FILE"
#: Without the dashes, for whatever stands behind a BEGIN line with dashes is masked when it is shown.
_PEM_IS_WANTED = "Give the key as PEM: the whole file, from its BEGIN PRIVATE KEY line to its END PRIVATE KEY line."
_LOST = "If that is lost, make a new pair: provisioner keys generate --login NAME"
_WHAT_IT_IS_INSTEAD = {
    "CERTIFICATE": (
        "a certificate",
        f"The certificate belongs on the app in Salesforce; give the private key that it was made with. {_LOST}",
    ),
    "CERTIFICATE REQUEST": (
        "a certificate request",
        f"Give the private key that the request was made with. {_LOST}",
    ),
    "PUBLIC KEY": ("a public key", f"Give the private key that it belongs to. {_LOST}"),
    "RSA PUBLIC KEY": ("a public key", f"Give the private key that it belongs to. {_LOST}"),
    "OPENSSH PRIVATE KEY": (
        "a key in OpenSSH's own format",
        "Convert a copy of it in place: ssh-keygen -p -m PEM -f COPY",
    ),
    "EC PRIVATE KEY": ("an elliptic-curve key", "Salesforce takes RSA only: provisioner keys generate --login NAME."),
    "DSA PRIVATE KEY": ("a DSA key", "Salesforce takes RSA only: provisioner keys generate --login NAME."),
}


def load_private_key(secret: Secret, passphrase: Secret | None = None) -> RSAPrivateKey:
    """The RSA key in ``secret``: PEM, PKCS#8 or PKCS#1, encrypted or not.

    A byte-order mark, CRLF, blanks around the lines, and other PEM blocks beside the key are no obstacle.
    Raises :class:`InputError` with the code key-unreadable, key-encrypted, key-too-small or key-not-rsa.
    """
    block = _private_block(secret.reveal().lstrip("\ufeff").strip())
    encrypted = b"ENCRYPTED" in block
    given = passphrase.reveal().rstrip("\r\n").encode() if passphrase else b""
    if encrypted and not given:
        raise _problem(
            "is encrypted, and no passphrase was given",
            "Set private_key_passphrase in the environment file (as a reference), or decrypt a copy: "
            "openssl pkey -in FILE -out COPY",
            "key-encrypted",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old ciphers around the key; the key itself is judged below
            # The full check proves primes, which takes longer than all else in a login: see _signs.
            key = load_pem_private_key(block, given if encrypted else None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if encrypted:
            raise _problem(
                "could not be decrypted: the passphrase is wrong, or the file is damaged",
                "Try the passphrase by hand: openssl pkey -in FILE -noout.",
                "key-encrypted",
            ) from None
        raise _damaged() from None
    if not isinstance(key, RSAPrivateKey):
        raise _problem(
            "is not an RSA key, and Salesforce takes RS256 only",
            "Make one with provisioner keys generate --login NAME, and upload its certificate to the app.",
            "key-not-rsa",
        )
    if key.key_size < SMALLEST_KEY_BITS:
        raise _problem(
            f"has {key.key_size} bits, and {SMALLEST_KEY_BITS} are the least",
            "Make a new one with provisioner keys generate --login NAME, and upload its certificate to the app.",
            "key-too-small",
        )
    if not _signs(key):
        raise _damaged()
    return key


def _damaged() -> InputError:
    return _problem(
        "has the frame of a PEM key, but no key inside: it is damaged or cut short",
        "Compare it with where it came from: openssl pkey -in FILE -noout -check must find nothing.",
    )


def _signs(key: RSAPrivateKey) -> bool:
    """Whether what the private half signs, the public half verifies: a damaged number anywhere shows here."""
    probe = b"provisioner"
    try:
        signature = key.sign(probe, PKCS1v15(), SHA256())
        key.public_key().verify(signature, probe, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError, InternalError):
        return False
    return True


def explain_bytes(content: bytes) -> InputError | None:
    """What a file is that holds no text in UTF-8; None where it does."""
    try:
        content.decode("utf-8-sig")
        return None
    except UnicodeDecodeError:
        pass
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _problem(
            "is UTF-16 text, as PowerShell writes it", "Write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE > COPY"
        )
    for load, what, remedy in _BINARY_FORMS:
        try:
            load(content)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        return _problem(what, remedy)
    return _problem("is a binary file of no known kind", _PEM_IS_WANTED)


def _encrypted_der(content: bytes) -> None:
    try:
        load_der_private_key(content, None)
    except TypeError:
        return  # it asks for a passphrase
    raise ValueError


def _pkcs12(content: bytes) -> None:
    try:
        load_pkcs12(content, None)
    except ValueError as error:
        if "password" not in str(error).lower():
            raise


_BINARY_FORMS: tuple[tuple[Callable[[bytes], object], str, str], ...] = (
    (
        lambda content: load_der_private_key(content, None),
        "is in DER form, not PEM",
        "Write it as PEM: openssl pkey -inform DER -in FILE -out COPY",
    ),
    (
        _encrypted_der,
        "is in DER form and encrypted, not PEM",
        "Write it as PEM: openssl pkey -inform DER -in FILE -out COPY",
    ),
    (
        x509.load_der_x509_certificate,
        "is a certificate in DER form",
        f"The certificate belongs on the app in Salesforce; give the private key that it was made with. {_LOST}",
    ),
    (load_der_public_key, "is a public key in DER form", f"Give the private key that it belongs to. {_LOST}"),
    (
        _pkcs12,
        "is a PKCS#12 file (.p12, .pfx), not PEM",
        "Take the key out of it: openssl pkcs12 -in FILE -nocerts -noenc -out COPY",
    ),
)


def _framed(label: str, body: str) -> str:
    """The command that puts PEM's lines around base64."""
    # Through a variable: what stands behind a whole BEGIN line is masked when it is shown.
    lines = f'echo "-----BEGIN $L-----"; {body} | fold -w 64 | grep .; echo "-----END $L-----"'
    return f"L='{label}'; {{ {lines}; }} > COPY"


def _private_block(text: str) -> bytes:
    """The block of the private key alone, line by line."""
    _refuse_usual_mistakes(text)
    blocks = {match["label"]: match for match in _BLOCK.finditer(text)}
    private = [label for label in blocks if label.endswith("PRIVATE KEY") and label not in _WHAT_IT_IS_INSTEAD]
    if not private:
        for label in blocks:
            if label in _WHAT_IT_IS_INSTEAD:
                what, remedy = _WHAT_IT_IS_INSTEAD[label]
                elliptic = label in ("EC PRIVATE KEY", "DSA PRIVATE KEY")
                raise _problem(f"is {what}", remedy, "key-not-rsa" if elliptic else "key-unreadable")
        raise _problem("has a BEGIN line but no END line that fits it: it was cut short", _PEM_IS_WANTED)
    lines = [line.strip() for line in blocks[private[0]][0].splitlines()]
    if len(lines) < 3:
        raise _problem(
            "is on one line: its line breaks were lost",
            f"Keep the line breaks, or put them back: {_framed(private[0], ARMOUR_TAKEN_OFF)}",
        )
    return "\n".join([*lines, ""]).encode("utf-8", "replace")


def _refuse_usual_mistakes(text: str) -> None:
    if not text:
        raise _problem("is empty", "Check what the reference gives: the file, the variable, or the command's output.")
    if text[0] in "\"'" or text[-1] in "\"'":
        mark = text[0] if text[0] in "\"'" else text[-1]
        around = "'" if mark == '"' else '"'
        raise _problem("is in quotation marks", f"Remove them: tr -d {around}{mark}{around} < FILE > COPY")
    if "\\n" in text:
        raise _problem(
            "holds the two characters \\n where line breaks belong",
            "Turn them back into line breaks: printf '%b' \"$(cat FILE)\" > COPY",
        )
    if "-----BEGIN " in text:
        return
    if text.startswith("{"):
        raise _problem("is JSON (a JWK, it seems), not PEM", _PEM_IS_WANTED)
    if len(text) < 300 and re.fullmatch(r"[~./\\]\S*|\S+\.(pem|key|txt)", text):
        raise _problem("looks like a file's path, not like a key", "Write the reference as ${file:PATH}.")
    inner = _decoded(text)
    if inner.startswith(b"-----BEGIN"):
        raise _problem("is base64 of a PEM file, not the PEM file", "Decode it: base64 -d FILE > COPY")
    if inner.startswith(b"\x30"):
        label = "PRIVATE KEY" if _RSA_ENCRYPTION in inner[:40] else "RSA PRIVATE KEY"
        raise _problem("lacks its BEGIN and END lines", f"Put them around it: {_framed(label, 'cat FILE')}")
    raise _problem("is not PEM", _PEM_IS_WANTED)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _problem(what: str, remedy: str, code: str = "key-unreadable") -> InputError:
    return InputError(f"The private key of the login {what}.", next=remedy, code=code)
