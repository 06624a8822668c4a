"""The subset of SOQL, without an org."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, timedelta, timezone, tzinfo
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
        "SELECT Id FROM Thing WHERE At > 2020-99-99",
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
     ("SELECT Id FROM Thing GROUP BY Id", "INVALID_FIELD"),
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


KEYS = (
    "v2/iamessage/AUTH/shop_login/uid:1",
    "v2/iamessage/AUTH/shopXlogin/uid:2",
    "v2/iamessage/UNAUTH/NA/uid:3",
    "100%",
)
#: Late in the evening of 2 January in UTC, and already the third in the east.
SESSIONS = [
    {"Id": str(number), "At": f"2020-01-02T{hour}:30:00.000+0000", "Who": who, "Key": key}
    for number, (hour, who, key) in enumerate(
        [("09", "a", KEYS[0]), ("09", "a", KEYS[0]), ("23", "b", KEYS[1]), ("23", None, KEYS[2]), ("23", "b", KEYS[3])]
    )
]
VISITS = {"Visit": Table(frozenset(SESSIONS[0]), lambda: [dict(row) for row in SESSIONS])}
EAST = timezone(timedelta(hours=2))


def visits(query: str, zone: tzinfo = UTC) -> list[dict[str, Any]]:
    return run(query, VISITS, NOW, zone).records


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("v2/iamessage/AUTH/%", [KEYS[0], KEYS[1]]),
        ("%AUTH/%", [*KEYS[:3]]),
        ("v2/iamessage/AUTH/shop_login/uid:%", [KEYS[0], KEYS[1]]),
        ("v2/iamessage/AUTH/shop\\_login/uid:%", [KEYS[0]]),
        ("100\\%", [KEYS[3]]),
        ("1%", [KEYS[3]]),
        ("100\\\\%", []),
    ],
)
def test_like_is_anchored_and_takes_escapes(pattern: str, expected: list[str]) -> None:
    found = visits(f"SELECT Key FROM Visit WHERE Key LIKE '{pattern}'")
    assert list(dict.fromkeys(record["Key"] for record in found)) == expected


def test_groups_are_counted_by_day() -> None:
    query = (
        "SELECT DAY_ONLY(At) d, COUNT(Id) n, COUNT_DISTINCT(Who) people FROM Visit "
        "WHERE Key LIKE 'v2%' GROUP BY DAY_ONLY(At)"
    )
    assert visits(query) == [{"d": "2020-01-02", "n": 4, "people": 2}]


def test_days_are_the_users_only_if_converted() -> None:
    query = "SELECT DAY_ONLY({0}) d, COUNT(Id) FROM Visit GROUP BY DAY_ONLY({0})"
    assert visits(query.format("At"), EAST) == [{"d": "2020-01-02", "expr0": 5}]
    assert visits(query.format("convertTimezone(At)"), EAST) == [
        {"d": "2020-01-02", "expr0": 2},
        {"d": "2020-01-03", "expr0": 3},
    ]


def test_today_is_the_users_day() -> None:
    assert len(visits("SELECT Id FROM Visit WHERE At = TODAY")) == 5
    assert len(visits("SELECT Id FROM Visit WHERE At = TODAY", EAST)) == 2


def test_aggregates_without_groups_give_one_record() -> None:
    assert visits("SELECT COUNT(Who), COUNT_DISTINCT(Who) FROM Visit") == [{"expr0": 4, "expr1": 2}]
    assert visits("SELECT COUNT(Id) n FROM Visit WHERE Who='nobody'") == [{"n": 0}]
    assert visits("SELECT Who, COUNT(Id) FROM Visit WHERE Who='nobody' GROUP BY Who") == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT Who, COUNT(Id) FROM Visit",
        "SELECT At, COUNT(Id) FROM Visit GROUP BY Who",
        "SELECT convertTimezone(At) FROM Visit GROUP BY convertTimezone(At)",
        "SELECT COUNT(convertTimezone(At)) FROM Visit",
        "SELECT MAX(At) FROM Visit",
        "SELECT DAY_ONLY(At) FROM Visit",
        "SELECT Who w FROM Visit",
        "SELECT COUNT(), Who FROM Visit GROUP BY Who",
        "SELECT COUNT(Nothing) FROM Visit",
    ],
)
def test_wrong_aggregates_are_refused(query: str) -> None:
    with pytest.raises(QueryProblem):
        visits(query)


def test_more_groups_than_an_org_returns_are_refused() -> None:
    rows = [{"Name": str(number)} for number in range(2001)]
    many = {"Many": Table(frozenset({"Name"}), lambda: list(rows))}
    query = "SELECT Name, COUNT(Name) FROM Many GROUP BY Name"
    with pytest.raises(QueryProblem) as problem:
        run(query, many, NOW)
    assert problem.value.code == "EXCEEDED_ID_LIMIT"
    rows.pop()
    assert run(query, many, NOW).size == 2000


@given(st.text("ab%_\\x", max_size=6))
def test_escaped_text_is_like_itself_alone(text: str) -> None:
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    table = {"One": Table(frozenset({"Key"}), lambda: [{"Key": text}, {"Key": f"{text}b"}])}
    assert run(f"SELECT Key FROM One WHERE Key LIKE '{escaped}'", table, NOW).records == [{"Key": text}]
