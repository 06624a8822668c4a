"""Syntax errors name the likely mistake, its place and its fix, with both parsers of PyYAML."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration import yaml_text
from provisioner.diagnostics import Diagnostic

BROKEN = [
    ("keysets:\n  shop:\n    issuer:shop\n    keys: [a]\n", "3:12", "no space after the colon of `issuer`"),
    ("a:\r   b: x\r    c: [y]\r", "3:5", "indented by 4 spaces, line 2 above it by 3"),
    ("a:\n   b: x\n    c: [y]\n", "3:5", "indented by 4 spaces, line 2 above it by 3"),
    ("a:\n  b: x\n\n  # a comment\n     c: y\n", "5:6", "line 2 has a value, so it cannot have fields"),
    ("a:\n\u00a0\u00a0b: x\n  c: y\n", "2:1", "needs a space here, and this is U+00A0 (No-break space)"),
    ("a:\n  b:\u00a0x\n  c: y\n", "2:5", "needs a space here, and this is U+00A0 (No-break space)"),
    ("a:\n  b： x\n  c: y\n", "2:4", "needs a colon and a space here, and this is U+FF1A"),
    ("a:\n  label: Note: old\n", "2:14", "contains a colon and a space"),
    (f"{'a' * 1100}: 1\n", "1:1101", "at most 1,024 characters"),
    ("version\nkeys: {}\n", "1:1", "no colon"),
    ("a: 1\nfoo\nb: 2\n", "2:1", "no colon"),
    ("a:\n  - b\n  -c: 1\n  - d\n", "3:4", "no space after the dash"),
    ("a:\n  -b\nc: 1\n  -d: 2\n", "4:4", "no space after the dash"),
    ("a: - b\n", "1:4", "cannot begin after a colon"),
    ("a: [*.example.com]\n", "1:5", "begins with `*`"),
    ("a: & b\n", "1:4", "begins with `&`"),
    ("a: @b\n", "1:4", "cannot begin with '@'"),
    ("a: `b`\n", "1:4", "cannot begin with '`'"),
    ('a: "keys\\shop.crt"\n', "1:", "A backslash in double quotes"),
    ('a: "\\u12"\n', "1:7", "A backslash in double quotes"),
    ("a: 'it\nb: 1\n", "1:4", "opens the text here is not closed"),
    ("a: 'it's'\n", "1:8", "text after the closing quotation mark"),
    ("a: {b: 1 c: 2}\n", "1:11", "A comma is missing before this, or the `{` at line 1, column 4,"),
    ("a: [b, c\nd: 1\n", "2:2", "the `[` at line 1, column 4, is not closed"),
    ("a: [b]]\n", "1:7", "The `]` closes nothing"),
    ("a:\n    b: 1\n  c: 2\n", "3:3", "indented by 2 spaces, and no part above it continues there"),
    ("a:\n  - b\n  c: 1\n", "3:3", "not an item of the list above it"),
    ("a:\n  b: 1\n  - c\n", "3:3", "a list item among the fields of a mapping"),
    (": a\n", "1:1", "no name before the colon"),
    ("a: |b\n", "1:5", "text after `|` or `>`"),
    ("a: 1\n...\nb: 2\n", "3:1", "after the end of the document"),
    ("a:\n\tb: 1\n", "2:1", "a tab where YAML allows only spaces"),
    ('{"a": 1, // x\n "b": 2}\n', "1:10", "`//` begins no comment"),
]  # fmt: skip


def finding(text: str) -> Diagnostic:
    tree, findings = yaml_text.parse(text.encode(), "f.yaml")
    assert tree is None
    (found,) = findings
    return found


@pytest.mark.parametrize("loader", [yaml.CBaseLoader, yaml.BaseLoader])
@pytest.mark.parametrize(("text", "place", "message"), BROKEN)
def test_a_syntax_error_names_the_mistake_and_its_place(
    monkeypatch: pytest.MonkeyPatch, loader: type, text: str, place: str, message: str
) -> None:
    monkeypatch.setattr(yaml_text, "_LOADER", loader)
    found = finding(text)
    assert message in found.message
    assert str(found.location).startswith(f"f.yaml:{place}")
    assert found.fix.endswith(".")


def test_a_percent_sign_cannot_begin_a_line() -> None:
    assert "cannot begin with `%`" in finding("%FOO%\na: 1\n").message


def test_an_unknown_error_keeps_the_parsers_words() -> None:
    found = finding("a: !<tag\n")
    assert found.message.startswith("This is not YAML: ")


@given(st.text(alphabet=" \n\t:-[]{}'\"#&*!|>%@`ab,\u00a0：\\", max_size=40))
def test_any_syntax_error_has_a_place_in_the_file(text: str) -> None:
    _, findings = yaml_text.parse(text.encode(), "f.yaml")
    for found in findings:
        assert found.location is not None
        assert 1 <= found.location.line <= len(text) + 1
