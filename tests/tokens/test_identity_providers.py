"""Tokens of identity providers: the advice is for a reader who owns the keyset, not the provider."""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.tokens.check import CheckId
from tests.jose.test_identity_providers import ISSUERS, TENANT
from tests.tokens.making import explained, message, statuses, token, with_keyset

#: Claims and headers as each provider writes them, beside iss, sub and exp.
SHAPES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (f"https://login.microsoftonline.com/{TENANT}/v2.0", {"tid": TENANT, "ver": "2.0", "azp": "x"}, {}),
    (f"https://sts.windows.net/{TENANT}/", {"tid": TENANT, "ver": "1.0", "appid": "x"}, {}),
    ("https://acme.eu.auth0.com/", {"azp": "x", "scope": "openid"}, {}),
    ("https://acme.okta.com/oauth2/default", {"ver": 1, "cid": "x", "scp": ["chat"]}, {"typ": None}),
    ("https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI", {"token_use": "id"}, {"typ": None}),
    ("https://securetoken.google.com/acme-shop", {"auth_time": 1, "firebase": {}}, {}),
    ("https://sso.acme.example/auth/realms/chat", {"azp": "x", "realm_access": {}}, {}),
    (f"https://auth.pingone.eu/{TENANT}/as", {"client_id": "x"}, {}),
]


@pytest.mark.parametrize(("issuer", "claims", "header"), SHAPES, ids=[each[0] for each in SHAPES])
def test_the_keyset_follows_the_provider(issuer: str, claims: dict[str, Any], header: dict[str, Any]) -> None:
    explanation = explained(token({"iss": issuer, **claims}, header))
    found = {check.id: check for check in explanation.checks}
    fix = found[CheckId.ISS_KNOWN].fix or ""
    jwks = {named: keys for _, named, keys in ISSUERS}.get(issuer, f"{issuer}/protocol/openid-connect/certs")
    assert statuses(explanation)["iss-known"] == "failed"
    assert f'Write "{issuer}" as the issuer of a keyset' in fix
    assert "Sign with" not in fix
    assert f'"{jwks}" as its endpoint' in fix
    assert explanation.recognised is not None
    assert explanation.recognised.kind == "provider-token"
    if header:
        assert "No action is possible" in (found[CheckId.TYP].fix or "")


def test_a_token_for_microsoft_graph_is_named() -> None:
    claims = {"iss": f"https://sts.windows.net/{TENANT}/", "aud": "https://graph.microsoft.com"}
    explanation = explained(token(claims, {"nonce": "n"}))
    assert explanation.recognised is not None
    assert explanation.recognised.kind == "provider-only-token"
    assert "Microsoft Graph" in explanation.recognised.message


def test_a_slash_is_corrected_in_the_keyset() -> None:
    state = with_keyset(issuer="https://acme.eu.auth0.com")
    said = message(explained(token({"iss": "https://acme.eu.auth0.com/"}), state), CheckId.ISS_KNOWN)
    assert "the token's has a slash at its end" in said
    assert 'Write "https://acme.eu.auth0.com/" as the issuer of keyset.web' in said
    assert "Sign with" not in said
