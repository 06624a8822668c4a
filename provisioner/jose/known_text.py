"""Text that is found in a key's place and is no key: encrypted files, pointers, pages, masks, and names of places."""

from __future__ import annotations

import re

from provisioner.jose.base64_text import decode_standard
from provisioner.jose.recognition import Form, Kind, Recognition
from provisioner.jose.ssh_keys import of_dropbear, of_public, of_putty
from provisioner.secrets import ReferenceKind, meant_reference

_SQLITE, _NSS_KEYS = b"SQLite format 3\0", b"nssPrivate"
#: The beginnings of binary files, and of files that their beginning identifies.
_BEGINNINGS = (
    (b"PK\x03\x04", Kind.OTHER, Form.COMPRESSED, "a ZIP archive"),
    (b"\x1f\x8b", Kind.OTHER, Form.COMPRESSED, "a file compressed with gzip"),
    (b"\xfd7zXZ\0", Kind.OTHER, Form.COMPRESSED, "a file compressed with xz"),
    (b"BZh", Kind.OTHER, Form.COMPRESSED, "a file compressed with bzip2"),
    (b"\x28\xb5\x2f\xfd", Kind.OTHER, Form.COMPRESSED, "a file compressed with zstd"),
    (b"7z\xbc\xaf\x27\x1c", Kind.OTHER, Form.COMPRESSED, "an archive of 7-Zip"),
    (b"Rar!\x1a\x07", Kind.OTHER, Form.COMPRESSED, "an archive of RAR"),
    (b"\x89PNG", Kind.OTHER, Form.OTHER, "a picture"),
    (b"%PDF", Kind.OTHER, Form.OTHER, "a PDF document"),
    (_SQLITE, Kind.OTHER, Form.OTHER, "a database of SQLite"),
    (b"Salted__", Kind.ENCRYPTED, Form.OPENSSL_ENC, "a file encrypted with `openssl enc`"),
    (b"age-encryption.org/v1", Kind.ENCRYPTED, Form.AGE, "a file encrypted with age"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", Kind.ENCRYPTED, Form.AGE, "a file encrypted with age"),
    (b"-----BEGIN PGP MESSAGE-----", Kind.ENCRYPTED, Form.PGP_MESSAGE, "a file encrypted with GPG"),
    (b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY", Kind.PRIVATE_KEY, Form.SSH2_KEY, "a private key of SSH2"),
    (b"$ANSIBLE_VAULT;", Kind.ENCRYPTED, Form.ANSIBLE_VAULT, "a file encrypted with ansible-vault"),
    (b"\0GITCRYPT\0", Kind.ENCRYPTED, Form.GIT_CRYPT, "a file encrypted with git-crypt"),
    (b"vault:v", Kind.ENCRYPTED, Form.VAULT_CIPHERTEXT, "a ciphertext of HashiCorp Vault (transit)"),
    (b"untrusted comment: minisign public", Kind.PUBLIC_KEY, Form.UNFIT_KEY, "a public key of minisign"),
    (b"version https://git-lfs.github.com/spec/", Kind.PLACEHOLDER, Form.LFS_POINTER, "a pointer of Git LFS"),
)  # fmt: skip
#: Packets with a secret key (tag 5) and with a public key (tag 6), of versions 3 to 6; lengths of one or two bytes.
_PGP_SECRET = re.compile(rb"(?:\x94.|\x95..|\xc5[^\xc0-\xff]|\xc5[\xc0-\xdf].)[\x03-\x06]", re.S)
_PGP_PUBLIC = re.compile(rb"(?:\x98.|\x99..|\xc6[^\xc0-\xff]|\xc6[\xc0-\xdf].)[\x03-\x06]", re.S)
#: OpenPGP (RFC 9580 §4.2, §5.1, §5.3): a packet with an encrypted session key begins a message.
_PGP_BINARY = re.compile(
    rb"\x84.\x03|\x85..\x03|\xc1[^\xc0-\xff]\x03|\xc1[\xc0-\xdf].\x03|\x8c.[\x04\x05]|\xc3.[\x04\x05]", re.S
)
_XML_MODULUS = re.compile(rb"<(?:\w{1,20}:)?Modulus>")
#: A tag of a private number, in any name space.
_XML_PRIVATE = re.compile(rb"<(?:\w{1,20}:)?(?:D|P|Q|DP|DQ|InverseQ)>")
_SMIME = re.compile(
    rb"(?:[A-Za-z-]{1,60}:[^\n]{0,500}\n(?:[ \t][^\n]{0,500}\n){0,5}){0,40}?"
    rb"Content-Type:\s*application/(?:x-)?pkcs7-mime",
    re.I,
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
_CREDENTIAL = "a secret that gives access to an org, not a key"
#: What stands before the expression of a key of gpg-agent: nothing, or the headers of its extended format.
_GPG_HEAD = rb"\A(?:(?:[A-Z][A-Za-z-]{1,40}: [^\n]{0,2000}\n){0,20}Key: )?"
#: Texts that one expression identifies.
_IN_TEXT = (
    (
        re.compile(rb"^\s*AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{50,}", re.M),
        Recognition(Kind.PRIVATE_KEY, "an identity (private key) of age", Form.UNFIT_KEY, is_private=True),
    ),
    (re.compile(rb"\A\s*age1[a-z0-9]{50,}\s*\Z"), Recognition(Kind.PUBLIC_KEY, "a public key of age", Form.UNFIT_KEY)),
    (
        re.compile(rb"\Auntrusted comment: (?:minisign|rsign|signify) (?:encrypted )?secret key"),
        Recognition(Kind.PRIVATE_KEY, "a private key of minisign", Form.UNFIT_KEY, is_private=True),
    ),
    (
        re.compile(_GPG_HEAD + rb"\((?:2[01]:)?(?:protected|shadowed)-private-key"),
        Recognition(
            Kind.PRIVATE_KEY,
            "a private key of PGP (gpg-agent) with a passphrase",
            Form.PGP_KEY,
            is_private=True,
            has_passphrase=True,
        ),
    ),
    (
        re.compile(_GPG_HEAD + rb"\((?:11:)?private-key"),
        Recognition(Kind.PRIVATE_KEY, "a private key of PGP (gpg-agent)", Form.PGP_KEY, is_private=True),
    ),
    (
        re.compile(
            rb"\A(?:#[^\n]{0,200}\n\s{0,9}){0,20}\[Interface\][^\0]{0,4000}?"
            rb"^[ \t]*PrivateKey[ \t]*=[ \t]*[A-Za-z0-9+/]{43}=",
            re.M,
        ),
        Recognition(Kind.PRIVATE_KEY, "a private key of WireGuard", Form.UNFIT_KEY, is_private=True),
    ),
    (
        re.compile(rb"\A<Buffer(?: [0-9a-f]{2}){8,}"),
        Recognition(Kind.OTHER, "the beginning of a buffer, as Node.js prints it", Form.PRINTED_KEY),
    ),
    (
        re.compile(
            rb"\A(?:\[?(?:Private|Public|Secret)KeyObject\b|CryptoKey \{|OpenSSLAsymmetricKey Object"
            rb"|<cryptography\.hazmat\.[\w. ]{1,120}Key object at|#<OpenSSL::PKey::"
            rb"|sun\.security\.rsa\.RSA\w{1,40}@[0-9a-f]"
            rb"|System\.Security\.Cryptography\.RSA\w{0,40}\Z)"
        ),
        Recognition(Kind.OTHER, "the name of a key object in a program, without the key", Form.PRINTED_KEY),
    ),
    (re.compile(rb"\bENC\[PKCS7,"), Recognition(Kind.ENCRYPTED, "text encrypted with hiera-eyaml", Form.EYAML)),
    (
        re.compile(rb"^kind:\s*SealedSecret\b", re.M),
        Recognition(Kind.ENCRYPTED, "a SealedSecret of Kubernetes (encrypted)", Form.SEALED),
    ),
    (
        re.compile(rb"\A3MVG[A-Za-z0-9._]{60,200}\Z"),
        Recognition(Kind.OTHER, "a consumer key, not a private key", Form.CREDENTIAL),
    ),
    (
        re.compile(rb"\A00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}\Z"),
        Recognition(Kind.OTHER, f"a session id of Salesforce: {_CREDENTIAL}", Form.CREDENTIAL),
    ),
    (
        re.compile(rb"\Aforce://[^\s@]{10,}@"),
        Recognition(Kind.OTHER, f"an SFDX authorization URL: {_CREDENTIAL}", Form.CREDENTIAL),
    ),
)
#: A private member of a JWK in YAML.
_YAML_PRIVATE = re.compile(rb"^[ \t-]*(?:d|p|q|dp|dq|qi|k):[ \t]+[\"']?[A-Za-z0-9_-]{16,}", re.M)
_YAML_KTY = re.compile(rb"^[ \t-]*kty:[ \t]+[\"']?(RSA|EC|OKP|oct)\b", re.M)


def of_beginning(content: bytes) -> Recognition | None:
    """Recognise a file by its first bytes alone; None for others."""
    if content.startswith(_SQLITE) and _NSS_KEYS in content:
        what = "a database of private keys of NSS (key4.db)"
        return Recognition(Kind.KEYSTORE, what, Form.FOREIGN_KEY, is_private=True, has_passphrase=True)
    if content[8:12] == b"KBXf":
        return Recognition(Kind.PUBLIC_KEY, "a keybox of GPG: public keys", Form.UNFIT_KEY)
    for begin, kind, form, what in _BEGINNINGS:
        if content.startswith(begin):
            return Recognition(kind, what, form)
    if _PGP_BINARY.match(content):
        return Recognition(Kind.ENCRYPTED, "a file encrypted with GPG", Form.PGP_MESSAGE)
    if _PGP_SECRET.match(content):
        return Recognition(Kind.PRIVATE_KEY, "a private key of PGP", Form.PGP_KEY, is_private=True)
    if _PGP_PUBLIC.match(content):
        return Recognition(Kind.PUBLIC_KEY, "a public key of PGP", Form.UNFIT_KEY)
    if _SMIME.match(content):
        return Recognition(Kind.ENCRYPTED, "a message in S/MIME", Form.SMIME_MESSAGE)
    return of_putty(content) or of_dropbear(content)


def of_mask(content: bytes) -> Recognition | None:
    """Recognise a PEM frame with only a mask inside."""
    if _FRAMED_MASK.search(content[:2000]) is None:
        return None
    return Recognition(
        Kind.PLACEHOLDER, "the frame of a PEM file around a mask: the value itself is missing", Form.MASK
    )


def _of_other_systems(stripped: bytes) -> Recognition | None:
    """Recognise keys that sign no tokens, encrypted values, and secrets of Salesforce that are no keys."""
    for pattern, taken in _IN_TEXT:
        if pattern.search(stripped) is not None:
            return taken
    return None


def of_text(stripped: bytes) -> Recognition:
    """Recognise a text that is neither PEM nor JSON. ``stripped`` is without blanks around it."""
    start = stripped[:400].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")):
        return Recognition(Kind.OTHER, "a web page (HTML)", Form.WEB_PAGE)
    if start.startswith(b"<") and _XML_MODULUS.search(stripped) is not None:
        return _xml_key(stripped)
    component = _COMPONENT.search(stripped[:1000])
    if component is not None:
        return _component(component[1].decode())
    if SOPS in stripped:
        return Recognition(Kind.ENCRYPTED, "a file encrypted with sops", Form.SOPS)
    yaml = _YAML_KTY.search(stripped)
    if yaml is not None:
        return _yaml_jwk(stripped, yaml[1].decode())
    found = (
        of_public(stripped)
        or _of_other_systems(stripped)
        or (_placeholder(stripped) if len(stripped) < _LONGEST_PLACEHOLDER else None)
    )
    if found is not None:
        return found
    if start.startswith(b"<"):
        return Recognition(Kind.OTHER, "XML")
    return Recognition(Kind.OTHER, "nothing that is known here: neither JSON, nor PEM, nor DER")


def _yaml_jwk(stripped: bytes, kty: str) -> Recognition:
    is_private = _YAML_PRIVATE.search(stripped) is not None
    algorithm = None if kty == "OKP" else kty
    if is_private:
        return Recognition(
            Kind.PRIVATE_KEY, "a private JWK in YAML", Form.YAML_JWK, is_private=True, algorithm=algorithm
        )
    return Recognition(Kind.PUBLIC_KEY, "a JWK in YAML", Form.YAML_JWK, algorithm=algorithm)


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
    if _XML_PRIVATE.search(stripped) is not None:
        what, kind, form = "a private key in XML (RSAKeyValue)", Kind.PRIVATE_KEY, Form.XML_KEY
    else:
        what, kind, form = "a bare public key in XML (RSAKeyValue)", Kind.PUBLIC_KEY, Form.PUBLIC_KEY
    is_private = kind is Kind.PRIVATE_KEY
    return Recognition(kind, what, form, public=public, algorithm="RSA", bits=bits, is_private=is_private)


def _xml_number(content: bytes, name: str) -> int | None:
    found = re.search(rf"<(?:\w{{1,20}}:)?{name}>([A-Za-z0-9+/=\s]{{1,4000}})</".encode(), content)
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
