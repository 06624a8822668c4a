"""The terms that a query selects and groups by: fields, dates of times, and aggregates.

Source: SOQL and SOSL Reference. Supported are COUNT(), COUNT(field), COUNT_DISTINCT(field), DAY_ONLY(field) and
DAY_ONLY(convertTimezone(field)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from provisioner.localorg.soql_values import QueryProblem, unexpected

Row = Mapping[str, Any]
#: The maximum number of groups of an org's answer; there is no second page.
MOST_GROUPS = 2000
_AGGREGATES = ("count", "count_distinct")
_DAY, _CONVERT = "day_only", "converttimezone"


@dataclass(frozen=True, slots=True)
class Term:
    """A field inside functions, the outermost first, in lower case. ``field`` is empty in ``COUNT()``."""

    functions: tuple[str, ...]
    field: str
    alias: str | None = None

    @property
    def is_whole_count(self) -> bool:
        return self.functions == ("count",) and not self.field

    @property
    def is_aggregate(self) -> bool:
        return self.functions[:1] in [(name,) for name in _AGGREGATES]

    @property
    def written(self) -> str:
        return "".join(f"{name}(" for name in self.functions) + self.field + ")" * len(self.functions)

    @property
    def key(self) -> tuple[tuple[str, ...], str]:
        return self.functions, self.field

    def check(self) -> None:
        """Raise :class:`QueryProblem` for functions that do not exist, or that cannot contain each other."""
        if self.functions in ((), (_DAY,), (_DAY, _CONVERT)) or (len(self.functions) == 1 and self.is_aggregate):
            return
        if _CONVERT in self.functions and self.functions[0] != _DAY:
            raise QueryProblem("MALFORMED_QUERY", "convertTimezone() can only be used in date functions")
        raise unexpected(self.written)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Rows into groups. ``zone`` is the user's time zone."""

    selected: Sequence[Term]
    grouped: Sequence[Term]
    zone: tzinfo

    def check(self) -> None:
        """Raise :class:`QueryProblem` for a field that is neither grouped nor aggregated, or that cannot be grouped."""
        if any(term.key == ((), "Id") for term in self.grouped):
            raise QueryProblem("INVALID_FIELD", "field 'Id' can not be grouped in a query call")
        keys = {term.key for term in self.grouped}
        for term in self.selected:
            if not term.is_aggregate and term.key not in keys:
                raise QueryProblem("MALFORMED_QUERY", f"Field must be grouped or aggregated: {term.written}")

    def names(self) -> list[str]:
        """Return the columns: the alias, the field's own name, or ``expr0``, ``expr1`` and so on."""
        names: list[str] = []
        for term in self.selected:
            unnamed = sum(name.startswith("expr") for name in names)
            plain = term.field.rpartition(".")[2] if not term.functions else f"expr{unnamed}"
            names.append(term.alias or plain)
        return names

    def records(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Return a record for each group, in the order of their first rows."""
        groups: dict[tuple[Any, ...], list[Row]] = {} if self.grouped else {(): []}
        for row in rows:
            groups.setdefault(tuple(self._value(term, row) for term in self.grouped), []).append(row)
        if len(groups) > MOST_GROUPS:
            raise QueryProblem(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
            )
        names = self.names()
        return [
            {name: self._column(term, members) for name, term in zip(names, self.selected, strict=True)}
            for members in groups.values()
        ]

    def _column(self, term: Term, rows: Sequence[Row]) -> Any:
        if not term.is_aggregate:
            return self._value(term, rows[0])
        values = [row.get(term.field) for row in rows if row.get(term.field) is not None]
        return len(set(values) if term.functions == ("count_distinct",) else values)

    def _value(self, term: Term, row: Row) -> Any:
        value = row.get(term.field)
        if not term.functions or value is None:
            return value
        moment = datetime.fromisoformat(value)
        return moment.astimezone(self.zone if _CONVERT in term.functions else UTC).date().isoformat()


def parse(word: Callable[[], str], take: Callable[[str], bool], expect: Callable[[str], None]) -> Term:
    """Return the next term, without its alias, with the parser's functions: a word, an optional token, a token."""
    functions, name = [], word()
    while take("("):
        functions.append(name.lower())
        if take(")"):
            return Term(tuple(functions), "")
        name = word()
    for _ in functions:
        expect(")")
    return Term(tuple(functions), name)
