"""Judged from outside: keytool, OpenSSL, joserfc, jwcrypto, Wycheproof and the RFCs' own examples."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwcrypto.jwk as jwcrypto_jwk
import pytest

from provisioner.jose.certificates import CertificateText, describe
from provisioner.jose.diagnosis import diagnose
from provisioner.jose.repair import Given, repair
from provisioner.jose.served_keys import judge_served
from tests.jose.making import DER, NOW, PEM, files, jwk_members, shop
from tests.jose.test_diagnosis import salesforces_tool

VECTORS = Path(__file__).parents[1] / "vectors/jose"
RFC = json.loads((VECTORS / "rfc.json").read_text("utf-8"))
WYCHEPROOF = json.loads((VECTORS / "wycheproof-json-web-key.json").read_text("utf-8"))


def program(*words: str | Path) -> str:
    found = shutil.which(str(words[0]))
    if found is None:
        pytest.skip(f"{words[0]} is not installed")
    done = subprocess.run([found, *map(str, words[1:])], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def text_of(content: bytes) -> CertificateText:
    certificate = diagnose(content, "file", NOW).certificate
    assert certificate is not None
    return describe(certificate)


@pytest.mark.conformance
@pytest.mark.parametrize("name", ["shop.crt", "expired.crt", "rsa-1024.crt"])
def test_the_certificate_is_shown_as_keytool_shows_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(files()[name])
    printed = program("keytool", "-J-Duser.language=en", "-printcert", "-file", tmp_path / name)
    text = text_of(files()[name])
    for line in (
        f"Owner: {text.owner}\n",
        f"Issuer: {text.issuer}\n",
        f"Serial number: {text.serial}\n",
        f"SHA1: {text.sha1}\n",
        f"SHA256: {text.sha256}\n",
        f"Signature algorithm name: {text.signature_algorithm}",
        f"{text.bits}-bit RSA key",
    ):
        assert line in printed


@pytest.mark.conformance
def test_keytool_and_openssl_read_a_repaired_keys_certificate(tmp_path: Path) -> None:
    """The test that Salesforce's page describes: armour around the text of x5c, and `keytool -printcert`."""
    result = repair(diagnose(salesforces_tool(), "file", NOW), Given(), NOW)
    (x5c,) = json.loads(result.text)["x5c"]
    pem = tmp_path / "public.pem"
    pem.write_text(f"-----BEGIN CERTIFICATE-----\n{x5c}\n-----END CERTIFICATE-----\n")
    assert "Owner: CN=shop" in program("keytool", "-printcert", "-file", pem)
    printed = program("openssl", "x509", "-in", pem, "-noout", "-fingerprint", "-sha256")
    assert printed.strip().partition("=")[2] == text_of(shop().public_bytes(PEM)).sha256


def test_other_libraries_take_a_repaired_key() -> None:
    result = repair(diagnose(salesforces_tool(), "file", NOW), Given(), NOW)
    members = json.loads(result.text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc warns about its own future, not about the key
        from joserfc.jwk import RSAKey

        key = RSAKey.import_key(members)
    other = jwcrypto_jwk.JWK(**members)
    assert result.jwk is not None
    assert key.thumbprint() == other.thumbprint() == result.jwk.thumbprint
    assert not other.has_private
    with pytest.raises(jwcrypto_jwk.InvalidJWKValue):
        jwcrypto_jwk.JWK(**{**members, "d": "d"})


def test_fingerprints_are_those_of_the_der() -> None:
    der = shop().public_bytes(DER)
    text = text_of(der)
    assert text.sha256.replace(":", "").lower() == hashlib.sha256(der).hexdigest()
    assert text.sha1.replace(":", "").lower() == hashlib.sha1(der).hexdigest()


class TestTheRfcs:
    THEN = datetime(2014, 1, 1, tzinfo=UTC)

    def test_x5c_of_rfc_7517_belongs_to_its_key(self) -> None:
        """Appendix B: it lacks alg, and its certificate was good in 2014."""
        diagnosis = diagnose(json.dumps(RFC["rfc7517_b"]["jwk"]).encode(), "file", self.THEN)
        assert {each.rule for each in diagnosis.defects} == {"jwk-member-missing", "certificate-weak-signature"}
        assert diagnosis.certificate is not None
        assert describe(diagnosis.certificate).owner.startswith("CN=Brian Campbell, O=Ping Identity Corp.")
        expired = diagnose(json.dumps(RFC["rfc7517_b"]["jwk"]).encode(), "file", NOW)
        assert "certificate-expired" in {each.rule for each in expired.defects}

    def test_the_rsa_key_of_rfc_7517_can_be_served_and_not_uploaded(self) -> None:
        """Appendix A.1, with the thumbprint of RFC 7638 section 3.1."""
        keys = RFC["rfc7517_a1"]["jwks"]["keys"]
        elliptic, rsa = judge_served(keys, NOW)
        assert (elliptic.usable, rsa.usable) == (False, True)
        assert rsa.jwk is not None
        assert rsa.jwk.thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        assert not diagnose(json.dumps(keys[1]).encode(), "file", NOW).uploadable

    def test_a_private_key_of_rfc_7515_is_never_served(self) -> None:
        (key,) = judge_served([{**RFC["rfc7515_a2"]["key"], "kid": "a", "alg": "RS256"}], NOW)
        assert key.leaks
        assert not key.usable


#: A ROCA modulus looks like any other; telling it takes the attack's own arithmetic.
NOT_TOLD = {"jws_rsa_roca_key"}


@pytest.mark.parametrize("group", WYCHEPROOF["testGroups"], ids=lambda group: group["comment"])
def test_wycheproofs_bad_keys_are_of_no_use(group: dict[str, Any]) -> None:
    key_set = group.get("public") or group["private"]
    served = judge_served(key_set["keys"], NOW)
    assert len(served) == len(key_set["keys"])
    refused = {test["result"] for test in group["tests"]} == {"invalid"}
    asymmetric = all(key["kty"] == "RSA" for key in key_set["keys"])
    if group["comment"] not in NOT_TOLD:
        assert any(key.usable for key in served) == (asymmetric and not refused)
    assert not diagnose(json.dumps(key_set).encode(), "file", NOW).uploadable


def test_a_served_certificate_is_judged_with_its_key() -> None:
    (key,) = judge_served([jwk_members()], NOW)
    assert key.usable
    assert key.defects == ()
    assert key.certificate is not None
