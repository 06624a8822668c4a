"""Why a key does not upload: every question of Salesforce's troubleshooting page, and every file that is no JWK."""

from __future__ import annotations

import base64
import json
import textwrap
import warnings
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given
from hypothesis import strategies as st

from provisioner.jose.certificates import Certificate, describe, read_der
from provisioner.jose.defects import Findings
from provisioner.jose.diagnosis import KeyDiagnosis, diagnose
from provisioner.jose.inspection import InspectedKey, inspect
from provisioner.jose.recognition import Kind
from provisioner.jose.repair import Given, repair
from provisioner.rules.pages import rule_ids
from tests.jose import making
from tests.jose.key_files import every_file
from tests.jose.making import DER, NOW, PEM, files, jwk_members, rsa_key, shop

PLACEHOLDERS = {"y": "y", "crv": "crv", "d": "d", "k": "k"}
SECRET = "X4cTteJY-gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH"


def judged(content: Any, **options: Any) -> KeyDiagnosis:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return diagnose(raw, "file", NOW, **options)


def rules(diagnosis: KeyDiagnosis) -> set[str]:
    return {defect.rule for defect in diagnosis.defects}


def salesforces_tool(**changes: Any) -> bytes:
    """What the key-command-line-utility prints on stdout."""
    members = {**jwk_members(**changes), **PLACEHOLDERS}
    return b"reading Resource path PublicCertFile.crt\nJWK : " + json.dumps(members).encode() + b"\n"


def test_a_jwk_without_a_fault_uploads() -> None:
    diagnosis = judged(jwk_members())
    assert diagnosis.uploadable
    assert diagnosis.defects == ()
    assert diagnosis.taken.what == "a JWK"
    assert diagnosis.public_members == jwk_members()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"kty": None}, "jwk-member-missing"),
        ({"kid": None}, "jwk-member-missing"),
        ({"alg": None}, "jwk-member-missing"),
        ({"x5c": None}, "jwk-member-missing"),
        ({"x5c": "MII"}, "x5c-not-array"),
        ({"x5c": ["%%%"]}, "x5c-not-base64"),
        ({"x5c": [base64.urlsafe_b64encode(shop().public_bytes(DER)).decode()]}, "x5c-base64url"),
        ({"x5c": [shop().public_bytes(PEM).decode()]}, "x5c-pem-armour"),
        ({"x5c": ["\n".join(textwrap.wrap(making.der_base64(shop()), 64))]}, "x5c-line-breaks"),
        ({"n": base64.b64encode(b"\xff" * 256).decode()}, "jwk-modulus-encoding"),
        ({"n": jwk_members(making.other())["n"]}, "jwk-modulus-mismatch"),
        ({"alg": "HS256"}, "jwk-alg"),
        ({"kty": "EC"}, "jwk-kty"),
        ({"d": SECRET}, "jwk-private-member"),
    ],
)
def test_each_reason_of_the_troubleshooting_page_is_found(changes: dict[str, Any], rule: str) -> None:
    diagnosis = judged(jwk_members(**changes))
    assert rule in rules(diagnosis)
    assert not diagnosis.uploadable


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("expired.crt", "certificate-expired"),
        ("ends-in-9-days.crt", "certificate-ends-within-10-days"),
        ("next-year.crt", "certificate-not-yet-valid"),
        ("ec.crt", "certificate-not-rsa"),
        ("rsa-1024.crt", "key-too-small"),
    ],
)
def test_an_unusable_certificate_has_two_findings(name: str, rule: str) -> None:
    assert rules(judged(files()[name])) >= {"jwk-not-json", rule}


def test_placeholders_alone_are_a_warning() -> None:
    diagnosis = judged({**jwk_members(), **PLACEHOLDERS})
    assert diagnosis.uploadable
    assert rules(diagnosis) == {"jwk-placeholders"}
    assert not set(PLACEHOLDERS) & set(diagnosis.public_members or {})


def test_what_salesforces_tool_prints_is_read_with_its_lines() -> None:
    diagnosis = judged(salesforces_tool())
    assert rules(diagnosis) == {"jwk-not-json", "jwk-placeholders"}
    assert diagnosis.public_members == jwk_members()
    (placed,) = [finding for finding in diagnosis.findings("file") if finding.rule == "jwk-placeholders"]
    assert placed.location is not None
    assert placed.location.line == 2


def test_other_text_around_a_jwk_is_named() -> None:
    diagnosis = judged(b"Here is the key:\n" + json.dumps(jwk_members()).encode() + b"\nthanks")
    assert rules(diagnosis) == {"jwk-not-json"}
    assert diagnosis.public_members == jwk_members()


def test_utf_16_is_named_and_its_content_is_judged() -> None:
    diagnosis = judged(json.dumps(jwk_members(kid=None)).encode("utf-16"))
    assert rules(diagnosis) == {"jwk-not-json", "jwk-member-missing"}
    assert "UTF-16" in diagnosis.defects[0].message


class TestSets:
    def test_a_set_is_judged_key_by_key(self) -> None:
        diagnosis = judged({"keys": [jwk_members(), jwk_members(making.other(), kid="b", alg="none")]})
        assert rules(diagnosis) == {"jwk-is-a-set", "jwk-alg"}
        assert diagnosis.taken.what == "a set of 2 keys (JWKS)"
        assert next(each for each in diagnosis.defects if each.rule == "jwk-alg").message.startswith("file keys[1]")

    def test_an_array_is_a_set_too(self) -> None:
        assert rules(judged([jwk_members()])) == {"jwk-is-a-set"}

    def test_a_kid_chooses(self) -> None:
        both = {"keys": [jwk_members(), jwk_members(making.other(), kid="b")]}
        assert judged(both).public_members is None
        assert (judged(both, kid="b").public_members or {})["kid"] == "b"
        assert judged(both, kid="c").public_members is None

    @pytest.mark.parametrize("keys", [[], [None], ["x", 3], [[[]]], [{"kty": []}]])
    def test_what_is_no_key_in_it_is_survived(self, keys: list[Any]) -> None:
        assert not judged({"keys": keys}).uploadable


def keystore() -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"shop", rsa_key(), shop(), None, serialization.BestAvailableEncryption(b"changeit")
    )


@pytest.mark.parametrize(
    ("content", "kind", "word"),
    [
        (shop().public_bytes(PEM), Kind.CERTIFICATE, "certificate (PEM)"),
        (shop().public_bytes(DER), Kind.CERTIFICATE, "certificate (DER)"),
        (making.der_base64(shop()).encode(), Kind.CERTIFICATE, "without its PEM lines"),
        (shop().public_bytes(PEM).replace(b"\n", b"\\n"), Kind.CERTIFICATE, "certificate (PEM)"),
        (textwrap.indent(shop().public_bytes(PEM).decode(), "    ").encode(), Kind.CERTIFICATE, "certificate (PEM)"),
        (shop().public_bytes(PEM).replace(b"\n", b"\r\n"), Kind.CERTIFICATE, "certificate (PEM)"),
        (shop().public_bytes(PEM) + making.other().public_bytes(PEM), Kind.CERTIFICATE, "2 certificates"),
        (making.private_pem(), Kind.PRIVATE_KEY, "an RSA private key (PEM, PKCS #8)"),
        (making.private_pem(traditional=True), Kind.PRIVATE_KEY, "an RSA private key (PEM, PKCS #1)"),
        (making.private_pem(passphrase=b"hunter2"), Kind.PRIVATE_KEY, "with a passphrase"),
        (making.private_pem() + shop().public_bytes(PEM), Kind.PRIVATE_KEY, "and a certificate"),
        (
            rsa_key().private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
            Kind.PRIVATE_KEY,
            "an RSA private key (DER, PKCS #8)",
        ),
        (making.public_pem(), Kind.PUBLIC_KEY, "public key (PEM)"),
        (
            rsa_key().public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo),
            Kind.PUBLIC_KEY,
            "public key (DER)",
        ),
        (b"ssh-rsa AAAAB3Nza shop", Kind.PUBLIC_KEY, "SSH"),
        (making.request_pem(), Kind.CERTIFICATE_REQUEST, "certificate request"),
        (keystore(), Kind.PKCS12, "PKCS #12"),
        (b"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----", Kind.PKCS7, "PKCS #7"),
        (b"\xfe\xed\xfe\xed\0\0\0\2", Kind.KEYSTORE, "Java keystore"),
        (b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ.c2ln", Kind.JWT, "token"),
        (
            b'<?xml version="1.0"?><PublicKeyCertificate xmlns="http://soap.sforce.com/2006/04/metadata">',
            Kind.METADATA,
            "jsonWebKey",
        ),
        (b"<!DOCTYPE html><html>", Kind.OTHER, "web page"),
        (b"PK\x03\x04 zip", Kind.OTHER, "ZIP"),
        (b"", Kind.OTHER, "empty"),
        (b"\0\1\2\3", Kind.OTHER, "nothing that is known"),
        (b"-----BEGIN NONSENSE-----\n", Kind.OTHER, "another kind"),
    ],
)
def test_a_file_is_called_what_it_is(content: bytes, kind: Kind, word: str) -> None:
    diagnosis = judged(content)
    assert diagnosis.taken.kind is kind
    assert word in diagnosis.taken.what
    assert not diagnosis.uploadable


def test_a_bare_certificate_without_pem_lines_is_read() -> None:
    assert judged(making.der_base64(shop()).encode()).certificate is not None


def test_a_given_certificate_is_compared_with_the_key() -> None:
    ours = read_der(shop().public_bytes(DER), "", "", Findings())
    theirs = read_der(making.other().public_bytes(DER), "", "", Findings())
    for content in (making.private_pem(), making.public_pem(), making.request_pem(), jwk_members()):
        assert judged(content, given=ours).matches is True
        assert judged(content, given=theirs).matches is False
    assert judged(making.private_pem(passphrase=b"hunter2"), given=ours).matches is None


def test_nothing_private_is_ever_shown() -> None:
    private = {name: SECRET + name for name in ("d", "p", "q", "dp", "dq", "qi", "oth", "k")}
    for content in (jwk_members(**private), {"keys": [jwk_members(**private)]}):
        diagnosis = judged(content)
        assert "jwk-private-member" in rules(diagnosis)
        said = json.dumps([diagnosis.public_members, [each.message + each.fix for each in diagnosis.defects]])
        assert SECRET not in said


def test_every_rule_that_is_named_has_a_page() -> None:
    contents: list[Any] = [
        jwk_members(kid=None),
        salesforces_tool(),
        {"keys": [jwk_members(alg="x")]},
        *files().values(),
    ]
    named = set().union(*(rules(judged(content)) for content in contents))
    assert len(named) > 8
    assert named <= set(rule_ids())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)


@given(st.binary(max_size=400))
def test_no_bytes_are_too_strange(content: bytes) -> None:
    assert not judged(content).uploadable


@given(st.dictionaries(st.sampled_from(["kty", "kid", "alg", "use", "x5c", "n", "e", "d", "k", "keys", "y"]), JSON))
def test_no_members_are_too_strange(members: dict[str, Any]) -> None:
    judged({**members})
    judged({**jwk_members(), **members})


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"keys":' * 50_000,
        b"JWK : " + b"{" * 200_000,
        b"-----BEGIN CERTIFICATE-----" * 30_000,
        b"-----BEGIN " * 90_000,
        b'{"n": ' + b"9" * 900_000 + b"}",
        json.dumps({**jwk_members(), "n": "A" * 900_000}).encode(),
        json.dumps({**jwk_members(), "e": "_" * 900_000}).encode(),
        json.dumps({**jwk_members(), "x5c": ["A" * 900_000]}).encode(),
        json.dumps({"keys": [{}] * 100_000}).encode(),
        json.dumps({f"m{number}": 0 for number in range(60_000)}).encode(),
        b"A" * 1_000_000,
        b"\xff" * 1_000_000,
        b"eyJ" + b"." * 1_000_000,
    ],
    ids=range(14),
)
def test_hostile_files_get_a_plain_answer(content: bytes) -> None:
    diagnosis = judged(content)
    assert not diagnosis.uploadable
    assert len(diagnosis.defects) < 200
    assert all(len(defect.message) < 1000 for defect in diagnosis.defects)


@pytest.mark.parametrize("name", ["public: public key of EC", "public: request of EC"])
def test_no_certificate_helps_a_key_that_is_not_rsa(name: str) -> None:
    diagnosis = diagnose(every_file()[name].content, "k", NOW)
    (obstacle,) = repair(diagnosis, Given(), NOW).obstacles
    assert "RSA only" in obstacle.problem
    assert "--certificate" not in obstacle.fix + (obstacle.option or "")
    assert all("--certificate" not in (defect.fix or "") for defect in diagnosis.defects)


@pytest.mark.parametrize("name", ["public: certificate of EC", "public: certificate, damaged"])
def test_no_jwk_is_promised_of_a_useless_certificate(name: str) -> None:
    defects = diagnose(every_file()[name].content, "k", NOW).defects
    assert len(defects) == 2
    assert all("--repair" not in (defect.fix or "") for defect in defects)


def test_a_warning_of_the_library_is_not_printed() -> None:
    """A country of four letters, and a negative serial number: certificates that other programs make."""
    changed = shop().public_bytes(DER).replace(bytes.fromhex("550403"), bytes.fromhex("550406"))
    changed = changed.replace(bytes.fromhex("02021267"), bytes.fromhex("0202ff67"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        text = describe(take_certificate(inspect(changed, "k", NOW, ()).keys[0]))
    assert text.serial.startswith("-")
    assert text.owner == "C=shop"
    assert [str(each.message) for each in caught] == []


def take_certificate(key: InspectedKey) -> Certificate:
    assert key.certificate is not None
    return key.certificate
