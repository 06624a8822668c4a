"""The tables of queries: rows of named fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """An object for queries: field names (relationships with a dot), rows, and fields that cannot be filtered."""

    fields: frozenset[str]
    rows: Callable[[], list[dict[str, Any]]]
    unfilterable: frozenset[str] = frozenset()


def table(names: str, rows: Callable[[], Iterable[dict[str, Any]]], unfilterable: str = "") -> Table:
    """Return a table from the names of its fields, separated by blanks."""
    return Table(frozenset(names.split()), lambda: list(rows()), frozenset(unfilterable.split()))
