"""Counts messaging sessions by day, channel and kind of customer, in aggregate queries: no subject is read.

Source: object reference, MessagingSession and MessagingEndUser. MessagingPlatformKey begins with ``v2/iamessage/AUTH/``
and the Configuration Name for verified customers, and with ``v2/iamessage/UNAUTH/`` for guests. A pattern must be
anchored, since UNAUTH/ ends with AUTH/, and ``_`` in a Configuration Name is a wildcard of LIKE. An aggregate query
returns at most 2,000 groups. DAY_ONLY is a day in UTC unless the moment is converted.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from provisioner.errors import ProvisionerError, UnreachableError
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.client import Org
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.simple import format_soql

log = logging.getLogger(__name__)
MOST_GROUPS = 2000
_KEY = "MessagingEndUser.MessagingPlatformKey"
_VERIFIED, _GUEST = "v2/iamessage/AUTH/", "v2/iamessage/UNAUTH/"
#: The subjects of `provisioner verify`.
_PROBE = "uv-probe-"
_OBJECTS = ("MessagingSession", "MessagingEndUser")
_NO_ZONE = "UTC"
_CHANNELS = "SELECT Id, DeveloperName FROM MessagingChannel WHERE MessageType = 'EmbeddedMessaging'"
_ZONE = "SELECT TimeZoneSidKey FROM User WHERE Id = {}"
_BY_DAY = (
    "SELECT {0:literal} d, MessagingChannelId c, COUNT(Id) n FROM MessagingSession WHERE {1:literal} "
    "GROUP BY {0:literal}, MessagingChannelId"
)
_BY_CHANNEL = (
    "SELECT MessagingChannelId c, COUNT(Id) n FROM MessagingSession WHERE {:literal} GROUP BY MessagingChannelId"
)
_SETS = (
    "SELECT PermissionSetId, PermissionSet.PermissionsViewAllData FROM PermissionSetAssignment WHERE AssigneeId = {}"
)
_VIEWED = "SELECT SobjectType FROM ObjectPermissions WHERE PermissionsViewAllRecords = true AND ParentId IN {}"


@dataclass(frozen=True, slots=True)
class Visits:
    """The sessions of one day on one channel, without probes. ``other``: subjects of another form."""

    verified: int = 0
    guests: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        return self.verified + self.guests + self.other


@dataclass(frozen=True, slots=True)
class Sessions:
    """An org's counts of sessions.

    ``days`` are the complete days, the oldest first, and today at the end; they are those of ``zone``. ``visits`` is by
    channel and day, ``configurations`` (verified sessions) by channel and Configuration Name. ``probes`` are sessions
    of `provisioner verify`; no other count has them. ``sees_all``: the user sees the sessions of all users; None if
    that is not known.
    """

    days: tuple[date, ...]
    zone: str
    channels: tuple[str, ...]
    visits: Mapping[tuple[str, date], Visits]
    configurations: Mapping[tuple[str, str], int]
    probes: int = 0
    sees_all: bool | None = None


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The counted days, the last one today, in a time zone with a name."""

    zone: tzinfo
    name: str
    days: tuple[date, ...]

    @property
    def day(self) -> str:
        return "DAY_ONLY(StartTime)" if self.name == _NO_ZONE else "DAY_ONLY(convertTimezone(StartTime))"

    def span(self, days: Sequence[date]) -> str:
        """Return the condition that a session began on these days, as times: they need no time zone."""
        begin, end = self._midnight(days[0]), self._midnight(days[-1] + timedelta(days=1))
        return f"StartTime >= {begin} AND StartTime < {end}"

    def _midnight(self, day: date) -> str:
        moment = datetime.combine(day, time.min, self.zone).astimezone(UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def count_sessions(org: Org, *, days: int, now: datetime, configurations: Collection[str]) -> Sessions:
    """Count the sessions of the last complete days, and of today.

    Raises :class:`UnreachableError` for a user without access to the objects.
    """
    calendar = _calendar(org, days, now)
    sees_all = in_background(lambda: _sees_all(org))
    channels = {str(row["Id"]): str(row["DeveloperName"]) for row in _rows(org, _CHANNELS)}
    counts = _Counts(org, calendar, channels)
    counted = {name: in_background(partial(counts.by_day, condition)) for name, condition in _CLASSES.items()}
    named = {name: in_background(partial(counts.by_channel, name)) for name in configurations}
    by_day = {name: future.result() for name, future in counted.items()}
    return Sessions(
        days=calendar.days,
        zone=calendar.name,
        channels=tuple(sorted(channels.values())),
        visits=_visits(by_day),
        configurations={
            (channel, name): number for name, each in named.items() for channel, number in each.result().items()
        },
        probes=sum(by_day["probes"].values()),
        sees_all=sees_all.result(),
    )


def _like(*parts: str) -> str:
    """Return the condition that a session's key is ``parts`` with anything between them and after them."""
    return f"{_KEY} LIKE '{'%'.join(format_soql('{:like}', part) for part in (*parts, ''))}'"


_IS_PROBE = _like(_VERIFIED, f"/uid:{_PROBE}")


def _customers(beginning: str) -> str:
    """Return the condition that a session is a verified customer's with that key, and not a probe."""
    return f"{_like(beginning)} AND (NOT {_IS_PROBE})"


#: The classes of sessions, with their conditions.
_CLASSES: Mapping[str, str | None] = {
    "all": None,
    "verified": _customers(_VERIFIED),
    "guests": _like(_GUEST),
    "probes": _IS_PROBE,
}
_Day = tuple[str, date]


def _visits(by_day: Mapping[str, Mapping[_Day, int]]) -> dict[_Day, Visits]:
    """Return all counts. They are separate queries, and sessions may begin between them; none is negative."""
    found = {}
    for place in {place for counts in by_day.values() for place in counts}:
        total, verified, guests, probes = (by_day[name].get(place, 0) for name in _CLASSES)
        found[place] = Visits(verified, guests, max(0, total - verified - guests - probes))
    return found


@dataclass(frozen=True, slots=True)
class _Counts:
    """Counts sessions that meet a condition; None: all of them. ``channels`` are names by id."""

    org: Org
    calendar: _Calendar
    channels: Mapping[str, str]

    def by_day(self, condition: str | None) -> dict[_Day, int]:
        day, found = self.calendar.day, dict[_Day, int]()
        for part in self._parts():
            for row in _rows(self.org, _BY_DAY, day, self._where(part, condition)):
                channel, began = self.channels.get(str(row["c"])), _date(row["d"])
                if channel is not None and began is not None:
                    found[channel, began] = _number(row["n"])
        return found

    def by_channel(self, configuration: str) -> dict[str, int]:
        """Count the verified sessions of a Configuration Name."""
        where = self._where(self.calendar.days, _customers(f"{_VERIFIED}{configuration}/uid:"))
        rows = _rows(self.org, _BY_CHANNEL, where)
        return {self.channels[row["c"]]: _number(row["n"]) for row in rows if row["c"] in self.channels}

    def _where(self, days: Sequence[date], condition: str | None) -> str:
        conditions = ["ChannelType = 'EmbeddedMessaging'", self.calendar.span(days)]
        return " AND ".join((*conditions, condition) if condition is not None else conditions)

    def _parts(self) -> Iterator[tuple[date, ...]]:
        """Yield the days in groups, small enough that no query exceeds the org's limit of groups."""
        size = max(1, MOST_GROUPS // max(1, len(self.channels)))
        for start in range(0, len(self.calendar.days), size):
            yield self.calendar.days[start : start + size]


def _rows(org: Org, query: str, *values: Any) -> list[dict[str, Any]]:
    try:
        return org.query(format_soql(query, *values))
    except OrgFault as fault:
        raise UnreachableError(
            f"The messaging sessions could not be read: {fault.words}",
            next="Give the user, in a permission set, Read and View All Records on Messaging Session and Messaging "
            "User (MessagingEndUser), and the permission Configure Messaging.",
            code="sessions-unreadable",
        ) from fault


def _calendar(org: Org, days: int, now: datetime) -> _Calendar:
    """Return the calendar of the user's time zone; of UTC if the zone cannot be read, or is not known here."""
    name: str = _NO_ZONE
    zone: tzinfo = UTC
    try:
        rows = org.query(format_soql(_ZONE, org.session.user_id))
        found = str(rows[0]["TimeZoneSidKey"])
        zone, name = ZoneInfo(found), found
    except (ProvisionerError, LookupError, ValueError, OSError) as error:
        log.info("The user's time zone is not known, so days are those of UTC: %s", error)
    today = now.astimezone(zone).date()
    return _Calendar(zone, name, tuple(today - timedelta(days=back) for back in range(days, -1, -1)))


def _sees_all(org: Org) -> bool | None:
    """Return whether the user sees every session: by View All Data, or by View All Records on both objects."""
    try:
        rows = org.query(format_soql(_SETS, org.session.user_id))
        if any((row.get("PermissionSet") or {}).get("PermissionsViewAllData") is True for row in rows):
            return True
        if not rows:
            return None
        parents = [str(row["PermissionSetId"]) for row in rows]
        viewed = {row["SobjectType"] for row in org.query(format_soql(_VIEWED, parents))}
    except (ProvisionerError, KeyError) as error:
        log.info("Whether the user sees all sessions is not known: %s", error)
        return None
    return viewed.issuperset(_OBJECTS)


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
