"""What is minted, judged from outside: PyJWT, joserfc, jwcrypto, OpenSSL, and our own `token explain`."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

import jwt
import pytest
from joserfc import jws as joserfc_jws
from joserfc.jwk import OctKey, RSAKey
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jws as jwcrypto_jws

from provisioner.tokens import IdentityTokenMinter, intercom_user_jwt
from tests.jose.making import private_pem, public_pem
from tests.tokens.making import ISSUER, STATE, TIME, explained

pytestmark = pytest.mark.conformance
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(params=["RS256", "RS512"])
def algorithm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def token(algorithm: str) -> str:
    minter = IdentityTokenMinter(private_pem(), kid="shop-1", issuer=ISSUER, algorithm=algorithm, clock=lambda: TIME)
    return minter.mint("Zoë +1@example.com", claims={"tier": "gold"})


def broken(token: str) -> str:
    head, _, signature = token.rpartition(".")
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def test_pyjwt(token: str, algorithm: str) -> None:
    assert b"gold" in jwt.PyJWS().decode(token, public_pem(), [algorithm])
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.PyJWS().decode(broken(token), public_pem(), [algorithm])


def test_joserfc(token: str, algorithm: str) -> None:
    key = RSAKey.import_key(public_pem().decode())
    found = joserfc_jws.deserialize_compact(token, key, algorithms=[algorithm])
    assert found.headers() == {"alg": algorithm, "typ": "JWT", "kid": "shop-1"}
    assert json.loads(found.payload)["sub"] == "Zoë +1@example.com"
    with pytest.raises(Exception, match="bad_signature"):
        joserfc_jws.deserialize_compact(broken(token), key, algorithms=[algorithm])


def test_jwcrypto(token: str, algorithm: str) -> None:
    read = jwcrypto_jws.JWS()
    read.allowed_algs = [algorithm]
    read.deserialize(token, jwcrypto_jwk.JWK.from_pem(public_pem()))
    assert json.loads(read.payload)["iss"] == ISSUER
    with pytest.raises(jwcrypto_jws.InvalidJWSSignature):
        jwcrypto_jws.JWS().deserialize(broken(token), jwcrypto_jwk.JWK.from_pem(public_pem()))


def test_openssl(token: str, algorithm: str, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    (tmp_path / "public.pem").write_bytes(public_pem())
    digest = {"RS256": "-sha256", "RS512": "-sha512"}[algorithm]
    for text, status in ((token, 0), (broken(token), 1)):
        signed, _, signature = text.rpartition(".")
        (tmp_path / "signed").write_text(signed)
        (tmp_path / "signature").write_bytes(base64.urlsafe_b64decode(signature + "=="))
        words = ["dgst", digest, "-verify", "public.pem", "-signature", "signature", "signed"]
        done = subprocess.run([openssl, *words], cwd=tmp_path, capture_output=True, stdin=subprocess.DEVNULL)
        assert done.returncode == status, done


def test_our_own_judgement(token: str, algorithm: str) -> None:
    explanation = explained(token.encode())
    # RS512 by a key whose JWK says RS256: the one thing that nobody has proven.
    assert explanation.accepted is (True if algorithm == "RS256" else None)
    assert explained(token.encode(), STATE, "App_Chat").accepted is False
    assert explained(broken(token).encode()).accepted is False


def test_intercoms_token(tmp_path: Path) -> None:
    token = intercom_user_jwt(SECRET, "4711")
    assert jwt.decode(token, SECRET, ["HS256"])["user_id"] == "4711"
    key = OctKey.import_key(SECRET)
    assert json.loads(joserfc_jws.deserialize_compact(token, key, algorithms=["HS256"]).payload)["user_id"] == "4711"
    explanation = explained(token.encode())
    assert explanation.accepted is False
    assert explanation.recognised is not None
