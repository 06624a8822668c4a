"""Broken credentials on disk: private keys, certificates and CA bundles, and their repair.

The files that ``localorg start`` names are changed in place; the originals stay beside them until the repair.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from provisioner.localorg.certificates import expired_twin, new_server_identity
from provisioner.localorg.layout import Layout, write_private

_KEY_FAULTS = ("key-unreadable", "key-wrapped", "key-encrypted", "key-too-small", "key-not-rsa")
_PASSPHRASE = b"nobody knows it"
Faults = Mapping[str, str | None]


def settle(layout: Layout, faults: Faults) -> None:
    """Make the credentials' files agree with the active faults."""
    key = next((name for name in _KEY_FAULTS if name in faults), None)
    _settle(layout.login_key, key is not None, lambda whole: _bad_key(str(key), faults.get(str(key)), whole, layout))
    _settle(layout.ca_bundle, "tls-untrusted" in faults, lambda _: new_server_identity().ca_certificate)
    _settle(layout.login_certificate, "certificate-expired" in faults, _expired)


def whole(path: Path) -> Path:
    """Return the path of the original while another file replaces it."""
    return path.with_name(f"{path.name}.whole")


def content(path: Path) -> bytes:
    """Return the original content of the file."""
    kept = whole(path)
    return kept.read_bytes() if kept.exists() else path.read_bytes()


def _settle(path: Path, broken: bool, make: Callable[[bytes], bytes]) -> None:
    kept = whole(path)
    if not broken:
        if kept.exists():
            kept.replace(path)
        return
    if not kept.exists():
        write_private(kept, path.read_bytes())
    write_private(path, make(kept.read_bytes()))


def _bad_key(fault: str, word: str | None, pem: bytes, layout: Layout) -> bytes:
    if fault == "key-too-small":
        return _pem(rsa.generate_private_key(65537, 1024))  # noqa: S505  (that is the fault)
    if fault == "key-not-rsa":
        return _pem(ec.generate_private_key(ec.SECP256R1()))
    key = serialization.load_pem_private_key(pem, None)
    if fault == "key-encrypted":
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(_PASSPHRASE),
        )
    if fault == "key-wrapped":
        return _wrapped(word or "base64", pem)
    lines = pem.decode().splitlines()
    makers: dict[str, Callable[[], bytes]] = {
        "certificate": lambda: content(layout.login_certificate),
        "public-key": lambda: key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        "mask": lambda: b"***\n",
        "variable": lambda: b"${{ secrets.SF_PRIVATE_KEY }}\n",
        "web-page": lambda: b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>\n",
        "two-keys": lambda: pem + _pem(rsa.generate_private_key(65537, 2048)),
        "empty": lambda: b"",
        "damaged": lambda: "\n".join([*lines[:5], "A" * 64, *lines[6:]]).encode(),
        "cut-short": lambda: "\n".join(lines[:-2]).encode(),
    }
    return makers[word or "certificate"]()


def _wrapped(word: str, pem: bytes) -> bytes:
    """Return the key in a form that not every program reads."""
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    text, plain = pem.decode(), serialization.NoEncryption()
    lines = text.splitlines()
    makers: dict[str, Callable[[], bytes]] = {
        "base64": lambda: base64.b64encode(pem),
        "one-line": lambda: " ".join(lines).encode(),
        "escaped-newlines": lambda: "\\n".join(lines).encode(),
        "quoted": f'"{text.strip()}"\n'.encode,
        "no-armour": lambda: "\n".join(lines[1:-1]).encode(),
        "openssh": lambda: key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, plain),
        "der": lambda: key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain),
        "pkcs12": lambda: pkcs12.serialize_key_and_certificates(b"login", key, None, None, plain),
    }
    return makers[word]()


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _expired(pem: bytes) -> bytes:
    return expired_twin(x509.load_pem_x509_certificate(pem))
