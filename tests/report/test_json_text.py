"""JSON that a terminal shows as it is."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.report.json import json_text, members

any_text = st.text(st.characters(codec=None))


@given(
    st.recursive(any_text | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(any_text, inner))
)
def test_the_text_reads_back_as_the_same_document(document: object) -> None:
    text = json_text(document)
    assert json.loads(text) == document
    assert all(line.isprintable() for line in text.split("\n"))
    text.encode("utf-8")


def test_what_shows_as_itself_stays_readable() -> None:
    assert json_text({"label": "Größe 世界 🛑"}) == '{\n  "label": "Größe 世界 🛑"\n}'


def test_what_a_terminal_would_obey_is_escaped() -> None:
    assert json_text(["\x9b2J", "\u202e", "\ud800", "\U000e0041"]) == (
        '[\n  "\\u009b2J",\n  "\\u202e",\n  "\\ud800",\n  "\\udb40\\udc41"\n]'
    )


def test_members_are_attributes_also_under_other_names() -> None:
    at = Location("a.yaml", 3, 5)
    placed = Diagnostic("name-invalid", Severity.ERROR, "Wrong.", "Correct it.", at, environments=("uat",))
    names = ("id=rule", "severity", "line=location.line", "location", "environments")
    found = {"id": "name-invalid", "severity": "error", "line": 3, "location": "a.yaml:3:5", "environments": ["uat"]}
    assert list(members(placed, *names).items()) == list(found.items())
    assert members(Diagnostic("a", Severity.ERROR, "", ""), "line=location.line") == {"line": None}
