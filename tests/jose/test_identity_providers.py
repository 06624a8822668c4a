"""Identity providers: whose an issuer and an address are, where the keys are, and which tokens nobody can verify.

Tenants, pools and realms are made up; the forms are those of the providers' documentation.
"""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.model.identity_providers import PROVIDERS, provider_of, unverifiable

TENANT = "11111111-2222-3333-4444-555555555555"
ISSUERS = [
    (
        "Microsoft Entra ID (tokens of version 2)",
        f"https://login.microsoftonline.com/{TENANT}/v2.0",
        f"https://login.microsoftonline.com/{TENANT}/discovery/v2.0/keys",
    ),
    (
        "Microsoft Entra ID (tokens of version 1)",
        f"https://sts.windows.net/{TENANT}/",
        f"https://login.microsoftonline.com/{TENANT}/discovery/keys",
    ),
    (
        "Microsoft Entra External ID",
        f"https://acme.ciamlogin.com/{TENANT}/v2.0",
        f"https://acme.ciamlogin.com/{TENANT}/discovery/v2.0/keys",
    ),
    (
        "Azure AD B2C",
        f"https://acme.b2clogin.com/tfp/{TENANT}/B2C_1_signin/v2.0/",
        f"https://acme.b2clogin.com/{TENANT}/B2C_1_signin/discovery/v2.0/keys",
    ),
    ("Auth0", "https://acme.eu.auth0.com/", "https://acme.eu.auth0.com/.well-known/jwks.json"),
    ("Okta", "https://acme.okta.com/oauth2/default", "https://acme.okta.com/oauth2/default/v1/keys"),
    ("Okta (org authorization server)", "https://acme.okta.com", "https://acme.okta.com/oauth2/v1/keys"),
    (
        "Amazon Cognito",
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI",
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI/.well-known/jwks.json",
    ),
    ("Google", "https://accounts.google.com", "https://www.googleapis.com/oauth2/v3/certs"),
    ("Google", "accounts.google.com", "https://www.googleapis.com/oauth2/v3/certs"),
    (
        "Firebase",
        "https://securetoken.google.com/acme-shop",
        "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
    ),
    ("Apple", "https://appleid.apple.com", "https://appleid.apple.com/auth/keys"),
    (
        "Keycloak",
        "https://id.example.com/auth/realms/shop",
        "https://id.example.com/auth/realms/shop/protocol/openid-connect/certs",
    ),
    ("PingOne", f"https://auth.pingone.eu/{TENANT}/as", f"https://auth.pingone.eu/{TENANT}/as/jwks"),
]


@pytest.mark.parametrize(("name", "issuer", "jwks"), ISSUERS, ids=[issuer for _, issuer, _ in ISSUERS])
def test_an_issuer_leads_to_its_keys(name: str, issuer: str, jwks: str) -> None:
    found = provider_of(issuer)
    assert found is not None
    assert (found.name, found.jwks_of(issuer)) == (name, jwks)


@pytest.mark.parametrize(
    ("claims", "keys"),
    [
        ({"tfp": "B2C_1_signin"}, f"https://acme.b2clogin.com/{TENANT}/B2C_1_signin/discovery/v2.0/keys"),
        ({"acr": "b2c_1a_signup"}, f"https://acme.b2clogin.com/{TENANT}/b2c_1a_signup/discovery/v2.0/keys"),
        ({}, None),
        ({"acr": "1/../2"}, None),
        ({"tfp": 1}, None),
    ],
)
def test_the_keys_of_b2c_depend_on_the_user_flow(claims: dict[str, Any], keys: str | None) -> None:
    issuer = f"https://acme.b2clogin.com/{TENANT}/v2.0/"
    found = provider_of(issuer)
    assert found is not None
    assert (found.name, found.jwks_of(issuer, claims)) == ("Azure AD B2C", keys)


def test_every_provider_has_a_case() -> None:
    assert {each.name for each in PROVIDERS} == {name for name, _, _ in ISSUERS}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (f"https://login.microsoftonline.com/{TENANT}/discovery/v2.0/keys", "Microsoft Entra ID"),
        ("https://acme.eu.auth0.com/.well-known/openid-configuration", "Auth0"),
        ("https://acme.okta.com/oauth2/default/v1/keys", "Okta"),
        ("https://id.example.com/realms/shop/protocol/openid-connect/certs", "Keycloak"),
        ("https://www.googleapis.com/oauth2/v3/certs", "Google"),
    ],
)
def test_an_address_of_keys_names_its_owner(url: str, name: str) -> None:
    found = provider_of(url=url)
    assert found is not None
    assert found.name.startswith(name)


@pytest.mark.parametrize(
    "text",
    ["https://id.example.com", "shop", "", "https://auth0.com.evil.example/", "https://evil.example/?https://acme.auth0.com/",
     "https://login.microsoftonline.com.evil.example/v2.0", "http://acme.auth0.com\n/", "https://[bad"],
)  # fmt: skip
def test_others_are_unknown(text: str) -> None:
    assert provider_of(text, text) is None or provider_of(text, text).issuer.fullmatch(text) is None  # type: ignore[union-attr]
    if "evil" in text or text in ("https://id.example.com", "shop", "", "https://[bad"):
        assert provider_of(text, text) is None


@pytest.mark.parametrize(
    ("header", "claims", "words"),
    [
        ({"nonce": "x"}, {"iss": f"https://sts.windows.net/{TENANT}/", "aud": "x"}, "Microsoft Graph"),
        ({}, {"iss": f"https://sts.windows.net/{TENANT}/", "aud": "https://graph.microsoft.com/"}, "Microsoft Graph"),
        ({}, {"iss": "https://acme.okta.com", "scp": ["openid"], "aud": "https://acme.okta.com"}, "Okta"),
    ],
)
def test_tokens_for_a_provider_alone(header: dict[str, Any], claims: dict[str, Any], words: str) -> None:
    found = unverifiable(header, claims)
    assert found is not None
    assert words in found.message
    assert found.next


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0", "aud": "api://shop", "ver": "2.0"},
        {"iss": "https://acme.okta.com", "aud": "0oa1", "nonce": "n"},
        {"iss": "https://acme.okta.com/oauth2/default", "scp": ["chat"]},
        {"iss": 5, "aud": ["x"]},
        {},
    ],
)
def test_tokens_for_others(claims: dict[str, Any]) -> None:
    assert unverifiable({}, claims) is None
