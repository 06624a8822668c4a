"""Keys that we make, and what we say of keys, held against openssl, keytool and other people's JOSE libraries."""

from __future__ import annotations

import base64
import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jwt as jwcrypto_jwt

from tests.conformance.product import provisioner
from tests.conformance.test_jose import program

pytestmark = pytest.mark.conformance

PASSPHRASE = "a rather long one"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `keys generate` says of an encrypted pair of 3072 bits in a fresh configuration."""
    folder = tmp_path_factory.mktemp("generated")
    provisioner("init", cwd=folder).expect(0)
    words = ("keys", "generate", "storefront_2027", "--bits", "3072", "--algorithm", "RS512", "--format", "json")
    environment = {"KEY_PASSPHRASE": PASSPHRASE}
    done = provisioner(*words, "--passphrase-env", "KEY_PASSPHRASE", cwd=folder, environment=environment).expect(0)
    document = done.document
    document["folder"] = folder
    return document


def certificate(made: dict[str, Any]) -> Path:
    found = made["folder"] / made["certificate"]["file"]
    assert isinstance(found, Path)
    return found


def signed(made: dict[str, Any], tmp_path: Path) -> str:
    """A token that openssl signs with the private key (RFC 7515 §3.3)."""

    def url(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    header = {"alg": "RS512", "kid": made["kid"], "typ": "JWT"}
    text = ".".join(url(json.dumps(part).encode()) for part in (header, {"sub": "customer-1"}))
    (tmp_path / "signed").write_text(text, encoding="ascii")
    words = ("-sha512", "-sign", made["private_key"], "-passin", f"pass:{PASSPHRASE}", "-out", tmp_path / "signature")
    program("openssl", "dgst", *words, tmp_path / "signed")
    return f"{text}.{url((tmp_path / 'signature').read_bytes())}"


def test_jwcrypto_verifies_what_the_private_key_signs(made: dict[str, Any], tmp_path: Path) -> None:
    key = jwcrypto_jwk.JWK(**made["jwk"])

    assert jwcrypto_jwt.JWT(jwt=signed(made, tmp_path), key=key, algs=["RS512"]).claims == '{"sub": "customer-1"}'
    assert not key.has_private


def test_joserfc_verifies_what_the_private_key_signs(made: dict[str, Any], tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc warns about its own future, not about the key
        from joserfc import jwt
        from joserfc.jwk import RSAKey

        decoded = jwt.decode(signed(made, tmp_path), RSAKey.import_key(made["jwk"]), algorithms=["RS512"])

    assert decoded.claims == {"sub": "customer-1"}


def test_the_thumbprint_is_the_one_that_others_compute(made: dict[str, Any]) -> None:
    assert jwcrypto_jwk.JWK(**made["jwk"]).thumbprint() == made["thumbprint"]
    assert jwcrypto_jwk.JWK.from_pem(certificate(made).read_bytes()).thumbprint() == made["thumbprint"]


def test_openssl_and_keytool_name_the_same_certificate(made: dict[str, Any]) -> None:
    shown = program("openssl", "x509", "-in", certificate(made), "-noout", "-fingerprint", "-sha256", "-purpose")
    listed = program("keytool", "-printcert", "-file", certificate(made))

    assert made["certificate"]["sha256"] in shown.replace(":", "").lower()
    assert made["certificate"]["sha256"] in listed.replace(":", "").lower()
    assert "3072-bit RSA key" in listed
    assert "SHA256withRSA" in listed


def test_openssl_verifies_the_certificate_by_itself(made: dict[str, Any]) -> None:
    words = ("-x509_strict", "-CAfile", certificate(made), "-partial_chain", certificate(made))
    assert "OK" in program("openssl", "verify", *words)


def test_openssl_reads_the_encrypted_private_key_as_pkcs8(made: dict[str, Any]) -> None:
    private, phrase = made["private_key"], ("-passin", f"pass:{PASSPHRASE}")
    assert "RSA key ok" in program("openssl", "rsa", "-in", private, *phrase, "-check", "-noout")
    public = program("openssl", "pkey", "-in", private, *phrase, "-pubout")

    assert public == program("openssl", "x509", "-in", certificate(made), "-noout", "-pubkey")
    assert program("openssl", "pkcs8", "-in", private, *phrase).startswith("-----BEGIN PRIVATE KEY-----")


def test_a_certificate_issued_by_openssl_is_accepted(tmp_path: Path) -> None:
    provisioner("init", cwd=tmp_path).expect(0)
    asked = provisioner("keys", "generate", "shop", "--csr", "--format", "json", cwd=tmp_path).expect(0).document
    authority = ("-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Authority", "-days", "30")
    program("openssl", "req", *authority, "-keyout", tmp_path / "ca.key", "-out", tmp_path / "ca.crt")
    request = tmp_path / asked["request"]
    words = ("-req", "-in", request, "-CA", tmp_path / "ca.crt", "-CAkey", tmp_path / "ca.key", "-days", "99")
    program("openssl", "x509", *words, "-out", tmp_path / "signed.crt")

    provisioner("keys", "generate", "shop", "--certificate", "signed.crt", cwd=tmp_path).expect(0)

    provisioner("validate", "--env", "local", "--strict", cwd=tmp_path).expect(0)
    inspected = provisioner("keys", "inspect", asked["private_key"], "--format", "json", cwd=tmp_path).expect(0)
    assert [match["name"] for match in inspected.document["keys"][0]["declared"]] == ["shop"]


def test_other_libraries_read_the_jwks_to_serve(made: dict[str, Any]) -> None:
    folder = made["folder"]
    declaration = folder / "config/user-verification.yaml"
    text = declaration.read_text(encoding="utf-8")
    if "keysets: {" not in text:
        keysets = 'keysets: {shop: {issuer: "https://id.example.com", keys: [storefront_2027]}}\n'
        declaration.write_text(text + keysets, encoding="utf-8")
    printed = provisioner("keys", "jwks", "shop", cwd=folder).expect(0).stdout

    found = jwcrypto_jwk.JWKSet.from_json(printed)
    assert [key.thumbprint() for key in found] == [made["thumbprint"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from joserfc.jwk import KeySet

        assert [key.kid for key in KeySet.import_key_set(json.loads(printed)).keys] == [made["kid"]]
