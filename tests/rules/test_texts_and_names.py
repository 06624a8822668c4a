"""Texts with white space or control characters, names, labels."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration.load import EnvironmentFiles
from provisioner.rules.names.name_invalid import name_problem
from tests.rules.running import findings, ids

KEY = "certificate: keys/shop.crt"


@pytest.mark.parametrize(
    ("declared", "address", "word"),
    [
        ("keys: {{a: {{certificate: keys/shop.crt, kid: a, label: {0}}}}}", "key.a", "The label"),
        ("keys: {{a: {{certificate: keys/shop.crt, kid: a, description: {0}}}}}", "key.a", "The description"),
        ("keys: {{a: {{certificate: keys/shop.crt, kid: {0}}}}}", "key.a", "The kid"),
        ("issuers: {{a: {0}}}", None, "The issuer a"),
        ("keysets: {{a: {{issuer: {{literal: {0}}}, endpoint: https://a.example.com/}}}}", "keyset.a", "The issuer"),
        ("keysets: {{a: {{label: {0}, issuer: a.b, endpoint: https://a.example.com/}}}}", "keyset.a", "The label"),
    ],
)
@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (" x", "text-whitespace"),
        ("x\n", "text-whitespace"),
        ("x\u00a0", "text-whitespace"),
        ("x\ty", "text-control-character"),
        ("x\ny", "text-control-character"),
        ("x\x7fy", "text-control-character"),
        ("x\u0085y", "text-control-character"),
        ("x\u2028y", "text-control-character"),
    ],
)
def test_every_text_that_is_sent_is_looked_at(
    declared: str, address: str | None, word: str, value: str, rule: str, tmp_path: Path
) -> None:
    found = findings(tmp_path, declared.format(json.dumps(value)))
    assert [(each.rule, each.address) for each in found] == [(rule, address)]
    assert found[0].message.startswith(word)
    assert found[0].message.isprintable()


def test_the_endpoint_is_looked_at_too(tmp_path: Path) -> None:
    declared = "keysets: {a: {issuer: a.b, endpoint: 'https://a.example.com/jwks '}}"
    assert ids(tmp_path, declared) == ["text-whitespace"]


def test_invisible_characters_count_if_bytes_are_compared(tmp_path: Path) -> None:
    label = f'keys: {{a: {{{KEY}, kid: a, label: "family \\u200d"}}}}'
    assert ids(tmp_path / "1", label) == []
    assert ids(tmp_path / "2", f'keys: {{a: {{{KEY}, kid: "a\\u200db"}}}}') == ["text-control-character"]


@pytest.mark.parametrize("block", ["|", "|-", "|+"])
def test_a_block_of_lines_is_one_mistake(block: str, tmp_path: Path) -> None:
    declared = f"keys:\n  a:\n    {KEY}\n    kid: a\n    description: {block}\n      one\n      two\n\n"
    (found,) = findings(tmp_path, declared)
    assert (found.rule, found.fix) == (
        "text-control-character",
        "Write the text on one line; in a block of text, >- joins the lines.",
    )


@pytest.mark.parametrize("block", ["|-", ">-"])
def test_long_texts_are_blocks_without_a_final_line_break(block: str, tmp_path: Path) -> None:
    declared = f"keys:\n  a:\n    {KEY}\n    kid: a\n    description: {block}\n      one line\n"
    assert ids(tmp_path, declared) == []


@pytest.mark.parametrize(
    ("name", "is_good"),
    [
        ("a", True),
        ("A1_b2", True),
        ("a" * 80, True),
        ("a" * 81, False),
        ("1a", False),
        ("_a", False),
        ("a_", False),
        ("a__b", False),
        ("a-b", False),
        ("a b", False),
        ("ä", False),
        ("a\n", False),
        ("", False),
    ],
)
def test_api_names(name: str, is_good: bool, tmp_path: Path) -> None:
    declared = f"keys: {{{json.dumps(name)}: {{{KEY}, kid: a}}}}"
    assert ids(tmp_path / "key", declared) == ([] if is_good else ["name-invalid"])
    declared = f"keysets: {{{json.dumps(name)}: {{issuer: a.b, endpoint: https://a.example.com/}}}}"
    assert ids(tmp_path / "keyset", declared) == ([] if is_good else ["name-invalid"])


TWINS = "{a: {keyset: shop, active: false}, A: {keyset: shop, active: false}}"
ONE, TWO = f"{{{KEY}, kid: a}}", f"{{{KEY}, kid: b}}"
KEYSET = "{issuer: a.b, endpoint: https://a.example.com/}"


@pytest.mark.parametrize(
    "declared",
    [
        f"keys: {{shop: {ONE}, Shop: {TWO}}}",
        f"keysets: {{shop: {KEYSET}, SHOP: {KEYSET}}}",
        f"keysets: {{shop: {KEYSET}}}\nremoved: {{keysets: [SHOP]}}",
        "removed: {keys: [a, A]}",
        "issuers: {shop: https://a.example.com, Shop: https://b.example.com}",
        "channels: {Web: {}, WEB: {}}",
        "channels: {C: {}}\ndeployments: {Web: {channel: C}, WEB: {channel: C}}",
        f"keysets: {{shop: {KEYSET}}}\nchannels: {{Web: {{user_verification: {{configurations: {TWINS}}}}}}}",
    ],
)
def test_names_that_differ_by_case_only(declared: str, tmp_path: Path) -> None:
    assert "name-differs-by-case" in ids(tmp_path, declared)


def test_environments_that_differ_by_case_only(tmp_path: Path) -> None:
    folder = tmp_path / "environments"
    folder.mkdir()
    for name in ("sandbox", "Sandbox"):
        (folder / f"{name}.yaml").write_text("username: a@b.c\n")
    if len(list(folder.iterdir())) == 2:  # a file system that tells them apart
        (finding,) = EnvironmentFiles(tmp_path).findings
        assert finding.rule == "name-differs-by-case"


def test_names_of_two_kinds_may_be_alike(tmp_path: Path) -> None:
    declared = f"keys: {{shop: {ONE}}}\nkeysets: {{Shop: {KEYSET}}}"
    assert "name-differs-by-case" not in ids(tmp_path, declared)


@given(st.text(string.ascii_letters + string.digits + "_- ä", max_size=90))
def test_the_rule_for_api_names_is_salesforces(name: str) -> None:
    allowed = (
        0 < len(name) <= 80
        and set(name) <= set(string.ascii_letters + string.digits + "_")
        and name[0] in string.ascii_letters
        and not name.endswith("_")
        and "__" not in name
    )
    assert (name_problem(name) is None) == allowed


def test_a_channel_s_name_is_the_orgs_affair(tmp_path: Path) -> None:
    assert ids(tmp_path, "channels: {'1 any-name__': {token_expiration_minutes: {verified: 60}}}") == []


@pytest.mark.parametrize(
    ("name", "is_good"),
    [
        ("a", True),
        ("A_", True),
        ("a__1", True),
        ("1a", False),
        ("_a", False),
        ("a-b", False),
        ("a.b", False),
        ("", False),
    ],
)
def test_configuration_names(name: str, is_good: bool, tmp_path: Path) -> None:
    declared = (
        "keysets: {k: {issuer: a.b, endpoint: https://a.example.com/}}\n"
        f"channels: {{C: {{user_verification: {{configurations: {{{json.dumps(name)}: {{keyset: k}}}}}}}}}}"
    )
    assert ids(tmp_path, declared) == ([] if is_good else ["configuration-name-invalid"])


@pytest.mark.parametrize(("length", "is_good"), [(0, False), (1, True), (80, True), (81, False)])
def test_labels(length: int, is_good: bool, tmp_path: Path) -> None:
    declared = f"keys: {{a: {{{KEY}, kid: a, label: '{'x' * length}'}}}}"
    assert ids(tmp_path / "key", declared) == ([] if is_good else ["label-length"])
    declared = f"keysets: {{a: {{issuer: a.b, endpoint: https://a.example.com/, label: '{'x' * length}'}}}}"
    assert ids(tmp_path / "keyset", declared) == ([] if is_good else ["label-length"])
