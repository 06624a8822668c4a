"""What a query runs over: rows of named fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """What can be asked of an object: field names (relationships with a dot), rows, and fields not to be filtered."""

    fields: frozenset[str]
    rows: Callable[[], list[dict[str, Any]]]
    unfilterable: frozenset[str] = frozenset()


def table(names: str, rows: Callable[[], Iterable[dict[str, Any]]], unfilterable: str = "") -> Table:
    """A table from the names of its fields, parted by blanks."""
    return Table(frozenset(names.split()), lambda: list(rows()), frozenset(unfilterable.split()))
