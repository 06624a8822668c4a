"""Minting: what stands in a token, and a signature that is broken and nothing else."""

from __future__ import annotations

import base64

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from provisioner.errors import InputError
from provisioner.secrets import Secret
from provisioner.tokens.minting import Signer, load_signing_key, mint, with_broken_signature
from tests.jose.making import PEM, private_pem, rsa_key, shop

NOW = 1_900_000_000.9


def token(algorithm: str = "RS256", **more: object) -> str:
    signer = Signer(rsa_key(), "shop-1", algorithm)
    return mint(signer, issuer="https://id.example.com", subject="uv-probe-1", now=NOW, **more).reveal()  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", ["RS256", "RS512"])
def test_a_token_says_what_salesforce_asks_for(algorithm: str) -> None:
    made = token(algorithm, lifetime=120, audience="x")
    assert jwt.get_unverified_header(made) == {"alg": algorithm, "typ": "JWT", "kid": "shop-1"}
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(made, rsa_key().public_key(), [algorithm], audience="x", options=options)  # type: ignore[arg-type]
    assert claims == {
        "iss": "https://id.example.com", "sub": "uv-probe-1", "iat": 1_899_999_970, "exp": 1_900_000_120, "aud": "x",
    }  # fmt: skip


def test_a_broken_signature_differs_by_one_bit() -> None:
    good = Secret(token())
    broken = with_broken_signature(good).reveal()
    assert broken.rpartition(".")[0] == good.reveal().rpartition(".")[0]

    def octets(text: str) -> int:
        return int.from_bytes(base64.urlsafe_b64decode(text.rpartition(".")[2] + "=="), "big")

    assert (octets(broken) ^ octets(good.reveal())).bit_count() == 1
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.PyJWS().decode(broken, rsa_key().public_key(), algorithms=["RS256"])


@pytest.mark.parametrize("unsigned", ["a.b.", "a.b.c", "nothing"])
def test_a_signature_that_cannot_be_broken(unsigned: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        with_broken_signature(Secret(unsigned))


@pytest.mark.parametrize(
    ("pem", "code"),
    [
        (private_pem(passphrase=b"open sesame"), "key-encrypted"),
        (private_pem(ec.generate_private_key(ec.SECP256R1())), "key-not-rsa"),
        (private_pem(rsa_key("small", 1024)), "key-too-small"),
        (b"hello", "key-unreadable"),
        (shop().public_bytes(PEM), "key-unreadable"),
    ],
)
def test_a_key_that_cannot_sign(pem: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        load_signing_key(Secret(pem.decode()), "signer.key")
    assert caught.value.code == code
    assert caught.value.message.startswith("The private key signer.key ")
    assert "login" not in caught.value.message + caught.value.next


def test_a_good_key_is_read() -> None:
    assert (
        load_signing_key(Secret(private_pem().decode()), "signer.key").private_numbers() == rsa_key().private_numbers()
    )
