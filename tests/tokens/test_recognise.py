"""What is handed in by mistake is called by its name."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests import growth
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
        (b".".join(token().split(b".")[:2]), "no-signature"),
        (encoded(b'{"alg":"none"}') + b"." + encoded(b'{"sub":"1"}'), "unsecured"),
        (bytes.fromhex("d28443a10126a10442") + b"AsymmetricECDSA256\xff", "cwt"),
        (b"d28443a10126a104524173796d6d657472696345434453413235363850", "cwt"),
        (b"ya29.a0AfH6SMBx-0123456789abcdefghijklmnop", "issued-secret"),
        (b"1//0gAbCdEfGhIjKlMnOpQrStUvWxYz", "issued-secret"),
        (b"5Aep861" + b"Ab_1" * 12 + b".wxyz", "issued-secret"),
        (b"gho_16C7e42F292c6912E7710c838347Ae178B4a", "issued-secret"),
        (b"k4.secret.cHFyc3R1dnd4eXo", "paserk"),
        (b"k4.public.cHFyc3R1dnd4eXo", "paserk"),
        (b'{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}', "jwk"),
        (b'{"error":"invalid_client","error_description":"x"}', "oauth-error"),
        (encoded(b'{"alg":"dir","enc":"A256GCM","iss":"https://acme.eu.auth0.com/"}') + b"..AAAA.BBBB.CCCC", "jwe"),
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
    ("claims", "header", "kind"),
    [
        ({"htm": "POST"}, {"typ": "dpop+jwt"}, "dpop-proof"),
        ({"htm": "POST"}, {"typ": "application/DPoP+JWT"}, "dpop-proof"),
        ({}, {"typ": "logout+jwt"}, "logout-token"),
        ({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}, {}, "logout-token"),
        ({"typ": "Refresh"}, {}, "refresh-token"),
        ({"iss": "https://session.firebase.google.com/shop"}, {}, "firebase-session-cookie"),
        (
            {"aud": "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"}, {},
            "firebase-custom-token",
        ),
        ({"iss": "https://kubernetes.default.svc", "kubernetes.io": {}}, {}, "machine-token"),
        ({"iss": "https://oidc.example.org", "sub": "system:serviceaccount:shop:x"}, {}, "machine-token"),
        ({"iss": "https://token.actions.githubusercontent.com"}, {}, "machine-token"),
        ({"iss": "https://gitlab.com", "project_path": "a/b", "pipeline_id": "1"}, {}, "machine-token"),
        ({"iss": "client", "sub": "client", "aud": "https://acme.okta.com/oauth2/v1/token"}, {}, "client-assertion"),
        ({"iss": "x", "scope": "y", "aud": ["https://oauth2.googleapis.com/token"]}, {}, "client-assertion"),
    ],
)  # fmt: skip
def test_a_token_of_another_use_is_named(claims: dict[str, Any], header: dict[str, Any], kind: str) -> None:
    recognised = explained(token(claims, header)).recognised
    assert recognised is not None
    assert recognised.kind == kind


def test_a_private_key_is_called_private() -> None:
    for content in (b'{"keys":[{"kty":"RSA","d":"AQAB"}]}', b"k4.secret.cHFyc3R1dnd4eXo"):
        recognised = explained(content).recognised
        assert recognised is not None
        assert "PRIVATE" in recognised.message
        assert "leaked" in recognised.next


def test_auth0_encrypts_what_was_requested_without_an_audience() -> None:
    header = encoded(b'{"alg":"dir","enc":"A256GCM","iss":"https://acme.eu.auth0.com/"}')
    recognised = explained(header + b"..AAAA.BBBB.CCCC").recognised
    assert recognised is not None
    assert "audience" in recognised.next


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
        "https://shop.example.com/callback#id_token={}&state=1",
        "curl 'https://api.example.com/x' \\\n  -H 'authorization: Bearer {}' \\\n  --compressed\n",
        'HTTP/1.1 200 OK\r\nSet-Cookie: a=b.c.d\r\n\r\n{{"token": "{}"}}\r\n',
        "```\n{}\n```\n",
        "<{}>",
        '<input name="id_token" value="{}">',
        "\u201c{}\u201d",
        "{}\\n",
        "JWT {}",
        "{}%",
        "The token is {}.",
        "**{}**",
        "Bearer%20{}",
        "redirect=https%3A%2F%2Fx%2F%23id_token%3D{}%26state%3D1",
    ],
)
@pytest.mark.parametrize("percent", [False, True])
def test_a_token_inside_other_text_is_judged(around: str, percent: bool) -> None:
    inner = token().decode()
    found = explained(around.format(inner.replace(".", "%2E") if percent else inner).encode())
    assert found.token == explained(token()).token
    assert found.recognised is None
    assert found.notes[0].id == "other-text-around"


def lines_of(text: str, width: int, between: str) -> str:
    return between.join(text[at : at + width] for at in range(0, len(text), width))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda text: lines_of(text, 75, "=\n"), id="quoted-printable"),
        pytest.param(lambda text: "token: >-\n  " + lines_of(text, 76, "\n  ") + "\n", id="YAML"),
        pytest.param(lambda text: f'const t = "{text[:90]}" +\n  "{text[90:]}";\n', id="JavaScript"),
        pytest.param(lambda text: f"$t = '{text[:90]}' . '{text[90:]}';", id="PHP"),
        pytest.param(lambda text: f't = ("{text[:90]}"\n     "{text[90:]}")', id="Python"),
        pytest.param(lambda text: "token=" + text.replace(".", "%252E"), id="escaped twice"),
        pytest.param(lambda text: text.encode().hex(), id="hexadecimal"),
        pytest.param(lambda text: base64.b64encode(json.dumps({"t": text}).encode()).decode(), id="base64 of JSON"),
        pytest.param(lambda text: f"\u200b{text}\ufeff", id="invisible characters around it"),
    ],
)
def test_a_token_in_pieces_is_put_together(content: Callable[[str], str]) -> None:
    found = explained(content(token().decode()).encode())
    assert found.token == explained(token()).token
    assert found.accepted is not False


def test_tokens_on_two_lines_are_not_joined() -> None:
    both = "\n".join(("Tokens:", token().decode(), token().decode().replace("ey", "ez", 1), ""))
    assert explained(both.encode()).token == explained(token()).token


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\ufeff", "\u2060"])
def test_an_invisible_character_inside_is_named(hidden: str) -> None:
    text = token().decode()
    found = explained(f"{text[:-60]}{hidden}{text[-60:]}".encode())
    assert found.accepted is False
    assert f"U+{ord(hidden):04X}" in found.checks[0].message
    assert found.token is not None
    assert found.token.signature == explained(token()).token.signature  # type: ignore[union-attr]


@pytest.mark.parametrize("piece", ["%252E", '"+"', "ey" + "a" * 70 + "\n", "\u200b", '"\n' + " " * 80, "=\n", "k4.a"])
def test_a_text_is_read_in_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        content = (piece * (size // len(piece))).encode()
        start = time.process_time()
        explained(content)
        return time.process_time() - start

    assert growth.at_most(40, seconds, 18_000, 180_000)


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
