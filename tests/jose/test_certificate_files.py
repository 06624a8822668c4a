"""Certificate files: PEM and DER, and whatever else is named by mistake."""

from __future__ import annotations

import base64
import warnings
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnostics import Severity
from provisioner.jose.certificates import DATE_RULES
from provisioner.jose.material import derive
from tests.jose import making
from tests.jose.making import DER, NOW, PEM, certificate_source, shop

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def rules(content: bytes | None, **beside: str) -> list[str]:
    return [defect.rule for defect in derive(certificate_source(content, **beside), NOW).defects]


@pytest.mark.parametrize("encoding", [PEM, DER])
def test_the_jwk_is_derived_from_the_certificate(encoding: serialization.Encoding) -> None:
    derivation = derive(certificate_source(shop().public_bytes(encoding), algorithm="RS512"), NOW)
    assert derivation.defects == ()
    assert derivation.certificate == shop()
    assert derivation.jwk is not None
    assert derivation.jwk.members() == making.jwk_members(alg="RS512")


@pytest.mark.parametrize(
    "change",
    [
        lambda pem: pem.replace(b"\n", b"\r\n"),
        lambda pem: b"Bag Attributes\n    friendlyName: shop\nsubject=CN = shop\n" + pem,
        lambda pem: pem + making.other().public_bytes(PEM),
        lambda pem: b"\xef\xbb\xbf" + pem,
        lambda pem: b"\xff\xfe" + pem.decode().encode("utf-16-le"),
        lambda pem: pem + b"\n\n",
    ],
    ids=["windows line ends", "openssl's bag attributes", "a chain", "a byte order mark", "utf-16", "blank lines"],
)
def test_a_pem_file_is_read_as_people_have_it(change: object) -> None:
    assert callable(change)
    derivation = derive(certificate_source(change(shop().public_bytes(PEM))), NOW)
    assert derivation.defects == ()
    assert derivation.certificate == shop()


def pkcs12_of_the_key() -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"shop", making.rsa_key(), shop(), None, serialization.BestAvailableEncryption(b"passphrase")
    )


PRIVATE = {
    "PKCS #8": making.private_pem,
    "PKCS #1": lambda: making.private_pem(traditional=True),
    "encrypted": lambda: making.private_pem(passphrase=b"passphrase"),
    "EC": lambda: making.private_pem(making.ec_key(), traditional=True),
    "beside the certificate": lambda: shop().public_bytes(PEM) + making.private_pem(),
    "DER": lambda: making.rsa_key().private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    "encrypted DER": lambda: making.rsa_key().private_bytes(
        DER, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"passphrase")
    ),
    "PKCS #12": pkcs12_of_the_key,
}


@pytest.mark.parametrize("kind", PRIVATE)
def test_a_private_key_is_refused_and_never_shown(kind: str) -> None:
    content = PRIVATE[kind]()
    derivation = derive(certificate_source(content), NOW)
    assert [defect.rule for defect in derivation.defects] == ["certificate-is-private-key"]
    assert derivation.jwk is None
    said = "".join(f"{defect.message}{defect.fix}" for defect in derivation.defects)
    assert not any(line in said for line in content.decode("latin-1").splitlines() if len(line) > 20 and line[0] != "-")


@pytest.mark.parametrize(
    ("content", "rule", "word"),
    [
        (making.public_pem, "certificate-is-public-key", "public key"),
        (
            lambda: making.rsa_key().public_key().public_bytes(PEM, serialization.PublicFormat.PKCS1),
            "certificate-is-public-key",
            "public key",
        ),
        (
            lambda: making.rsa_key().public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo),
            "certificate-is-public-key",
            "public key",
        ),
        (making.request_pem, "certificate-unreadable", "certificate request"),
        (lambda: pkcs7.serialize_certificates([shop()], PEM), "certificate-unreadable", "PKCS #7"),
        (lambda: base64.b64encode(shop().public_bytes(DER)), "certificate-unreadable", "without its PEM lines"),
        (lambda: making.files()["shop.jwk.json"], "certificate-unreadable", "JSON"),
        (lambda: shop().public_bytes(PEM)[:-200], "certificate-unreadable", "damaged"),
        (lambda: shop().public_bytes(PEM).replace(b"\nM", b"\n!"), "certificate-unreadable", "damaged"),
        (lambda: shop().public_bytes(DER)[:-1], "certificate-unreadable", "no certificate"),
        (lambda: shop().public_bytes(DER) + b"\0", "certificate-unreadable", "no certificate"),
        (lambda: b"", "certificate-unreadable", "empty"),
        (lambda: b" \n", "certificate-unreadable", "empty"),
        (lambda: b"hello", "certificate-unreadable", "no certificate"),
        (lambda: making.certificate(making.ec_key()).public_bytes(PEM), "certificate-not-rsa", "not RSA but EC"),
        (lambda: making.certificate(making.ed25519_key()).public_bytes(DER), "certificate-not-rsa", "ED25519"),
    ],
)
def test_what_is_no_certificate_is_named_for_what_it_is(content: object, rule: str, word: str) -> None:
    assert callable(content)
    derivation = derive(certificate_source(content()), NOW)
    assert [defect.rule for defect in derivation.defects] == [rule]
    assert word in derivation.defects[0].message
    assert "config/keys/shop.crt" in derivation.defects[0].message
    assert derivation.jwk is None


def test_a_file_that_could_not_be_read_is_its_own_problem() -> None:
    assert rules(None) == ["key-file-missing"]


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        (-400 * DAY, -SECOND, "certificate-expired"),
        (-400 * DAY, 0 * DAY, "certificate-ends-within-10-days"),
        (SECOND, 400 * DAY, "certificate-not-yet-valid"),
        (0 * DAY, 400 * DAY, None),
        (-DAY, 10 * DAY - SECOND, "certificate-ends-within-10-days"),
        (-DAY, 10 * DAY, "certificate-ends-within-30-days"),
        (-DAY, 30 * DAY - SECOND, "certificate-ends-within-30-days"),
        (-DAY, 30 * DAY, None),
    ],
)
def test_dates_are_judged_to_the_second(begins: timedelta, ends: timedelta, expected: str | None) -> None:
    made = making.certificate(making.rsa_key(), begins=NOW + begins, ends=NOW + ends)
    derivation = derive(certificate_source(made.public_bytes(PEM)), NOW)
    assert [defect.rule for defect in derivation.defects] == ([expected] if expected else [])
    assert derivation.jwk is not None, "a wrong date does not keep the JWK from being compared"
    for defect in derivation.defects:
        is_warning = defect.rule == "certificate-ends-within-30-days"
        assert (defect.severity is Severity.WARNING) == is_warning
        assert (defect.rule in DATE_RULES) != is_warning


def test_the_message_of_an_expired_certificate_has_the_date() -> None:
    defect = derive(certificate_source(making.files()["expired.crt"]), NOW).defects[0]
    assert defect.message == "The certificate in config/keys/shop.crt expired on 2026-11-24 12:00 UTC."


@pytest.mark.parametrize(("oid", "name"), [(making.SHA1_WITH_RSA, "SHA1"), (making.MD5_WITH_RSA, "MD5")])
def test_a_weak_signature_is_a_warning(oid: bytes, name: str) -> None:
    derivation = derive(certificate_source(making.signed_with(oid)), NOW)
    assert [defect.rule for defect in derivation.defects] == ["certificate-weak-signature"]
    assert name in derivation.defects[0].message
    assert derivation.jwk is not None


def test_an_unknown_signature_algorithm_is_nobody_s_fault() -> None:
    unknown = making.SHA256_WITH_RSA[:-1] + b"\x63"
    assert rules(making.signed_with(unknown)) == []


def test_size_and_exponent() -> None:
    assert rules(making.files()["rsa-1024.crt"]) == ["key-too-small"]
    assert rules(making.files()["exponent-3.crt"]) == ["key-small-exponent"]


@pytest.mark.parametrize("octet", [0x00, 0x81, 0xFF])
def test_a_serial_number_that_is_not_positive_does_no_harm(octet: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        derivation = derive(certificate_source(making.with_serial_number(octet)), NOW)
    assert {defect.rule for defect in derivation.defects} <= {"certificate-unreadable"}


def test_a_certificate_with_a_date_that_is_none_is_a_finding() -> None:
    der = shop().public_bytes(DER)
    broken = der.replace(b"271125", b"271325")
    assert broken != der
    assert rules(broken) == ["certificate-unreadable"]


@pytest.mark.parametrize("kid", [None, ""])
def test_a_certificate_needs_a_kid(kid: str | None) -> None:
    derivation = derive(certificate_source(shop().public_bytes(PEM), kid=kid), NOW)
    assert [(defect.rule, defect.field) for defect in derivation.defects] == [("key-kid-missing", "kid")]
    assert derivation.jwk is None
    assert derivation.certificate == shop()


@pytest.mark.parametrize("algorithm", ["ES256", "rs256", "none", "", "RS384", "HS256"])
def test_only_two_algorithms_are_known(algorithm: str) -> None:
    derivation = derive(certificate_source(shop().public_bytes(PEM), algorithm=algorithm), NOW)
    assert [(defect.rule, defect.field) for defect in derivation.defects] == [("jwk-alg", "algorithm")]
    assert derivation.jwk is None


def test_all_that_is_wrong_is_said_at_once() -> None:
    made = making.certificate(making.rsa_key("small", 1024), begins=NOW - 9 * DAY, ends=NOW - DAY)
    content = made.public_bytes(PEM)
    assert set(rules(content, algorithm="ES256")) == {"certificate-expired", "key-too-small", "jwk-alg"}


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda rest: b"-----BEGIN CERTIFICATE-----\n" + rest))
def test_no_file_breaks_the_reader(content: bytes) -> None:
    derivation = derive(certificate_source(content), NOW)
    assert derivation.defects
    assert derivation.jwk is None


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_no_damaged_certificate_breaks_the_reader(position: int, octet: int) -> None:
    der = bytearray(shop().public_bytes(DER))
    der[position % len(der)] = octet
    derive(certificate_source(bytes(der)), NOW)


def test_the_first_of_a_chain_is_the_keys_own() -> None:
    chain = making.other().public_bytes(PEM) + shop().public_bytes(PEM)
    derivation = derive(certificate_source(chain), NOW)
    assert isinstance(derivation.certificate, x509.Certificate)
    assert derivation.certificate == making.other()
    assert derivation.jwk is not None
    assert len(derivation.jwk.x5c) == 1


def _framed(der: bytes) -> bytes:
    body = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


BODIES = st.one_of(
    st.sampled_from((b"A", b"x", b"=", b"\n", b"xX", b"AAAA\n")).flatmap(
        lambda piece: st.integers(0, 500).map(lambda times: piece * times)
    ),
    st.text("AQx+/=\n", max_size=600).map(str.encode),
)


@given(BODIES)
def test_the_quick_way_says_what_the_recogniser_says(body: bytes) -> None:
    content = b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"
    assert derive(certificate_source(content), NOW) == derive(certificate_source(b"\n" + content), NOW)


def test_the_quick_way_knows_other_content_of_the_frame() -> None:
    der = shop().public_bytes(DER)
    private = making.rsa_key().private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for inside in (der, der[:-1], der + b"\0", private, b"\0" * 400):
        content = _framed(inside)
        quick, slow = derive(certificate_source(content), NOW), derive(certificate_source(b"\n" + content), NOW)
        assert quick == slow
        assert (quick.jwk is not None) == (inside == der)
