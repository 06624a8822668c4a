"""JWKS of identity providers, each in the shape that the provider serves, with keys of our own.

Sources: the providers' documentation of their JWKS, and the members of their public endpoints.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from provisioner.jose.endpoint_diagnosis import EndpointDiagnosis, judge_endpoint
from provisioner.jose.jwks_answer import Hop, JwksAnswer
from tests.jose.making import NOW, jwk_members
from tests.jose.test_identity_providers import ISSUERS

HASH = "3q2-7wAAAAAAAAAAAAAAAAAAAAA"
ENTRA = {"alg": None, "x5t": HASH, "cloud_instance_name": "microsoftonline.com", "issuer": "https://sts.windows.net/x/"}
BARE: dict[str, Any] = {"x5c": None}
DAY = {"content-type": "application/json; charset=utf-8", "cache-control": "max-age=86400, private"}
HOURS = {"content-type": "application/json; charset=UTF-8", "cache-control": "public, max-age=20000, must-revalidate"}
NO_CACHE = {"content-type": "application/json", "cache-control": "no-cache"}
SHAPES: dict[str, tuple[list[dict[str, Any]], dict[str, str]]] = {
    "Microsoft Entra ID (tokens of version 2)": ([ENTRA, ENTRA], DAY),
    "Microsoft Entra ID (tokens of version 1)": ([ENTRA, ENTRA], DAY),
    "Microsoft Entra External ID": ([{"alg": None, "x5c": None, "nbf": 1493763266}], DAY),
    "Azure AD B2C": ([{"alg": None, "x5c": None, "nbf": 1493763266}], DAY),
    "Apple": ([BARE, BARE], HOURS),
    "Auth0": ([{"x5t": HASH}, {"x5t": HASH}], HOURS),
    "Okta": ([BARE], HOURS),
    "Okta (org authorization server)": ([BARE], HOURS),
    "Amazon Cognito": ([BARE, BARE], HOURS),
    "Google": ([BARE, BARE], HOURS),
    "Firebase": ([BARE, BARE], HOURS),
    "Keycloak": ([{"x5t": HASH, "x5t#S256": HASH}, {"use": "enc", "alg": "RSA-OAEP"}], NO_CACHE),
    "PingOne": ([{"x5t": HASH}], HOURS),
}


def judged(name: str) -> EndpointDiagnosis:
    shapes, headers = SHAPES[name]
    keys = [jwk_members(kid=f"kid-{number}", **shape) for number, shape in enumerate(shapes)]
    url = next(keys for known, _, keys in ISSUERS if known == name)
    body = json.dumps({"keys": keys}).encode()
    return judge_endpoint(url, JwksAnswer(url, (Hop(url, "93.184.216.34", 200),), 200, headers, body), NOW, "kid-0")


def test_every_provider_has_a_shape() -> None:
    assert set(SHAPES) == {name for name, _, _ in ISSUERS}


@pytest.mark.parametrize("name", SHAPES)
def test_the_keys_of_a_provider_are_usable(name: str) -> None:
    diagnosis = judged(name)
    assert (diagnosis.verdict, diagnosis.found) == ("ok", True)
    assert diagnosis.provider is not None
    assert diagnosis.provider.name.partition(" (")[0] == name.partition(" (")[0]
    signing = [key for key in diagnosis.keys if key.alg != "RSA-OAEP"]
    assert all(key.usable for key in signing)


@pytest.mark.parametrize("name", SHAPES)
def test_no_advice_is_for_the_owner_of_the_endpoint(name: str) -> None:
    diagnosis = judged(name)
    defects = [*diagnosis.defects, *(defect for key in diagnosis.keys for defect in key.defects)]
    for defect in defects:
        assert "No action" in defect.fix, defect


def test_a_provider_that_signs_with_another_algorithm() -> None:
    url = "https://acme.eu.auth0.com/.well-known/jwks.json"
    key = {"kty": "EC", "crv": "P-256", "kid": "k", "use": "sig", "alg": "ES256", "x": "AA", "y": "AA"}
    answer = JwksAnswer(url, (Hop(url, "93.184.216.34", 200),), 200, HOURS, json.dumps({"keys": [key]}).encode())
    diagnosis = judge_endpoint(url, answer, NOW)
    assert diagnosis.problem is not None
    assert "Set the signing algorithm to RS256 at Auth0" in diagnosis.problem.fix
