"""A key switched off or buried in a declaration: only what must change does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.declaration.edit_keys import add_to_removed, set_active
from provisioner.declaration.text_edits import NotEditable
from provisioner.declaration.tree import plain
from provisioner.declaration.yaml_text import parse

BLOCK = """\
# mine
version: 1

keys:                # all of them
  # the old one
  old:
    certificate: keys/old.crt   # of the year before
    kid: old
  new:
    certificate: keys/new.crt
    kid: new

keysets:
  shop:
    issuer: https://id.example.com
    keys: [new, old]     # complete
"""


def values(content: bytes | str) -> dict[str, object]:
    tree, findings = parse(content.encode() if isinstance(content, str) else content, "x")
    assert tree is not None
    assert not findings, findings
    read = plain(tree)
    assert isinstance(read, dict)
    return read


def test_inactive_in_a_line_of_its_own() -> None:
    edited = set_active(BLOCK.encode(), "old", False).decode()
    assert edited == BLOCK.replace("    kid: old\n", "    kid: old\n    active: false\n")
    assert set_active(edited.encode(), "old", True).decode() == edited.replace("active: false", "active: true")


@pytest.mark.parametrize(
    ("written", "after"),
    [
        ("{kid: old}", "{kid: old, active: false}"),
        ("{kid: old, active: true}  # on", "{kid: old, active: false}  # on"),
        ("\n    active: true # on\n    kid: old", "\n    active: false # on\n    kid: old"),
        (
            "\n    description: |\n      two\n      lines",
            "\n    description: |\n      two\n      lines\n    active: false",
        ),
    ],
)
def test_inactive_however_it_is_written(written: str, after: str) -> None:
    text = f"version: 1\nkeys:\n  old: {written}\n  new: {{kid: new}}\n"
    assert set_active(text.encode(), "old", False).decode() == text.replace(written, after)


def test_buried_with_its_comments_alone() -> None:
    edited = add_to_removed(BLOCK.encode(), "old").decode()
    assert edited == (
        BLOCK.replace("  old:\n    certificate: keys/old.crt   # of the year before\n    kid: old\n", "").replace(
            "[new, old]", "[new]"
        )
        + "\nremoved:\n  keys: [old]\n"
    )


@pytest.mark.parametrize(
    ("listed", "after"),
    [
        ("[old, new]", "[new]"),
        ("[new, old,]", "[new, ]"),
        ("[\n      old,   # the old one\n      new,\n    ]", None),
        ("[\n      new,   # the new one\n      old\n    ]", NotEditable),
        ("\n      - new\n      - old  # soon gone", "\n      - new"),
        ("\n    - old\n    - new # stays", "\n    - new # stays"),
    ],
)
def test_out_of_a_list_however_it_is_written(listed: str, after: str | type[Exception] | None) -> None:
    text = BLOCK.replace("[new, old]     # complete", listed)
    if after is NotEditable:
        with pytest.raises(NotEditable):
            add_to_removed(text.encode(), "old")
        return
    edited = add_to_removed(text.encode(), "old").decode()
    if isinstance(after, str):
        assert f"keys: {after}".replace("keys: \n", "keys:\n") in edited.replace("keys: \n", "keys:\n")
    assert values(edited)["keysets"] == {"shop": {"issuer": "https://id.example.com", "keys": ["new"]}}


@pytest.mark.parametrize(
    "removed",
    ["removed:\n", "removed: {}\n", "removed: {keys: []}\n", "removed: {keysets: [a]}\n", "removed:\n  keysets: [a]\n",
     "removed:\n  keys:\n    - older  # long gone\n", "removed:\n  keys: [older]\n", "removed:\n  keys: [old]\n"],
)  # fmt: skip
@pytest.mark.parametrize("place", ["first", "last"])
def test_a_tombstone_beside_others(removed: str, place: str) -> None:
    text = BLOCK + removed if place == "last" else BLOCK.replace("keys:   ", removed + "keys:   ", 1)
    before, after = values(text), values(add_to_removed(text.encode(), "old"))
    kept = before["removed"] or {}
    assert isinstance(kept, dict)
    names = [name for name in kept.get("keys") or [] if name != "old"]
    assert after["removed"] == {**kept, "keys": [*names, "old"]}


def test_from_every_keyset() -> None:
    text = BLOCK + "  app: {issuer: https://id.example.com, keys: [old, new]}\n"
    after = values(add_to_removed(text.encode(), "old"))
    assert after["keysets"] == {name: {"issuer": "https://id.example.com", "keys": ["new"]} for name in ("shop", "app")}


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", ["", "x"])
def test_bytes_stay_as_they_are(ends: str, mark: bytes, last: str) -> None:
    text = BLOCK.removesuffix("\n" if last else "").replace("\n", ends)
    for edited in (set_active(mark + text.encode(), "old", False), add_to_removed(mark + text.encode(), "old")):
        assert edited.startswith(mark)
        assert edited.count(b"\n") == edited.count(ends.encode())


@pytest.mark.parametrize(
    "text",
    ["", "[]", "version: 1\n", "keys: [", "keys: {old: &a {kid: x}, new: *a}\n", "keys: 1\n",
     "version: 1\nkeys: &k\n  old: {kid: x}\noverrides: *k\n"],
)  # fmt: skip
def test_what_cannot_be_edited_is_said(text: str) -> None:
    with pytest.raises(NotEditable):
        set_active(text.encode(), "old", False)
    with pytest.raises(NotEditable):
        add_to_removed(text.encode(), "old")


NAMES = st.lists(st.sampled_from(["old", "new", "other"]), unique=True, min_size=1)


@given(NAMES, NAMES, st.booleans(), st.booleans(), st.booleans())
def test_any_declaration_keeps_all_else(
    keys: list[str], listed: list[str], flow: bool, flow_list: bool, tomb: bool
) -> None:
    lines = ["version: 1", "# keys", "keys:"]
    for name in keys:
        lines += [f"  {name}: {{kid: {name}}} # {name}"] if flow else [f"  {name}:", f"    kid: {name} # {name}"]
    lines += ["keysets:", "  shop:"]
    lines += [f"    keys: [{', '.join(listed)}]"] if flow_list else ["    keys:", *(f"      - {n}" for n in listed)]
    lines += ["removed: {keysets: [gone]}"] if tomb else []
    text = "\n".join(lines) + "\n"
    before = values(text)
    if "old" not in keys:
        with pytest.raises(NotEditable):
            add_to_removed(text.encode(), "old")
        return
    off = values(set_active(text.encode(), "old", False))
    assert off == {**before, "keys": {**before["keys"], "old": {"kid": "old", "active": False}}}  # type: ignore[dict-item]
    try:
        after = values(add_to_removed(text.encode(), "old"))
    except NotEditable:
        assert not flow_list
        assert listed == ["old"]  # a list in lines cannot be left empty
        return
    assert list(after["keys"] or {}) == [name for name in keys if name != "old"]  # type: ignore[call-overload]
    assert after["keysets"] == {"shop": {"keys": [name for name in listed if name != "old"]}}
