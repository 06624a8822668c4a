"""The subset of SOQL, without an org."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.localorg.soql import run
from provisioner.localorg.soql_tables import Table
from provisioner.localorg.soql_values import QueryProblem

ROWS = [
    {
        "Id": "0MjLO00000000010AA",
        "Name": "alpha",
        "Size": 1,
        "On": True,
        "At": "2020-01-02T00:00:00.000+0000",
        "P.Q": "x",
    },
    {
        "Id": "0MjLO00000000020AA",
        "Name": "Beta",
        "Size": 2,
        "On": False,
        "At": "2020-01-03T23:59:59.000+0000",
        "P.Q": None,
    },
    {"Id": "0MjLO00000000030AA", "Name": "it's", "Size": None, "On": True, "At": None, "P.Q": "y"},
]
TABLES = {"Thing": Table(frozenset(ROWS[0]), lambda: [dict(row) for row in ROWS], frozenset({"P.Q"}))}
NOW = 1_577_966_400_000  # within 2020-01-02


def names(condition: str) -> list[Any]:
    return [record["Name"] for record in run(f"SELECT Name FROM Thing WHERE {condition}", TABLES, NOW).records]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Name='ALPHA'", ["alpha"]),
        ("Name = 'it\\'s'", ["it's"]),
        ("Name != 'alpha'", ["Beta", "it's"]),
        ("Name LIKE '%A'", ["alpha", "Beta"]),
        ("Name IN ('beta', 'x')", ["Beta"]),
        ("Name NOT IN ('beta', 'x')", ["alpha", "it's"]),
        ("Size > 1", ["Beta"]),
        ("Size>=1 AND Size<=2", ["alpha", "Beta"]),
        ("Size = null", ["it's"]),
        ("Size <> null", ["alpha", "Beta"]),
        ("On = true", ["alpha", "it's"]),
        ("NOT On = true", ["Beta"]),
        ("(Size=1 OR Size=2) AND On=false", ["Beta"]),
        ("Size=1 OR Size=2 AND On=false", ["alpha", "Beta"]),
        ("At = TODAY", ["alpha"]),
        ("At = TOMORROW", ["Beta"]),
        ("At > 2020-01-02T12:00:00Z", ["Beta"]),
        ("At < 2020-01-03", ["alpha"]),
        ("At = LAST_N_DAYS:1", ["alpha"]),
        ("Id = '0MjLO0000000002'", ["Beta"]),
    ],
)
def test_conditions(condition: str, expected: list[str]) -> None:
    assert names(condition) == expected


def test_order_limit_and_case_of_words() -> None:
    found = run("select name, p.q from thing order by name desc nulls last limit 2", TABLES, NOW)
    assert found.records == [{"Name": "it's", "P": {"Q": "y"}}, {"Name": "Beta", "P": {"Q": None}}]
    assert found.object == "Thing"
    assert run("SELECT COUNT() FROM Thing WHERE Size > 0", TABLES, NOW).size == 2


@pytest.mark.parametrize(
    "query",
    [
        "", "SELECT", "SELECT Id", "SELECT Id FROM", "SELECT Id FROM Thing WHERE", "SELECT Id FROM Thing LIMIT x",
        "SELECT Id FROM Thing WHERE Name", "SELECT Id FROM Thing WHERE Name ~ 'x'", "SELECT Id FROM Thing extra",
        "SELECT Id FROM Thing WHERE Name='x", "SELECT Id, FROM Thing", "SELECT Id FROM Thing ORDER Name",
        "SELECT Id FROM Thing WHERE (Name='x'", "SELECT Id FROM Thing WHERE Name = ", "SELECT MAX(Size) FROM Thing",
        "SELECT Id FROM Thing GROUP BY Id", "SELECT Id FROM Thing WHERE At > 2020-99-99",
        "SELECT Id FROM Thing WHERE At > 2020-01-01T99:00:00Z", "SELECT Id FROM Thing LIMIT -1",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(query: str) -> None:
    with pytest.raises(QueryProblem) as caught:
        run(query, TABLES, NOW)
    assert caught.value.code == "MALFORMED_QUERY"


@pytest.mark.parametrize(
    ("query", "code"),
    [("SELECT X FROM Thing", "INVALID_FIELD"), ("SELECT Id FROM Thing WHERE X=1", "INVALID_FIELD"),
     ("SELECT Id FROM Thing WHERE P.Q='x'", "INVALID_FIELD"), ("SELECT Id FROM Things", "INVALID_TYPE")],
)  # fmt: skip
def test_unknown_names(query: str, code: str) -> None:
    with pytest.raises(QueryProblem) as caught:
        run(query, TABLES, NOW)
    assert caught.value.code == code


_WORDS = st.sampled_from(
    ["SELECT", "Id", "Name", ",", "FROM", "Thing", "WHERE", "=", "'x'", "1", "(", ")", "AND", "OR", "NOT", "IN",
     "LIMIT", "2", "ORDER", "BY", "LIKE", "null", "TODAY", "At", "<", "2020-01-02", "2020-01-02T00:00:00",
     "LAST_N_DAYS:3", "COUNT", "Size", "On"]
)  # fmt: skip


@given(st.one_of(st.lists(_WORDS, max_size=14).map(" ".join), st.text()).map(str))
def test_no_query_does_more_than_answer_or_refuse(query: str) -> None:
    with contextlib.suppress(QueryProblem):
        run(query, TABLES, NOW)


@given(
    st.sampled_from(["At", "Name", "Size", "On", "Id"]),
    st.sampled_from(["=", "<", ">", "<=", ">=", "!="]),
    st.sampled_from(
        ["'x'", "1", "1.5", "true", "null", "2020-01-02", "2020-01-02T00:00:00", "TODAY", "LAST_N_DAYS:99999999999"]
    ),
)
def test_no_comparison_breaks(name: str, sign: str, value: str) -> None:
    with contextlib.suppress(QueryProblem):
        run(f"SELECT Id FROM Thing WHERE {name} {sign} {value}", TABLES, NOW)
