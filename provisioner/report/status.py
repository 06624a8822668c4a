"""A status: the fleet, the channels, the certificates, and the drift, on one screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from provisioner.errors import ProvisionerError
from provisioner.report import drift_words, plan_words, status_state
from provisioner.report.document import Block, Sum, heading, instruction, joined, line, table
from provisioner.report.drift import drift_json
from provisioner.report.errors import failure_json, failure_state
from provisioner.report.guests import guests_json
from provisioner.report.json import FORMAT_VERSION, Json, members, moment
from provisioner.report.status_state import (
    Chain,
    ChannelState,
    DeploymentState,
    EnvironmentState,
    Expiry,
    Publication,
    States,
    by_date,
)
from provisioner.report.style import Look, Part, Row, Span
from provisioner.words import enumerated

#: The number of certificates in the list; the soonest come first.
MOST_EXPIRIES = 10
_CHANNEL_LOOKS = {"verifies": Look.GOOD, "no usable key": Look.DANGER, "inactive": Look.CAREFUL, "off": Look.FAINT}
_PUBLICATION_LOOKS = {
    Publication.CURRENT: Look.PLAIN,
    Publication.BEHIND: Look.DANGER,
    Publication.NEVER: Look.CAREFUL,
    Publication.UNKNOWN: Look.FAINT,
}
_EXPIRY_LOOKS = {"expired": Look.DANGER, "soon": Look.CAREFUL, "valid": Look.PLAIN}


def status_view(states: States, now: datetime) -> list[Block]:
    """Return the state of some environments; the last line is the sum."""
    found = status_state.readable(states)
    look = Look.GOOD if status_state.sums(states, now).is_well else Look.STRONG
    return joined([
        [heading("Status"), _fleet(states, now)],
        _channels(found, now, is_named=len(states) > 1),
        _expiries(found, now),
        _external(found),
        _drift(found),
        _failures(states),
        [Sum(status_state.last_line(states, now), look)],
    ])  # fmt: skip


def _fleet(states: States, now: datetime) -> Block:
    rows: list[Row] = []
    for name, state in states:
        if isinstance(state, ProvisionerError):
            rows.append([name, failure_state(state), "-", "-", "-"])
            continue
        look = Look.GOOD if state.drift.is_none else Look.CHANGED
        next_one = state.next_expiry
        rows.append([
            name,
            plan_words.org_kind(state.drift.plan.org),
            f"{state.verifying} of {len(state.channels)}",
            Span(status_state.expiry(next_one, now), _EXPIRY_LOOKS[next_one.state(now) if next_one else "valid"]),
            Span(status_state.drift(state), look),
        ])  # fmt: skip
    return table(rows, head=("environment", "org", "verify", "next expiry", "drift"), indent=2)


def _channels(found: list[EnvironmentState], now: datetime, *, is_named: bool) -> list[Block]:
    blocks: list[Block] = []
    for state in found:
        shown = [each for channel in state.channels for each in _channel(state, channel, now)] + list(_others(state))
        if is_named and shown:
            blocks.append(line(Span(state.name, Look.STRONG), indent=2))
        blocks += shown
    return [line("Channels:"), *blocks] if blocks else []


def _channel(state: EnvironmentState, channel: ChannelState, now: datetime) -> Iterator[Block]:
    parts: list[Part] = [Span(status_state.channel_state(channel), _CHANNEL_LOOKS[channel.state])]
    counted = state.sessions(channel.name)
    if counted is not None and counted.sum.total:
        parts.append(f"; sessions of {len(counted.visits) - 1} days: {status_state.sessions(counted)}")
    deployments = list(_deployments(channel))
    if not channel.chains and deployments:
        parts += ["; ", *deployments]
    yield line(Span(channel.name, whole=True), "  ", *parts, indent=4, hang=6)
    for each in channel.chains:
        inactive = "" if each.active else " (inactive)"
        issuer = f"iss {each.issuer}, " if each.issuer else ""
        by = f"{inactive}: {issuer}{status_state.verified_by(each, now)}"
        yield line(Span(each.configuration, whole=True), by, indent=6, hang=8)
    if channel.chains and deployments:
        yield line(*deployments, indent=6, hang=8)
    yield from _alarms(state, lambda name: name == channel.name)


def _deployments(channel: ChannelState) -> Iterator[Part]:
    for number, each in enumerate(channel.deployments):
        yield f"{', ' if number else 'deployments: '}{each.name} "
        yield Span(each.publication, _PUBLICATION_LOOKS[each.publication])


def _alarms(state: EnvironmentState, concerns: Callable[[str], bool]) -> Iterator[Block]:
    for alarm in state.guests.alarms if state.guests is not None else ():
        if concerns(alarm.channel):
            yield line(Span(alarm.message, Look.BAD), mark=Span("!", Look.DANGER), indent=6, hang=8)


def _others(state: EnvironmentState) -> Iterator[Block]:
    """Return the lines about sessions that belong to no channel of the org."""
    names = {channel.name for channel in state.channels}
    yield from _alarms(state, lambda name: name not in names)
    if state.guests_unknown:
        yield line(state.guests_unknown, indent=4, hang=6)


def _expiries(found: list[EnvironmentState], now: datetime) -> list[Block]:
    dated = by_date(found)
    rows: list[Row] = [
        [
            Span(status_state.expiry(each, now), _EXPIRY_LOOKS[each.state(now)] if each.in_use else Look.FAINT),
            each.kid or each.key,
            each.environment if each.in_use else f"{each.environment} (not in use)",
        ]
        for each in dated[:MOST_EXPIRIES]
    ]
    if not rows:
        return []
    more = [line(f"and {len(dated) - MOST_EXPIRIES} more: --format json lists all", indent=2)]
    head = ("expires", "kid", "environment")
    return [line("Certificates:"), table(rows, head=head, indent=2), *(more if len(dated) > MOST_EXPIRIES else [])]


def _external(found: list[EnvironmentState]) -> list[Block]:
    """Return the components that the declaration lists as external, by environment."""
    blocks = [
        line(state.name, "  ", enumerated([each.address for each in external]), indent=2, hang=4)
        for state in found
        if (external := state.drift.plan.external)
    ]
    return [line(f"{plan_words.OWNED_ELSEWHERE}:"), *blocks] if blocks else []


def _drift(found: list[EnvironmentState]) -> list[Block]:
    blocks = [line(state.name, "  ", *parts, indent=2, hang=4) for state in found for parts in differences(state)]
    return [line("Drift:"), *blocks] if blocks else []


def differences(state: EnvironmentState) -> Iterator[tuple[Part, ...]]:
    """Yield the differences from the declaration, what could not be read, and the errors, each as a line."""
    for change in state.drift.plan.changes:
        last = drift_words.last_changed(state.drift.last_change(change))
        label = drift_words.LABELS.get(change.reason, change.reason.value)
        yield Span(change.address, whole=True), f": {label}, {last}"
    for part in plan_words.unread(state.drift.plan):
        yield Span(part.what, whole=True), f": could not be read: {part.reason}"
    for each in state.drift.errors:
        yield (each.message,)


def _failures(states: States) -> list[Block]:
    failed = [(name, state) for name, state in states if isinstance(state, ProvisionerError)]
    blocks: list[Block] = []
    for name, error in failed:
        first, *others = error.message.splitlines() or [""]
        blocks.append(line(Span(name, Look.STRONG), f": {first}", indent=2, hang=4))
        blocks += [line(each, indent=4) for each in others]
        blocks += instruction("Next:", error.next, indent=4)
    return [line("Could not be read:"), *blocks] if blocks else []


def status_json(states: States, now: datetime) -> Json:
    """Return the JSON of ``status --format json``: each environment's state, or its error."""
    return {
        "format_version": FORMAT_VERSION,
        "read_at": moment(now),
        "environments": [
            failure_json(name, state) if isinstance(state, ProvisionerError) else _environment(state, now)
            for name, state in states
        ],
    }


def _environment(state: EnvironmentState, now: datetime) -> Json:
    drift = drift_json(state.drift)
    return {
        **members(state, "environment=name", "production"),
        **{name: drift[name] for name in ("org", "api_version", "declaration_digest")},
        "channels": [_channel_json(each) for each in state.channels],
        "certificates": [_expiry(each, now) for each in state.expiries],
        "drift": {name: drift[name] for name in ("summary", "drift", "errors", "unreadable")},
        "external": drift["external"],
        "guests": guests_json(state.guests) if state.guests is not None else None,
        "guests_unknown": state.guests_unknown or None,
    }


def _channel_json(channel: ChannelState) -> Json:
    return {
        **members(channel, "name", "owner"),
        "state": channel.state.replace(" ", "-"),
        **members(channel, "verification=enabled", "active", "verified_minutes"),
        "configurations": [_chain(each) for each in channel.chains],
        "deployments": [each.name for each in channel.deployments],
        "publications": [_publication(each) for each in channel.deployments],
    }


def _publication(each: DeploymentState) -> Json:
    return {"deployment": each.name, "state": each.publication.name.lower(), "reason": each.why or None}


def _chain(chain: Chain) -> Json:
    return {
        **members(chain, "name=configuration", "active", "usable", "keyset", "issuer", "endpoint"),
        "keys": [members(each, "name", "kid", "active", "expires") for each in chain.keys],
    }


def _expiry(each: Expiry, now: datetime) -> Json:
    return {
        **members(each, "key", "kid", "expires"),
        "days_left": each.days_left(now),
        "state": each.state(now),
        "in_use": each.in_use,
    }
