"""An endpoint's answer, judged: status, type, caching, every key, and what a token's kid would find."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.jose.endpoint_diagnosis import EndpointDiagnosis, judge_endpoint
from provisioner.jose.jwks_answer import Hop, JwksAnswer, NoAnswer
from tests.jose import making
from tests.jose.key_files import every_file
from tests.jose.making import NOW, jwk_members, rsa_key
from tests.jose.test_diagnosis import JSON

URL = "https://id.example.com/.well-known/jwks.json"
GOOD_HEADERS = {"content-type": "application/json; charset=utf-8", "cache-control": "public, max-age=300"}

#: The answer of Keycloak at the address of a realm.
REALM = {"realm": "shop", "public_key": "MIIB", "token-service": "https://id.example.com/realms/shop/protocol"}


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None, **changes: Any) -> JwksAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    hops = changes.pop("hops", (Hop(URL, "93.184.216.34", status),))
    return JwksAnswer(URL, hops, status, GOOD_HEADERS if headers is None else headers, content, **changes)


def judged(body: Any, kid: str | None = None, **changes: Any) -> EndpointDiagnosis:
    return judge_endpoint(URL, answer(body, **changes), NOW, kid)


def rules(diagnosis: EndpointDiagnosis) -> set[str]:
    return {defect.rule for defect in diagnosis.defects}


def test_a_good_endpoint_has_nothing_against_it() -> None:
    diagnosis = judged({"keys": [jwk_members()]}, kid="shop-1")
    assert (diagnosis.verdict, diagnosis.defects, diagnosis.found) == ("ok", (), True)


def test_x5c_is_not_needed_and_that_is_said_to_be_unproven() -> None:
    diagnosis = judged({"keys": [jwk_members(x5c=None)]})
    assert diagnosis.verdict == "ok"
    (key,) = diagnosis.keys
    assert key.usable
    assert [each.rule for each in key.defects] == ["jwk-member-missing"]
    assert "not proven" in key.defects[0].message or "In one org" in key.defects[0].message


@pytest.mark.parametrize(
    ("members", "rule"),
    [
        (jwk_members(kid=None, x5c=None), "jwk-member-missing"),
        (jwk_members(alg="ES256", x5c=None), "jwk-alg"),
        (jwk_members(use="enc", x5c=None), "jwk-use"),
        (jwk_members(n=None, x5c=None), "jwk-modulus-missing"),
        (jwk_members(n=jwk_members()["n"] + "=", x5c=None), "jwk-modulus-encoding"),
        (jwk_members(e="AQ", x5c=None), "jwk-modulus-encoding"),
        (jwk_members(making.certificate(rsa_key("small", 1024)), x5c=None), "key-too-small"),
        (jwk_members(making.other(), x5c=jwk_members()["x5c"]), "jwk-modulus-mismatch"),
        (jwk_members(x5c=["%"]), "x5c-not-base64"),
        ({"kty": "EC", "kid": "a", "crv": "P-256"}, "jwk-kty"),
        ("text", "jwk-not-json"),
    ],
)
def test_a_key_that_cannot_be_used_says_why(members: Any, rule: str) -> None:
    diagnosis = judged({"keys": [members]})
    (key,) = diagnosis.keys
    assert not key.usable
    assert rule in {each.rule for each in key.defects}
    assert rules(diagnosis) == {"endpoint-no-usable-key"}
    assert diagnosis.verdict == "failing"


def test_keys_of_other_kinds_beside_a_good_one_harm_nobody() -> None:
    diagnosis = judged({"keys": [{"kty": "EC", "kid": "a"}, jwk_members()]})
    assert diagnosis.verdict == "ok"


def test_served_private_members_are_an_alarm_and_are_not_shown() -> None:
    diagnosis = judged({"keys": [jwk_members(d="SECRETSECRETSECRET")]})
    assert diagnosis.verdict == "failing"
    assert "jwk-private-member" in rules(diagnosis)
    assert "SECRET" not in repr([each.message + each.fix for each in (*diagnosis.defects, *diagnosis.keys[0].defects)])


def test_one_kid_twice_is_chance() -> None:
    assert "keyset-duplicate-kid" in rules(judged({"keys": [jwk_members(), jwk_members(making.other())]}))


def test_a_kid_that_is_not_there_lists_those_that_are() -> None:
    diagnosis = judged({"keys": [jwk_members()]}, kid="shop-2")
    assert (diagnosis.found, diagnosis.verdict) == (False, "failing")
    assert '"shop-1"' in next(each for each in diagnosis.defects if each.rule == "endpoint-kid-missing").message


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"<html>login</html>", "web page"),
        (b"", "empty"),
        (b"{", "JSON"),
        (b"\xff\xfe", "UTF"),
        ({"keys": []}, "empty set"),
        ([jwk_members()], "array"),
        (jwk_members(), "one JWK"),
        ({"jwks_uri": "https://id.example.com/keys"}, "https://id.example.com/keys"),
        ({"keys": {}}, "that is not an array"),
        ({"Keys": [jwk_members()]}, 'the member "Keys"; its name must be "keys"'),
        ({"data": {"keys": [jwk_members()]}}, 'the JWKS in its member "data"'),
        ([jwk_members()], "array of keys"),
        (json.dumps({"keys": [jwk_members()]}), "encoded twice"),
        ({"kid-1": "-----BEGIN CERTIFICATE-----\nMII"}, "a map of certificates"),
        (making.public_pem(), "a bare public key (PEM)"),
        (making.shop().public_bytes(making.PEM), "a certificate (PEM)"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"callback({})", "(JSONP)"),
        (b')]}\'\n{"keys": []}', "a prefix against script inclusion"),
        (b"{&quot;keys&quot;: []}", "HTML escapes"),
        (b"eyJrZXlzIjogW3sia3R5IjogIlJTQSIsICJraWQiOiAiYSIsICJuIjogIkFRQUIifV19", "base64 of a set of 1 key"),
        ({"statusCode": 200, "body": json.dumps({"keys": [jwk_members()]})}, 'as text in its member "body"'),
        (3, "not a JWKS"),
        ({}, "an empty object"),
        (REALM, "the page of a realm of Keycloak"),
        ({"jwks": [jwk_members()]}, 'the keys in its member "jwks"; its name must be "keys"'),
        (json.dumps({"keys": [jwk_members()]}).encode()[:300], "it was cut short"),
        (json.dumps({"keys": [jwk_members()]}).encode("utf-16"), "UTF-16"),
        (b"eyJ0eXAiOiJqd2stc2V0K2p3dCJ9.eyJrZXlzIjpbXX0.c2lnbmF0dXJl", "a signed set of keys"),
        (b"eyJ0eXAiOiJKV1QifQ.eyJrZXlzIjpbXX0.c2lnbmF0dXJl", "a token (JWT)"),
        (b'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>', "the SAML metadata"),
    ],
)
def test_what_is_no_jwks_is_called_what_it_is(body: Any, word: str) -> None:
    diagnosis = judged(body)
    assert rules(diagnosis) == {"endpoint-not-jwks"}
    assert word in diagnosis.defects[0].message


def test_the_fix_names_the_address_of_the_keys_or_the_setting() -> None:
    url = "https://id.example.com/realms/shop/"
    at_realm = judge_endpoint(url, replace(answer(REALM), url=url), NOW)
    assert "https://id.example.com/realms/shop/protocol/openid-connect/certs" in at_realm.defects[0].fix
    assert "signing key" in judged({}).defects[0].fix
    assert "Content-Encoding" in judged(b"\x1f\x8b\x08\0").defects[0].fix


@pytest.mark.parametrize(
    ("status", "word"),
    [(401, "login"), (403, "login"), (404, "nothing"), (429, "request rate"), (503, "failed"), (204, "without content"),
     (206, "a part of the content"), (302, "without the address"), (304, "a cache in front"), (405, "the method GET"),
     (406, "the types that the request accepts")],
)  # fmt: skip
def test_only_200_will_do(status: int, word: str) -> None:
    diagnosis = judged({"keys": [jwk_members()]}, status=status)
    assert rules(diagnosis) == {"endpoint-status"}
    assert word in diagnosis.defects[0].message


@pytest.mark.parametrize(
    ("headers", "rule"),
    [
        ({**GOOD_HEADERS, "content-type": "text/plain"}, "endpoint-content-type"),
        ({"cache-control": "max-age=60"}, "endpoint-content-type"),
        ({"content-type": "application/json"}, "endpoint-caching"),
        ({**GOOD_HEADERS, "cache-control": "no-store"}, "endpoint-caching"),
        ({**GOOD_HEADERS, "cache-control": "max-age=0"}, "endpoint-caching"),
        ({**GOOD_HEADERS, "cache-control": "max-age=99999999"}, "endpoint-caching"),
    ],
)
def test_headers_that_may_hurt_are_warnings(headers: dict[str, str], rule: str) -> None:
    diagnosis = judged({"keys": [jwk_members()]}, headers=headers)
    assert rules(diagnosis) == {rule}
    assert diagnosis.verdict == "ok"


def test_redirects_and_private_ways_are_warnings() -> None:
    hops = (Hop("https://a.example.com", "93.184.216.34", 302), Hop(URL, "10.0.0.1", 200))
    assert rules(judged({"keys": [jwk_members()]}, hops=hops, public=False)) == {
        "endpoint-redirect",
        "keyset-endpoint-private-host",
    }
    assert rules(judged({"keys": [jwk_members()]}, private_ca=True)) == {"endpoint-private-ca"}


def test_a_missing_answer_is_unreachable_from_here_only() -> None:
    timeout = NoAnswer("endpoint-too-slow", "It did not answer.", "Answer.", certain=False)
    private = NoAnswer("keyset-endpoint-private-host", "Private.", "Serve it.", certain=True)
    assert judge_endpoint(URL, timeout, NOW).verdict == "unreachable"
    assert judge_endpoint(URL, private, NOW).verdict == "failing"


def test_the_url_itself_is_judged() -> None:
    fetched = answer({"keys": [jwk_members()]})
    assert rules(judge_endpoint(URL + "#keys", fetched, NOW)) == {"keyset-endpoint-fragment"}
    salesforce = judge_endpoint("https://acme.my.salesforce.com/id/keys", fetched, NOW)
    assert (rules(salesforce), salesforce.verdict) == ({"keyset-endpoint-on-salesforce"}, "ok")


@given(
    st.binary(max_size=200) | JSON.map(lambda value: json.dumps({"keys": [value, {"kty": "RSA", "n": value}]}).encode())
)
def test_no_answer_is_too_strange(body: bytes) -> None:
    diagnosis = judged(body, kid="x")
    assert diagnosis.verdict == "failing"
    for key in diagnosis.keys:
        assert key.usable == (key.problem is None)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("kid", "alg", "use", "x5c", "n", "e", "d", "x5t"), JSON)))
def test_every_key_that_cannot_be_used_says_why(changes: dict[str, Any]) -> None:
    for members in ({**jwk_members(), **changes}, {**jwk_members(x5c=None), **changes}):
        (key,) = judged({"keys": [members]}).keys
        assert key.usable == (key.problem is None)


@pytest.mark.parametrize(
    "body",
    [
        b'{"keys":' + b"[" * 300_000,
        json.dumps({"keys": [{}] * 100_000}).encode(),
        json.dumps({"keys": [{"kty": "RSA", "kid": "a", "n": "_" * 500_000, "e": "_" * 400_000}]}).encode(),
        json.dumps({"keys": [{"kid": "a"}] * 80_000}).encode(),
    ],
    ids=range(4),
)
def test_hostile_answers_get_a_plain_verdict(body: bytes) -> None:
    diagnosis = judged(body, kid="a")
    assert diagnosis.verdict == "failing"
    assert len(diagnosis.keys) <= 100
    assert len(diagnosis.defects) < 20


def test_a_private_key_at_an_endpoint_is_an_alarm() -> None:
    problem = judged(making.private_pem()).problem
    assert problem is not None
    assert problem.rule == "jwk-private-member"
    assert "everyone can sign" in problem.message


@pytest.mark.parametrize(
    ("changes", "omitted", "said", "fix"),
    [
        ({}, ("kid",), "`kid` is missing", 'Add "kid"'),
        ({"alg": "PS256"}, (), 'alg "PS256"', "RS256 or RS512"),
        ({"use": "enc"}, (), "not for signatures", '"use": "sig"'),
        ({"n": "+/+/"}, ("x5c",), "standard base64", "in base64url"),
        ({"e": 65537}, ("x5c",), "`e` is not text", "in base64url"),
        ({"x5c": "MII"}, (), "`x5c` is not an array", "Write an array"),
    ],
)
def test_one_key_that_cannot_verify_is_the_reason(
    changes: dict[str, Any], omitted: tuple[str, ...], said: str, fix: str
) -> None:
    members = {**jwk_members(), **changes}
    problem = judged({"keys": [{name: value for name, value in members.items() if name not in omitted}]}).problem
    assert problem is not None
    assert problem.rule == "endpoint-no-usable-key"
    assert said in problem.message
    assert fix in problem.fix
    assert "--repair" not in problem.fix


@pytest.mark.parametrize("name", [name for name, file in every_file().items() if file.private])
def test_private_material_in_any_form_is_an_alarm(name: str) -> None:
    """Served in place of a JWKS: as PEM, as a keystore, as one JWK, in JSON, in XML. Nothing of it is shown."""
    content = every_file()[name].content
    found = judged(content)
    assert "jwk-private-member" in rules(found)
    shown = json.dumps([[defect.message, defect.fix] for defect in found.defects])
    assert not any(piece.decode() in shown for piece in re.findall(rb"[A-Za-z0-9+/_-]{40,}", content))


def test_the_gateway_that_asks_for_a_login_is_named() -> None:
    headers = {**GOOD_HEADERS, "www-authenticate": 'Bearer realm="acme-internal", error="invalid_token"'}
    assert '(it names the realm "acme-internal")' in judged(b"", status=401, headers=headers).defects[0].message


def test_a_limit_that_says_how_long_to_wait() -> None:
    said = judged(b"", status=429, headers={**GOOD_HEADERS, "retry-after": "120"}).defects[0].message
    assert '(Retry-After: "120")' in said


def test_of_an_error_in_json_only_the_reason_is_quoted() -> None:
    body = {"error": {"code": "denied", "message": "No tenant acme"}, "access_token": "sekrit-0123456789"}
    said = judged(body, status=500).defects[0].message
    assert 'Its reason: "denied: No tenant acme"' in said
    assert "sekrit" not in said


@pytest.mark.parametrize("name", [name for name, file in every_file().items() if file.private])
def test_an_error_page_with_a_private_key_is_an_alarm(name: str) -> None:
    content = every_file()[name].content
    diagnosis = judged(content, status=500)
    assert "jwk-private-member" in rules(diagnosis)
    said = "".join(f"{each.message}{each.fix}" for each in diagnosis.defects)
    assert not any(part in said for part in content.decode("latin-1").split() if len(part) > 24 and "-" not in part)


def test_a_byte_order_mark_is_a_doubt() -> None:
    diagnosis = judged(b"\xef\xbb\xbf" + json.dumps({"keys": [jwk_members()]}).encode())
    assert (rules(diagnosis), diagnosis.verdict) == ({"jwk-byte-order-mark"}, "ok")


def test_no_cache_is_like_a_lifetime_of_nothing() -> None:
    diagnosis = judged({"keys": [jwk_members()]}, headers={**GOOD_HEADERS, "cache-control": "no-cache"})
    assert "It forbids caching" in diagnosis.defects[0].message


def test_a_key_for_other_operations_is_a_doubt() -> None:
    (key,) = judged({"keys": [jwk_members(key_ops=["encrypt"])]}).keys
    assert ["without verify" in each.message for each in key.defects] == [True]
    assert key.usable
    (key,) = judged({"keys": [jwk_members(key_ops=["verify"])]}).keys
    assert not key.defects


def test_an_answer_that_is_no_redirect_is_not_called_one() -> None:
    hops = (Hop(URL, "93.184.216.34", 302), Hop(f"{URL}/2", "93.184.216.34", 200))
    lost = NoAnswer("endpoint-encoding", "It is broken.", "Mend it.", certain=True, hops=hops)
    redirects = [each for each in judge_endpoint(URL, lost, NOW).defects if each.rule == "endpoint-redirect"]
    assert [each.message for each in redirects] == [f"{URL} answers with a redirect (302)."]
