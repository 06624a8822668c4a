"""Guests among the customers: one line for each channel with a sparkline of its days, and the alarms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provisioner.diagnosis.chat.guests import WEEK, ChannelSessions, Expectation, Guests
from provisioner.report.document import Block, Sum, heading, joined, labelled, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.style import Look, Row, Span
from provisioner.salesforce.messaging_sessions import Visits
from provisioner.words import counted

#: Levels of a sparkline from low to high, and the same for an encoding without block elements; a dot means zero.
BLOCKS, ASCII_BLOCKS = "▁▂▃▄▅▆▇█", ":-=+*%@#"
_NONE = "."
_DECLARED = {
    Expectation.VERIFIED: "verified",
    Expectation.GUESTS: "guests",
    Expectation.NOT_DECLARED: "not declared",
}
_HEAD = ("channel", "declared", "verified", "guests", "other", "today", "each day")


def guests_view(guests: Guests, *, levels: str = BLOCKS) -> list[Block]:
    """Return the channels, the configurations and the alarms; ``levels`` are the characters of a sparkline."""
    rows = [_row(each, levels) for each in guests.channels]
    return joined([
        _head(guests),
        [table(rows, head=_HEAD, right=(2, 3, 4, 5))] if rows else [line("The org has no Enhanced Chat channel.")],
        _configurations(guests.channels),
        [line(text) for text in notes(guests)],
        *(_alarm(each.message, each.next) for each in guests.alarms),
        [_sum(guests)],
    ])  # fmt: skip


def notes(guests: Guests) -> Iterator[str]:
    """Yield the limits of the numbers."""
    sessions = guests.sessions
    if not guests.is_seen:
        yield (
            "The user saw no session, and it is not known that it would see all of them. This does not show that no "
            "customer was a guest. Give the user, in a permission set, View All Records on Messaging Session and "
            "Messaging User."
        )
    elif sessions.sees_all is not True:
        yield (
            "These may be fewer sessions than there were: it is not known that the user sees all of them. Give it, in "
            "a permission set, View All Records on Messaging Session and Messaging User."
        )
    if any(each.sum.other for each in guests.channels):
        yield "Other: sessions of customers whose identity has neither the form of verified ones nor that of guests."
    if sessions.probes:
        yield f"Not counted: {counted(sessions.probes, 'session')} of `provisioner verify`."


def sparkline(totals: Sequence[int], levels: str = BLOCKS) -> str:
    """Return one character for each day, in weeks that end with the last day; the highest day has the highest level."""
    most = max(totals, default=0)
    signs = [_NONE if not each else levels[(each * len(levels) - 1) // most] for each in totals]
    first = len(signs) % WEEK
    weeks = [signs[:first], *(signs[start : start + WEEK] for start in range(first, len(signs), WEEK))]
    return " ".join("".join(week) for week in weeks if week)


def _head(guests: Guests) -> list[Block]:
    days = guests.sessions.days
    return [
        heading(f"Sessions of customers in {guests.environment}"),
        line(
            Span(f"{len(days) - 1} days from {days[0]} to {days[-2]}, and today so far ({guests.sessions.zone})",
                 Look.FAINT),
            indent=2,
        ),
    ]  # fmt: skip


def _row(each: ChannelSessions, levels: str) -> Row:
    total = each.sum
    verifies = each.expectation is Expectation.VERIFIED
    return [
        Span(each.channel, Look.STRONG),
        _DECLARED[each.expectation],
        str(total.verified),
        Span(str(total.guests), Look.DANGER if verifies and total.guests else Look.PLAIN),
        str(total.other),
        str(each.visits[-1].total),
        sparkline([visits.total for visits in each.visits[:-1]], levels),
    ]


def _configurations(channels: Sequence[ChannelSessions]) -> list[Block]:
    rows: list[Row] = []
    for each in channels:
        rows += [[each.channel, name, str(number)] for name, number in each.configurations.items()]
        if each.former:
            rows.append([each.channel, "not declared: a former Configuration Name?", str(each.former)])
    return [table(rows, head=("channel", "configuration", "verified"), right=(2,))] if rows else []


def _alarm(message: str, next_step: str) -> list[Block]:
    return [
        line(Span(message, Look.BAD), hang=2, mark=Span("!", Look.DANGER)),
        labelled("Next:", next_step, indent=2, hang=4),
    ]


def _sum(guests: Guests) -> Block:
    if guests.alarms:
        return Sum(f"{counted(len(guests.alarms), 'alarm')}.", Look.DANGER)
    if not guests.is_seen:
        return Sum("Not known: no session was seen.", Look.DANGER)
    return Sum("No alarm.", Look.GOOD)


def guests_json(guests: Guests) -> Json:
    """Return the JSON of ``guests --format json``.

    The last day is today, which is not over. ``complete`` is false if the absence of guests is not known.
    """
    totals = [each.sum for each in guests.channels]
    whole = Visits(*(sum(getattr(each, name) for each in totals) for name in ("verified", "guests", "other")))
    sessions = guests.sessions
    return {
        "format_version": FORMAT_VERSION,
        "environment": guests.environment,
        "time_zone": sessions.zone,
        "first_day": sessions.days[0].isoformat(),
        "today": sessions.days[-1].isoformat(),
        "sees_all": sessions.sees_all,
        "complete": guests.is_seen,
        "summary": {**_visits(whole), "probes": sessions.probes, "alarms": len(guests.alarms)},
        "channels": [_channel(each, guests) for each in guests.channels],
        "alarms": [{"alarm": each.kind.value, **members(each, "channel", "message", "next")} for each in guests.alarms],
        "notes": list(notes(guests)),
    }


def _channel(each: ChannelSessions, guests: Guests) -> Json:
    declared = None if each.expectation is Expectation.NOT_DECLARED else each.expectation.value
    return {
        "channel": each.channel,
        "declared": declared,
        **_visits(each.sum),
        "days": [
            {"date": day.isoformat(), **_visits(visits)}
            for day, visits in zip(guests.sessions.days, each.visits, strict=True)
        ],
        "configurations": [{"configuration": name, "verified": number} for name, number in each.configurations.items()],
        "undeclared_configurations": each.former,
    }


def _visits(visits: Visits) -> Json:
    return {"sessions": visits.total, **members(visits, "verified", "guests", "other")}
