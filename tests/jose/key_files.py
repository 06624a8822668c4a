"""Files that people have where a key belongs, one or more of each form that the recogniser knows."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from provisioner.jose.der import read
from provisioner.jose.recognition import Form, Wrapping
from tests.jose import making
from tests.jose.making import DER, NOW, PEM, jwk_members, private_pem, rsa_key, shop, uint

PLAIN = serialization.NoEncryption()
PASSPHRASE = b"correct horse"
LOCK = serialization.BestAvailableEncryption(PASSPHRASE)
PKCS8, OPENSSH = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.OpenSSH
#: The identifiers of rsaEncryption and of RSASSA-PSS (RFC 4055 §1.2, §3.1).
_RSA_OID, _PSS_OID = bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a864886f70d01010a")


@dataclass(frozen=True)
class KeyFile:
    """A file, and what the recogniser must say of it. ``words`` are in ``what``."""

    content: bytes
    form: Form
    words: str
    private: bool = False
    algorithm: str | None = "RSA"
    bits: int | None = 2048
    owners: tuple[str, ...] = ()
    locked: bool = False
    wrappings: tuple[Wrapping, ...] = ()


def der(key: Any = None, lock: Any = PLAIN) -> bytes:
    octets: bytes = (key or rsa_key()).private_bytes(DER, PKCS8, lock)
    return octets


def openssh(key: Any, lock: Any = PLAIN) -> bytes:
    octets: bytes = key.private_bytes(PEM, OPENSSH, lock)
    return octets


def pem(content: bytes, label: str) -> bytes:
    body = base64.encodebytes(content).decode().replace("\n", "")
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode()


def tlv(tag: int, content: bytes) -> bytes:
    """An element of DER."""
    size = len(content)
    length = (
        bytes([size]) if size < 128 else b"\x81" + bytes([size]) if size < 256 else b"\x82" + struct.pack(">H", size)
    )
    return bytes([tag]) + length + content


def limited_to_pss(content: bytes) -> bytes:
    """The same structure with its rsaEncryption replaced, and the lengths around it corrected."""
    node = read(content)
    assert node is not None
    if node.content.startswith(_RSA_OID):
        return tlv(0x30, _PSS_OID)
    if node.tag & 0x20 == 0 or _RSA_OID not in node.content:
        return content[: node.length]
    return tlv(node.tag, b"".join(limited_to_pss(tlv(each.tag, each.content)) for each in node.children()))


@cache
def dsa_key() -> dsa.DSAPrivateKey:
    return dsa.generate_private_key(2048)


@cache
def p12(passphrase: bytes | None = PASSPHRASE) -> bytes:
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase is not None else PLAIN
    return pkcs12.serialize_key_and_certificates(b"shop", rsa_key(), shop(), None, lock)


def jks(*entries: tuple[str, rsa.RSAPrivateKey | None, x509.Certificate], passphrase: str = "correct horse") -> bytes:
    """A keystore as ``sun.security.provider.JavaKeyStore`` writes it; an entry without a key is a certificate alone."""

    def text(value: str) -> bytes:
        return struct.pack(">H", len(value.encode())) + value.encode()

    def sized(value: bytes) -> bytes:
        return struct.pack(">I", len(value)) + value

    out = b"\xfe\xed\xfe\xed" + struct.pack(">II", 2, len(entries))
    for alias, key, certificate in entries:
        out += struct.pack(">I", 1 if key is not None else 2) + text(alias) + struct.pack(">Q", 0)
        if key is not None:
            out += sized(_protected(der(key), passphrase)) + struct.pack(">I", 1)
        out += text("X.509") + sized(certificate.public_bytes(DER))
    return out + hashlib.sha1(passphrase.encode("utf-16-be") + b"Mighty Aphrodite" + out).digest()


def _protected(plain: bytes, passphrase: str) -> bytes:
    password, last, stream = passphrase.encode("utf-16-be"), b"s" * 20, b""
    while len(stream) < len(plain):
        last = hashlib.sha1(password + last).digest()
        stream += last
    hidden = b"s" * 20 + bytes(a ^ b for a, b in zip(plain, stream, strict=False))
    hidden += hashlib.sha1(password + plain).digest()
    algorithm = bytes.fromhex("300e060a2b060104012a021101010500")
    inner = algorithm + b"\x04\x82" + struct.pack(">H", len(hidden)) + hidden
    return b"\x30\x82" + struct.pack(">H", len(inner)) + inner


def private_jwk(*omitted: str, **changes: Any) -> bytes:
    numbers = rsa_key().private_numbers()
    private = {"d": numbers.d, "p": numbers.p, "q": numbers.q, "dp": numbers.dmp1, "dq": numbers.dmq1,
               "qi": numbers.iqmp}  # fmt: skip
    members = jwk_members(**{name: uint(value) for name, value in private.items() if name not in omitted}, **changes)
    return json.dumps(members).encode()


def ppk(encryption: str = "none") -> bytes:
    blob = base64.b64decode(rsa_key().public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).split()[1])  # fmt: skip
    lines = base64.encodebytes(blob).splitlines()
    head = f"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: {encryption}\nComment: ada@shop\nPublic-Lines: {len(lines)}\n"
    return head.encode() + b"\n".join(lines) + b"\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: 00\n"


def crl() -> x509.CertificateRevocationList:
    builder = x509.CertificateRevocationListBuilder().issuer_name(shop().subject).last_update(NOW).next_update(NOW)
    return builder.sign(rsa_key(), hashes.SHA256())


def public_der(key: Any = None) -> bytes:
    octets: bytes = (key or rsa_key()).public_key().public_bytes(
        DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    return octets


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def as_json(**members: Any) -> bytes:
    return json.dumps(members).encode()


def metadata() -> bytes:
    escaped = json.dumps(jwk_members()).replace('"', "&quot;")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<PublicKeyCertificate xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        f"    <jsonWebKey>{escaped}</jsonWebKey>\n    <masterLabel>Shop</masterLabel>\n</PublicKeyCertificate>\n"
    ).encode()


def java_tool() -> bytes:
    members = jwk_members(y="y", crv="crv", d="d", k="k")
    return b"reading Resource path shop.crt\nJWK : " + json.dumps(members).encode() + b"\nJWT : ey\n"


def escaped(content: bytes) -> bytes:
    return content.replace(b"\n", b"\\n")


#: A certificate or key in a key management service: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html,
#: https://cloud.google.com/kms/docs/reference/rest/v1/PublicKey, and what `az keyvault … show` prints.
def services() -> Mapping[str, KeyFile]:
    vault = "https://shop.vault.azure.net"
    jwk = {name: value for name, value in jwk_members().items() if name in ("kty", "n", "e")}
    return {
        "AWS KMS": KeyFile(
            as_json(KeyId="arn:aws:kms:eu-west-1:1:key/7", PublicKey=b64(public_der()), KeySpec="RSA_2048"),
            Form.KMS, "an answer of AWS KMS (get-public-key): a bare public key",
            owners=("arn:aws:kms:eu-west-1:1:key/7",),
        ),
        "Google Cloud KMS": KeyFile(
            as_json(pem=making.public_pem().decode(), algorithm="RSA_SIGN_PKCS1_2048_SHA256", name="projects/p/k/1"),
            Form.KMS, "an answer of Google Cloud KMS (get-public-key): a bare public key",
            owners=("projects/p/k/1",),
        ),
        "Azure key": KeyFile(
            as_json(key={"kid": f"{vault}/keys/shop/1", **jwk}, attributes={"enabled": True}),
            Form.KMS, "an answer of Azure Key Vault (key show): a bare public key", owners=(f"{vault}/keys/shop/1",),
        ),
        "Azure certificate": KeyFile(
            as_json(cer=b64(shop().public_bytes(DER)), id=f"{vault}/certificates/shop/1", policy={}),
            Form.KMS, "an answer of Azure Key Vault (certificate show): a certificate",
            owners=(f"{vault}/certificates/shop/1",),
        ),
        "Azure secret": KeyFile(
            as_json(value=private_pem().decode(), contentType="application/x-pem-file", id=f"{vault}/secrets/shop/1"),
            Form.PRIVATE_JSON, "JSON", private=True, owners=(".value",),
        ),
        "Vault transit": KeyFile(
            as_json(data={"keys": {"1": {"public_key": making.public_pem().decode()}}}),
            Form.KMS, "JSON with a bare public key (PEM) at .data.keys[\"1\"].public_key",
        ),
        "x509 map": KeyFile(
            as_json(a1=shop().public_bytes(PEM).decode(), b2=making.other().public_bytes(PEM).decode()),
            Form.CERTIFICATE_MAP, "a map of 2 certificates by kid", owners=("a1", "b2"),
        ),
    }  # fmt: skip


def private_files() -> Mapping[str, KeyFile]:
    """Files whose holder can sign, or needs only the passphrase."""
    key, locked = Form.PRIVATE_KEY, {"private": True, "locked": True}
    elliptic, edwards = making.ec_key(), making.ed25519_key()
    aged = "PKCS #1"
    return {
        "PKCS #8": KeyFile(private_pem(), key, "an RSA private key (PEM, PKCS #8)", True),
        "PKCS #1": KeyFile(private_pem(traditional=True), key, f"an RSA private key (PEM, {aged})", True),
        "PKCS #8, encrypted": KeyFile(
            private_pem(passphrase=PASSPHRASE), key, "with a passphrase (PEM, PKCS #8)", algorithm=None, bits=None,
            **locked,
        ),
        "PKCS #1, encrypted": KeyFile(
            private_pem(passphrase=PASSPHRASE, traditional=True), key, f"with a passphrase (PEM, {aged})", bits=None,
            **locked,
        ),
        "EC": KeyFile(private_pem(elliptic), key, "an EC private key (PEM, PKCS #8)", True, "EC", 256),
        "EC, SEC 1": KeyFile(private_pem(elliptic, traditional=True), key, "an EC private key (PEM, SEC 1)", True, "EC",
                             256),
        "Ed25519": KeyFile(private_pem(edwards), key, "an Ed25519 private key", True, "Ed25519", None),
        "DSA": KeyFile(private_pem(dsa_key()), key, "a DSA private key (PEM, PKCS #8)", True, "DSA"),
        "DSA, old": KeyFile(private_pem(dsa_key(), traditional=True), key, "the old form of OpenSSL", True, "DSA"),
        "RSA-PSS": KeyFile(pem(limited_to_pss(der()), "PRIVATE KEY"), key, "an RSA-PSS private key", True, "RSA-PSS"),
        "DER": KeyFile(der(), key, "an RSA private key (DER, PKCS #8)", True),
        "DER, encrypted": KeyFile(der(lock=LOCK), key, "a passphrase (DER", algorithm=None, bits=None, **locked),
        "OpenSSH": KeyFile(openssh(rsa_key()), Form.OPENSSH_KEY, "an RSA private key (PEM, OpenSSH)", True),
        "OpenSSH, Ed25519": KeyFile(openssh(edwards), Form.OPENSSH_KEY, "an Ed25519 private key", True, "Ed25519",
                                    None),
        "with its certificate": KeyFile(
            b"Bag Attributes\n    friendlyName: shop\n" + shop().public_bytes(PEM) + private_pem(), key,
            "an RSA private key (PEM, PKCS #8) and a certificate", True,
        ),
        "two": KeyFile(private_pem() + private_pem(rsa_key("other")), key, "2 private keys (PEM)", True),
        "PKCS #12": KeyFile(p12(), Form.PKCS12, "PKCS #12 keystore", algorithm=None, bits=None, **locked),
        "JKS": KeyFile(jks(("shop", rsa_key(), shop())), Form.JAVA_KEYSTORE, "(JKS) of 1 private key", owners=("shop",),
                       **locked),
        "JKS of two": KeyFile(
            jks(("a", rsa_key(), shop()), ("b", rsa_key("other"), making.other()), ("ca", None, shop())),
            Form.JAVA_KEYSTORE, "(JKS) of 2 private keys and 1 certificate", owners=("a", "b"), **locked,
        ),
        "JWK": KeyFile(private_jwk(), Form.PRIVATE_JWK, "a private JWK", True, owners=("shop-1",)),
        "JWKS": KeyFile(b'{"keys": [' + private_jwk() + b"]}", Form.PRIVATE_JWK, "of which 1 private", True,
                        owners=("shop-1",)),
        "PPK": KeyFile(ppk(), Form.PUTTY_KEY, "PuTTY (PPK)", True, owners=("ada@shop",)),
        "PPK, encrypted": KeyFile(ppk("aes256-cbc"), Form.PUTTY_KEY, "(PPK) with a passphrase", owners=("ada@shop",),
                                  **locked),
        "PGP": KeyFile(
            b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----\n", Form.PGP_KEY,
            "of PGP", True, None, None,
        ),
        "XML of .NET": KeyFile(
            xml(rsa_key()).replace(b"</Exponent>", b"</Exponent><D>AQAB</D>"), Form.XML_KEY, "private key in XML", True
        ),
        "of another program": KeyFile(
            pem(bytes(32), "NEBULA X25519 PRIVATE KEY"), Form.FOREIGN_KEY,
            "a private key of another program (PEM, NEBULA X25519 PRIVATE KEY)", True, None, None,
        ),
        "of another program, encrypted": KeyFile(
            pem(b'{"kdf":{}}', "ENCRYPTED COSIGN PRIVATE KEY"), Form.FOREIGN_KEY, "ENCRYPTED COSIGN PRIVATE KEY", True,
            None, None,
        ),
        "of a TPM": KeyFile(
            pem(tlv(0x30, tlv(6, b"\x67\x81\x05") + tlv(4, bytes(40))), "TSS2 PRIVATE KEY"), Form.FOREIGN_KEY,
            "TSS2 PRIVATE KEY", True, None, None,
        ),
        "Bouncy Castle": KeyFile(
            bouncy_castle(), Form.FOREIGN_KEY, "a keystore of Bouncy Castle", algorithm=None, bits=None, **locked
        ),
        "JWK, secret": KeyFile(
            json.dumps({"kty": "oct", "k": uint(rsa_key().private_numbers().p), "kid": "s"}).encode(), Form.PRIVATE_JWK,
            "a private JWK", True, "oct", None, owners=("s",),
        ),
        "JSON": KeyFile(as_json(type="service_account", private_key=private_pem().decode()), Form.PRIVATE_JSON, "JSON",
                        True, owners=(".private_key",)),
        "JSON in JSON": KeyFile(
            as_json(SecretString=json.dumps({"private_key": private_pem().decode()})), Form.PRIVATE_JSON,
            "JSON with an RSA private key (PEM, PKCS #8) at .private_key, in a string at .SecretString of JSON", True,
            owners=(".SecretString | fromjson | .private_key",),
        ),
        "JSON, one key in three forms": KeyFile(
            as_json(
                openssh=openssh(rsa_key()).decode(), pem=private_pem(traditional=True).decode(),
                pkcs8=private_pem().decode(),
            ),
            Form.PRIVATE_JSON, "at .pem", True, owners=(".pem", ".pkcs8", ".openssh"),
        ),
        "JSON, lines in an array": KeyFile(
            json.dumps(private_pem().decode().splitlines()).encode(), Form.PRIVATE_JSON, "at .[]", True,
            owners=(".[]",),
        ),
        "JSON, buffer of Node.js": KeyFile(
            as_json(type="Buffer", data=list(der())), Form.PRIVATE_JSON, "at .data", True,
            owners=(".data | map((. + 256) % 256) | implode",),
        ),
        **{
            f"JWK with {name}": KeyFile(
                content.encode(), Form.PRIVATE_JWK, "a private JWK", True, owners=("shop-1",), wrappings=(wrapping,)
            )
            for name, content, wrapping in escaped_jwks()
        },
        "JWK in YAML": KeyFile(
            b"kty: RSA\nkid: shop\nd: " + uint(rsa_key().private_numbers().d).encode(), Form.YAML_JWK,
            "a private JWK in YAML", True, bits=None,
        ),
        "blob of Microsoft": KeyFile(
            blob(rsa_key(), private=True), Form.MICROSOFT_KEY, "an RSA private key in a key blob of Microsoft", True
        ),
        "PVK": KeyFile(
            bytes.fromhex("1ef1b5b0") + struct.pack("<IIIII", 0, 1, 0, 0, 596) + blob(rsa_key(), private=True),
            Form.MICROSOFT_KEY, "a private key of Microsoft (PVK)", True,
        ),
        "PVK, encrypted": KeyFile(
            bytes.fromhex("1ef1b5b0") + struct.pack("<IIIII", 0, 1, 1, 16, 596) + bytes(612), Form.MICROSOFT_KEY,
            "(PVK) with a passphrase", algorithm=None, bits=None, **locked,
        ),
        "XML, parameters of .NET": KeyFile(
            xml(rsa_key()).replace(b"RSAKeyValue", b"RSAParameters").replace(b"</Exponent>", b"</Exponent><D>AQAB</D>"),
            Form.XML_KEY, "private key in XML", True,
        ),
        "printed by openssl": KeyFile(
            printed(rsa_key(), "Private") + b"privateExponent:\n    00:aa:bb:cc\n", Form.PRINTED_KEY,
            "the numbers of an RSA private key as text", True,
        ),
        "age": KeyFile(
            b"# created: 2026-11-25\nAGE-SECRET-KEY-1" + b"Q" * 58 + b"\n", Form.UNFIT_KEY, "an identity", True, None,
            None,
        ),
        "minisign": KeyFile(
            b"untrusted comment: minisign encrypted secret key\nRWRTY0Iy" + b"A" * 200, Form.UNFIT_KEY, "of minisign",
            True, None, None,
        ),
        "PGP, binary": KeyFile(
            bytes.fromhex("9503980465000000") + bytes(range(200)), Form.PGP_KEY, "a private key of PGP", True, None,
            None,
        ),
        "TOML": KeyFile(
            b"[sf]\nkey = \'\'\'\n" + private_pem() + b"\'\'\'\n", key, "an RSA private key (PEM, PKCS #8)", True
        ),
        "doubled BEGIN line": KeyFile(
            b"-----BEGIN PRIVATE KEY-----\n" + private_pem(), key, "an RSA private key (PEM, PKCS #8)", True
        ),
        "cut short": KeyFile(private_pem()[:900], Form.CUT_KEY, "cut short", True, None, None),
        "damaged": KeyFile(private_pem().replace(b"M", b"%", 3), Form.DAMAGED_KEY, "damaged", True, None, None),
        "RSA of three primes": KeyFile(
            pem(three_primes(), "RSA PRIVATE KEY"), key, "a multi-prime RSA private key (PEM, PKCS #1)", True,
            "multi-prime RSA",
        ),
        "RSA of three primes, PKCS #8": KeyFile(
            tlv(0x30, tlv(2, b"\0") + tlv(0x30, _RSA_OID + b"\5\0") + tlv(4, three_primes())), key,
            "a multi-prime RSA private key (DER, PKCS #8)", True, "multi-prime RSA",
        ),
        "PKCS #12 of two": KeyFile(
            tlv(0x30, tlv(2, b"\3") + tlv(4, LOCKED_BAG * 2 + bytes(90))), Form.PKCS12, "of 2 private keys",
            algorithm=None, bits=None, **locked,
        ),
        "PKCS #12, certificates alone": KeyFile(
            certificates_p12(), Form.PKCS12, "(.p12, .pfx), encrypted as a whole", algorithm=None, bits=None, **locked
        ),
        "PKCS #12 of a secret key": KeyFile(
            tlv(0x30, tlv(2, b"\3") + tlv(4, SECRET_BAG + LOCKED_BAG + bytes(90))), Form.PKCS12, "with a secret key",
            algorithm=None, bits=None, **locked,
        ),
        "PKCS #12, cut": KeyFile(p12()[:900], Form.CUT_KEY, "(.p12, .pfx) that was cut short", algorithm=None,
                                 bits=None, **locked),
        "PKCS #8 in DER, cut": KeyFile(der()[:900], Form.CUT_KEY, "(DER) that was cut short", True, None, None),
        "PKCS #1 in DER, cut": KeyFile(
            pkcs1()[:700], Form.CUT_KEY, "a private key (DER) that was cut short", True, None, None
        ),
        "SEC 1 in DER, cut": KeyFile(
            tlv(0x30, tlv(2, b"\1") + tlv(4, bytes(66)) + bytes(200))[:200], Form.CUT_KEY, "cut short", True, None, None
        ),
        "PKCS #8 in DER, damaged": KeyFile(
            der()[:30] + bytes(9) + der()[39:], Form.DAMAGED_KEY, "a private key (DER) that is damaged", True, None,
            None,
        ),
        "PKCS #8 in base64, cut": KeyFile(
            base64.b64encode(der())[:1001], Form.CUT_KEY, "(base64 without its PEM lines) that was cut short", True,
            None, None, wrappings=(Wrapping.NO_PEM_LINES,),
        ),
        "JCEKS of a secret key": KeyFile(
            b"\xce" * 4 + struct.pack(">IIIH", 2, 1, 3, 1) + b"s" + bytes(8) + bytes.fromhex("aced0005") + bytes(90),
            Form.JAVA_KEYSTORE, "(JCEKS) with a secret key", algorithm=None, bits=None, **locked,
        ),
        "Dropbear": KeyFile(dropbear(), Form.DROPBEAR_KEY, "of Dropbear", True),
        "gpg-agent": KeyFile(
            b"Created: 20261125T120000\nKey: (private-key (rsa (n #00C7#)(e #010001#)(d #15#)))\n", Form.PGP_KEY,
            "(gpg-agent)", True, None, None,
        ),
        "gpg-agent, encrypted": KeyFile(
            b"(21:protected-private-key(3:rsa(1:n2:12)))", Form.PGP_KEY, "(gpg-agent) with a passphrase",
            algorithm=None, bits=None, **locked,
        ),
        "NSS": KeyFile(
            b"SQLite format 3\0" + bytes(84) + b"CREATE TABLE nssPrivate (id)", Form.FOREIGN_KEY, "of NSS",
            algorithm=None, bits=None, **locked,
        ),
        "OpenVPN": KeyFile(
            b"#\n" + pem(bytes(256), "OpenVPN Static key V1"), Form.UNFIT_KEY, "of OpenVPN", True, None, None
        ),
        "WireGuard": KeyFile(
            f"[Interface]\nAddress = 10.0.0.1/24\nPrivateKey = {b64(bytes(32))}\n".encode(), Form.UNFIT_KEY,
            "of WireGuard", True, None, None,
        ),
        "JSON, parameters of .NET": KeyFile(
            parameters(private=True), Form.XML_KEY, "a private key of .NET in JSON (RSAParameters)", True
        ),
        **{
            f"printed by {name}": KeyFile(
                text.encode(), Form.PRINTED_KEY, "as a program prints them", True, bits=bits
            )
            for name, (text, bits) in printed_objects().items()
        },
    }  # fmt: skip


def wrapped_files() -> Mapping[str, KeyFile]:
    """One key in every wrapping."""
    key, what = Form.PRIVATE_KEY, "an RSA private key (PEM, PKCS #8)"
    plain, text = private_pem(), private_pem().decode()
    body = b"".join(plain.splitlines()[1:-1])

    def of(content: bytes, *wrappings: Wrapping, words: str = what) -> KeyFile:
        return KeyFile(content, key, words, True, wrappings=wrappings)

    return {
        "byte order mark": of(b"\xef\xbb\xbf" + plain, Wrapping.BYTE_ORDER_MARK),
        "UTF-16": of(text.encode("utf-16"), Wrapping.UTF16),
        "CRLF": of(plain.replace(b"\n", b"\r\n"), Wrapping.CRLF),
        "quotes": of(b"'" + plain.strip() + b"'", Wrapping.QUOTES),
        "escapes": of(escaped(plain), Wrapping.ESCAPES),
        "quotes and escapes": of(json.dumps(text).encode(), Wrapping.QUOTES, Wrapping.ESCAPES),
        "bytes of Python": of(repr(plain).encode(), Wrapping.QUOTES, Wrapping.ESCAPES),
        "blanks": of(plain.replace(b"\n", b" "), Wrapping.ONE_LINE),
        "no line breaks": of(plain.replace(b"\n", b""), Wrapping.ONE_LINE),
        "continued lines": of(plain.replace(b"\n", b"\\\n"), Wrapping.CONTINUED),
        "no-break spaces": of(text.replace(" ", "\N{NO-BREAK SPACE}").encode(), Wrapping.NO_BREAK_SPACES),
        "lines of PKCS #1": of(plain.replace(b" PRIVATE KEY", b" RSA PRIVATE KEY"), Wrapping.LABEL),
        "percent escapes": of(quote(text).encode(), Wrapping.PERCENT),
        "base64": of(base64.encodebytes(plain), Wrapping.BASE64, words=f"base64 of {what}"),
        "base64 of escapes": of(b64(escaped(plain)).encode(), Wrapping.BASE64, Wrapping.ESCAPES),
        "no PEM lines": of(body, Wrapping.NO_PEM_LINES, words="(base64 without its PEM lines)"),
        "UTF-16 without a mark": of(text.encode("utf-16-le"), Wrapping.UTF16),
        "UTF-16, big endian": of(text.encode("utf-16-be"), Wrapping.UTF16),
        "hexadecimal": of(der().hex().encode(), Wrapping.HEXADECIMAL, words="(DER, PKCS #8)"),
        "hexadecimal, octets": of(der().hex(":").upper().encode(), Wrapping.HEXADECIMAL, words="(DER, PKCS #8)"),
        "bytes of Java": of(
            ("new byte[] {" + ", ".join(str(each - 256 * (each > 127)) for each in der()) + "};").encode(),
            Wrapping.NUMBERS,
            words="(DER, PKCS #8)",
        ),
        "bytes of Python, DER": of(repr(der()).encode(), Wrapping.QUOTES, words="(DER, PKCS #8)"),
        "em dashes": of(text.replace("-----", "\N{EM DASH}").encode(), Wrapping.FRAME),
        "one dash too few": of(plain[1:], Wrapping.FRAME),
        "small letters": of(
            text.replace("BEGIN PRIVATE KEY", "begin private key")
            .replace("END PRIVATE KEY", "end private key")
            .encode(),
            Wrapping.FRAME,
        ),
        "quoted in mail": of(b"".join(b"> " + line for line in plain.splitlines(keepends=True)), Wrapping.EDGES),
        "added lines": of(b"".join(b"+" + line for line in plain.splitlines(keepends=True)), Wrapping.EDGES),
        "strings of a program": of(
            ('"' + '\\n" +\n"'.join(text.splitlines()) + '\\n"').encode(), Wrapping.QUOTES, Wrapping.EDGES
        ),
        "log of a CI job": of(
            b"".join(b"2026-11-25T12:00:00.1234567Z " + line for line in plain.splitlines(keepends=True)),
            Wrapping.EDGES,
        ),
        "colours": of(b"".join(b"\x1b[32m" + line + b"\x1b[0m\n" for line in plain.splitlines()), Wrapping.EDGES),
        "bars for line breaks": of(plain.replace(b"\n", b"|"), Wrapping.EDGES),
        "octal escapes": of(plain.replace(b"\n", rb"\012"), Wrapping.EDGES),
        "tags for line breaks": of(plain.strip().replace(b"\n", b"<br/>"), Wrapping.EDGES),
        "array of C": of(
            ("unsigned char key[] = {" + ", ".join(f"0x{each:02x}" for each in der()) + "};").encode(),
            Wrapping.NUMBERS,
            words="(DER, PKCS #8)",
        ),
        "slice of Go": of(
            ("[]byte{" + ", ".join(str(each) for each in der()) + "}").encode(),
            Wrapping.NUMBERS,
            words="(DER, PKCS #8)",
        ),
        "dump": of(dumped(der()), Wrapping.HEXADECIMAL, words="(DER, PKCS #8)"),
        "properties of Java": of(
            b"sf.key=" + b"\\\n  ".join(base64.encodebytes(der()).split()) + b"\n",
            Wrapping.EMBEDDED,
            Wrapping.NO_PEM_LINES,
            words="(base64 without its PEM lines) at sf.key",
        ),
        "slashes": of(plain.replace(b"\n", b"/n"), Wrapping.EDGES),
        "no BEGIN line": of(
            plain.partition(b"\n")[2], Wrapping.EMBEDDED, Wrapping.NO_PEM_LINES, words="(base64 without its PEM lines)"
        ),
        "no END line": of(
            plain[: plain.rindex(b"-----END")],
            Wrapping.EMBEDDED,
            Wrapping.NO_PEM_LINES,
            words="(base64 without its PEM lines)",
        ),
        "escapes of PHP": of(
            plain.replace(b"/", rb"\/").replace(b"\n", rb"\n"), Wrapping.JSON_ESCAPES, Wrapping.ESCAPES
        ),
        "escapes of Gson": of(
            plain.replace(b"/", rb"\u002f").replace(b"+", rb"\u002B").replace(b"=", rb"\u003d"), Wrapping.JSON_ESCAPES
        ),
        "escapes of a template": of(
            plain.replace(b"/", b"&#x2F;").replace(b"+", b"&#43;").replace(b"=", b"&equals;"), Wrapping.HTML_ESCAPES
        ),
        "escapes of PowerShell": of(plain.replace(b"\n", b"`n"), Wrapping.EDGES),
        "one byte a line": of(
            "\r\n".join(str(each) for each in der()).encode(), Wrapping.NUMBERS, words="(DER, PKCS #8)"
        ),
        "literal of SQL": of(
            f"INSERT INTO keys VALUES (1, X'{der().hex()}');".encode(),
            Wrapping.EMBEDDED,
            Wrapping.HEXADECIMAL,
            words="(DER, PKCS #8)",
        ),
        "registry of Windows": of(
            b'Windows Registry Editor\r\n\r\n[HKEY_CURRENT_USER\\Shop]\r\n"key"=hex:'
            + b",\\\r\n  ".join(der()[at : at + 25].hex(",").encode() for at in range(0, len(der()), 25))
            + b"\r\n",
            Wrapping.EMBEDDED,
            Wrapping.HEXADECIMAL,
            words="(DER, PKCS #8)",
        ),
        "PKCS #1 in a binary file": of(bytes(90) + pkcs1() + bytes(20), Wrapping.INSIDE, words="(DER, PKCS #1)"),
        "narrow lines of base64": of(
            b"<data>\n\t" + b"\n\t".join(textwrap.wrap(b64(der()), 52)[n].encode() for n in range(32)) + b"\n</data>",
            Wrapping.EMBEDDED,
            Wrapping.NO_PEM_LINES,
            words="(base64 without its PEM lines)",
        ),
        "serialized object": of(
            bytes.fromhex("aced00057372") + bytes(90) + der() + bytes(20), Wrapping.INSIDE, words="(DER, PKCS #8)"
        ),
        "secret of Kubernetes": of(
            f"apiVersion: v1\nkind: Secret\ndata:\n  tls.key: {b64(plain)}\n".encode(),
            Wrapping.EMBEDDED,
            Wrapping.BASE64,
            words=f"base64 of {what} at tls.key",
        ),
        ".env file": of(
            f'USER=ada\nexport SF_KEY="{b64(plain)}"\nPORT=1\n'.encode(),
            Wrapping.EMBEDDED,
            Wrapping.BASE64,
            words=f"base64 of {what} at SF_KEY",
        ),
    }


def three_primes() -> bytes:
    """Return an RSA private key with otherPrimeInfos (RFC 8017 appendix A.1.2). Its numbers fit no real key."""
    numbers = rsa_key().private_numbers()
    shown = (numbers.public_numbers.n, numbers.public_numbers.e, numbers.d, numbers.p, numbers.q, 3, 5, 7)
    every = b"".join(tlv(2, each.to_bytes(each.bit_length() // 8 + 1)) for each in (1, *shown))
    return tlv(0x30, every + tlv(0x30, tlv(0x30, tlv(2, b"\x0b") * 3)))


def pkcs1() -> bytes:
    return rsa_key().private_bytes(DER, serialization.PrivateFormat.TraditionalOpenSSL, PLAIN)


#: The object identifiers of two bags of PKCS #12 (RFC 7292 appendix D).
LOCKED_BAG, SECRET_BAG = (bytes.fromhex(f"060b2a864886f70d010c0a01{last}") for last in ("02", "05"))


@cache
def certificates_p12() -> bytes:
    """Return a PKCS #12 keystore without a private key, as keytool writes trusted certificates."""
    return pkcs12.serialize_key_and_certificates(b"ca", None, shop(), None, LOCK)


def dropbear() -> bytes:
    """Return a key as `dropbearkey` writes it: SSH's public key, then d, p and q."""
    numbers = rsa_key().private_numbers()
    public = (numbers.public_numbers.e, numbers.public_numbers.n)
    every = [b"ssh-rsa", *(each.to_bytes(each.bit_length() // 8 + 1) for each in (*public, numbers.d, numbers.p))]
    return b"".join(struct.pack(">I", len(each)) + each for each in every)


def parameters(*, private: bool) -> bytes:
    """Return RSAParameters of .NET as a JSON serializer writes it; a public key has null for the private numbers."""
    numbers = rsa_key().private_numbers()
    values = {"D": numbers.d, "P": numbers.p, "Q": numbers.q} if private else dict.fromkeys(("D", "P", "Q"))
    public = {"Exponent": numbers.public_numbers.e, "Modulus": numbers.public_numbers.n}
    every = {**values, **public}
    shown = {name: b64(each.to_bytes((each.bit_length() + 7) // 8)) if each else None for name, each in every.items()}
    return json.dumps(shown).encode()


def printed_objects() -> Mapping[str, tuple[str, int | None]]:
    """Return private keys as programs print their objects, and the bits that the text shows."""
    numbers = rsa_key().private_numbers()
    n, e, d, p = numbers.public_numbers.n, numbers.public_numbers.e, numbers.d, numbers.p
    return {
        "PyCryptodome": (f"RsaKey(n={n}, e={e}, d={d}, p={p}, q={numbers.q}, u=1)", 2048),
        "the package rsa": (f"PrivateKey({n}, {e}, {d}, {p}, {numbers.q})", None),
        "Go": (f"&{{PublicKey:{{N:+{n} E:{e}}} D:+{d} Primes:[+{p} +{numbers.q}]}}", 2048),
        "Java": (f"RSA private CRT key\n  modulus: {n}\n  public exponent: {e}\n  private exponent: {d}",
                 2048),
        "Go, without names": (f"&{{{{{n} {e}}} {d} [{p} {numbers.q}] {{1 1 1 [] <nil> <nil> <nil>}}}}", None),
        "Ruby": (f'{{"n"=>#<OpenSSL::BN {n}>, "e"=>#<OpenSSL::BN {e}>, "d"=>#<OpenSSL::BN {d}>}}', 2048),
        "GnuTLS": ("Public Key Info:\n\nprivate exponent:\n\t" + "8e:ca:57:" * 9, None),
    }  # fmt: skip


def escaped_jwks() -> tuple[tuple[str, str, Wrapping], ...]:
    """Return a private JWK with its quotation marks escaped."""
    text = private_jwk().decode()
    return (
        ("escaped quotation marks, in a log", "INFO key=" + text.replace('"', '\\"'), Wrapping.JSON_ESCAPES),
        ("doubled quotation marks, in CSV", 'shop,"' + text.replace('"', '""') + '",x', Wrapping.JSON_ESCAPES),
        ("entities of HTML", text.replace('"', "&quot;"), Wrapping.HTML_ESCAPES),
        ("percent escapes", "https://example.com/?jwk=" + quote(text), Wrapping.PERCENT),
    )


def xml(key: rsa.RSAPrivateKey) -> bytes:
    """Return a public key as .NET writes it: numbers in standard base64."""
    numbers = key.public_key().public_numbers()
    modulus, exponent = (b64(each.to_bytes(size)) for each, size in ((numbers.n, 256), (numbers.e, 3)))
    return f"<RSAKeyValue><Modulus>{modulus}</Modulus><Exponent>{exponent}</Exponent></RSAKeyValue>".encode()


def blob(key: rsa.RSAPrivateKey, *, private: bool = False) -> bytes:
    """Return a key as CryptoAPI writes it: BLOBHEADER, RSAPUBKEY, and the numbers with their lowest byte first."""
    numbers = key.private_numbers()
    modulus = numbers.public_numbers.n.to_bytes(256, "little")
    head = bytes([7 if private else 6, 2, 0, 0]) + bytes.fromhex("00a40000" if private else "00240000")
    head += (b"RSA2" if private else b"RSA1") + struct.pack("<II", 2048, numbers.public_numbers.e)
    crt = (numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp)
    rest = b"".join(each.to_bytes(128, "little") for each in crt) + numbers.d.to_bytes(256, "little")
    return head + modulus + (rest if private else b"")


def printed(key: rsa.RSAPrivateKey, which: str) -> bytes:
    """Return the public numbers of a key as `openssl rsa -text` prints them."""
    numbers = key.public_key().public_numbers()
    digits = numbers.n.to_bytes(257).hex(":")
    lines = "\n".join(f"    {digits[at : at + 45]}" for at in range(0, len(digits), 45))
    exponent = "publicExponent" if which == "Private" else "Exponent"
    return f"{which}-Key: (2048 bit)\nmodulus:\n{lines}\n{exponent}: 65537 (0x10001)\n".encode()


def rfc4716() -> bytes:
    """Return a public key in the form of RFC 4716, with a header that goes on in the next line."""
    ssh = rsa_key().public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    body = "\n".join(ssh.decode().split()[1][at : at + 70] for at in range(0, len(ssh), 70)).strip()
    header = 'Comment: "a key of \\\nada@shop"'
    return f"---- BEGIN SSH2 PUBLIC KEY ----\n{header}\n{body}\n---- END SSH2 PUBLIC KEY ----\n".encode()


def dumped(content: bytes) -> bytes:
    """Return bytes as `xxd` prints them."""
    lines = []
    for at in range(0, len(content), 16):
        part = content[at : at + 16]
        text = "".join(chr(each) if 32 <= each < 127 else "." for each in part)
        lines.append(f"{at:08x}: {part.hex(' ', -2):<39}  {text}")
    return "\n".join(lines).encode()


def bouncy_castle() -> bytes:
    """Return the beginning of a keystore of Bouncy Castle: version, salt, iterations; then entries."""
    return b"\0\0\0\x02" + (20).to_bytes(4) + bytes(range(20)) + (1187).to_bytes(4) + b"\x04" * 300


def cms() -> bytes:
    """Return the beginning of enveloped data (RFC 5652 §6)."""
    return tlv(0x30, bytes.fromhex("06092a864886f70d010703") + tlv(0xA0, tlv(0x30, tlv(2, b"\0"))))


def encrypted_jwk(content_type: str) -> bytes:
    """Return a JWE in the flattened JSON serialization."""
    header = b64(json.dumps({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "cty": content_type}).encode()).rstrip("=")
    return as_json(protected=header, encrypted_key="a" * 32, iv="b" * 16, ciphertext="c" * 900, tag="d" * 22)


def public_files() -> Mapping[str, KeyFile]:
    """Files that may be shown to everybody."""
    made, chain = shop().public_bytes(PEM), [shop(), making.other()]
    bundle = pkcs7.serialize_certificates(chain, DER)
    ssh = rsa_key().public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    elliptic = ec.generate_private_key(ec.SECP384R1())
    return {
        "certificate": KeyFile(made, Form.CERTIFICATE, "a certificate (PEM)"),
        "certificate, DER": KeyFile(shop().public_bytes(DER), Form.CERTIFICATE, "a certificate (DER)"),
        "certificate, base64": KeyFile(
            making.der_base64(shop()).encode(), Form.CERTIFICATE, "a certificate (base64 without its PEM lines)",
            wrappings=(Wrapping.NO_PEM_LINES,),
        ),
        "certificate of EC": KeyFile(
            making.certificate(elliptic).public_bytes(PEM), Form.CERTIFICATE, "a certificate", algorithm="EC", bits=384
        ),
        "certificate, RSA-PSS": KeyFile(
            pem(limited_to_pss(shop().public_bytes(DER)), "CERTIFICATE"), Form.CERTIFICATE, "a certificate",
            algorithm="RSA-PSS",
        ),
        "chain": KeyFile(made + making.other().public_bytes(PEM), Form.CERTIFICATE, "2 certificates"),
        "request": KeyFile(making.request_pem(), Form.REQUEST, "a certificate request (PEM)"),
        "request of EC": KeyFile(
            making.request_pem(elliptic), Form.REQUEST, "a certificate request", algorithm="EC", bits=384
        ),
        "certificate, damaged": KeyFile(
            pem(shop().public_bytes(DER)[:-9], "CERTIFICATE"), Form.CERTIFICATE, "but damaged", algorithm=None,
            bits=None,
        ),
        "empty keystore": KeyFile(jks(), Form.JAVA_KEYSTORE, "(JKS) without entries", algorithm=None, bits=None,
                                  locked=True),
        "revocation list": KeyFile(crl().public_bytes(PEM), Form.REVOCATION_LIST, "a revocation list (PEM)",
                                   algorithm=None, bits=None),
        "PKCS #7": KeyFile(bundle, Form.PKCS7, "(DER) of 2 certificates", algorithm=None, bits=None),
        "PKCS #7, PEM": KeyFile(pem(bundle, "PKCS7"), Form.PKCS7, "(PEM) of 2", algorithm=None, bits=None),
        "truststore": KeyFile(jks(("ca", None, shop())), Form.JAVA_KEYSTORE, "of 0 private keys and 1 certificate",
                              owners=("ca",), locked=True),
        "public key": KeyFile(making.public_pem(), Form.PUBLIC_KEY, "a bare public key (PEM)"),
        "public key of EC": KeyFile(making.public_pem(elliptic), Form.PUBLIC_KEY, "public", algorithm="EC", bits=384),
        "XML of .NET": KeyFile(xml(rsa_key()), Form.PUBLIC_KEY, "a bare public key in XML"),
        "SSH": KeyFile(ssh + b" ada@shop\n", Form.SSH_PUBLIC_KEY, "for SSH", owners=("ada@shop",)),
        "SSH with options": KeyFile(
            b'from="10.0.0.0/8",command="x" ' + ssh + b" ada\n", Form.SSH_PUBLIC_KEY, "for SSH", owners=("ada",)
        ),
        "SSH, known host": KeyFile(b"shop.example.com " + ssh, Form.SSH_PUBLIC_KEY, "for SSH"),
        "SSH, RFC 4716": KeyFile(rfc4716(), Form.SSH_PUBLIC_KEY, "for SSH"),
        "blob of Microsoft": KeyFile(blob(rsa_key()), Form.MICROSOFT_KEY, "a bare public key in a key blob"),
        "printed by openssl": KeyFile(printed(rsa_key(), "Public"), Form.PRINTED_KEY, "an RSA public key as text"),
        "modulus": KeyFile(b"Modulus=" + b"C5" * 256 + b"\n", Form.PRINTED_KEY, "the modulus of an RSA key"),
        "JWK in YAML": KeyFile(b"kty: RSA\nkid: shop\n", Form.YAML_JWK, "a JWK in YAML", bits=None),
        "certificate with trust": KeyFile(
            pem(shop().public_bytes(DER) + tlv(0x30, b""), "TRUSTED CERTIFICATE"), Form.CERTIFICATE,
            "a certificate (PEM)",
        ),
        "certificate, hexadecimal": KeyFile(
            ("0x" + shop().public_bytes(DER).hex()).encode(), Form.CERTIFICATE, "a certificate (DER)",
            wrappings=(Wrapping.HEXADECIMAL,),
        ),
        "certificate in XML": KeyFile(
            f"<KeyInfo><X509Certificate>{making.der_base64(shop())}</X509Certificate></KeyInfo>".encode(),
            Form.CERTIFICATE, "at X509Certificate", wrappings=(Wrapping.EMBEDDED, Wrapping.NO_PEM_LINES),
        ),
        "certificate, escapes of a template": KeyFile(
            made.replace(b"+", b"&#43;").replace(b"/", b"&#47;"), Form.CERTIFICATE, "a certificate (PEM)",
            wrappings=(Wrapping.HTML_ESCAPES,),
        ),
        "JSON, parameters of .NET": KeyFile(
            parameters(private=False), Form.PUBLIC_KEY, "a bare public key of .NET in JSON (RSAParameters)"
        ),
        "printed by Bouncy Castle": KeyFile(
            b"RSA Private CRT Key [6a:07:33:f8],[56]\n   modulus: c5\n", Form.PRINTED_KEY, "public numbers", bits=None
        ),
        "public numbers of cryptography": KeyFile(
            b"<RSAPublicNumbers(e=65537, n=123)>", Form.PRINTED_KEY, "public numbers of an RSA key", bits=None
        ),
        "keybox of GPG": KeyFile(
            bytes.fromhex("0000002001010002") + b"KBXf" + bytes(90), Form.UNFIT_KEY, "a keybox of GPG", algorithm=None,
            bits=None,
        ),
        "x5c": KeyFile(
            json.dumps([making.der_base64(shop())]).encode(), Form.CERTIFICATE, "an array of 1 certificate, as in x5c"
        ),
        "JWK": KeyFile(json.dumps(jwk_members()).encode(), Form.JSON, "a JWK", owners=("shop-1",)),
        "JWKS": KeyFile(json.dumps({"keys": [jwk_members()]}).encode(), Form.JSON, "a set of 1 key (", algorithm=None,
                        bits=None),
        "Java tool": KeyFile(java_tool(), Form.JSON, "a JWK", owners=("shop-1",)),
        "metadata": KeyFile(metadata(), Form.JSON, "a JWK", owners=("shop-1",)),
    }  # fmt: skip


def other_files() -> Mapping[str, KeyFile]:
    """Files that hold no key, or not one that can be seen."""

    def of(content: bytes, form: Form, words: str) -> KeyFile:
        return KeyFile(content, form, words, algorithm=None, bits=None)

    return {
        "age": of(b"age-encryption.org/v1\n-> X25519 abc\n", Form.AGE, "with age"),
        "age, armoured": of(pem(b"age", "AGE ENCRYPTED FILE"), Form.AGE, "with age"),
        "PGP": of(pem(b"pgp", "PGP MESSAGE"), Form.PGP_MESSAGE, "with GPG"),
        "PGP, binary": of(bytes.fromhex("8c0d04090302aabbccddeeff00112233"), Form.PGP_MESSAGE, "with GPG"),
        "ansible-vault": of(b"$ANSIBLE_VAULT;1.1;AES256\n6638\n", Form.ANSIBLE_VAULT, "with ansible-vault"),
        "sops": of(b"key: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nsops: {}\n", Form.SOPS, "with sops"),
        "sops, JSON": of(b'{"data": "ENC[AES256_GCM,data:x,iv:y]", "sops": {}}', Form.SOPS, "with sops"),
        "openssl enc": of(b"Salted__\x01\x02" * 8, Form.OPENSSL_ENC, "with `openssl enc`"),
        "openssl enc, base64": KeyFile(
            base64.b64encode(b"Salted__\x01\x02" * 8),
            Form.OPENSSL_ENC,
            "base64 of a file encrypted",
            algorithm=None,
            bits=None,
            wrappings=(Wrapping.BASE64,),
        ),
        "SSH2": KeyFile(
            b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56w\n", Form.SSH2_KEY, "SSH2", True, None, None
        ),
        "metadata without a JWK": of(
            b'<PublicKeyCertificate xmlns="http://soap.sforce.com/2006/04/metadata">', Form.METADATA, "without a JWK"
        ),
        "keyset as metadata": of(
            b'<?xml version="1.0"?>\n<PublicKeyCertificateSet xmlns="http://soap.sforce.com/2006/04/metadata">',
            Form.COMPONENT,
            "a metadata component (PublicKeyCertificateSet)",
        ),
        "channel as metadata": of(
            b'<MessagingChannel xmlns="http://soap.sforce.com/2006/04/metadata" fqn="x">',
            Form.COMPONENT,
            "a metadata component (MessagingChannel)",
        ),
        "Git LFS": of(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", Form.LFS_POINTER, "Git LFS"),
        "web page": of(b"<!DOCTYPE html><html><title>Sign in</title>", Form.WEB_PAGE, "a web page"),
        "mask": of(b"***", Form.MASK, "a mask"),
        "mask in a frame": of(
            b"-----BEGIN PRIVATE KEY-----\n***\n-----END PRIVATE KEY-----\n", Form.MASK, "around a mask"
        ),
        "variable": of(b"$SF_PRIVATE_KEY\n", Form.VARIABLE, "nothing has filled in"),
        "secret of GitHub": of(b"${{ secrets.SF_KEY }}", Form.VARIABLE, "nothing has filled in"),
        "secret of Azure": of(b"$(SF_KEY)", Form.VARIABLE, "nothing has filled in"),
        "1Password": of(b"op://vault/item/private key", Form.VARIABLE, "nothing has filled in"),
        "sample": of(b"<Your public certificate>", Form.SAMPLE, "the placeholder of a sample"),
        "path": of(b"~/.secrets/uat.key", Form.PATH, "a path"),
        "token": of(b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ.c2ln", Form.JWT, "a token"),
        "nothing": of(b" \n", Form.EMPTY, "empty"),
        "text": of(b"The key is in the safe.", Form.OTHER, "nothing that is known"),
        "XML": of(b'<config xmlns="http://acme.example/2006/04/metadata">', Form.OTHER, "XML"),
        "gzip": of(b"\x1f\x8b\x08\0", Form.COMPRESSED, "compressed with gzip"),
        "gzip in base64": KeyFile(
            base64.b64encode(b"\x1f\x8b\x08\0" + bytes(range(90))),
            Form.COMPRESSED,
            "base64 of a file compressed with gzip",
            algorithm=None,
            bits=None,
            wrappings=(Wrapping.BASE64,),
        ),
        "JWE": of(encrypted_jwk("jwk+json"), Form.JWE, "an encrypted JWK (JWE)"),
        "JWE, compact": of(
            b64(b'{"alg":"dir","enc":"A128GCM","cty":"jwk+json"}').rstrip("=").encode() + b"..aXY.Y2lwaGVy.dGFn",
            Form.JWE,
            "an encrypted JWK (JWE)",
        ),
        "JWE, compact, other": of(
            b64(b'{"alg":"dir","enc":"A128GCM"}').rstrip("=").encode() + b"..aXY.Y2lwaGVy.dGFn", Form.JWT, "a token"
        ),
        "JWE, other": of(encrypted_jwk("text/plain"), Form.JWE, "encrypted data (JWE in JSON)"),
        "SQLite": of(b"SQLite format 3\0" + bytes(84), Form.OTHER, "a database of SQLite"),
        "DER, cut": of(shop().public_bytes(DER)[:-9], Form.OTHER, "binary (DER) that was cut short"),
        "DER, other": of(tlv(0x30, tlv(2, bytes([1] * 200))), Form.OTHER, "of an unknown kind"),
        "CMS": of(pem(cms(), "CMS"), Form.CMS_MESSAGE, "data encrypted with CMS (PKCS #7, PEM)"),
        "S/MIME": of(
            b'MIME-Version: 1.0\nContent-Type: application/x-pkcs7-mime; smime-type=enveloped-data;\n name="x"\n\nMI\n',
            Form.SMIME_MESSAGE,
            "a message in S/MIME",
        ),
        "git-crypt": of(b"\0GITCRYPT\0" + bytes(range(60)), Form.GIT_CRYPT, "with git-crypt"),
        "eyaml": of(b"key: ENC[PKCS7,MIIBeQYJKoZIhvcNAQcDoIIBajCCAWYCAQAx]\n", Form.EYAML, "with hiera-eyaml"),
        "Vault": of(
            b"vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==",
            Form.VAULT_CIPHERTEXT,
            "HashiCorp Vault",
        ),
        "sealed secret": of(b"kind: SealedSecret\nspec: {}\n", Form.SEALED, "a SealedSecret"),
        "parameters": of(pem(tlv(0x30, tlv(2, b"\x05")), "DH PARAMETERS"), Form.PARAMETERS, "DH PARAMETERS"),
        "listing of keytool": of(b"Keystore type: JKS\nKeystore provider: SUN\n", Form.PRINTED_KEY, "keytool -list"),
        "PGP, public": of(pem(b"pgp", "PGP PUBLIC KEY BLOCK"), Form.UNFIT_KEY, "a public key of PGP"),
        "PGP, public, binary": of(bytes.fromhex("99010d0465000000") + bytes(90), Form.UNFIT_KEY, "a public key of PGP"),
        "age recipient": of(b"age1" + b"q" * 58 + b"\n", Form.UNFIT_KEY, "a public key of age"),
        "minisign": of(b"untrusted comment: minisign public key 7\nRWQ\n", Form.UNFIT_KEY, "of minisign"),
        "consumer key": of(
            b"3MVG9" + b"lKcPoNINVBIPJjdw1J9LLM82HnFVVX19KY1uA5mu0" * 2, Form.CREDENTIAL, "a consumer key"
        ),
        "session id": of(b"00D5g0000000001!" + b"AQcAQH0dMHZfz972Szmpkb58urFRkgeB", Form.CREDENTIAL, "a session id"),
        "SFDX URL": of(b"force://PlatformCLI::5Aep861TSESvWeug@acme.my.salesforce.com", Form.CREDENTIAL, "an SFDX"),
        **{
            name: of(bytes.fromhex(begin) + bytes(90), Form.COMPRESSED, words)
            for name, begin, words in (
                ("xz", "fd377a585a00", "with xz"),
                ("bzip2", "425a6839", "with bzip2"),
                ("zstd", "28b52ffd", "with zstd"),
                ("7-Zip", "377abcaf271c", "of 7-Zip"),
                ("RAR", "526172211a07", "of RAR"),
            )
        },
        "buffer of Node.js, cut": of(
            b"<Buffer " + b"30 " * 50 + b"... 1167 more bytes>\n", Form.PRINTED_KEY, "the beginning of a buffer"
        ),
        "object of Node.js": of(b"[PrivateKeyObject]\n", Form.PRINTED_KEY, "the name of a key object"),
        "object of Python": of(
            b"<cryptography.hazmat.bindings._rust.openssl.rsa.RSAPrivateKey object at 0x7f>",
            Form.PRINTED_KEY,
            "the name of a key object",
        ),
        "object of Ruby": of(b"#<OpenSSL::PKey::RSA:0x00007f oid=rsaEncryption>", Form.PRINTED_KEY, "a key object"),
        "settings in sections": of(b"[login]\nuser = ada\n", Form.OTHER, "nothing that is known"),
        "PDF": of(b"%PDF-1.7", Form.OTHER, "a PDF document"),
    }


@cache
def every_file() -> Mapping[str, KeyFile]:
    """All of them, each by a name of its own."""
    groups = {"private": private_files(), "wrapped": wrapped_files(), "public": public_files(), "service": services(),
              "other": other_files()}  # fmt: skip
    return {f"{group}: {name}": file for group, files in groups.items() for name, file in files.items()}
