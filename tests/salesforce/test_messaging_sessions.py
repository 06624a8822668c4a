"""Sessions are counted by the org: the queries, against tables that answer as an org does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.errors import UnreachableError
from provisioner.localorg.soql import run
from provisioner.localorg.soql_tables import Table, table
from provisioner.localorg.soql_values import QueryProblem
from provisioner.salesforce import messaging_sessions
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.messaging_sessions import Sessions, Visits, count_sessions

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
USER = "005000000000001AAA"
WEB, APP = "0Mj000000000001AAA", "0Mj000000000002AAA"
EAST = timezone(timedelta(hours=14))
VERIFIED, GUEST = "v2/iamessage/AUTH/shop_login/uid:", "v2/iamessage/UNAUTH/NA/uid:"


class Org:
    """An org that holds sessions, and answers queries."""

    def __init__(self, sessions: list[dict[str, Any]], zone: tzinfo = UTC, **tables: Table | None) -> None:
        self.session = SimpleNamespace(user_id=USER)
        self.zone = zone
        self.asked: list[str] = []
        names = "Id StartTime ChannelType MessagingChannelId MessagingEndUserId MessagingEndUser.MessagingPlatformKey"
        assigned = {"AssigneeId": USER, "PermissionSetId": "0PS1", "PermissionSet.PermissionsViewAllData": True}
        zone_name = "Pacific/Kiritimati" if zone is EAST else "GMT"
        known: dict[str, Table | None] = {
            "MessagingSession": table(names, lambda: sessions),
            "MessagingChannel": table("Id DeveloperName MessageType", channels),
            "User": table("Id TimeZoneSidKey", lambda: [{"Id": USER, "TimeZoneSidKey": zone_name}]),
            "PermissionSetAssignment": table(" ".join(assigned), lambda: [assigned]),
            **tables,
        }
        self.tables = {name: found for name, found in known.items() if found is not None}

    def query(self, soql: str) -> list[dict[str, Any]]:
        self.asked.append(soql)
        try:
            return run(soql, self.tables, int(NOW.timestamp() * 1000), self.zone).records
        except QueryProblem as problem:
            raise OrgFault(problem.code, problem.message, request="the query") from None

    def count(self, *, days: int = 14, configurations: tuple[str, ...] = ("shop_login",)) -> Sessions:
        return count_sessions(self, days=days, now=NOW, configurations=configurations)  # type: ignore[arg-type]


def channels(*more: str) -> list[dict[str, Any]]:
    known = {"Web": WEB, "App": APP, **{name: f"0Mj{name}" for name in more}}
    return [{"Id": id_, "DeveloperName": name, "MessageType": "EmbeddedMessaging"} for name, id_ in known.items()]


def visit(moment: str, key: str, channel: str = WEB, kind: str = "EmbeddedMessaging") -> dict[str, Any]:
    return {
        "Id": "0Mw", "StartTime": f"2026-11-{moment}:00.000+0000", "ChannelType": kind, "MessagingChannelId": channel,
        "MessagingEndUserId": key, "MessagingEndUser.MessagingPlatformKey": key,
    }  # fmt: skip


VISITS = [
    visit("25T09:00", f"{VERIFIED}1"),
    visit("25T23:30", f"{VERIFIED}1"),
    visit("25T23:30", f"{GUEST}2"),
    visit("25T10:00", "v2/iamessage/AUTH/shopXlogin/uid:3"),
    visit("26T01:00", f"{VERIFIED}uv-probe-4"),
    visit("26T01:00", "something else"),
    visit("26T01:00", f"{VERIFIED}5", APP),
    visit("25T01:00", f"{GUEST}6", kind="WhatsApp"),
    visit("25T01:00", f"{GUEST}7", channel="0MjDeleted"),
    visit("11T23:59", f"{GUEST}8"),
]


def test_sessions_are_counted_by_day_channel_and_kind() -> None:
    found = Org(VISITS).count()
    assert (found.days[0], found.days[-1], len(found.days)) == (date(2026, 11, 12), date(2026, 11, 26), 15)
    web = {day: each for (channel, day), each in found.visits.items() if channel == "Web"}
    assert web == {date(2026, 11, 25): Visits(verified=3, guests=1), date(2026, 11, 26): Visits(other=1)}
    assert found.visits["App", date(2026, 11, 26)] == Visits(verified=1)
    assert found.channels == ("App", "Web")
    assert found.probes == 1


def test_a_configuration_name_is_no_pattern() -> None:
    assert Org(VISITS).count().configurations == {("Web", "shop_login"): 2, ("App", "shop_login"): 1}


def test_days_are_those_of_the_users_time_zone() -> None:
    found = Org(VISITS, EAST).count()
    assert found.zone == "Pacific/Kiritimati"
    assert found.days[-1] == date(2026, 11, 27)
    assert found.visits["Web", date(2026, 11, 26)] == Visits(verified=2, guests=1, other=1)


@pytest.mark.parametrize("name", [None, "Mars/Olympus", "../etc/passwd", ""])
def test_an_unknown_time_zone_is_utc_and_said_so(name: str | None) -> None:
    rows = [] if name is None else [{"Id": USER, "TimeZoneSidKey": name}]
    org = Org(VISITS, EAST, User=table("Id TimeZoneSidKey", lambda: rows))
    found = org.count()
    assert found.zone == "UTC"
    assert found.visits["Web", date(2026, 11, 25)] == Visits(verified=3, guests=1)
    assert not any("convertTimezone" in query for query in org.asked)


def test_many_channels_are_asked_about_in_parts() -> None:
    many = [f"C{number}" for number in range(300)]
    all_of_them = table("Id DeveloperName MessageType", lambda: channels(*many))
    sessions = [visit(f"{day}T01:00", f"{GUEST}{name}", f"0Mj{name}") for day in range(12, 27) for name in many]
    found = Org(sessions, MessagingChannel=all_of_them).count()
    assert sum(each.guests for each in found.visits.values()) == len(sessions)


def test_nothing_is_asked_that_shows_a_subject() -> None:
    org = Org(VISITS)
    org.count()
    assert len(org.asked) >= 7
    assert all(
        query.index("FROM") < query.find("MessagingPlatformKey") for query in org.asked if "PlatformKey" in query
    )


@pytest.mark.parametrize("missing", ["MessagingSession", "MessagingChannel"])
def test_unreadable_sessions_are_an_error_with_the_permission(missing: str) -> None:
    tables: dict[str, Table | None] = {missing: None}
    with pytest.raises(UnreachableError) as caught:
        Org(VISITS, **tables).count()
    assert caught.value.code == "sessions-unreadable"
    assert "View All Records" in caught.value.next


def _assigned(*rows: dict[str, Any]) -> Table:
    return table("AssigneeId PermissionSetId PermissionSet.PermissionsViewAllData", lambda: rows)


def _viewed(*objects: str) -> Table:
    rows = [{"SobjectType": name, "PermissionsViewAllRecords": True, "ParentId": "0PS1"} for name in objects]
    return table("SobjectType PermissionsViewAllRecords ParentId", lambda: rows)


LACKS = {"AssigneeId": USER, "PermissionSetId": "0PS1", "PermissionSet.PermissionsViewAllData": False}


@pytest.mark.parametrize(
    ("assigned", "viewed", "sees_all"),
    [
        (_assigned(LACKS), _viewed("MessagingSession", "MessagingEndUser"), True),
        (_assigned(LACKS), _viewed("MessagingSession"), False),
        (_assigned(LACKS), _viewed(), False),
        (_assigned(LACKS), None, None),
        (_assigned(), _viewed("MessagingSession", "MessagingEndUser"), None),
        (None, None, None),
    ],
)
def test_whether_the_user_sees_all_sessions(
    assigned: Table | None, viewed: Table | None, sees_all: bool | None
) -> None:
    org = Org(VISITS, PermissionSetAssignment=assigned, ObjectPermissions=viewed)
    assert org.count().sees_all is sees_all


def test_the_limit_is_that_of_orgs() -> None:
    from provisioner.localorg.soql_terms import MOST_GROUPS

    assert messaging_sessions.MOST_GROUPS <= MOST_GROUPS
