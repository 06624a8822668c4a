"""Keys in the forms of SSH: what OpenSSH's and PuTTY's files and public keys show without a passphrase.

PROTOCOL.key of OpenSSH; RFC 4253 §6.6 (public keys); appendix C of PuTTY's manual.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from provisioner.jose.recognition import Form, Kind, Recognition

_MAGIC = b"openssh-key-v1\0"
_ALGORITHMS = ((b"ssh-rsa", "RSA"), (b"ssh-ed25519", "Ed25519"), (b"ecdsa-sha2", "EC"), (b"ssh-dss", "DSA"),
               (b"sk-ssh-ed25519", "Ed25519"), (b"sk-ecdsa", "EC"), (b"ssh-ed448", "Ed448"))  # fmt: skip
#: Before it may be the options of ``authorized_keys`` or the hosts of ``known_hosts``.
_PUBLIC = re.compile(
    rb"^(?:[^\r\n#]{0,1000}[ \t])?((?:ssh|ecdsa|sk)-[a-z0-9@.-]{2,60})[ \t]+"
    rb"(AAAA[A-Za-z0-9+/=]{4,}|[A-Za-z0-9+/=]{60,})(?:[ \t]+([^\r\n]{0,200}))?",
    re.M,
)
#: RFC 4716 §3: headers have a colon, and a backslash continues them.
_RFC4716_BEGIN, _RFC4716_END = b"---- BEGIN SSH2 PUBLIC KEY ----", b"---- END SSH2 PUBLIC KEY ----"
_RFC4716_HEADER = re.compile(rb"^[^\r\n:]{1,64}:(?:[^\r\n]{0,1100}\\\r?\n){0,20}[^\r\n]*\r?\n", re.M)
#: The parts of a public key, by its name.
_PUBLIC_PARTS = {b"ssh-rsa": 3, b"ssh-dss": 5, b"ssh-ed25519": 2, b"ecdsa-sha2-nistp256": 3,
                 b"ecdsa-sha2-nistp384": 3, b"ecdsa-sha2-nistp521": 3}  # fmt: skip
_BINARY = re.compile(rb"\0\0\0[\x07\x0b\x13](" + b"|".join(_PUBLIC_PARTS) + rb")\0")
_PUTTY_LINE = re.compile(rb"^(Encryption|Comment|Public-Lines):[ \t]*([^\r\n]*)", re.M)


@dataclass(frozen=True, slots=True)
class OpenSshKey:
    """``numbers`` are (n, e) of an RSA key."""

    algorithm: str | None
    numbers: tuple[int, int] | None
    has_passphrase: bool


def read_openssh(content: bytes) -> OpenSshKey | None:
    """Return what the binary content of an OPENSSH PRIVATE KEY block shows; None if it is damaged."""
    if not content.startswith(_MAGIC):
        return None
    parts = _strings(content, len(_MAGIC), 3)
    if len(parts) < 3:
        return None
    at = len(_MAGIC) + sum(4 + len(part) for part in parts) + 4  # the number of keys
    public = _strings(content, at, 1)
    if not public:
        return None
    return OpenSshKey(_algorithm(public[0]), _rsa(public[0]), parts[0] != b"none")


def of_public(stripped: bytes) -> Recognition | None:
    """Recognise a line of ``authorized_keys`` or an ``id_rsa.pub``; None for another text."""
    _, begin, rest = stripped.partition(_RFC4716_BEGIN)
    if begin:
        body = rest.partition(_RFC4716_END)[0].lstrip()
        blob = _decoded(b"".join(_RFC4716_HEADER.sub(b"", body).split()))
        numbers, algorithm = _rsa(blob), _algorithm(blob)
        bits = numbers[0].bit_length() if numbers is not None else None
        return Recognition(
            Kind.PUBLIC_KEY, "a public key for SSH", Form.SSH_PUBLIC_KEY, public=numbers, algorithm=algorithm, bits=bits
        )
    match = _PUBLIC.search(stripped)
    if match is None:
        return None
    blob = _decoded(match[2])
    numbers = _rsa(blob)
    is_certificate = match[1].endswith(b"-cert-v01@openssh.com")
    owner = (match[3] or b"").decode("utf-8", "replace").strip()
    return Recognition(
        Kind.PUBLIC_KEY,
        "a certificate of OpenSSH, which is no X.509 certificate" if is_certificate else "a public key for SSH",
        Form.SSH_PUBLIC_KEY,
        public=numbers,
        algorithm=_algorithm(match[1]),
        bits=numbers[0].bit_length() if numbers is not None else None,
        owners=(owner,) if owner else (),
    )


def of_dropbear(content: bytes) -> Recognition | None:
    """Recognise a private key of Dropbear: SSH's public key in binary (RFC 4253 §6.6), then private numbers."""
    match = _BINARY.match(content)
    if match is None:
        return None
    public = _PUBLIC_PARTS[match[1]]
    parts = _strings(content, 0, public + 1)
    if len(parts) <= public:
        return None
    numbers = _rsa(content)
    return Recognition(
        Kind.PRIVATE_KEY,
        "a private key of Dropbear",
        Form.DROPBEAR_KEY,
        public=numbers,
        is_private=True,
        algorithm=_algorithm(match[1]),
        bits=numbers[0].bit_length() if numbers is not None else None,
        core=content,
        private_keys=1,
    )


def of_putty(content: bytes) -> Recognition | None:
    """Recognise a PuTTY private key file; None for another file."""
    if not content.startswith(b"PuTTY-User-Key-File-"):
        return None
    fields = {name: value.strip() for name, value in _PUTTY_LINE.findall(content[:4000])}
    body = content.partition(b"Public-Lines:")[2].splitlines()[1:]
    lines = int(fields.get(b"Public-Lines", b"0")) if fields.get(b"Public-Lines", b"0").isdigit() else 0
    numbers = _rsa(_decoded(b"".join(body[: min(lines, 100)])))
    locked = fields.get(b"Encryption", b"none") != b"none"
    comment = fields.get(b"Comment", b"").decode("utf-8", "replace")
    algorithm = _algorithm(content.splitlines()[0].partition(b":")[2].strip())
    return Recognition(
        Kind.PRIVATE_KEY,
        f"a private key of PuTTY (PPK){' with a passphrase' if locked else ''}",
        Form.PUTTY_KEY,
        public=numbers,
        is_private=True,
        algorithm=algorithm,
        bits=numbers[0].bit_length() if numbers is not None else None,
        owners=(comment,) if comment else (),
        has_passphrase=locked,
        private_keys=1,
    )


def _algorithm(name: bytes) -> str | None:
    return next((algorithm for begin, algorithm in _ALGORITHMS if begin in name[:40]), None)


def _rsa(blob: bytes) -> tuple[int, int] | None:
    parts = _strings(blob, 0, 4)
    if len(parts) == 4 and parts[0] == b"ssh-rsa-cert-v01@openssh.com":
        del parts[1]  # the nonce
    elif len(parts) < 3 or parts[0] != b"ssh-rsa":
        return None
    return int.from_bytes(parts[2], "big"), int.from_bytes(parts[1], "big")


def _strings(content: bytes, at: int, count: int) -> list[bytes]:
    """Return so many complete strings (RFC 4251 §5) from ``at``."""
    found: list[bytes] = []
    while len(found) < count and at + 4 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if at + 4 + size > len(content):
            break
        found.append(content[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
