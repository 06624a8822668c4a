"""Java keystores (JKS, and JCEKS of the SunJCE provider), read without Java.

The format is that of ``sun.security.provider.JavaKeyStore`` and ``com.sun.crypto.provider.JceKeyStore``. Certificates
and aliases are in it in clear; a private key needs the passphrase. Salesforce's "Export to Keystore" writes JKS.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, modes

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:  # cryptography below 43.0.1
    from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES

from provisioner.jose.der import OCTETS, OID, SEQUENCE, Node, read

JKS, JCEKS = b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"
#: BKS and UBER begin alike: a version (0 to 2), the length of the salt (20 bytes), the salt, a number of iterations.
_BOUNCY_CASTLE, _SALTED, _FEWEST_ITERATIONS = re.compile(rb"\0\0\0[\0-\x02]\0\0\0\x14", re.S), 28, 1024
#: Of entries, and of certificates of one entry. An org's export has one entry for each of its certificates.
MOST_ENTRIES, MOST_CERTIFICATES = 500, 20
_MOST_ITERATIONS = 500_000
_SUN_KEY_PROTECTOR = bytes.fromhex("2b060104012a02110101")
_SUN_PBE_MD5_TRIPLE_DES = bytes.fromhex("2b060104012a021301")
_DIGEST = 20
_WHITENER = b"Mighty Aphrodite"
#: The beginning of a serialized object of Java (Java Object Serialization Specification §6.4).
_SERIALIZED = bytes.fromhex("aced0005")


class KeystoreError(Exception):
    """The reason why a keystore cannot be opened, as the rest of a sentence."""


@dataclass(frozen=True, slots=True)
class KeystoreEntry:
    """One entry. ``protected`` is the encrypted private key, None for a certificate alone; certificates are DER."""

    alias: str
    protected: bytes | None = field(repr=False)
    certificates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Keystore:
    """The entries in order. ``complete``: the file was read to its end, or to a secret key.

    ``has_secret``: an entry is a secret key of JCEKS. The entries after it cannot be read.
    """

    kind: str
    entries: tuple[KeystoreEntry, ...]
    complete: bool
    has_secret: bool = False

    @property
    def private(self) -> tuple[KeystoreEntry, ...]:
        """Return the entries with a private key."""
        return tuple(entry for entry in self.entries if entry.protected is not None)


def read_keystore(content: bytes) -> Keystore | None:
    """Return the content of a keystore that is readable without its passphrase; None if it is not a keystore."""
    kind = {JKS: "JKS", JCEKS: "JCEKS"}.get(content[:4])
    if kind is None:
        return None
    reader = _Reader(content, 4)
    entries: list[KeystoreEntry] = []
    try:
        version, count = reader.number(4), reader.number(4)
        if version not in (1, 2):
            raise _CutError
        for entry in _entries(reader, version, min(count, MOST_ENTRIES)):
            entries.append(entry)  # noqa: PERF402 (those before a cut are kept)
        complete = count <= MOST_ENTRIES and len(content) - reader.at == _DIGEST
    except _SecretError:
        return Keystore(kind, tuple(entries), complete=True, has_secret=True)
    except _CutError:
        complete = False
    return Keystore(kind, tuple(entries), complete)


def is_bouncy_castle(content: bytes) -> bool:
    """Return whether a file begins as a keystore of Bouncy Castle. Its entries are not read: UBER encrypts them all."""
    if _BOUNCY_CASTLE.match(content) is None or len(content) <= _SALTED + 4 + _DIGEST:
        return False
    return _FEWEST_ITERATIONS <= int.from_bytes(content[_SALTED : _SALTED + 4]) <= 2 * _MOST_ITERATIONS


def unlock(content: bytes, entry: KeystoreEntry, passphrase: str) -> bytes:
    """Return an entry's private key as PKCS #8. Raises :class:`KeystoreError`."""
    whole = read(entry.protected or b"")
    parts = list(whole.children()) if whole is not None and whole.tag == SEQUENCE else []
    if len(parts) != 2 or parts[1].tag != OCTETS:
        raise KeystoreError("is damaged")
    algorithm = list(parts[0].children())
    if not algorithm or algorithm[0].tag != OID:
        raise KeystoreError("is damaged")
    if algorithm[0].content == _SUN_KEY_PROTECTOR:
        return _sun(parts[1].content, passphrase)
    if algorithm[0].content == _SUN_PBE_MD5_TRIPLE_DES:
        return _sun_jce(parts[1].content, algorithm[1:], passphrase)
    raise KeystoreError("is protected by an unknown algorithm")


def has_passphrase(content: bytes, passphrase: str) -> bool:
    """Return whether the keystore's own digest was made with this passphrase: SHA-1 over it and all before it."""
    digest = hashlib.sha1(passphrase.encode("utf-16-be", "surrogatepass") + _WHITENER, usedforsecurity=False)
    digest.update(content[:-_DIGEST])
    return hmac.compare_digest(digest.digest(), content[-_DIGEST:])


def _sun(protected: bytes, passphrase: str) -> bytes:
    """Undo ``sun.security.provider.KeyProtector``: a key stream of SHA-1, a salt before it and a digest behind."""
    password = passphrase.encode("utf-16-be", "surrogatepass")
    salt, encrypted, check = protected[:20], protected[20:-20], protected[-20:]
    if len(protected) <= 40:
        raise KeystoreError("is damaged")
    stream, last = bytearray(), salt
    while len(stream) < len(encrypted):
        last = hashlib.sha1(password + last, usedforsecurity=False).digest()
        stream += last
    size = len(encrypted)
    plain = (int.from_bytes(encrypted, "big") ^ int.from_bytes(stream[:size], "big")).to_bytes(size, "big")
    if not hmac.compare_digest(hashlib.sha1(password + plain, usedforsecurity=False).digest(), check):
        raise KeystoreError("is not opened by this passphrase")
    return plain


def _sun_jce(protected: bytes, parameters: list[Node], passphrase: str) -> bytes:
    """Undo SunJCE's PBEWithMD5AndTripleDES, which no standard has."""
    inside = list(parameters[0].children()) if parameters else []
    if len(inside) != 2 or len(inside[0].content) != 8 or len(protected) % 8 or not protected:
        raise KeystoreError("is damaged")
    iterations = int.from_bytes(inside[1].content, "big")
    if not 0 < iterations <= _MOST_ITERATIONS:
        raise KeystoreError("asks for more iterations than any real keystore")
    halves = [inside[0].content[:4], inside[0].content[4:]]
    if halves[0] == halves[1]:
        first = halves[0]
        halves[0] = bytes((first[3], first[0], first[1], first[3]))
    password = passphrase.encode("ascii", "replace")
    derived = b""
    for half in halves:
        for _ in range(iterations):
            half = hashlib.md5(half + password, usedforsecurity=False).digest()  # noqa: PLW2901
        derived += half
    decryptor = Cipher(TripleDES(derived[:24]), modes.CBC(derived[24:])).decryptor()
    padded = decryptor.update(protected) + decryptor.finalize()
    padding = padded[-1]
    if not 1 <= padding <= 8 or padded[-padding:] != bytes([padding]) * padding:
        raise KeystoreError("is not opened by this passphrase")
    return padded[:-padding]


class _CutError(Exception):
    pass


class _SecretError(Exception):
    pass


@dataclass(slots=True)
class _Reader:
    content: bytes
    at: int

    def octets(self, size: int) -> bytes:
        found = self.content[self.at : self.at + size]
        if len(found) < size:
            raise _CutError
        self.at += size
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.octets(size), "big")

    def text(self) -> str:
        return self.octets(self.number(2)).decode("utf-8", "replace")


def _entries(reader: _Reader, version: int, count: int) -> Iterator[KeystoreEntry]:
    for _ in range(count):
        tag, alias = reader.number(4), reader.text()
        reader.number(8)  # when it was made
        if tag == 1:
            protected = reader.octets(reader.number(4))
            chain = reader.number(4)
            if chain > MOST_CERTIFICATES:
                raise _CutError
            yield KeystoreEntry(alias, protected, tuple(_certificate(reader, version) for _ in range(chain)))
        elif tag == 2:
            yield KeystoreEntry(alias, None, (_certificate(reader, version),))
        elif tag == 3 and reader.octets(len(_SERIALIZED)) == _SERIALIZED:
            raise _SecretError  # nothing says how long this Java object is
        else:
            raise _CutError


def _certificate(reader: _Reader, version: int) -> bytes:
    if version == 2:
        reader.text()  # X.509
    return reader.octets(reader.number(4))
