"""Keys, tokens and endpoints that are the same in every run: made with the published key of RFC 7515 Appendix A.2."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from provisioner.jose.jwks_answer import Hop, JwksAnswer
from provisioner.model.verification import KnownChannel, KnownConfiguration, KnownKey, KnownKeyset
from provisioner.tokens.verification_state import VerificationState
from tests.jose.making import NOW, certificate, jwk_members
from tests.tokens.making import ISSUER, jwk_of

RFC = json.loads((Path(__file__).parents[1] / "vectors/jose/rfc.json").read_text("utf-8"))
URL = "https://id.example.com/.well-known/jwks.json"


@cache
def private_key() -> rsa.RSAPrivateKey:
    made = RSAAlgorithm.from_jwk(RFC["rfc7515_a2"]["key"])
    assert isinstance(made, rsa.RSAPrivateKey)
    return made


@cache
def shop(**dates: Any) -> x509.Certificate:
    return certificate(private_key(), **dates)


def members(**changes: Any) -> dict[str, Any]:
    return jwk_members(shop(), **changes)


def state() -> VerificationState:
    return VerificationState(
        source="the declaration under sandbox",
        keys={"shop": KnownKey("shop", True, jwk_of(shop()))},
        keysets={"web": KnownKeyset("web", ISSUER, ("shop",))},
        channels={"Web_Chat": KnownChannel("Web_Chat", True, (KnownConfiguration("login", "web", True),), 60)},
    )


def answer(body: bytes, status: int = 200, content_type: str = "application/json") -> JwksAnswer:
    headers = {"content-type": content_type, "cache-control": "public, max-age=300"}
    return JwksAnswer(URL, (Hop(URL, "93.184.216.34", status),), status, headers, body)


MOMENT = NOW
