"""A key added to a declaration's text: the key is there, and every byte that was there still is."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration.edit_keys import NewKey, add_key
from provisioner.declaration.schema import DECLARATION
from provisioner.declaration.shape import check_shape
from provisioner.declaration.text_edits import NotEditable
from provisioner.declaration.yaml_text import parse

ROOT = Path(__file__).parents[2]
FIELDS = {"certificate": "keys/new.crt", "kid": "new-1"}


def edited(text: str, keyset: str | None = None, **fields: str) -> str:
    key = NewKey("new", {**FIELDS, **fields}, keyset)
    return add_key(text.encode(), key).decode()


def read(content: bytes) -> Any:
    """The text as another reader has it: PyYAML, everything as text."""
    return yaml.load(content.decode("utf-8-sig"), yaml.BaseLoader)


def is_one_insertion(before: str, after: str) -> bool:
    """Whether ``after`` is ``before`` with one piece put in."""
    same = 0
    while same < len(before) and before[same] == after[same]:
        same += 1
    return after.endswith(before[same:])


CASES: dict[str, tuple[str, str | None, str]] = {
    "a block": (
        "version: 1\nkeys:\n  a:\n    certificate: a  # why\n\n# next\nkeysets: {}\n",
        None,
        (
            "version: 1\nkeys:\n  a:\n    certificate: a  # why\n  new:\n    certificate: keys/new.crt\n"
            "    kid: new-1\n\n# next\nkeysets: {}\n"
        ),
    ),
    "its own indentation": (
        "version: 1\nkeys:\n    a:\n       certificate: a\n",
        None,
        (
            "version: 1\nkeys:\n    a:\n       certificate: a\n    new:\n       certificate: keys/new.crt\n"
            "       kid: new-1\n"
        ),
    ),
    "comments at the end of the section stay in it": (
        "version: 1\nkeys:\n  a:\n    certificate: a\n    # kid: old\n\n  # b: gone\n\n# next\n",
        None,
        (
            "version: 1\nkeys:\n  a:\n    certificate: a\n    # kid: old\n\n  # b: gone\n  new:\n"
            "    certificate: keys/new.crt\n    kid: new-1\n\n# next\n"
        ),
    ),
    "braces": (
        "version: 1\nkeys: {a: {kid: a}}  # all\n",
        None,
        "version: 1\nkeys: {a: {kid: a}, new: {certificate: keys/new.crt, kid: new-1}}  # all\n",
    ),
    "empty braces": (
        "version: 1\nkeys: {}\n",
        None,
        "version: 1\nkeys: {new: {certificate: keys/new.crt, kid: new-1}}\n",
    ),
    "nothing behind the colon": (
        "version: 1\nkeys:   # none yet\nkeysets: {}\n",
        None,
        "version: 1\nkeys:   # none yet\n  new:\n    certificate: keys/new.crt\n    kid: new-1\nkeysets: {}\n",
    ),
    "no section": (
        "version: 1\nissuers:\n  a: b\n\nkeysets: {}\n",
        None,
        "version: 1\nissuers:\n  a: b\n\nkeys:\n  new:\n    certificate: keys/new.crt\n    kid: new-1\n\nkeysets: {}\n",
    ),
    "a commented example": (
        "version: 1\n\n# About keys.\n#\n# keys:\n#   a: {}\n\n# keysets:\n",
        None,
        (
            "version: 1\n\n# About keys.\n#\n# keys:\n#   a: {}\n\nkeys:\n  new:\n    certificate: keys/new.crt\n"
            "    kid: new-1\n\n# keysets:\n"
        ),
    ),
    "no line end at the end": (
        "version: 1",
        None,
        "version: 1\n\nkeys:\n  new:\n    certificate: keys/new.crt\n    kid: new-1",
    ),
    "the whole file in braces": (
        "{version: 1}\n",
        None,
        "{version: 1, keys: {new: {certificate: keys/new.crt, kid: new-1}}}\n",
    ),
    "line ends of Windows": (
        "version: 1\r\nkeys:\r\n  a: {kid: a}\r\n",
        None,
        "version: 1\r\nkeys:\r\n  a: {kid: a}\r\n  new:\r\n    certificate: keys/new.crt\r\n    kid: new-1\r\n",
    ),
    "a list in brackets": (
        "version: 1\nkeys: {}\nkeysets:\n  s:\n    keys: [a, b] # all\n",
        "s",
        (
            "version: 1\nkeys: {new: {certificate: keys/new.crt, kid: new-1}}\nkeysets:\n  s:\n"
            "    keys: [a, b, new] # all\n"
        ),
    ),
    "a list in dashes": (
        "version: 1\nkeys: {}\nkeysets:\n  s:\n    keys:\n    - a # first\n    issuer: i\n",
        "s",
        (
            "version: 1\nkeys: {new: {certificate: keys/new.crt, kid: new-1}}\nkeysets:\n  s:\n    keys:\n"
            "    - a # first\n    - new\n    issuer: i\n"
        ),
    ),
    "a list over several lines": (
        "version: 1\nkeys: {}\nkeysets:\n  s:\n    keys: [\n      a, # first\n      b, # second\n    ]\n",
        "s",
        (
            "version: 1\nkeys: {new: {certificate: keys/new.crt, kid: new-1}}\nkeysets:\n  s:\n    keys: [\n"
            "      a, # first\n      b, new, # second\n    ]\n"
        ),
    ),
    "an empty list": (
        "version: 1\nkeys: {}\nkeysets: {s: {keys: []}}\n",
        "s",
        "version: 1\nkeys: {new: {certificate: keys/new.crt, kid: new-1}}\nkeysets: {s: {keys: [new]}}\n",
    ),
    "a keyset without a list": (
        "version: 1\nkeys: {}\nkeysets:\n  s:\n    issuer: i\n  t: {}\n",
        "s",
        (
            "version: 1\nkeys: {new: {certificate: keys/new.crt, kid: new-1}}\nkeysets:\n  s:\n    issuer: i\n"
            "    keys: [new]\n  t: {}\n"
        ),
    ),
    "keysets before keys": (
        "version: 1\nkeysets:\n  s:\n    keys:\n      - a\nkeys:\n  a: {kid: a}\n",
        "s",
        (
            "version: 1\nkeysets:\n  s:\n    keys:\n      - a\n      - new\nkeys:\n  a: {kid: a}\n  new:\n"
            "    certificate: keys/new.crt\n    kid: new-1\n"
        ),
    ),
}


@pytest.mark.parametrize(("before", "keyset", "after"), CASES.values(), ids=CASES)
def test_every_way_of_writing(before: str, keyset: str | None, after: str) -> None:
    assert edited(before, keyset) == after


@pytest.mark.parametrize(
    ("text", "keyset"),
    [
        ("version: 1\nkeys: &a {}\nx: *a\n", None),
        ("version: 1\nkeys: &a {b: {kid: b}}\nx: *a\n", None),
        ("version: 1\nx: &a {b: {kid: b}}\nkeys: *a\n", None),
        ("version: 1\nkeys: null\n", None),
        ("version: 1\nkeys: [a]\n", None),
        ("version: 1\nkeys: text\n", None),
        ("version: 1\nkeys: {new: {}}\n", None),
        ("version: 1\nkeys: {a: 1, a: 2}\n", None),
        ("version: 1\nkeys: {\n", None),
        ("- a\n", None),
        ("", None),
        ("version: 1\nkeysets: {s: {keys: '${var:keys}'}}\n", "s"),
        ("version: 1\nkeysets: {s: {keys: &k []}, t: {keys: *k}}\n", "s"),
        ("version: 1\nkeysets: {s: 5}\n", "s"),
        ("version: 1\nkeysets: []\n", "s"),
        ("version: 1\n", "s"),
        ("version: 1\nkeys: {}\n---\nversion: 2\n", None),
        ("version: 1\nkeys:\n  a:\n    label: |\n      no line end behind it", None),
    ],
)
def test_what_cannot_be_edited_safely_is_not(text: str, keyset: str | None) -> None:
    with pytest.raises(NotEditable):
        edited(text, keyset)


@pytest.mark.parametrize(
    "kid", ["007", "1.5", "yes", "null", "a: b", "a #b", '"', "\\", "${var:x}", "é", "- a", "*a", ""]
)
def test_every_kid_is_text(kid: str) -> None:
    tree = read(edited("version: 1\n", kid=kid).encode())
    assert tree["keys"]["new"]["kid"] == kid.replace("${", "$${")


@pytest.mark.parametrize("path", ["config", "provisioner/cli/starting_config"])
def test_our_own_files(path: str) -> None:
    content = (ROOT / path / "user-verification.yaml").read_bytes()
    after = add_key(content, NewKey("new", FIELDS))

    assert is_one_insertion(content.decode(), after.decode())
    assert after.count(b"\n") == content.count(b"\n") + (3 if b"\nkeys:" in content else 5)


# Declarations in many ways of writing, put together from pieces.

names = st.from_regex(r"[a-m][a-z]{0,5}", fullmatch=True)
comments = st.sampled_from(["", "  # why", " #", "  # keys: [x]", "  # 💬 so"])
own_lines = st.lists(st.sampled_from(["", "# a remark", "    # deep", "  # keys:", "#keys:", "# - x"]), max_size=3)


@st.composite
def keys_section(draw: Callable[..., Any]) -> list[str]:
    keys = draw(st.lists(names, unique=True, max_size=3))
    step, inner = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    style = draw(st.sampled_from(["block", "flow", "mixed"]))
    if style == "flow" or not keys:
        inside = ", ".join(f"{name}: {{kid: '{name}'}}" for name in keys)
        return [f"keys: {{{inside}}}{draw(comments)}"]
    lines = [f"keys:{draw(comments)}"]
    for name in keys:
        if style == "mixed" and draw(st.booleans()):
            lines.append(f'{" " * step}"{name}": {{kid: {name}}}{draw(comments)}')
        else:
            lines.append(f"{' ' * step}{name}:{draw(comments)}")
            lines.append(f"{' ' * (step + inner)}kid: {name}{draw(comments)}")
            text = draw(st.sampled_from(["plain text", "'quoted: #no'", '"two"', "|\n{pad}one\n{pad}  two"]))
            lines.append(f"{' ' * (step + inner)}label: " + text.format(pad=" " * (step + inner + 2)))
        lines += draw(own_lines)
    return lines


@st.composite
def keysets_section(draw: Callable[..., Any]) -> list[str]:
    listed = draw(st.lists(names, max_size=3))
    style = draw(st.sampled_from(["flow", "dashes", "flush", "braces", "lines"]))
    if style == "braces":
        return [f"keysets: {{s: {{keys: [{', '.join(listed)}], issuer: i}}}}{draw(comments)}"]
    lines = ["keysets:", *draw(own_lines), "  s:"]
    if style == "flow" or not listed:
        lines.append(f"    keys: [{', '.join(listed)}]{draw(comments)}")
    elif style == "lines":
        lines += ["    keys: [", *(f"      {name},{draw(comments)}" for name in listed), "    ]"]
    else:
        pad = " " * (4 if style == "flush" else 7)
        lines += [f"    keys:{draw(comments)}", *(f"{pad}- {name}{draw(comments)}" for name in listed)]
    return [*lines, *draw(st.sampled_from([[], ["    issuer: i"]]))]


@st.composite
def declarations(draw: Callable[..., Any]) -> bytes:
    parts = [["version: 1"], draw(st.sampled_from([[], ["issuers:", "  i: j"]])), draw(keysets_section())]
    if draw(st.booleans()):
        parts.append(draw(keys_section()))
    lines: list[str] = []
    for part in draw(st.permutations(parts)):
        lines += [*draw(own_lines), *part]
    lines += draw(own_lines)
    # Without a line end behind it, a block of text at the end of the file means something else.
    ends = ["\n", "\n\n"] if any(line.endswith("two") for line in lines[-1].splitlines()) else ["", "\n", "\n\n"]
    text = "\n".join(lines) + draw(st.sampled_from(ends))
    mark = draw(st.sampled_from([b"", codecs.BOM_UTF8]))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return mark + text.replace("\n", newline).encode()


@given(declarations(), st.booleans())
def test_the_key_is_added_and_nothing_else_changes(content: bytes, listed: bool) -> None:
    after = add_key(content, NewKey("new", FIELDS, "s" if listed else None))

    # Nothing that was there is gone: taking characters out of the new text gives the old one.
    rest = iter(after)
    assert all(octet in rest for octet in content)
    assert re.findall(rb"#[^\r\n]*", after) == re.findall(rb"#[^\r\n]*", content)
    # Whole lines stay whole, but for those that a bracket's contents were put into.
    old, new = content.splitlines(), after.splitlines()
    assert len([line for line in old if line not in new]) <= 2
    assert after.startswith(codecs.BOM_UTF8) == content.startswith(codecs.BOM_UTF8)
    if b"\r\n" in content:
        assert b"\n" not in after.replace(b"\r\n", b"")

    # Another reader finds what it found before, and the key.
    before = read(content)
    assert before.setdefault("keys", {}) is not None
    before["keys"]["new"] = FIELDS
    if listed:
        before["keysets"]["s"]["keys"].append("new")
    assert read(after) == before
    tree, findings = parse(after, "")
    assert tree is not None
    assert findings == []
    assert check_shape(tree, DECLARATION) == []


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_no_text_breaks_it(content: str | bytes) -> None:
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        after = add_key(raw, NewKey("new", FIELDS, "s"))
    except NotEditable:
        return
    assert parse(after, "")[1] == []
