"""Guests among the customers, for programs."""

from __future__ import annotations

from provisioner.diagnosis.chat.guests import ChannelSessions, Expectation, Guests
from provisioner.report.guests_view import notes
from provisioner.report.shapes import FORMAT_VERSION, Json
from provisioner.salesforce.messaging_sessions import Visits


def guests_json(guests: Guests) -> Json:
    """Return the JSON of ``guests --format json``::

        {"format_version", "environment", "time_zone", "first_day", "today", "sees_all": true|false|null,
         "complete", "summary": {"sessions", "verified", "guests", "other", "probes", "alarms"},
         "channels": [{"channel", "declared": "verified|guests"|null, "sessions", "verified", "guests", "other",
                       "days": [{"date", "sessions", "verified", "guests", "other"}],
                       "configurations": [{"configuration", "verified"}], "undeclared_configurations"}],
         "alarms": [{"alarm": "guests|silent|missing", "channel", "message", "next"}], "notes": [TEXT]}

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
        "alarms": [
            {"alarm": each.kind.value, "channel": each.channel, "message": each.message, "next": each.next}
            for each in guests.alarms
        ],
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
    return {
        "sessions": visits.total,
        "verified": visits.verified,
        "guests": visits.guests,
        "other": visits.other,
    }
