"""The words of a status, in every format that a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from provisioner.diagnosis.chat.guests import ChannelSessions
from provisioner.errors import ProvisionerError
from provisioner.report import drift_words
from provisioner.report.status_shapes import Chain, ChannelState, DeploymentState, EnvironmentState, Expiry
from provisioner.words import counted

States = Sequence[tuple[str, EnvironmentState | ProvisionerError]]


def readable(states: States) -> list[EnvironmentState]:
    """Return the environments that could be read."""
    return [state for _, state in states if isinstance(state, EnvironmentState)]


def signers(chain: Chain, now: datetime) -> str:
    """Return the keys that verify, by kid, with their dates; the endpoint, or the reason why there are none."""
    if chain.endpoint is not None:
        return chain.endpoint
    if not chain.found:
        return f"keyset {chain.keyset} is missing" if chain.keyset else "no keyset"
    named = [
        (key.kid or key.name) + ("" if key.active else " (inactive)") + _expired(key.expires, now) for key in chain.keys
    ]
    return ("kid " + ", ".join(named)) if named else "no key"


def _expired(expires: datetime | None, now: datetime) -> str:
    return " (expired)" if expires is not None and expires < now else ""


def expiry(found: Expiry | None, now: datetime) -> str:
    """Return ``2027-11-26 (364 days)``."""
    if found is None:
        return "none"
    days = found.days_left(now)
    left = "expired" if found.expires < now else "within a day" if not days else counted(days, "day")
    return f"{found.expires:%Y-%m-%d} ({left})"


def channel_state(channel: ChannelState) -> str:
    """Return the state of a channel, and its manager if it is not declared."""
    return channel.state if channel.owner == "declared" else f"{channel.state} ({channel.owner})"


def deployment(each: DeploymentState) -> str:
    """Return ``Shop_Web: published``."""
    why = f" ({each.why.rstrip('.')})" if each.why else ""
    return f"{each.name}: {each.publication}{why}"


def sessions(each: ChannelSessions) -> str:
    """Return ``129 verified, 2 guests``: the sessions of a channel by kind, without kinds that have none."""
    total = each.sum
    parts = [f"{total.verified} verified", counted(total.guests, "guest")]
    return ", ".join([*parts, *([f"{total.other} other"] if total.other else [])])


def guests(state: EnvironmentState) -> str:
    """Return a word or two about the sessions of an environment."""
    if state.guests is None or not state.guests.is_seen:
        return "unknown"
    return counted(len(state.guests.alarms), "alarm") if state.guests.alarms else "no alarm"


def drift(state: EnvironmentState) -> str:
    """Return the differences from the declaration, in a few words."""
    found = state.drift
    unread = f"{counted(len(found.plan.unreadable), 'part')} not readable" if found.plan.unreadable else ""
    number = len(found.plan.changes)
    changes = f"{number} differ{'s' if number == 1 else ''}" if number else ""
    errors = counted(len(found.errors), "error") if found.errors else ""
    return ", ".join(filter(None, (errors, changes, unread))) or drift_words.NO_DRIFT.lower().rstrip(".")


def last_line(states: States, now: datetime) -> str:
    """Return the state of the whole fleet in one line."""
    found = readable(states)
    channels = sum(state.verifying for state in found)
    parts = [f"{counted(len(found), 'environment')}, {counted(channels, 'channel')} verifying"]
    drifting = sum(not state.drift.is_none for state in found)
    soon = sum(each.in_use and each.state(now) != "valid" for state in found for each in state.expiries)
    parts.append(f"{drifting} with drift" if drifting else "no drift")
    if soon:
        parts.append(f"{counted(soon, 'certificate')} in use expired or expiring within 30 days")
    alarms = sum(len(state.guests.alarms) for state in found if state.guests is not None)
    if alarms:
        parts.append(f"{counted(alarms, 'alarm')} about guests")
    failed = len(states) - len(found)
    if failed:
        parts.append(f"{counted(failed, 'environment')} could not be read")
    return ", ".join(parts) + "."
