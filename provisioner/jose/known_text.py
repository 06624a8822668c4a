"""Text that is found in a key's place and is no key: encrypted files, pointers, pages, masks, and names of places."""

from __future__ import annotations

import re

from provisioner.jose.base64_text import decode_standard
from provisioner.jose.recognition import Form, Kind, Recognition
from provisioner.jose.ssh_keys import of_public, of_putty
from provisioner.secrets import ReferenceKind, meant_reference

#: The beginnings of binary files, and of files that their beginning identifies.
_BEGINNINGS = (
    (b"PK\x03\x04", Kind.OTHER, Form.COMPRESSED, "a ZIP archive"),
    (b"\x1f\x8b", Kind.OTHER, Form.COMPRESSED, "a file compressed with gzip"),
    (b"\x89PNG", Kind.OTHER, Form.OTHER, "a picture"),
    (b"%PDF", Kind.OTHER, Form.OTHER, "a PDF document"),
    (b"SQLite format 3\0", Kind.OTHER, Form.OTHER, "a database of SQLite"),
    (b"Salted__", Kind.ENCRYPTED, Form.OPENSSL_ENC, "a file encrypted with `openssl enc`"),
    (b"age-encryption.org/v1", Kind.ENCRYPTED, Form.AGE, "a file encrypted with age"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", Kind.ENCRYPTED, Form.AGE, "a file encrypted with age"),
    (b"-----BEGIN PGP MESSAGE-----", Kind.ENCRYPTED, Form.PGP_MESSAGE, "a file encrypted with GPG"),
    (b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY", Kind.PRIVATE_KEY, Form.SSH2_KEY, "a private key of SSH2"),
    (b"$ANSIBLE_VAULT;", Kind.ENCRYPTED, Form.ANSIBLE_VAULT, "a file encrypted with ansible-vault"),
    (b"version https://git-lfs.github.com/spec/", Kind.PLACEHOLDER, Form.LFS_POINTER, "a pointer of Git LFS"),
)  # fmt: skip
#: OpenPGP (RFC 9580 §4.2, §5.1, §5.3): a packet with an encrypted session key begins a message.
_PGP_BINARY = re.compile(
    rb"\x84.\x03|\x85..\x03|\xc1[^\xc0-\xff]\x03|\xc1[\xc0-\xdf].\x03|\x8c.[\x04\x05]|\xc3.[\x04\x05]", re.S
)
_COMPONENT = re.compile(rb"<([A-Za-z]{3,80})\s[^>]{0,200}http://soap\.sforce\.com/2006/04/metadata")
SOPS = b"ENC[AES256_GCM,"
_MASK = re.compile(
    r"[*\u2022\u25cf\u2026.x]{3,200}"
    r"|[\[<(]?(?:masked|redacted|hidden|secret|sensitive(?: value)?|concealed|removed)[\]>)]?",
    re.I,
)
_FRAMED_MASK = re.compile(
    rb"-----BEGIN [A-Z0-9 ]{1,40}-----(?:\s|\\n)*[*.xX\xe2\x80\xa2\xa6]{3,200}(?:\s|\\n)*(?:-----END|$)"
)
_VARIABLE = re.compile(
    r"\$[A-Za-z_]\w{0,100}|\$\{[^{}\n]{1,200}\}|\$\(\w{1,100}\)|\$\{\{[^\n]{1,200}\}\}|\{\{[^\n]{1,200}\}\}|%\w{1,100}%"
    r"|\$env:\w{1,100}|@Microsoft\.KeyVault\([^\n]{1,300}\)|arn:aws:(?:secretsmanager|ssm):[^\s]{1,300}"
)
_SAMPLE = re.compile(
    r"<[A-Za-z][A-Za-z _.'-]{2,80}>|(?:your|my|insert|put|paste)[ _-][A-Za-z _-]{2,60}|change[ _-]?me", re.I
)
_LONGEST_PLACEHOLDER = 600


def of_beginning(content: bytes) -> Recognition | None:
    """Recognise a file by its first bytes alone; None for others."""
    for begin, kind, form, what in _BEGINNINGS:
        if content.startswith(begin):
            return Recognition(kind, what, form)
    if _PGP_BINARY.match(content):
        return Recognition(Kind.ENCRYPTED, "a file encrypted with GPG", Form.PGP_MESSAGE)
    return of_putty(content)


def of_mask(content: bytes) -> Recognition | None:
    """Recognise a PEM frame with only a mask inside."""
    if _FRAMED_MASK.search(content[:2000]) is None:
        return None
    return Recognition(
        Kind.PLACEHOLDER, "the frame of a PEM file around a mask: the value itself is missing", Form.MASK
    )


def of_text(stripped: bytes) -> Recognition:
    """Recognise a text that is neither PEM nor JSON. ``stripped`` is without blanks around it."""
    start = stripped[:400].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")):
        return Recognition(Kind.OTHER, "a web page (HTML)", Form.WEB_PAGE)
    if b"<rsakeyvalue" in start:
        return _xml_key(stripped)
    component = _COMPONENT.search(stripped[:1000])
    if component is not None:
        return _component(component[1].decode())
    if SOPS in stripped:
        return Recognition(Kind.ENCRYPTED, "a file encrypted with sops", Form.SOPS)
    if b"BEGIN SSH2 PUBLIC KEY" in stripped[:60]:
        return Recognition(Kind.PUBLIC_KEY, "a public key for SSH", Form.SSH_PUBLIC_KEY)
    found = of_public(stripped) or (_placeholder(stripped) if len(stripped) < _LONGEST_PLACEHOLDER else None)
    if found is not None:
        return found
    if start.startswith(b"<"):
        return Recognition(Kind.OTHER, "XML")
    return Recognition(Kind.OTHER, "nothing that is known here: neither JSON, nor PEM, nor DER")


def _component(name: str) -> Recognition:
    """Recognise a component of the Metadata API by the name of its type."""
    if name == "PublicKeyCertificate":
        return Recognition(Kind.METADATA, "a metadata component without a JWK in its element jsonWebKey", Form.METADATA)
    return Recognition(Kind.METADATA, f"a metadata component ({name})", Form.COMPONENT)


def _xml_key(stripped: bytes) -> Recognition:
    """Recognise a key of .NET: RSAKeyValue of W3C XML Signature, with its numbers in standard base64."""
    modulus, exponent = (_xml_number(stripped, name) for name in ("Modulus", "Exponent"))
    public = (modulus, exponent) if modulus and exponent else None
    bits = modulus.bit_length() if public is not None and modulus is not None else None
    if b"<D>" in stripped:
        what, kind, form = "a private key in XML (RSAKeyValue)", Kind.PRIVATE_KEY, Form.XML_KEY
    else:
        what, kind, form = "a bare public key in XML (RSAKeyValue)", Kind.PUBLIC_KEY, Form.PUBLIC_KEY
    is_private = kind is Kind.PRIVATE_KEY
    return Recognition(kind, what, form, public=public, algorithm="RSA", bits=bits, is_private=is_private)


def _xml_number(content: bytes, name: str) -> int | None:
    found = re.search(rf"<{name}>([A-Za-z0-9+/=\s]{{1,4000}})</{name}>".encode(), content)
    octets = decode_standard("".join(found[1].decode().split())).octets if found is not None else None
    return int.from_bytes(octets) if octets else None


def _placeholder(stripped: bytes) -> Recognition | None:
    text = stripped.decode("utf-8", "replace")
    if _MASK.fullmatch(text):
        return Recognition(Kind.PLACEHOLDER, "a mask: the value itself is missing", Form.MASK)
    if _VARIABLE.fullmatch(text):
        return Recognition(
            Kind.PLACEHOLDER, "the name of a variable or secret that nothing has filled in", Form.VARIABLE
        )
    if _SAMPLE.fullmatch(text):
        return Recognition(Kind.PLACEHOLDER, "the placeholder of a sample", Form.SAMPLE)
    meant = meant_reference(text)
    if meant is not None and meant.kind is ReferenceKind.FILE:
        return Recognition(Kind.PLACEHOLDER, "a path, not the content of the file", Form.PATH)
    if meant is not None:
        return Recognition(Kind.PLACEHOLDER, "a reference of 1Password that nothing has filled in", Form.VARIABLE)
    return None
