"""The JWK that would upload: made from what is there, nothing private in it, nothing invented, and every step said."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.jose.certificates import Certificate, read_der
from provisioner.jose.defects import Findings
from provisioner.jose.diagnosis import diagnose
from provisioner.jose.repair import Given, Repair, repair
from tests.jose import making
from tests.jose.making import DER, NOW, PEM, files, jwk_members, shop
from tests.jose.test_diagnosis import PLACEHOLDERS, SECRET, salesforces_tool


def certificate_of(made: Any) -> Certificate:
    found = read_der(made.public_bytes(DER), "", "", Findings())
    assert found is not None
    return found


def repaired(content: Any, **given_: Any) -> Repair:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    said = Given(**given_)
    diagnosis = diagnose(raw, "file", NOW, kid=said.kid, given=said.certificate)
    result = repair(diagnosis, said, NOW)
    assert (result.jwk is None) == bool(result.obstacles)
    if result.jwk is not None:
        again = diagnose(result.text.encode(), "repaired", NOW)
        assert again.uploadable
    return result


def steps(result: Repair) -> set[tuple[str, str | None]]:
    return {(change.kind.value, change.member) for change in result.changes}


def test_a_file_without_a_fault_needs_nothing() -> None:
    result = repaired(jwk_members())
    assert result.changes == ()
    assert json.loads(result.text) == jwk_members()


def test_what_salesforces_tool_prints_becomes_the_jwk_alone() -> None:
    result = repaired(salesforces_tool())
    assert json.loads(result.text) == jwk_members()
    assert steps(result) == {("dropped", None), ("dropped", "y, crv, d, k")}


def test_everything_that_can_be_mended_at_once() -> None:
    broken = jwk_members(
        kty=None,
        alg="rs256",
        use=None,
        n=base64.b64encode(base64.urlsafe_b64decode(jwk_members()["n"] + "==")).decode(),
        e="not base64",
        x5c=shop().public_bytes(PEM).decode(),
        d=SECRET,
        vendor="x",
    )
    result = repaired(broken)
    assert json.loads(result.text) == jwk_members()
    assert SECRET not in result.text
    assert {("dropped", "d"), ("dropped", "vendor"), ("filled-in", "kty"), ("filled-in", "use")} <= steps(result)
    assert {("re-encoded", "alg"), ("re-encoded", "x5c"), ("replaced", "n"), ("replaced", "e")} <= steps(result)


def test_standard_base64_is_re_encoded() -> None:
    n = jwk_members()["n"]
    standard = base64.b64encode(base64.urlsafe_b64decode(n + "==")).decode()
    assert standard != n
    result = repaired(jwk_members(n=standard))
    assert json.loads(result.text)["n"] == n
    assert steps(result) == {("re-encoded", "n")}


def test_a_leading_zero_octet_as_java_writes_it_is_taken_out() -> None:
    octets = base64.urlsafe_b64decode(jwk_members()["n"] + "==")
    result = repaired(jwk_members(n=base64.urlsafe_b64encode(b"\0" + octets).rstrip(b"=").decode()))
    assert json.loads(result.text) == jwk_members()


@pytest.mark.parametrize("content", [shop().public_bytes(PEM), shop().public_bytes(DER)], ids=["PEM", "DER"])
def test_a_certificate_becomes_a_jwk_once_its_kid_is_said(content: bytes) -> None:
    (missing,) = repaired(content).obstacles
    assert missing.option == "--kid"
    assert json.loads(repaired(content, kid="shop-1").text) == jwk_members()
    assert json.loads(repaired(content, kid="shop-1", algorithm="RS512").text) == jwk_members(alg="RS512")


@pytest.mark.parametrize("name", ["shop.key", "shop.pub", "request.csr"])
def test_a_key_without_a_certificate_needs_its_own(name: str) -> None:
    content = files()[name]
    assert {each.option for each in repaired(content).obstacles} == {"--certificate", "--kid"}
    result = repaired(content, kid="shop-1", certificate=certificate_of(shop()), certificate_path="shop.crt")
    assert json.loads(result.text) == jwk_members()
    wrong = repaired(content, kid="shop-1", certificate=certificate_of(making.other()), certificate_path="other.crt")
    assert [each.option for each in wrong.obstacles] == ["--certificate"]
    assert "another key" in wrong.obstacles[0].problem


def test_a_private_key_beside_its_certificate_is_left_behind() -> None:
    result = repaired(making.private_pem() + shop().public_bytes(PEM), kid="shop-1")
    assert json.loads(result.text) == jwk_members()


def test_one_key_of_a_set_is_chosen_by_its_kid() -> None:
    both = {"keys": [jwk_members(), jwk_members(making.other(), kid="b")]}
    (open_,) = repaired(both).obstacles
    assert (open_.option, '"shop-1", "b"' in open_.fix) == ("--kid", True)
    assert json.loads(repaired(both, kid="b").text)["kid"] == "b"
    assert repaired(both, kid="c").jwk is None
    assert json.loads(repaired({"keys": [jwk_members()]}).text) == jwk_members()


@pytest.mark.parametrize("name", ["expired.crt", "ends-in-9-days.crt", "next-year.crt", "ec.crt", "rsa-1024.crt"])
def test_a_certificate_that_will_not_do_is_not_written(name: str) -> None:
    result = repaired(files()[name], kid="shop-1")
    assert result.obstacles
    assert all(each.option is None for each in result.obstacles)


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"kid": None}, "--kid"),
        ({"kid": ""}, "--kid"),
        ({"kid": 7}, "--kid"),
        ({"kid": " shop-1"}, "--kid"),
        ({"kid": "shop\u200b1"}, "--kid"),
        ({"alg": "HS256"}, "--alg"),
        ({"alg": "none"}, "--alg"),
        ({"alg": []}, "--alg"),
        ({"x5c": None}, "--certificate"),
        ({"x5c": ["%%%"]}, "--certificate"),
        ({"n": jwk_members(making.other())["n"]}, "--certificate"),
        ({"kty": "EC"}, None),
    ],
)
def test_nothing_is_invented(changes: dict[str, Any], option: str | None) -> None:
    result = repaired(jwk_members(**changes))
    assert option in {each.option for each in result.obstacles}


def test_what_is_said_wins_over_what_is_written_and_is_named() -> None:
    result = repaired(jwk_members(alg="PS256"), kid="other", algorithm="RS256")
    assert json.loads(result.text) == jwk_members(kid="other")
    assert steps(result) == {("replaced", "kid"), ("replaced", "alg")}


def test_a_given_certificate_replaces_an_expired_one() -> None:
    old = jwk_members(making.certificate(making.rsa_key(), ends=NOW, begins=making.NOW.replace(year=2020)))
    result = repaired(old, certificate=certificate_of(shop()), certificate_path="new.crt")
    assert json.loads(result.text) == jwk_members()
    assert ("replaced", "x5c") in steps(result)


PARTS: dict[str, list[Any]] = {
    "kty": ["RSA", None, "EC", 3],
    "kid": ["shop-1", None, "", " x", 5],
    "alg": ["RS256", "RS512", "rs256", None, "none", {}],
    "use": ["sig", "enc", None, []],
    "x5c": [
        jwk_members()["x5c"],
        jwk_members()["x5c"][0],
        [],
        None,
        ["x"],
        jwk_members(making.other())["x5c"],
        [shop().public_bytes(PEM).decode(), "junk"],
    ],
    "n": [jwk_members()["n"], jwk_members()["n"] + "=", "!", None, 4],
    "e": ["AQAB", "AQAB==", None, "AAEAAQ"],
    "d": [None, "d", SECRET],
    "k": [None, "k", SECRET],
    "x5t": [None, "abc"],
}


@given(st.fixed_dictionaries({name: st.sampled_from(values) for name, values in PARTS.items()}))
def test_whatever_is_written_uploads_and_holds_nothing_private(members: dict[str, Any]) -> None:
    result = repaired({name: value for name, value in members.items() if value is not None})
    if result.jwk is not None:
        assert SECRET not in result.text
        assert set(json.loads(result.text)) == {"kty", "kid", "alg", "use", "n", "e", "x5c"}


def test_placeholders_are_dropped_and_said() -> None:
    assert steps(repaired({**jwk_members(), **PLACEHOLDERS})) == {("dropped", "y, crv, d, k")}


def test_letters_and_digits_are_written_as_they_must_be() -> None:
    n = f"{making.rsa_key().public_key().public_numbers().n:x}"
    result = repaired(jwk_members(kty="rsa", alg="rs256", n=n))
    assert steps(result) == {("re-encoded", "kty"), ("re-encoded", "alg"), ("re-encoded", "n")}
    assert json.loads(result.text) == jwk_members()


def test_json_with_a_fault_is_corrected_first() -> None:
    broken = json.dumps(jwk_members())[:-1].encode() + b",}"
    (obstacle,) = repaired(broken).obstacles
    assert (obstacle.problem, obstacle.option) == ("Its JSON cannot be parsed.", None)
    (defect,) = diagnose(broken, "file", NOW).defects
    assert defect.fix == "Correct the JSON at that place."
    assert repaired(broken, certificate=certificate_of(shop()), kid="shop-1").jwk is not None
