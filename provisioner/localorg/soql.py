"""A subset of SOQL: an unknown part is MALFORMED_QUERY, never a wrong answer.

SELECT fields | aggregates | COUNT() FROM Object [WHERE conditions] [GROUP BY field, ...]
[ORDER BY field [ASC|DESC], ...] [LIMIT n]. Conditions are field op literal, IN, NOT IN and LIKE, joined by AND, OR, NOT
and parentheses.
Source: SOQL and SOSL Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from provisioner.localorg import soql_terms
from provisioner.localorg.soql_tables import Table
from provisioner.localorg.soql_terms import Grouping, Row, Term
from provisioner.localorg.soql_values import (
    COMPARISONS,
    NO_LITERAL,
    QueryProblem,
    equal,
    like_pattern,
    literal,
    sortable,
    split,
    unexpected,
)  # fmt: skip

Test = Callable[[Row], bool]


@dataclass(slots=True)
class _Query:
    terms: list[Term] = field(default_factory=list)
    grouped: list[Term] = field(default_factory=list)
    object: str = ""
    test: Test | None = None
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int | None = None

    @property
    def is_count(self) -> bool:
        return len(self.terms) == 1 and self.terms[0].is_whole_count

    @property
    def is_aggregate(self) -> bool:
        return bool(self.grouped) or any(term.is_aggregate for term in self.terms)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a query. ``records`` have nested objects for relationship fields; ``size`` counts also for COUNT().

    ``object`` is ``AggregateResult`` if the records are groups.
    """

    object: str
    fields: list[str]
    size: int
    records: list[dict[str, Any]]


def run(text: str, tables: Mapping[str, Table], now_ms: int, zone: tzinfo = UTC) -> Result:
    """Return the answer to a query of a user in a time zone; raises :class:`QueryProblem`."""
    return _Parser(text, tables, now_ms, zone).run()


class _Parser:
    def __init__(self, text: str, tables: Mapping[str, Table], now_ms: int, zone: tzinfo) -> None:
        self._tables = tables
        self._now = datetime.fromtimestamp(now_ms / 1000, zone)
        self._zone = zone
        self._tokens = split(text)
        self._at = 0
        self._table: Table | None = None
        self._object = ""

    def run(self) -> Result:
        query = self._query()
        assert self._table is not None
        rows = [row for row in self._table.rows() if query.test is None or query.test(row)]
        for name, descending in reversed(query.order):
            rows.sort(key=lambda row, name=name: sortable(row.get(name)), reverse=descending)  # type: ignore[misc]
        if query.is_aggregate and not query.is_count:
            grouping = Grouping(query.terms, query.grouped, self._zone)
            grouping.check()
            groups = grouping.records(rows)[: query.limit]
            return Result("AggregateResult", grouping.names(), len(groups), groups)
        rows = rows[: query.limit]
        if query.is_count:
            return Result(query.object, [], len(rows), [])
        names = [term.field for term in query.terms]
        return Result(query.object, names, len(rows), [_record(row, names) for row in rows])

    def _query(self) -> _Query:
        query = _Query()
        self._expect("SELECT")
        selected = self._terms(aliases=True)
        self._expect("FROM")
        query.object = self._use(self._word())
        query.terms = [self._checked(term, alone=len(selected) == 1) for term in selected]
        if self._take("WHERE"):
            query.test = self._either()
        if self._take("GROUP"):
            self._expect("BY")
            query.grouped = [self._checked(term, alone=False) for term in self._terms(aliases=False)]
        if not query.is_aggregate and any(term.functions or term.alias for term in query.terms):
            raise unexpected(next(term.alias or term.written for term in query.terms if term.functions or term.alias))
        if not query.is_aggregate and self._take("ORDER"):
            self._expect("BY")
            query.order.append(self._ordering())
            while self._take(","):
                query.order.append(self._ordering())
        if self._take("LIMIT"):
            kind, value = self._next()
            if kind != "number" or not value.isdecimal():
                raise unexpected(value)
            query.limit = int(value)
        if self._at < len(self._tokens):
            raise unexpected(self._tokens[self._at][1])
        return query

    def _use(self, name: str) -> str:
        for known, table in self._tables.items():
            if known.lower() == name.lower():
                self._table, self._object = table, known
                return known
        raise QueryProblem(
            "INVALID_TYPE",
            f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append "
            "the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate "
            "names.",
        )

    def _known(self, name: str) -> str:
        assert self._table is not None
        for known in self._table.fields:
            if known.lower() == name.lower():
                return known
        raise QueryProblem(
            "INVALID_FIELD",
            f"No such column '{name}' on entity '{self._object}'. If you are attempting to use a custom field, be sure "
            "to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
            "appropriate names.",
        )

    def _terms(self, *, aliases: bool) -> list[Term]:
        terms = [self._term(aliases=aliases)]
        while self._take(","):
            terms.append(self._term(aliases=aliases))
        return terms

    def _term(self, *, aliases: bool) -> Term:
        term = soql_terms.parse(self._word, self._take, self._expect)
        has_alias = aliases and self._peek().isidentifier() and self._peek().upper() != "FROM"
        return replace(term, alias=self._word()) if has_alias else term

    def _checked(self, term: Term, *, alone: bool) -> Term:
        """Return the term with its field as the object writes it. Raises :class:`QueryProblem`."""
        if alone and term.is_whole_count:
            return term
        term.check()
        return replace(term, field=self._known(term.field))

    def _ordering(self) -> tuple[str, bool]:
        name = self._known(self._word())
        descending = self._take("DESC")
        if not descending:
            self._take("ASC")
        if self._take("NULLS") and not (self._take("FIRST") or self._take("LAST")):
            raise unexpected(self._peek())
        return name, descending

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take("OR"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("AND"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._take("("):
            inner = self._either()
            self._expect(")")
            return inner
        if self._take("NOT"):
            inner = self._one()
            return lambda row: not inner(row)
        name = self._known(self._word())
        assert self._table is not None
        if name in self._table.unfilterable:
            raise QueryProblem("INVALID_FIELD", f"field '{name}' can not be filtered in a query call")
        if self._take("IN"):
            wanted = self._list()
            return _typed(name, lambda row: any(equal(row.get(name), value) for value in wanted))
        if self._take("NOT"):
            self._expect("IN")
            unwanted = self._list()
            return _typed(name, lambda row: not any(equal(row.get(name), value) for value in unwanted))
        if self._take("LIKE"):
            kind, value = self._next()
            if kind != "string":
                raise unexpected(value)
            pattern = like_pattern(value)
            return lambda row: isinstance(row.get(name), str) and pattern.fullmatch(row[name]) is not None
        kind, sign = self._next()
        compare = COMPARISONS.get(sign) if kind == "sign" else None
        if compare is None:
            raise unexpected(sign)
        value = self._literal()
        return _typed(name, lambda row: compare(row.get(name), value))

    def _list(self) -> list[Any]:
        self._expect("(")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._expect(")")
        return values

    def _literal(self) -> Any:
        kind, text = self._next()
        value = literal(kind, text, self._now)
        if value is NO_LITERAL:
            raise unexpected(text)
        return value

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else "<EOF>"

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise unexpected("<EOF>")
        self._at += 1
        return self._tokens[self._at - 1]

    def _word(self) -> str:
        kind, text = self._next()
        if kind != "word":
            raise unexpected(text)
        return text

    def _take(self, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][1].upper() == text:
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise unexpected(self._peek())


def _typed(name: str, test: Test) -> Test:
    """Return the test; a literal of another type than the field's is an error of the query."""

    def checked(row: Row) -> bool:
        try:
            return test(row)
        except (ValueError, TypeError):
            raise QueryProblem(
                "INVALID_FIELD", f"value of filter criterion for field '{name}' must be of the field's type"
            ) from None

    return checked


def _record(row: Row, names: list[str]) -> dict[str, Any]:
    """Return a record with nested objects: ``Profile.Name`` becomes ``{"Profile": {"Name": ...}}``."""
    record: dict[str, Any] = {}
    for name in names:
        *path, last = name.split(".")
        here = record
        for step in path:
            here = here.setdefault(step, {})
        here[last] = row.get(name)
    return record
