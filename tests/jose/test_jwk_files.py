"""JWK files: read strictly, each defect told apart, nothing private ever shown."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.jose.diagnosis import diagnose
from provisioner.jose.file_kinds import take
from provisioner.jose.material import Derivation, derive
from provisioner.jose.uploaded_jwk import leaked_members
from tests.jose import key_files, making
from tests.jose.making import DER, NOW, PEM, jwk_members, jwk_source, shop

SECRET = "X4cTteJY-gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH"


def derived(content: Any) -> Derivation:
    return derive(jwk_source(content), NOW)


def rules(content: Any) -> list[str]:
    return [defect.rule for defect in derived(content).defects]


def test_a_jwk_without_a_fault_is_sent_as_it_is() -> None:
    derivation = derived(jwk_members())
    assert derivation.defects == ()
    assert derivation.certificate == shop()
    assert derivation.jwk is not None
    assert derivation.jwk.members() == jwk_members()


def test_other_members_are_sent_along() -> None:
    derivation = derived(jwk_members(x5t="abc", vendor={"a": [1, 2.5, None]}))
    assert derivation.defects == ()
    assert derivation.jwk is not None
    assert dict(derivation.jwk.other) == {"x5t": "abc", "vendor": {"a": [1, 2.5, None]}}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "1:2"),
        (b'{\n  "kty": "RSA",\n}', "2:15"),
        (b"{'kty': 'RSA'}", "1:2"),
        (b'{"kty": "RSA"} x', "expected the end of the text"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1e999}', "range"),
        (b'{"a": ' + b"9" * 5000 + b"}", "5000 digits"),
        (b"[" * 100_000, "nested"),
        (b'{"a":' * 100_000, "nested"),
        (b'{"a":' + b"[" * 21 + b"]" * 21 + b"}", "nested"),
        (b'{"kid": "\\ud800"}', "half of a character"),
        (b'{"kid": "\xe9"}', "1:10"),
        ('{"kty": "RSA"}'.encode("utf-16"), "UTF-16"),
        ('{"kty": "RSA"}'.encode("utf-16-be"), "UTF-16"),
        (b'{"kid": "a\nb"}', "no closing quote"),
        (b"null", "not hold a JSON object"),
        (b'"RSA"', "not hold a JSON object"),
        (b"5", "not hold a JSON object"),
    ],
)
def test_what_is_not_json_is_said_with_its_place(content: bytes, word: str) -> None:
    derivation = derived(content)
    assert [defect.rule for defect in derivation.defects] == ["jwk-not-json"]
    assert word in derivation.defects[0].message
    assert derivation.defects[0].message.startswith("config/keys/shop.jwk.json")


def test_a_certificate_in_place_of_a_jwk_is_recognised() -> None:
    for encoding in (PEM, DER):
        defect = derived(shop().public_bytes(encoding)).defects[0]
        assert (defect.rule, "`certificate`" in defect.fix) == ("jwk-not-json", True)


def test_a_private_key_in_place_of_a_jwk_is_recognised() -> None:
    assert rules(making.private_pem()) == ["certificate-is-private-key"]
    assert rules(json.dumps({"private_key": making.private_pem().decode()}).encode()) == ["certificate-is-private-key"]


def test_a_byte_order_mark_is_dropped_with_a_warning() -> None:
    derivation = derived(b"\xef\xbb\xbf" + json.dumps(jwk_members()).encode())
    assert [defect.rule for defect in derivation.defects] == ["jwk-byte-order-mark"]
    assert derivation.jwk is not None


def test_repeated_members_are_found_at_the_second() -> None:
    text = json.dumps(jwk_members(), indent=1).replace('"kty": "RSA",', '"kty": "RSA",\n "kid": "a",')
    derivation = derived(text.encode())
    assert [defect.rule for defect in derivation.defects] == ["jwk-duplicate-member"]
    assert derivation.defects[0].message == 'config/keys/shop.jwk.json:4:2 has "kid" more than once.'
    assert derivation.jwk is not None
    assert derivation.jwk.kid == "a", "the first of the two is kept"


def test_a_repeated_inner_member_is_found_without_a_place() -> None:
    text = json.dumps(jwk_members(vendor={"a": 1})).replace('"a": 1', '"a": 1, "a": 2')
    assert derived(text.encode()).defects[0].message == 'config/keys/shop.jwk.json has "a" more than once.'


def test_names_inside_texts_and_values_are_no_members() -> None:
    text = json.dumps({"note": '{"kid": "x", "kid"', "inner": {"kid": 1}, **jwk_members(alg="ES256")}, indent=2)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if '"alg"' in line)
    assert f"shop.jwk.json:{line}:3 has the alg" in derived(text.encode()).defects[0].message


@pytest.mark.parametrize("content", [{"keys": [jwk_members()]}, {"keys": []}, [jwk_members()], []])
def test_a_set_is_refused(content: Any) -> None:
    assert rules(json.dumps(content).encode()) == ["jwk-is-a-set"]


def test_a_private_member_in_a_set_is_found() -> None:
    text = json.dumps({"keys": [jwk_members(d=SECRET), jwk_members(d=SECRET, p=SECRET)]})
    assert rules(text.encode()) == ["jwk-is-a-set", "jwk-private-member", "jwk-private-member"]


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
@pytest.mark.parametrize("value", [SECRET, "", [{"r": SECRET}], 12345678901234567890])
def test_a_private_member_is_refused_and_never_shown(member: str, value: Any) -> None:
    derivation = derived(json.dumps({**jwk_members(), member: value}).encode())
    assert [defect.rule for defect in derivation.defects] == ["jwk-private-member"]
    said = "".join(f"{defect.message}{defect.fix}" for defect in derivation.defects)
    assert SECRET not in said
    assert "12345678901234567890" not in said
    assert derivation.jwk is not None
    assert member not in derivation.jwk.members()
    assert SECRET not in repr(derivation.jwk)


@pytest.mark.parametrize(
    "member",
    ["D", " d", "Dp", "QI", "privateExponent", "private_exponent", "prime1", "InverseQ", "Exponent-2", "privateKey"],
)
def test_another_spelling_of_a_private_member_is_refused(member: str) -> None:
    content = json.dumps({**jwk_members(), member: SECRET}).encode()
    derivation = derived(content)
    assert [defect.rule for defect in derivation.defects] == ["jwk-private-member"]
    assert derivation.jwk is not None
    assert member not in derivation.jwk.members()
    diagnosis = diagnose(content, "k", NOW)
    assert member not in (diagnosis.public_members or {})
    assert take(content).is_private
    assert leaked_members(content.decode()) == (member,)


@pytest.mark.parametrize("members", [{"P": "short"}, {"K": None}, {"description": SECRET}, {"Exponent": "AQAB"}])
def test_a_name_that_only_resembles_one_is_not(members: dict[str, Any]) -> None:
    content = json.dumps({**jwk_members(), **members}).encode()
    assert not derived(content).defects
    assert not take(content).is_private


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_null_is_no_private_member_and_is_dropped(member: str) -> None:
    """Azure Key Vault writes null for each member that a key does not have."""
    derivation = derived(json.dumps({**jwk_members(), member: None}).encode())
    assert not derivation.defects
    assert derivation.jwk is not None
    assert member not in derivation.jwk.members()


def test_the_placeholders_of_salesforces_own_tool_are_dropped() -> None:
    derivation = derived(jwk_members(y="y", crv="crv", d="d", k="k"))
    assert [defect.rule for defect in derivation.defects] == ["jwk-placeholders"]
    assert derivation.jwk is not None
    assert derivation.jwk.members() == jwk_members()


def test_a_placeholder_beside_a_private_member_hides_nothing() -> None:
    assert rules(jwk_members(d="d", k=SECRET)) == ["jwk-private-member", "jwk-placeholders"]
    assert rules(jwk_members(p="p")) == ["jwk-private-member"]


@pytest.mark.parametrize("kty", ["EC", "OKP", "oct", "", 5, [], True])
def test_only_rsa_is_taken_and_nothing_else_is_said_then(kty: Any) -> None:
    assert rules(json.dumps({"kty": kty, "alg": "ES256"}).encode()) == ["jwk-kty"]


def test_missing_members_are_all_said() -> None:
    assert rules({"use": "sig"}) == ["jwk-member-missing"] * 4


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kid": ""}, ["jwk-member-missing"]),
        ({"kid": 5}, ["jwk-member-missing"]),
        ({"kid": " a"}, ["text-whitespace"]),
        ({"kid": "a\t"}, ["text-whitespace"]),
        ({"kid": "a\tb"}, ["text-control-character"]),
        ({"kid": "a\u200bb"}, ["text-control-character"]),
        ({"alg": "ES256"}, ["jwk-alg"]),
        ({"alg": "RS384"}, ["jwk-alg"]),
        ({"alg": ["RS256"]}, ["jwk-alg"]),
        ({"alg": "none"}, ["jwk-alg"]),
        ({"alg": "RS512"}, []),
        ({"use": None}, ["jwk-use"]),
        ({"use": "enc"}, ["jwk-use"]),
        ({"use": ["sig"]}, ["jwk-use"]),
        ({"x5c": "MII"}, ["x5c-not-array"]),
        ({"x5c": []}, ["x5c-not-array"]),
        ({"x5c": [5]}, ["x5c-not-array"]),
        ({"x5c": {}}, ["x5c-not-array"]),
        ({"x5c": [""]}, ["x5c-not-base64"]),
        ({"x5c": ["TUlJ"]}, ["certificate-unreadable"]),
        ({"n": None}, ["jwk-modulus-missing"]),
        ({"n": 5}, ["jwk-modulus-encoding"]),
        ({"e": "AQAB="}, ["jwk-modulus-encoding"]),
        ({"e": ""}, ["jwk-modulus-encoding"]),
        ({"e": "AQ AB"}, ["jwk-modulus-encoding"]),
        ({"e": "A"}, ["jwk-modulus-encoding"]),
        ({"e": "Aw"}, ["jwk-modulus-mismatch"]),
        ({"e": "AAEAAQ"}, []),
    ],
)
def test_each_member_has_its_own_defects(changes: dict[str, Any], expected: list[str]) -> None:
    assert rules(jwk_members(**changes)) == expected


def x5c_with(entry: str) -> dict[str, Any]:
    return jwk_members(x5c=[entry])


STANDARD = making.der_base64(shop())


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        (shop().public_bytes(PEM).decode(), "x5c-pem-armour"),
        (f"-----BEGIN CERTIFICATE-----{STANDARD}-----END CERTIFICATE-----", "x5c-pem-armour"),
        (STANDARD[:64] + "\n" + STANDARD[64:], "x5c-line-breaks"),
        (STANDARD[:64] + "\r\n" + STANDARD[64:], "x5c-line-breaks"),
        (f" {STANDARD}", "x5c-line-breaks"),
        (base64.urlsafe_b64encode(base64.b64decode(STANDARD)).decode(), "x5c-base64url"),
        (base64.urlsafe_b64encode(base64.b64decode(STANDARD)).decode().rstrip("="), "x5c-base64url"),
    ],
)
def test_a_wrong_file_is_read_on_for_all_findings(entry: str, rule: str) -> None:
    derivation = derived(x5c_with(entry))
    assert [defect.rule for defect in derivation.defects] == [rule]
    assert derivation.certificate == shop()
    assert derivation.jwk is not None
    assert derivation.jwk.members() == jwk_members()


@pytest.mark.parametrize("entry", [STANDARD + "!", "!" + STANDARD, "=" + STANDARD, "MII…"])
def test_what_is_not_base64_is_said_so(entry: str) -> None:
    assert rules(x5c_with(entry)) == ["x5c-not-base64"]


def test_missing_padding_does_not_hide_the_certificate() -> None:
    entry = base64.b64encode(making.shop().public_bytes(DER) + b"").decode().rstrip("=")
    expected = [] if len(making.shop().public_bytes(DER)) % 3 == 0 else ["x5c-not-base64"]
    derivation = derived(x5c_with(entry))
    assert [defect.rule for defect in derivation.defects] == expected
    assert derivation.certificate == shop()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (making.rsa_key().private_bytes(DER, *making.PLAIN_PRIVATE), "certificate-is-private-key"),
        (making.rsa_key().public_key().public_bytes(DER, making.PLAIN_PUBLIC), "certificate-is-public-key"),
        (making.certificate(making.ec_key()).public_bytes(DER), "certificate-not-rsa"),
    ],
)
def test_something_else_in_x5c_is_named_for_what_it_is(content: bytes, rule: str) -> None:
    assert rules(x5c_with(base64.b64encode(content).decode())) == [rule]


def test_a_chain_is_taken_whole_and_its_first_certificate_counts() -> None:
    chain = [STANDARD, making.der_base64(making.other())]
    derivation = derived(jwk_members(x5c=chain))
    assert derivation.defects == ()
    assert derivation.jwk is not None
    assert derivation.jwk.members()["x5c"] == chain
    assert rules(jwk_members(x5c=list(reversed(chain)))) == ["jwk-modulus-mismatch"]


def test_a_defect_of_a_later_certificate_names_its_entry() -> None:
    defect = derived(jwk_members(x5c=[STANDARD, STANDARD + "\n"])).defects[0]
    assert (defect.rule, "x5c[1]" in defect.message) == ("x5c-line-breaks", True)


def test_numbers_are_filled_in_from_the_certificate() -> None:
    derivation = derived(jwk_members(n=None, e=None))
    assert [defect.rule for defect in derivation.defects] == ["jwk-modulus-missing"]
    assert derivation.jwk is not None
    assert derivation.jwk.members() == jwk_members()


def test_numbers_of_another_key_are_a_mismatch_and_no_jwk() -> None:
    derivation = derived(jwk_members(n=jwk_members(making.other())["n"]))
    assert [defect.rule for defect in derivation.defects] == ["jwk-modulus-mismatch"]
    assert derivation.jwk is None


def test_numbers_in_standard_base64_are_read_for_what_they_mean() -> None:
    number = shop().public_key().public_numbers().n  # type: ignore[union-attr]
    standard = base64.b64encode(number.to_bytes(256, "big")).decode()
    assert rules(jwk_members(n=standard)) == ["jwk-modulus-encoding"]


def test_dates_are_judged_here_too() -> None:
    made = making.certificate(making.rsa_key(), begins=NOW - 2 * making.DAY, ends=NOW - making.DAY)
    derivation = derived(jwk_members(made))
    assert [defect.rule for defect in derivation.defects] == ["certificate-expired"]
    assert derivation.jwk is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(STANDARD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = st.sampled_from(["kty", "kid", "alg", "use", "x5c", "n", "e", "d", "k", "y", "keys", "p", "other"])


@given(st.dictionaries(MEMBERS, JSON, max_size=3))
def test_no_jwk_breaks_the_reader(changes: dict[str, Any]) -> None:
    derivation = derived({**jwk_members(), **changes})
    if derivation.jwk is not None:
        json.loads(derivation.jwk.to_json()).keys()
        derivation.jwk.to_json().encode()


@given(st.binary(max_size=100) | st.text(alphabet='{}[]:,"\\ \n0123eE.-+truefalsn\u0000ä', max_size=60).map(str.encode))
def test_no_file_breaks_the_reader(content: bytes) -> None:
    assert derived(content).defects


def test_small_letters_are_named_as_what_they_are() -> None:
    found = {defect.rule: defect.fix for defect in derived(jwk_members(kty="rsa", alg="rs256")).defects}
    assert found == {"jwk-kty": 'Write "kty": "RSA".', "jwk-alg": 'Write "alg": "RS256".'}


@pytest.mark.parametrize("shape", ["{:X}", "{:x}", "Modulus={:X}", "00{:x}", "0x{:x}"])
def test_a_modulus_in_hexadecimal_is_the_same_key(shape: str) -> None:
    n = shape.format(making.rsa_key().public_key().public_numbers().n)
    (defect,) = derived(jwk_members(n=n)).defects
    assert defect.rule == "jwk-modulus-encoding"
    assert "is hexadecimal" in defect.message


def test_the_placeholder_of_the_help_page_is_named() -> None:
    (defect,) = derived(jwk_members(x5c=["<Your public certificate>"])).defects
    assert defect.rule == "x5c-line-breaks"
    assert "placeholder of a sample" in defect.message


def test_a_certificate_for_rsa_pss_alone_is_no_rsa() -> None:
    der = key_files.limited_to_pss(shop().public_bytes(DER))
    (defect,) = derived(jwk_members(x5c=[base64.b64encode(der).decode()])).defects
    assert defect.rule == "certificate-not-rsa"
    assert "RSA-PSS" in defect.message


def test_base64_of_a_whole_pem_file_is_no_certificate_in_x5c() -> None:
    twice = base64.b64encode(shop().public_bytes(PEM)).decode()
    defects = derived(jwk_members(x5c=[twice])).defects
    assert [defect.rule for defect in defects] == ["x5c-pem-armour"]
    assert "base64 of a whole PEM file" in defects[0].message


@pytest.mark.parametrize("name", ["kid", "alg", "x5c", "kty"])
def test_a_member_in_the_wrong_case_is_named(name: str) -> None:
    members = jwk_members()
    members[name.upper()] = members.pop(name)
    found = next(defect for defect in derived(members).defects if defect.rule == "jwk-member-missing")
    assert f"`{name}` is missing; it has `{name.upper()}`" in found.message
    assert found.fix == f"Write `{name}`."
