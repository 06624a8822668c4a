"""Detection of guest customers: sessions by day and channel, compared with the declaration.

A channel that verifies can fail in two ways. It admits guests; or nobody can begin a chat, because the chat button is
hidden after a failed verification, and then the channel falls silent. A channel is silent if the last days have at most
a tenth of the sessions of the same weekdays a week before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from provisioner.errors import ExitStatus
from provisioner.model.estate import Channel
from provisioner.model.names import environment_option
from provisioner.salesforce.messaging_sessions import Sessions, Visits
from provisioner.words import counted

WEEK = 7
#: Fewer sessions a week before prove nothing: with five expected, a day without any occurs once in 150.
_LEAST_BEFORE = 5
_FALLEN_TO = 10


class Expectation(StrEnum):
    """The declared verification of a channel's customers."""

    VERIFIED = "verified"
    GUESTS = "guests"
    NOT_DECLARED = "not-declared"


class AlarmKind(StrEnum):
    GUESTS = "guests"
    SILENT = "silent"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A condition that needs a person's attention, and its next step."""

    kind: AlarmKind
    channel: str
    message: str
    next: str


@dataclass(frozen=True, slots=True)
class ChannelSessions:
    """A channel's sessions by day, as ``Sessions.days``.

    ``former`` are verified sessions under a Configuration Name that the declaration does not have.
    """

    channel: str
    expectation: Expectation
    visits: tuple[Visits, ...]
    configurations: Mapping[str, int] = field(default_factory=dict)
    former: int = 0

    @property
    def sum(self) -> Visits:
        verified, guests, other = (
            sum(getattr(each, name) for each in self.visits) for name in ("verified", "guests", "other")
        )
        return Visits(verified, guests, other)


@dataclass(frozen=True, slots=True)
class Guests:
    """The customers of the channels, and the alarms about them."""

    environment: str
    sessions: Sessions
    channels: tuple[ChannelSessions, ...]
    alarms: tuple[Alarm, ...]

    @property
    def is_seen(self) -> bool:
        """Return whether the absence of guests is known: a session was seen, or the user could see every session."""
        return self.sessions.sees_all is True or any(each.sum.total for each in self.channels)

    @property
    def exit_status(self) -> ExitStatus:
        return ExitStatus.CHANGES_PENDING if self.alarms or not self.is_seen else ExitStatus.DONE


def judge(environment: str, declared: Mapping[str, Channel], sessions: Sessions, since: date | None = None) -> Guests:
    """Compare the sessions with the declared channels. Guests count from ``since`` on."""
    names = dict.fromkeys((*declared, *sessions.channels))
    channels = tuple(_channel(name, declared.get(name), sessions) for name in names if name in sessions.channels)
    alarms = [alarm for each in channels for alarm in _alarms(environment, each, sessions.days, since)]
    missing = [name for name in declared if name not in sessions.channels]
    alarms += [_missing(environment, name) for name in missing]
    return Guests(environment, sessions, channels, tuple(alarms))


def _channel(name: str, declared: Channel | None, sessions: Sessions) -> ChannelSessions:
    visits = tuple(sessions.visits.get((name, day), Visits()) for day in sessions.days)
    known = declared.configurations or {} if declared is not None else {}
    configurations = {each: sessions.configurations.get((name, each), 0) for each in known}
    # The counts are separate queries: a session that began between them must not make a negative number.
    former = max(0, sum(each.verified for each in visits) - sum(configurations.values()))
    return ChannelSessions(name, _expectation(declared), visits, configurations, former if known else 0)


def _expectation(declared: Channel | None) -> Expectation:
    if declared is None or declared.enabled is None:
        return Expectation.NOT_DECLARED
    return Expectation.VERIFIED if declared.enabled else Expectation.GUESTS


def _alarms(environment: str, each: ChannelSessions, days: Sequence[date], since: date | None) -> list[Alarm]:
    if each.expectation is not Expectation.VERIFIED:
        return []
    with_guests = [
        (day, visits.guests)
        for day, visits in zip(days, each.visits, strict=True)
        if visits.guests and (since is None or day >= since)
    ]
    alarms = [_guests(environment, each.channel, with_guests)] if with_guests else []
    if (silence := silence_of([visits.total for visits in each.visits[:-1]])) is not None:
        alarms.append(_silent(environment, each.channel, silence))
    return alarms


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence of ``days`` at the end, with ``sessions``, against ``before`` on the same weekdays a week before."""

    days: int
    sessions: int
    before: int


def silence_of(totals: Sequence[int]) -> Silence | None:
    """Return the longest silence at the end of complete days, up to a week; None if there is none."""
    for length in range(min(WEEK, len(totals) - WEEK), 0, -1):
        recent = sum(totals[-length:])
        before = sum(totals[-length - WEEK : len(totals) - WEEK])
        if before >= _LEAST_BEFORE and recent * _FALLEN_TO <= before and not totals[-length]:
            return Silence(length, recent, before)
    return None


def _guests(environment: str, channel: str, days: Sequence[tuple[date, int]]) -> Alarm:
    count = sum(number for _, number in days)
    first, last = days[0][0], days[-1][0]
    when = f"on {first}" if first == last else f"from {first} to {last}"
    return Alarm(
        AlarmKind.GUESTS,
        channel,
        f"{channel} must verify its customers, but guests began {counted(count, 'session')} on it, {when}.",
        f"Run `{_diagnose(environment, channel)}`. If they came before verification was switched on, count from that "
        f"day: `--since DATE`.",
    )


def _silent(environment: str, channel: str, silence: Silence) -> Alarm:
    days, weekdays = ("day", "weekday") if silence.days == 1 else (f"{silence.days} days", "weekdays")
    had = counted(silence.sessions, "session")
    return Alarm(
        AlarmKind.SILENT,
        channel,
        f"{channel} fell silent: {had} on the last {days}, and {silence.before} on the same {weekdays} a week "
        f"before. If verification fails, customers see no chat button, and no session begins.",
        f"Run `{_diagnose(environment, channel)}`.",
    )


def _diagnose(environment: str, channel: str) -> str:
    return f"provisioner diagnose chat {environment_option(environment)} --channel {channel}"


def _missing(environment: str, channel: str) -> Alarm:
    return Alarm(
        AlarmKind.MISSING,
        channel,
        f"The org has no Enhanced Chat channel {channel}, or the user cannot see it.",
        f"Run `provisioner plan {environment_option(environment)}`.",
    )
