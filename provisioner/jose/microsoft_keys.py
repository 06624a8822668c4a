"""Recognises RSA keys in the binary forms of Microsoft: the key blob of CryptoAPI (BLOBHEADER, RSAPUBKEY) and PVK."""

from __future__ import annotations

import struct

from provisioner.jose.recognition import Form, Kind, Recognition

_PVK = bytes.fromhex("1ef1b5b0")
#: BLOBHEADER: type (7 is a private key, 6 a public one), version 2, two zeros; then the algorithm, and the magic word.
_PRIVATE, _PUBLIC = b"\x07\x02\0\0", b"\x06\x02\0\0"
_MAGIC = {b"RSA2": True, b"RSA1": False}
_PVK_HEAD = 24
_LARGEST_BITS = 16384


def of_microsoft(content: bytes) -> Recognition | None:
    """Recognise a key blob or a PVK file; None for another file."""
    if content.startswith(_PVK) and len(content) >= _PVK_HEAD:
        return _pvk(content)
    if not content.startswith((_PRIVATE, _PUBLIC)) or content[8:12] not in _MAGIC or len(content) < 20:
        return None
    is_private = _MAGIC[content[8:12]]
    public = _numbers(content)
    return Recognition(
        Kind.PRIVATE_KEY if is_private else Kind.PUBLIC_KEY,
        f"{'an RSA private key' if is_private else 'a bare public key'} in a key blob of Microsoft",
        Form.MICROSOFT_KEY,
        public=public,
        is_private=is_private,
        algorithm="RSA",
        bits=public[0].bit_length() if public is not None else None,
        core=content,
        private_keys=int(is_private),
    )


def _pvk(content: bytes) -> Recognition:
    encrypted, salt = struct.unpack("<I", content[12:16])[0] != 0, struct.unpack("<I", content[16:20])[0]
    public = _numbers(content[_PVK_HEAD + salt :]) if not encrypted and salt < 1024 else None
    return Recognition(
        Kind.PRIVATE_KEY,
        f"a private key of Microsoft (PVK){' with a passphrase' if encrypted else ''}",
        Form.MICROSOFT_KEY,
        public=public,
        is_private=True,
        algorithm="RSA" if public is not None else None,
        bits=public[0].bit_length() if public is not None else None,
        has_passphrase=encrypted,
        core=content,
        private_keys=1,
    )


def _numbers(blob: bytes) -> tuple[int, int] | None:
    """Return (n, e) of a key blob; they are written with the lowest byte first."""
    if len(blob) < 20 or blob[8:12] not in _MAGIC:
        return None
    bits, exponent = struct.unpack("<II", blob[12:20])
    if not 0 < bits <= _LARGEST_BITS or len(blob) < 20 + bits // 8:
        return None
    return int.from_bytes(blob[20 : 20 + bits // 8], "little"), exponent
