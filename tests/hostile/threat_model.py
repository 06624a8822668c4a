"""The section of docs/threat-model.md that lists the hostile matrix."""

from __future__ import annotations

from tests.hostile import values
from tests.hostile.files import READERS
from tests.hostile.invariants import INVARIANTS
from tests.hostile.org import COMMANDS

TESTS = ("hostile/test_matrix.py::test_answers_of_an_org", "hostile/test_matrix.py::test_fields_of_files")


def section() -> str:
    """Return the section: the invariants, each with the tests that hold it, and the values."""
    held = ", ".join(f"`{each}`" for each in TESTS)
    rows = "\n".join(f"| {each.sentence} | {held} |" for each in INVARIANTS)
    answers = "\n".join(f"- {each.name}" for each in values.ANSWERS)
    fields = "\n".join(f"- {name}" for name, _ in values.FIELDS)
    return f"""\
A matrix holds the following for every text of every answer of an org, with {len(COMMANDS)} commands, and for every name
and value of the declaration and of the environment files, with {len(READERS)} commands. [The last
run](proof.md#hostile-answers-and-files) counts the cases; `make test` runs a sample.

| invariant | held by |
|---|---|
{rows}

An org answers, in the place of each text and of each header that is read:

{answers}

A file holds, in the place of each name and of each value:

{fields}
"""
