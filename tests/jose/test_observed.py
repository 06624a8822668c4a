"""What an org holds is compared, never judged, and never breaks anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.jose.material import derive
from provisioner.jose.uploaded_jwk import certificate_of, leaked_members, parse_observed
from provisioner.model.jwk import Jwk
from tests.jose import making
from tests.jose.making import NOW, PEM, certificate_source, jwk_members, jwk_source, shop
from tests.jose.test_jwk_files import JSON, MEMBERS, SECRET


def declared() -> Jwk:
    jwk = derive(certificate_source(shop().public_bytes(PEM)), NOW).jwk
    assert jwk is not None
    return jwk


def observed(members: Any) -> Jwk | None:
    return parse_observed(json.dumps(members))


@pytest.mark.parametrize(
    "members",
    [
        jwk_members(),
        dict(reversed(jwk_members().items())),
        jwk_members(y="y", crv="crv", d="d", k="k"),
        jwk_members(use=None),
        jwk_members(n=None, e=None),
        jwk_members(x5c=[making.der_base64(shop()) + "\n"]),
        jwk_members(x5c=making.der_base64(shop())),
        jwk_members(e="AAEAAQ"),
        jwk_members(x5t="added by the org"),
        jwk_members(x5c=[making.der_base64(shop()), making.der_base64(making.other())]),
    ],
)
def test_the_same_key_written_otherwise_is_equal(members: dict[str, Any]) -> None:
    found = observed(members)
    assert found is not None
    assert declared().matches(found)


@pytest.mark.parametrize(
    "members",
    [
        jwk_members(kid="other"),
        jwk_members(kid=None),
        jwk_members(alg="RS512"),
        jwk_members(alg=None),
        jwk_members(use="enc"),
        jwk_members(making.other()),
        jwk_members(x5c=None),
        jwk_members(e="Aw"),
        jwk_members(x5c=[making.der_base64(making.other())]),
    ],
)
def test_another_key_is_not_equal(members: dict[str, Any]) -> None:
    found = observed(members)
    assert found is not None
    assert not declared().matches(found)


def test_other_members_count_where_the_declared_key_has_them() -> None:
    with_other = derive(jwk_source(jwk_members(x5t="abc")), NOW).jwk
    assert with_other is not None
    for members, equal in ((jwk_members(x5t="abc"), True), (jwk_members(), False), (jwk_members(x5t="abd"), False)):
        found = observed(members)
        assert found is not None
        assert with_other.matches(found) is equal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "{",
        '{"kty": "EC"}',
        '{"kty": "RSA"}',
        '{"kty": "RSA", "n": 5, "e": []}',
        '{"kty": "RSA", "x5c": ["TUlJ"]}',
        '{"keys": []}',
        "[" * 100_000,
        '{"kty": "RSA", "kid": "\\ud800"}',
        '{"kty": "RSA", "n": NaN}',
        "\ud800",
        "\0",
    ],
)
def test_what_cannot_be_compared_is_none(text: str) -> None:
    assert parse_observed(text) is None


def test_what_is_private_is_named_and_not_kept() -> None:
    members = jwk_members(d=SECRET, p=SECRET, k="k")
    found = observed(members)
    assert found is not None
    assert SECRET not in repr(found)
    assert leaked_members(json.dumps(members)) == ("d", "p")
    assert leaked_members("not json") == ()
    assert leaked_members("[]") == ()


def test_the_certificate_is_the_first_of_the_chain() -> None:
    assert certificate_of(declared()) == shop()
    for x5c in ((), (b"",), (b"\x30\x82",)):
        jwk = Jwk(kid="a", alg="RS256", n=5, e=3, x5c=x5c)
        assert certificate_of(jwk) is None


@given(st.dictionaries(MEMBERS, JSON, max_size=3))
def test_nothing_an_org_holds_breaks_the_reader(changes: dict[str, Any]) -> None:
    members = {**jwk_members(), **changes}
    parse_observed(json.dumps(members))
    leaked_members(json.dumps(members))


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    parse_observed(text)
    leaked_members(text)


@given(st.integers(1), st.integers(1), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_what_is_sent_is_read_back_equal(n: int, e: int, kid: str) -> None:
    sent = Jwk(kid=kid, alg="RS256", n=n, e=e, x5c=(), use="sig")
    found = parse_observed(sent.to_json())
    assert found is not None
    assert sent.matches(found)
    assert found == sent
