"""Keys, keysets and issuers, beyond the examples of the pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.jose.making import jwk_members, other
from tests.rules.running import directory, findings, findings_of, ids

SHOP, OTHER = "{certificate: keys/shop.crt, kid: shop-1}", "{certificate: keys/other.crt, kid: other-1}"
ENDPOINT = "endpoint: https://id.example.com/jwks"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("", ["key-source"]),
        ("kid: a", ["key-source"]),
        ("certificate: keys/shop.crt, kid: a, jwk: keys/shop.jwk.json", ["key-source"]),
        ("certificate: 5, kid: a", ["yaml-wrong-type"]),
        ("jwk: keys/shop.jwk.json", []),
        ("jwk: keys/shop.jwk.json, kid: a, algorithm: RS256", ["key-field-beside-jwk", "key-field-beside-jwk"]),
        ("certificate: keys/shop.crt", ["key-kid-missing"]),
        ("certificate: keys/shop.crt, kid: ''", ["key-kid-missing"]),
        ("certificate: keys/shop.crt, kid: a, algorithm: HS256", ["jwk-alg"]),
        ("jwk: keys/shop.crt", ["jwk-not-json"]),
        ("certificate: keys/shop.jwk.json, kid: a", ["certificate-unreadable"]),
        ("certificate: keys, kid: a", ["key-file-missing"]),
    ],
)
def test_a_key_has_one_source(fields: str, expected: list[str], tmp_path: Path) -> None:
    assert ids(tmp_path, f"keys: {{a: {{{fields}}}}}") == expected


def test_a_defect_of_a_key_file_is_at_its_value(tmp_path: Path) -> None:
    config = directory(tmp_path, "")
    text = json.dumps(jwk_members(alg="ES256"), indent=2)
    (config.directory / "keys" / "es.jwk.json").write_text(text)
    (config.directory / "user-verification.yaml").write_text("version: 1\nkeys:\n  a:\n    jwk: keys/es.jwk.json\n")
    found = findings_of(config.directory)
    assert [(each.rule, each.location.line, each.location.column, each.address) for each in found if each.location] == [
        ("jwk-alg", 4, 10, "key.a")
    ]
    assert f"{Path('keys') / 'es.jwk.json'}:4:3 has the alg" in found[0].message


def test_one_public_key_under_two_names_is_found_in_any_file(tmp_path: Path) -> None:
    declared = f"keys: {{a: {SHOP}, b: {{jwk: keys/shop.jwk.json}}, c: {OTHER}}}"
    found = findings(tmp_path, declared)
    assert [(each.rule, each.address) for each in found] == [("key-duplicate", "key.b")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("issuer: a.b", ["keyset-source"]),
        ("issuer: a.b, keys: [shop], " + ENDPOINT, ["keyset-source"]),
        ("issuer: a.b, keys: []", ["keyset-empty"]),
        ("issuer: a.b, keys: [], " + ENDPOINT, ["keyset-source"]),
        ("issuer: a.b, keys: [1]", ["yaml-wrong-type"]),
        ("issuer: a.b, endpoint: 5", ["yaml-wrong-type"]),
        ("issuer: a.b, keys: [shop, nobody, shop]", ["keyset-unknown-key", "keyset-duplicate-kid"]),
        (ENDPOINT, ["keyset-issuer-missing"]),
        ("issuer: '', " + ENDPOINT, ["keyset-issuer-missing"]),
        ("issuer: {literal: ''}, " + ENDPOINT, ["keyset-issuer-missing"]),
        ("issuer: nobody, " + ENDPOINT, ["issuer-unknown"]),
        ("issuer: named, " + ENDPOINT, []),
        ("issuer: {literal: named}, " + ENDPOINT, []),
        ("issuer: 'urn:x', " + ENDPOINT, []),
        ("issuer: fin.ai, " + ENDPOINT, []),
    ],
)
def test_a_keyset_has_an_issuer_and_one_source(fields: str, expected: list[str], tmp_path: Path) -> None:
    declared = f"issuers: {{named: https://id.example.com}}\nkeys: {{shop: {SHOP}}}\nkeysets: {{k: {{{fields}}}}}"
    assert ids(tmp_path, declared) == expected


def test_an_ill_shaped_key_in_a_keyset_is_one_error(tmp_path: Path) -> None:
    assert ids(tmp_path, "keys: {shop: 5}\nkeysets: {k: {issuer: a.b, keys: [shop]}}") == ["yaml-wrong-type"]


def test_an_empty_named_issuer_is_said_where_it_stands(tmp_path: Path) -> None:
    declared = f"issuers: {{named: ''}}\nkeysets: {{k: {{issuer: named, {ENDPOINT}}}}}"
    assert ids(tmp_path, declared) == ["keyset-issuer-missing"]


def test_a_kid_in_a_jwk_file_counts_like_one_in_yaml(tmp_path: Path) -> None:
    declared = (
        "keys: {a: {jwk: keys/shop.jwk.json}, b: {certificate: keys/other.crt, kid: shop-1}}\n"
        "keysets: {k: {issuer: a.b, keys: [a, b]}}"
    )
    assert ids(tmp_path, declared) == ["keyset-duplicate-kid"]


def test_one_kid_for_two_keys_is_fine_under_other_issuers(tmp_path: Path) -> None:
    keys = "keys: {a: {certificate: keys/shop.crt, kid: x}, b: {certificate: keys/other.crt, kid: x}}\n"
    same = "keysets: {k: {issuer: a.b, keys: [a]}, l: {issuer: a.b, keys: [b]}}"
    different = "keysets: {k: {issuer: a.b, keys: [a]}, l: {issuer: a.c, keys: [b]}}"
    both = "keysets: {k: {issuer: a.b, keys: [a]}, l: {issuer: a.b, keys: [a]}}"
    assert ids(tmp_path / "1", keys + same) == ["keyset-kid-conflict"]
    assert ids(tmp_path / "2", keys + different) == []
    assert ids(tmp_path / "3", keys + both) == []


def test_one_public_key_with_one_kid_is_no_conflict(tmp_path: Path) -> None:
    declared = (
        f"keys: {{a: {SHOP}, b: {SHOP}}}\nkeysets: {{k: {{issuer: a.b, keys: [a]}}, l: {{issuer: a.b, keys: [b]}}}}"
    )
    assert ids(tmp_path, declared) == ["key-duplicate"]


def test_one_active_key_is_enough(tmp_path: Path) -> None:
    inactive = "{certificate: keys/shop.crt, kid: a, active: false}"
    assert ids(tmp_path / "1", f"keys: {{a: {inactive}}}\nkeysets: {{k: {{issuer: a.b, keys: [a]}}}}") == [
        "keyset-only-inactive-keys"
    ]
    declared = f"keys: {{a: {inactive}, b: {OTHER}}}\nkeysets: {{k: {{issuer: a.b, keys: [a, b]}}}}"
    assert ids(tmp_path / "2", declared) == []


@pytest.mark.parametrize(
    ("one", "other_issuer", "is_near"),
    [
        ("https://id.example.com", "https://id.example.com/", True),
        ("https://id.example.com", "https://ID.example.com", True),
        ("https://id.example.com/", "https://ID.example.com", True),
        ("https://id.example.com", "https://id.example.com", False),
        ("https://id.example.com", "https://id.example.com/a", False),
        ("fin.ai", "Fin.ai", True),
    ],
)
def test_issuers_that_look_the_same(one: str, other_issuer: str, is_near: bool, tmp_path: Path) -> None:
    declared = f"issuers: {{a: '{one}'}}\nkeysets: {{k: {{issuer: '{other_issuer}', {ENDPOINT}}}}}"
    assert ids(tmp_path, declared) == (["issuer-nearly-equal"] if is_near else [])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://id.example.com/jwks", []),
        ("https://id.example.com:8443/jwks?a=b", []),
        ("http://id.example.com/jwks", ["keyset-endpoint-not-https"]),
        ("HTTPS://id.example.com/jwks", []),
        ("id.example.com/jwks", ["keyset-endpoint-not-https"]),
        ("https:///jwks", ["keyset-endpoint-not-https"]),
        ("https://[::1", ["keyset-endpoint-not-https"]),
        ("https://id.example.com:99999/", ["keyset-endpoint-not-https"]),
        ("", ["keyset-endpoint-not-https"]),
        ("https://user@id.example.com/", ["keyset-endpoint-credentials"]),
        ("https://user:secret@id.example.com/", ["keyset-endpoint-credentials"]),
        ("http://user:secret@id.example.com/", ["keyset-endpoint-credentials", "keyset-endpoint-not-https"]),
        ("https://id.example.com/a@b", []),
        ("https://id.example.com/#", ["keyset-endpoint-fragment"]),
        ("https://acme.my.salesforce.com/id/keys", ["keyset-endpoint-on-salesforce"]),
        ("https://acme.my.site.com/jwks", ["keyset-endpoint-on-salesforce"]),
        ("https://acme.secure.force.com/jwks", ["keyset-endpoint-on-salesforce"]),
        ("https://salesforce.com.example.com/jwks", []),
        ("https://notsalesforce.com/jwks", []),
        ("https://localhost/jwks", ["keyset-endpoint-private-host"]),
        ("https://127.0.0.1/jwks", ["keyset-endpoint-private-host"]),
        ("https://10.1.2.3/jwks", ["keyset-endpoint-private-host"]),
        ("https://192.168.0.1:8443/jwks", ["keyset-endpoint-private-host"]),
        ("https://[::1]/jwks", ["keyset-endpoint-private-host"]),
        ("https://[fd00::1]/jwks", ["keyset-endpoint-private-host"]),
        ("https://8.8.8.8/jwks", []),
        ("https://keycloak/jwks", ["keyset-endpoint-private-host"]),
        ("https://keycloak.corp/jwks", ["keyset-endpoint-private-host"]),
        ("https://keycloak.LOCAL./jwks", ["keyset-endpoint-private-host"]),
    ],
)
def test_endpoints(url: str, expected: list[str], tmp_path: Path) -> None:
    found = findings(tmp_path, f"keysets: {{k: {{issuer: a.b, endpoint: '{url}'}}}}")
    assert sorted(each.rule for each in found) == expected
    assert "secret" not in "".join(each.message for each in found)


def test_a_certificate_that_is_not_the_keys_is_said_of_a_jwk(tmp_path: Path) -> None:
    config = directory(tmp_path, "keys: {a: {jwk: keys/mixed.jwk.json}}")
    mixed = jwk_members(n=jwk_members(other())["n"])
    (config.directory / "keys" / "mixed.jwk.json").write_text(json.dumps(mixed))
    assert [each.rule for each in findings_of(config.directory)] == ["jwk-modulus-mismatch"]


@pytest.mark.parametrize(("first", "second"), [("shop", "other"), ("other", "shop")])
def test_one_kid_for_two_keys_is_a_conflict_in_either_order(first: str, second: str, tmp_path: Path) -> None:
    keys = f"a: {{certificate: keys/{first}.crt, kid: k}}, b: {{certificate: keys/{second}.crt, kid: k}}"
    keysets = "one: {issuer: https://id.example.com, keys: [a]}, two: {issuer: https://id.example.com, keys: [b]}"
    found = findings(tmp_path, f"keys: {{{keys}}}\nkeysets: {{{keysets}}}")
    conflicts = [each.address for each in found if each.rule == "keyset-kid-conflict"]
    assert conflicts == ["keyset.two"]
