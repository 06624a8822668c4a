"""The private key, checked offline: its form, and whether its certificate matches."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from provisioner.diagnosis.login.evidence import CertificateSeen, KeySeen
from provisioner.errors import InputError
from provisioner.files import UnreadableError, read_start
from provisioner.jose.certificates import parse
from provisioner.jose.cures import Input
from provisioner.jose.file_kinds import take
from provisioner.jose.private_key import CALLED, load_private_key, repairs_of
from provisioner.secrets import Secret

_SUFFIXES = (".crt", ".cer", ".cert", ".pem")
#: A longer file is not a certificate of an app.
_MOST_BYTES = 100_000


def look_at_key(
    secret: Secret | None,
    passphrase: Secret | None,
    file: Path | None,
    given: Input | None = None,
    called: str = CALLED,
) -> tuple[KeySeen | None, RSAPrivateKey | None]:
    """Return the key as evidence, and the key itself if it can sign.

    ``secret`` is None if the reference has no value; ``file`` is the reference's file, if it names one; ``given`` is
    the shell expression for it, ``called`` its name.
    """
    if secret is None:
        return None, None
    repairs = repairs_of(secret)
    notes = (f"it is not plain PEM, and other programs may refuse it: {repairs}",) if repairs else ()
    try:
        key = load_private_key(secret, passphrase, called=called, given=given)
    except InputError as problem:
        return KeySeen(problem.code, problem.message, problem.next, notes=notes), None
    return KeySeen(bits=key.key_size, notes=notes, beside=_beside(key, secret, file)), key


def compare(certificate: x509.Certificate, place: str, key: RSAPrivateKey | None) -> CertificateSeen:
    """Compare a certificate with the key."""
    try:
        public = certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        public = None
    matches = None
    if key is not None:
        own = key.public_key().public_numbers()
        matches = isinstance(public, RSAPublicKey) and public.public_numbers() == own
    return CertificateSeen(place, certificate.not_valid_before_utc, certificate.not_valid_after_utc, matches)


def _beside(key: RSAPrivateKey, secret: Secret, file: Path | None) -> CertificateSeen | None:
    """Return the certificate in the key's text, or in the file with the same name; a matching one takes precedence."""
    found = [
        compare(certificate, "the certificate in the key's own file", key)
        for der in take(secret.octets()).certificates
        if (certificate := parse(der)) is not None
    ]
    for path in (file.with_suffix(suffix) for suffix in _SUFFIXES) if file is not None else ():
        content = _bytes_of(path) if path != file else None
        certificate = parse(content) if content else None
        if certificate is not None:
            found.append(compare(certificate, path.name, key))
    return next((each for each in found if each.matches), found[0] if found else None)


def _bytes_of(path: Path | None) -> bytes | None:
    try:
        return read_start(path, _MOST_BYTES) if path is not None else None
    except UnreadableError:
        return None
