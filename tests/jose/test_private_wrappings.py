"""A private key is called private in every wrapping, by ``validate``, ``keys inspect`` and ``diagnose key`` alike."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given
from hypothesis import strategies as st

from provisioner.jose.diagnosis import diagnose
from provisioner.jose.file_kinds import take
from provisioner.jose.inspection import inspect
from provisioner.jose.jwk_members import may_name_private, private_members
from provisioner.jose.material import derive
from provisioner.jose.recognition import Kind
from provisioner.model.estate import CertificateSource, JwkSource
from tests.jose import making
from tests.jose.making import DER, NOW, PEM, jwk_members, private_pem, shop, uint

PASSPHRASE = serialization.BestAvailableEncryption(b"passphrase")
PKCS8, OPENSSH = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.OpenSSH
PLAIN = serialization.NoEncryption()


def der(key: Any = None, encryption: Any = PLAIN) -> bytes:
    return (key or making.rsa_key()).private_bytes(DER, PKCS8, encryption)


def openssh(key: Any, encryption: Any = PLAIN) -> bytes:
    return key.private_bytes(PEM, OPENSSH, encryption)


def container() -> bytes:
    return pkcs12.serialize_key_and_certificates(b"shop", making.rsa_key(), shop(), None, PASSPHRASE)


def body(pem: bytes) -> bytes:
    """Without the lines of PEM."""
    return b"\n".join(line for line in pem.splitlines() if not line.startswith(b"-----"))


def jwk(**changes: Any) -> bytes:
    numbers = making.rsa_key().private_numbers()
    return json.dumps(jwk_members(d=uint(numbers.d), p=uint(numbers.p), **changes)).encode()


def json_of(**members: Any) -> bytes:
    return json.dumps(members).encode()


def proc_type() -> bytes:
    return private_pem(passphrase=b"passphrase", traditional=True)


KEYSTORE = b"\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01\x00\x04shop" + b"\x93" * 200
PPK = b"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: shop\nAAAA\nPrivate-Lines: 1\nBBBB\n"
ENCODED = base64.b64encode

#: The file, and its algorithm as far as it can be known.
WRAPPINGS: dict[str, tuple[bytes, str | None]] = {
    "PEM, PKCS #8": (private_pem(), "RSA"),
    "PEM, PKCS #1": (private_pem(traditional=True), "RSA"),
    "PEM, EC": (private_pem(making.ec_key(), traditional=True), "EC"),
    "PEM, Ed25519": (private_pem(making.ed25519_key()), "Ed25519"),
    "PEM with a passphrase": (private_pem(passphrase=b"passphrase"), None),
    "PEM with Proc-Type": (proc_type(), "RSA"),
    "PEM beside its certificate": (shop().public_bytes(PEM) + private_pem(), "RSA"),
    "PEM, cut short": (private_pem()[:700], None),
    "PEM with a byte order mark": (b"\xef\xbb\xbf" + private_pem(), "RSA"),
    "PEM with CRLF": (private_pem().replace(b"\n", b"\r\n"), "RSA"),
    "PEM with escaped line breaks": (private_pem().replace(b"\n", b"\\n"), "RSA"),
    "PEM in quotes, escaped": (json.dumps(private_pem().decode()).encode(), "RSA"),
    "PEM in UTF-16": (private_pem().decode().encode("utf-16"), "RSA"),
    "PEM without its dashes": (private_pem().replace(b"-", b""), "RSA"),
    "PEM in another file": (b"SIGNER_KEY='" + private_pem() + b"'\n", "RSA"),
    "OpenSSH, RSA": (openssh(making.rsa_key()), "RSA"),
    "OpenSSH, Ed25519": (openssh(making.ed25519_key()), "Ed25519"),
    "OpenSSH, EC": (openssh(making.ec_key()), "EC"),
    "PuTTY": (PPK, "RSA"),
    "PGP": (b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----\n", None),
    "SSH2": (b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56w\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n", None),
    "XML of .NET": (b"<RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent><D>AQAB</D></RSAKeyValue>", "RSA"),
    "DER": (der(), "RSA"),
    "DER, EC": (der(making.ec_key()), "EC"),
    "DER with a passphrase": (der(encryption=PASSPHRASE), None),
    "PKCS #12": (container(), None),
    "JKS": (KEYSTORE, None),
    "JCEKS": (b"\xce" * 4 + KEYSTORE[4:], None),
    "PKCS #8 without PEM lines": (body(private_pem()), "RSA"),
    "PKCS #8 on one line": (ENCODED(der()), "RSA"),
    "PKCS #8, escaped, without PEM lines": (body(private_pem()).replace(b"\n", b"\\n"), "RSA"),
    "PKCS #8 in base64url": (base64.urlsafe_b64encode(der()).rstrip(b"="), "RSA"),
    "base64 of PEM": (ENCODED(private_pem()), "RSA"),
    "base64 of PEM, wrapped": (base64.encodebytes(private_pem()), "RSA"),
    "base64 of base64 of PEM": (ENCODED(ENCODED(private_pem())), "RSA"),
    "base64 of PEM with a passphrase": (ENCODED(private_pem(passphrase=b"passphrase")), None),
    "base64 of PKCS #12": (ENCODED(container()), None),
    "base64 of JKS": (ENCODED(KEYSTORE), None),
    "base64 of OpenSSH": (ENCODED(openssh(making.rsa_key())), "RSA"),
    "base64 of PuTTY": (ENCODED(PPK), "RSA"),
    "base64 of a JWK": (ENCODED(jwk()), "RSA"),
    "base64 of a JWKS": (ENCODED(b'{"keys": [' + jwk() + b"]}"), "RSA"),
    "JWK": (jwk(), "RSA"),
    "JWK of EC": (json_of(kty="EC", crv="P-256", x="AQAB", y="AQAB", d="AQAB"), "EC"),
    "JWK, symmetric": (json_of(kty="oct", k="c2VjcmV0"), "oct"),
    "JWK whose second d is a placeholder": (jwk()[:-1] + b', "d": "d"}', "RSA"),
    "JWK, cut short": (jwk()[:-1], None),
    "JWK as Python writes it": (repr(json.loads(jwk())).encode(), None),
    "JWK as JavaScript writes it": (re.sub(rb'"(\w+)": "', rb'\1: "', jwk()), None),
    "JWK behind its public half": (json_of(kty="RSA", n="AQAB", e="AQAB") + b"\n" + jwk(), "RSA"),
    "JWK behind its certificate": (shop().public_bytes(PEM) + jwk(), "RSA"),
    "base64 of PEM behind a certificate": (shop().public_bytes(PEM) + b"KEY=" + ENCODED(private_pem()), "RSA"),
    "PKCS #8 between the lines of a certificate": (
        b"-----BEGIN CERTIFICATE-----\n" + body(private_pem()) + b"\n-----END CERTIFICATE-----\n", "RSA"
    ),
    "JWK among other lines": (b"JWK : " + jwk() + b"\nsaved\n", "RSA"),
    "JWKS": (b'{"keys": [' + jwk() + b"]}", "RSA"),
    "JWKS as an array": (b"[" + jwk() + b"]", "RSA"),
    "JWK in a member": (json_of(data={"signer": json.loads(jwk())}), None),
    "JWK as a string": (json_of(signer=jwk().decode()), "RSA"),
    "JSON with private_key": (json_of(type="service_account", private_key=private_pem().decode()), "RSA"),
    "JSON with base64 of PEM": (json_of(data={"tls.key": ENCODED(private_pem()).decode()}), "RSA"),
    "JSON with a PKCS #8 body": (json_of(privateKey=ENCODED(der()).decode()), "RSA"),
    "a private key in x5c": (json.dumps(jwk_members(x5c=[ENCODED(der()).decode()])).encode(), "RSA"),
}  # fmt: skip

PUBLIC = {
    "certificate, PEM": shop().public_bytes(PEM),
    "certificate, DER": shop().public_bytes(DER),
    "certificate, base64": ENCODED(shop().public_bytes(DER)),
    "certificate, base64 of PEM": ENCODED(shop().public_bytes(PEM)),
    "JWK": json.dumps(jwk_members()).encode(),
    "JWK with placeholders": json.dumps(jwk_members(d="d", k="k", y="y", crv="crv")).encode(),
    "JWK, base64": ENCODED(json.dumps(jwk_members()).encode()),
    "public key": making.public_pem(),
    "request": making.request_pem(),
    "JSON": b'{"why": {"d": "a day", "p": 5, "q": "a question of more than forty characters, and harmless"}}',
    "text": b"The private key is kept elsewhere, in a safe that nobody opens.",
    "nothing": b"",
    "zeros": b"\0" * 400,
}


def sources(content: bytes) -> tuple[CertificateSource | JwkSource, ...]:
    return making.certificate_source(content), making.jwk_source(content)


def long_parts(content: bytes) -> list[str]:
    return [line for line in content.decode("latin-1").split() if len(line) > 20 and "-" not in line]


@pytest.mark.parametrize("name", WRAPPINGS)
def test_every_reader_calls_it_private_and_shows_nothing(name: str) -> None:
    content, algorithm = WRAPPINGS[name]
    taken = take(content)
    assert (taken.is_private, taken.algorithm) == (True, algorithm)
    assert inspect(content, "k", NOW, ()).is_private
    judged = [derive(source, NOW).defects for source in sources(content)] + [diagnose(content, "k", NOW).defects]
    for defects in judged:
        rules = {defect.rule for defect in defects}
        assert rules & {"certificate-is-private-key", "jwk-private-member"}, rules
        said = "".join(f"{defect.message}{defect.fix}" for defect in defects)
        assert not any(part in said for part in long_parts(content))
    assert all(derive(source, NOW).jwk is None for source in sources(content)) or "JWK" in name


@pytest.mark.parametrize("name", PUBLIC)
def test_nothing_public_is_called_private(name: str) -> None:
    content = PUBLIC[name]
    assert not take(content).is_private
    assert not inspect(content, "k", NOW, ()).is_private
    judged = [derive(source, NOW).defects for source in sources(content)] + [diagnose(content, "k", NOW).defects]
    for defects in judged:
        assert not {defect.rule for defect in defects} & {"certificate-is-private-key", "jwk-private-member"}


def test_what_the_wrapping_is_is_said() -> None:
    said = {name: take(content).what for name, (content, _) in WRAPPINGS.items()}
    assert said["base64 of PEM"] == "base64 of an RSA private key (PEM, PKCS #8)"
    assert said["PKCS #8 without PEM lines"] == "an RSA private key (base64 without its PEM lines)"
    assert said["PEM with Proc-Type"] == "a private key with a passphrase (PEM, PKCS #1)"
    assert said["base64 of JKS"] == "base64 of a Java keystore (JKS), cut short or damaged"
    assert take(PUBLIC["JWK, base64"]).kind is Kind.JSON
    assert diagnose(PUBLIC["JWK, base64"], "k", NOW).members is not None


def test_base64_in_base64_without_end_is_left_alone() -> None:
    content = private_pem()
    for _ in range(12):
        content = ENCODED(content)
    assert not take(content).is_private


@given(
    st.sampled_from(["d", "qi", "privateExponent", "prime1", "InverseQ", "privateKey"]),
    st.sampled_from(["", "_", "__", " ", "-.", " _ "]),
    st.booleans(),
)
def test_a_text_with_a_private_member_is_looked_at(name: str, between: str, is_upper: bool) -> None:
    """A name that counts as private is never missed by the quick look at the text."""
    spelled = between.join(name.upper() if is_upper else name)
    members = {"kty": "RSA", spelled: "A" * 40}
    if private_members(members):
        assert may_name_private(json.dumps(members))
    if len(name) > 2:
        assert private_members(members) == (spelled,)
