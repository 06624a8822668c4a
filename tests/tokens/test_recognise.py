"""What is handed in by mistake is called by its name."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.jose.making import private_pem, public_pem
from tests.tokens.making import encoded, explained, token

JWE_HEADER = encoded(b'{"alg":"RSA-OAEP","enc":"A256GCM"}')


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "nothing"),
        (b" \n", "nothing"),
        (b"null", "no-value"),
        (b'"undefined"', "no-value"),
        (b"Bearer undefined", "no-value"),
        (b"[object Promise]", "no-value"),
        (b"[object Object]", "no-value"),
        (b"00D5g000004XXXX!AQEAQGibberish.Of_A.Session", "salesforce-session"),
        (JWE_HEADER + b".AAAA.BBBB.CCCC.DDDD", "jwe"),
        (b'<saml2:Assertion xmlns:saml2="urn:oasis">', "saml"),
        (base64.b64encode(b"<?xml version='1.0'?><samlp:Response ID='1'>" * 4), "saml"),
        (b"<html><body>502</body></html>", "markup"),
        (private_pem(), "pem"),
        (public_pem(), "pem"),
        (b'{"kty":"RSA","n":"..."}', "jwk"),
        (b'{"keys":[]}', "jwk"),
        (b'{"payload":"e30","signatures":[]}', "jws-json"),
        (b'{"payload":"e30","protected":"e30","signature":"eA"}', "jws-json"),
        (b'{"intercom_user_jwt":"a.b.c","salesforce_identity_token":"d.e.f"}', "settings"),
        (b'{"access_token":"abc","token_type":"Bearer"}', "oauth-answer"),
        (b'{"a":1}', "json"),
        (b"4f3b2a1c-opaque-token", "opaque"),
        (token(alg="HS256", key="0" * 40, claims={"user_id": "1"}), "intercom"),
        (token({"iss": None, "email": "ada@example.com"}, alg="HS256", key="0" * 40), "intercom"),
        (token(alg="HS256", key="0" * 40), "shared-secret"),
        (encoded(b'{"alg":"HS256","kid":"1"}') + b"." + encoded(b"plain text") + b".AAAA", "shared-secret"),
        (encoded(b'{"alg":"HS256","kid":"1"}') + b"..AAAA", "shared-secret"),
        (b"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9...", "shortened"),
        (b"v4.public.eyJzdWIiOiJ0ZXN0In0v3Jt8mx_TdM2ceTGoqwrh4yDFn0XsHvvV", "paseto"),
        (token() + b"\n" + token({"sub": "another"}), "several-tokens"),
        (b'{"alg": "RS256", "typ": "JWT", "kid": "shop-1"}', "decoded"),
        (b'{"iss": "https://id.example.com", "sub": "1"}', "decoded"),
        ("eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJzdWIi\u2026".encode(), "shortened"),
        (b"eyJhbGciOi...AbCd", "shortened"),
        (
            encoded(b'{"alg":"ES256","kid":"1","signer":"arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/x"}')
            + b"."
            + encoded(b'{"sub":"1"}')
            + b".AAAA",
            "provider-only-token",
        ),
        (token({"iss": "3MVG9abcdef", "aud": "https://login.salesforce.com"}), "login-assertion"),
        (token({"iss": "other", "aud": "https://test.salesforce.com"}), "login-assertion"),
        (token({"iss": "https://acme.my.salesforce.com", "scp": "api"}), "salesforce-access-token"),
        (token({"iss": "https://acme.my.salesforce.com", "at_hash": "x"}), "salesforce-id-token"),
        (
            token({"iss": "https://login.salesforce.com", "sub": "https://login.salesforce.com/id/00D1/0051"}),
            "salesforce-id-token",
        ),
        (token({"iss": "https://tenant.eu.auth0.com/", "azp": "x", "scope": "openid"}), "provider-token"),
        (token({"iss": "https://idp.example.org"}, {"typ": "at+jwt"}), "provider-token"),
        (token({"sub": "v2/iamessage/AUTH/login/uid:1"}), "chat-access-token"),
    ],
)
def test_a_mistake_is_named_and_refused(content: bytes, kind: str) -> None:
    explanation = explained(content)
    assert explanation.recognised is not None
    assert explanation.recognised.kind == kind
    assert explanation.recognised.next
    if kind != "chat-access-token":
        assert explanation.accepted is False


@pytest.mark.parametrize(
    "claims", [{"azp": "x", "scope": "openid"}, {"aud": "https://login.salesforce.com"}, {"nonce": "n"}]
)
def test_a_token_that_a_keyset_trusts_is_no_mistake(claims: dict[str, Any]) -> None:
    assert explained(token(claims)).recognised is None


@pytest.mark.parametrize(
    "around",
    [
        '{{"token": "{}", "expires": 1}}',
        '{{"data": {{"identityToken": "{}"}}}}',
        "Cookie: session=abc; identity={}; path=/",
        "curl -X POST https://shop.example.com -d 'token={}&x=1'",
        "b'{}'",
        "token={}",
        "Identity token for the customer: {}\n",
    ],
)
@pytest.mark.parametrize("percent", [False, True])
def test_a_token_inside_other_text_is_judged(around: str, percent: bool) -> None:
    inner = token().decode()
    found = explained(around.format(inner.replace(".", "%2E") if percent else inner).encode())
    assert found.token == explained(token()).token
    assert found.recognised is None
    assert found.notes[0].id == "other-text-around"


def test_two_tokens_in_a_text_are_not_guessed_between() -> None:
    both = token() + b" " + token({"sub": "another"})
    assert explained(both).accepted is False


def test_a_token_broken_into_lines_is_one_token() -> None:
    text = token().decode()
    broken = explained(f"{text[:40]}\n{text[40:-30]}\n{text[-30:]}".encode())
    assert not [note for note in broken.notes if note.id == "other-text-around"]


def test_nothing_of_what_was_handed_in_is_repeated() -> None:
    session = "00D5g000004XXXX!AQEAQGibberishOfASession"
    for content in (session.encode(), json.dumps({"access_token": "SECRETSECRET"}).encode(), b"opaque-SECRETSECRET"):
        said = repr([explained(content).checks, explained(content).recognised])
        assert "SECRET" not in said
        assert "Gibberish" not in said
