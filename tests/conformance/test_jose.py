"""What we make of a key, other people's JOSE libraries, keytool and openssl accept."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import ssl
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

import jwt
import pytest
from joserfc import jwt as joserfc_jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import RSAKey
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jws as jwcrypto_jws
from jwcrypto import jwt as jwcrypto_jwt

from tests.conformance.material import certificate, certificate_pem, private_key_pem, rsa_key
from tests.conformance.product import Configuration, LocalOrg, provisioner
from tests.conformance.soap import read

pytestmark = pytest.mark.conformance

ROOT = Path(__file__).parents[2]
ISSUER = "https://id.example.com"
DECLARATION = f"""
version: 1
keys:
  storefront: {{certificate: keys/storefront.crt, kid: storefront-2026, algorithm: ALGORITHM}}
keysets:
  storefront: {{issuer: "{ISSUER}", keys: [storefront]}}
"""


def program(name: str, *words: str | Path) -> str:
    """What a program of this machine prints; skips the test where it is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([found, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(params=["RS256", "RS512"])
def applied(request: pytest.FixtureRequest, configuration: Configuration) -> Configuration:
    """A configuration whose one key is in the org; its private key lies beside the config folder."""
    key = rsa_key(2)
    (configuration.keys / "storefront.crt").write_bytes(certificate_pem(certificate(key, "storefront")))
    (configuration.folder / "signer.key").write_bytes(private_key_pem(key))
    configuration.declare(DECLARATION.replace("ALGORITHM", request.param))
    configuration.run("apply", "--yes").expect(0)
    return configuration


@pytest.fixture
def stored(applied: Configuration, org: LocalOrg) -> dict[str, Any]:
    """The JWK as the org holds it, read without our product."""
    found = json.loads(read(org, "PublicKeyCertificate", "storefront")["jsonWebKey"])
    assert isinstance(found, dict)
    return found


def verified(token: str, stored: dict[str, Any]) -> list[dict[str, Any]]:
    """The token's claims, as joserfc and as jwcrypto verify them with the stored key."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc warns about its own future, not about the key
        theirs = joserfc_jwt.decode(token, RSAKey.import_key(stored), algorithms=[stored["alg"]]).claims
    others = jwcrypto_jwt.JWT(jwt=token, key=jwcrypto_jwk.JWK(**stored), algs=[stored["alg"]]).claims
    return [theirs, json.loads(others)]


def test_two_libraries_verify_tokens_with_the_stored_key(stored: dict[str, Any]) -> None:
    claims = {"sub": "customer-1", "iss": ISSUER, "exp": int(time.time()) + 600}
    token = jwt.encode(claims, private_key_pem(rsa_key(2)), algorithm=stored["alg"], headers={"kid": stored["kid"]})

    assert verified(token, stored) == [claims, claims]


def test_two_libraries_refuse_tokens_of_another_key(stored: dict[str, Any]) -> None:
    claims = {"sub": "customer-1", "iss": ISSUER, "exp": int(time.time()) + 600}
    token = jwt.encode(claims, private_key_pem(rsa_key(3)), algorithm=stored["alg"], headers={"kid": stored["kid"]})

    with pytest.raises(BadSignatureError):
        joserfc_jwt.decode(token, RSAKey.import_key(stored), algorithms=[stored["alg"]])
    with pytest.raises(jwcrypto_jws.InvalidJWSSignature):
        jwcrypto_jwt.JWT(jwt=token, key=jwcrypto_jwk.JWK(**stored), algs=[stored["alg"]])


def test_two_libraries_verify_the_tokens_that_we_mint(applied: Configuration, stored: dict[str, Any]) -> None:
    words = ("token", "mint", "--keyset", "storefront", "--key-file", "signer.key", "--sub", "customer-1")
    token = applied.run(*words).expect(0).stdout.strip()

    assert [(claims["sub"], claims["iss"]) for claims in verified(token, stored)] == [("customer-1", ISSUER)] * 2
    assert jwt.get_unverified_header(token) == {"alg": stored["alg"], "typ": "JWT", "kid": "storefront-2026"}


def test_the_stored_keys_certificate_is_the_key(stored: dict[str, Any], applied: Configuration) -> None:
    pem = ssl.DER_cert_to_PEM_cert(base64.b64decode(stored["x5c"][0], validate=True))

    assert jwcrypto_jwk.JWK.from_pem(pem.encode()).thumbprint() == jwcrypto_jwk.JWK(**stored).thumbprint()
    assert pem.split() == (applied.keys / "storefront.crt").read_text(encoding="utf-8").split()


def test_the_stored_key_has_no_private_member(stored: dict[str, Any]) -> None:
    assert not stored.keys() & {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
    assert not jwcrypto_jwk.JWK(**stored).has_private


def test_keytool_and_openssl_print_the_stored_certificate(stored: dict[str, Any], tmp_path: Path) -> None:
    # As Salesforce's own troubleshooting page has it: armour around the text of x5c.
    (tmp_path / "public.pem").write_text(
        f"-----BEGIN CERTIFICATE-----\n{stored['x5c'][0]}\n-----END CERTIFICATE-----\n", encoding="utf-8"
    )
    digest = hashlib.sha256(base64.b64decode(stored["x5c"][0])).hexdigest().upper()

    assert "Owner: CN=storefront" in program("keytool", "-printcert", "-file", tmp_path / "public.pem")
    printed = program("openssl", "x509", "-in", tmp_path / "public.pem", "-noout", "-fingerprint", "-sha256")
    assert printed.strip().partition("=")[2].replace(":", "") == digest


def generated(folder: Path, *words: str) -> tuple[Path, Path]:
    """The private key and the certificate that `keys generate storefront` makes in a fresh configuration."""
    config = folder / "config"
    provisioner("init", config, cwd=folder).expect(0)
    before = set((config / "keys").glob("*"))
    private = folder / "storefront.key"
    command = ("keys", "generate", "generated", "--private-key", str(private), "--config", str(config), *words)
    provisioner(*command, cwd=folder).expect(0)
    (public,) = {path for path in set((config / "keys").glob("*")) - before if path.suffix in {".crt", ".csr"}}
    return private, public


def test_keytool_and_openssl_accept_a_generated_pair(tmp_path: Path) -> None:
    private, public = generated(tmp_path)

    assert "Owner:" in program("keytool", "-printcert", "-file", public)
    program("openssl", "rsa", "-in", private, "-check", "-noout")
    assert program("openssl", "rsa", "-in", private, "-noout", "-modulus") == program(
        "openssl", "x509", "-in", public, "-noout", "-modulus"
    )
    # Salesforce wants ten days of validity at the least.
    program("openssl", "x509", "-in", public, "-noout", "-checkend", str(10 * 24 * 3600))


def test_openssl_accepts_a_generated_signing_request(tmp_path: Path) -> None:
    _, request = generated(tmp_path, "--csr")

    program("openssl", "req", "-in", request, "-verify", "-noout")


def test_keytool_and_openssl_print_the_examples_certificates() -> None:
    certificates = sorted((ROOT / "config" / "keys").glob("*.crt"))
    assert certificates

    for path in certificates:
        assert "Owner:" in program("keytool", "-printcert", "-file", path)
        program("openssl", "x509", "-in", path, "-noout", "-subject")
