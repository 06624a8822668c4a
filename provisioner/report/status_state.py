"""The state of an environment for the status, and its words: verifying keys, expiry dates, deployments, guests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provisioner.components.deployments import PublicConfig
from provisioner.diagnosis.chat.guests import ChannelSessions, Guests
from provisioner.errors import ProvisionerError
from provisioner.jose.certificates import SHOULD_BE_VALID_FOR
from provisioner.planning.drift import Drift
from provisioner.report import drift_words, plan_words
from provisioner.words import counted

_VERIFYING = "Auth"


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key of a keyset as the org has it. ``expires`` is None if it has no readable certificate."""

    name: str
    kid: str | None
    active: bool
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Chain:
    """A configuration of a channel, and the keys or the endpoint that verify its tokens.

    ``keyset`` is None if the configuration names none. ``found`` is False if the org has no keyset of that name.
    ``usable``: tokens can verify by it now.
    """

    configuration: str
    active: bool
    keyset: str | None
    found: bool
    issuer: str | None
    endpoint: str | None
    keys: tuple[KeyState, ...]
    usable: bool


class Publication(StrEnum):
    """The public state of a deployment. ``BEHIND``: its mode is not that of the channel."""

    CURRENT = "published"
    BEHIND = "outdated"
    NEVER = "not published"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DeploymentState:
    """A deployment of a channel. ``why`` is the reason why its publication is not known."""

    name: str
    publication: Publication = Publication.UNKNOWN
    why: str = ""


def publication_of(name: str, public: PublicConfig, verifies: bool) -> DeploymentState:
    """Return the state of a deployment, by whether its channel verifies customers."""
    if public.published is None:
        return DeploymentState(name, why=public.why)
    if not public.published:
        return DeploymentState(name, Publication.NEVER)
    current = (public.auth_mode == _VERIFYING) is verifies
    return DeploymentState(name, Publication.CURRENT if current else Publication.BEHIND)


@dataclass(frozen=True, slots=True)
class ChannelState:
    """An Enhanced Chat channel. ``active`` is None if the org did not return it. ``owner`` is its manager."""

    name: str
    owner: str
    enabled: bool
    active: bool | None
    usable: bool
    verified_minutes: int | None
    chains: tuple[Chain, ...]
    deployments: tuple[DeploymentState, ...]

    @property
    def state(self) -> str:
        """Return the state of the channel in a word or two."""
        if not self.enabled:
            return "off"
        if self.active is False:
            return "inactive"
        return "verifies" if self.usable else "no usable key"


@dataclass(frozen=True, slots=True)
class Expiry:
    """A certificate of an environment. ``in_use``: an active key of a keyset."""

    environment: str
    key: str
    kid: str | None
    expires: datetime
    in_use: bool

    def days_left(self, now: datetime) -> int:
        """Return the number of whole days; negative after the expiry."""
        return (self.expires - now).days

    def state(self, now: datetime) -> str:
        """Return ``expired``, ``soon`` or ``valid``."""
        if self.expires < now:
            return "expired"
        return "soon" if self.expires - now <= SHOULD_BE_VALID_FOR else "valid"


@dataclass(frozen=True, slots=True)
class EnvironmentState:
    """An environment that could be read. ``drift`` has its differences and its unreadable parts.

    ``guests`` are the sessions of the last days, None if they could not be counted; ``guests_unknown`` says why.
    """

    drift: Drift
    production: bool
    channels: tuple[ChannelState, ...]
    expiries: tuple[Expiry, ...]
    guests: Guests | None = None
    guests_unknown: str = ""

    def sessions(self, channel: str) -> ChannelSessions | None:
        """Return the sessions of a channel, if they could be counted."""
        counted = self.guests.channels if self.guests is not None else ()
        return next((each for each in counted if each.channel == channel), None)

    @property
    def name(self) -> str:
        return self.drift.environment

    @property
    def next_expiry(self) -> Expiry | None:
        """Return the certificate in use that expires first."""
        return min((each for each in self.expiries if each.in_use), key=lambda each: each.expires, default=None)

    @property
    def verifying(self) -> int:
        """Return the number of channels that verify customers."""
        return sum(each.state == "verifies" for each in self.channels)


def by_date(states: Sequence[EnvironmentState]) -> list[Expiry]:
    """Return the certificates of all environments, the soonest first."""
    return sorted((each for state in states for each in state.expiries), key=lambda each: (each.expires, each.key))


States = Sequence[tuple[str, EnvironmentState | ProvisionerError]]


def readable(states: States) -> list[EnvironmentState]:
    """Return the environments that could be read."""
    return [state for _, state in states if isinstance(state, EnvironmentState)]


def verified_by(chain: Chain, now: datetime) -> str:
    """Return the keyset of a chain, and the keys that verify, by kid, with their dates, or the endpoint."""
    if chain.keyset is None:
        return "no keyset"
    if not chain.found:
        return f"keyset {chain.keyset} (missing)"
    named = ", ".join(
        (key.kid or key.name) + ("" if key.active else " (inactive)") + _expired(key.expires, now) for key in chain.keys
    )
    keys = chain.endpoint or (f"kid {named}" if named else "no key")
    return f"keyset {chain.keyset}, {keys}"


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
    hidden = plan_words.unread(found.plan)
    unread = f"{counted(len(hidden), 'part')} not readable" if hidden else ""
    number = len(found.plan.changes)
    changes = f"{number} differ{'s' if number == 1 else ''}" if number else ""
    errors = counted(len(found.errors), "error") if found.errors else ""
    return ", ".join(filter(None, (errors, changes, unread))) or drift_words.NO_DRIFT.lower().rstrip(".")


@dataclass(frozen=True, slots=True)
class Sums:
    """The numbers of a fleet: environments, channels that verify, certificates in use that need action, alarms."""

    read: int
    failed: int
    verifying: int
    drifting: int
    expiring: int
    alarms: int

    @property
    def is_well(self) -> bool:
        return not (self.failed or self.drifting or self.expiring or self.alarms)


def sums(states: States, now: datetime) -> Sums:
    """Return the numbers of the whole fleet."""
    found = readable(states)
    return Sums(
        read=len(found),
        failed=len(states) - len(found),
        verifying=sum(state.verifying for state in found),
        drifting=sum(not state.drift.is_none for state in found),
        expiring=sum(each.in_use and each.state(now) != "valid" for state in found for each in state.expiries),
        alarms=sum(len(state.guests.alarms) for state in found if state.guests is not None),
    )


def last_line(states: States, now: datetime) -> str:
    """Return the state of the whole fleet in one line."""
    found = sums(states, now)
    parts = [f"{counted(found.read, 'environment')}, {counted(found.verifying, 'channel')} verifying"]
    if found.read:
        parts.append(f"{found.drifting} with drift" if found.drifting else "no drift")
    if found.expiring:
        parts.append(f"{counted(found.expiring, 'certificate')} in use expired or expiring within 30 days")
    if found.alarms:
        parts.append(f"{counted(found.alarms, 'alarm')} about guests")
    if found.failed:
        parts.append(f"{counted(found.failed, 'environment')} could not be read")
    return ", ".join(parts) + "."
