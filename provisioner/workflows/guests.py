"""Counts guests: compares the messaging sessions of an environment with its declaration. Read-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from provisioner.diagnosis.chat.guests import Guests, judge
from provisioner.salesforce import Org
from provisioner.salesforce.messaging_sessions import count_sessions
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import Prepared, prepare

DEFAULT_DAYS = 14


@dataclass(frozen=True, slots=True)
class GuestOptions:
    """``days`` are complete days; guests of before ``since`` raise no alarm."""

    days: int = DEFAULT_DAYS
    since: date | None = None


def count_guests(console: Console, environment: str, options: GuestOptions) -> Guests:
    """Return the guests of each channel. Raises the errors of the login and of the queries."""
    prepared = prepare(console, environment)
    with connected(console, prepared.environment) as org:
        return guests_of(console, prepared, org, options)


def guests_of(console: Console, prepared: Prepared, org: Org, options: GuestOptions) -> Guests:
    """Return the guests of each channel of a connected org."""
    declared = prepared.estate.channels
    names = sorted({name for channel in declared.values() for name in channel.configurations or ()})
    console.say(f"Counting the messaging sessions of {org.session.instance_url}.")
    sessions = count_sessions(org, days=options.days, now=console.now, configurations=names)
    return judge(prepared.environment.name, declared, sessions, options.since)
