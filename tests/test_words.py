"""Small phrases."""

from __future__ import annotations

from provisioner.words import counted, enumerated


def test_names_are_listed_as_a_sentence_lists_them() -> None:
    names = ["a", "b", "c", "d"]
    assert [enumerated(names[:many]) for many in range(5)] == ["", "a", "a and b", "a, b and c", "a, b, c and d"]


def test_things_are_counted_as_a_sentence_counts_them() -> None:
    assert [counted(number, "error") for number in (0, 1, 2)] == ["0 errors", "1 error", "2 errors"]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]
