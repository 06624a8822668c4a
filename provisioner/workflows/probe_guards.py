"""The guards of a probe: it refuses an org that is not for experiments, and a channel that is in use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from provisioner import names
from provisioner.components.channel import ENHANCED_CHAT
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.components.xml import text_of
from provisioner.errors import RefusedError
from provisioner.execution.in_flight import Occupied, refuse_occupied
from provisioner.execution.journal_entry import SavedComponent
from provisioner.experiments.bench import Borrowed
from provisioner.experiments.cleaning import leftovers
from provisioner.model.types import MetadataType
from provisioner.salesforce import Org
from provisioner.workflows.prepare import hidden

#: A component that was changed in this time may belong to a probe that runs on another machine.
FRESH = timedelta(minutes=10)


def production(why: str) -> RefusedError:
    """Return the refusal of an org that is, or may be, a production org."""
    return RefusedError(
        f"A probe never runs in production, and {why}. Nothing was sent.",
        next="Name the environment of a sandbox, a scratch org or a Developer Edition with --env.",
        code="probe-in-production",
    )


def refuse_org(snapshot: Snapshot) -> None:
    """Raise :class:`RefusedError` for a production org, and for an org in which something cannot be read.

    The org itself must show its kind. An unreadable component may use one that a probe would delete.
    """
    if snapshot.org.is_production is None:
        raise production("the org does not say which kind of org it is")
    if snapshot.org.is_production:
        raise production("the org says that it is a production org (IsSandbox is false)")
    for name, found in hidden(snapshot):
        raise RefusedError(
            f"{name} cannot be read ({found.reason}), so a probe cannot know which components are in use. Nothing was "
            "sent.",
            next=f"The login needs the permission: {found.permission}.",
            code="unreadable",
        )


def refuse_other_probe(snapshot: Snapshot, now: datetime, clean_command: str) -> None:
    """Raise :class:`RefusedError` if components of a probe are only minutes old; not for those of this machine."""
    for name in leftovers(snapshot):
        found = snapshot.find(*name)
        if isinstance(found, Component) and _is_fresh(found.last_modified_date, now):
            raise RefusedError(
                f"Another probe may be running in this org: {found.address} was changed {found.last_modified_date}. "
                "Nothing was sent.",
                next=f"Wait until it is done. If none is running: {clean_command}",
                code="probe-at-work",
            )


def _is_fresh(changed: str | None, now: datetime) -> bool:
    try:
        at = datetime.fromisoformat(changed or "")
    except ValueError:
        return False
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)) > now - FRESH


def refuse_busy(org: Org) -> None:
    """Raise :class:`RefusedError` while a deployment is running in the org."""
    try:
        refuse_occupied(org.recent_deploys())
    except Occupied as occupied:
        raise RefusedError(
            f"Another deployment is running in this org ({occupied}). Nothing was sent.",
            next="Run the command again after it finishes.",
            code="org-occupied",
        ) from None


def borrowed(snapshot: Snapshot, name: str) -> Borrowed:
    """Return the channel of that name. Raises :class:`RefusedError` if a probe must not change it."""
    found = snapshot.find(MetadataType.CHANNEL, name)
    if found is None:
        raise names.unknown("channel", name, list(snapshot.present(MetadataType.CHANNEL)), place="this org")
    if isinstance(found, Unreadable):
        raise _not_borrowed(f"The channel {name} cannot be read: {found.reason}", found.permission)
    reason = _why_not(found, snapshot.active_channels)
    if reason is not None:
        raise _not_borrowed(*reason)
    return Borrowed(name, found.xml, snapshot.routing.get(name, {}))


def _why_not(channel: Component, active: Mapping[str, bool] | Unreadable) -> tuple[str, str] | None:
    """Return why a channel must not be borrowed, and what to do next; None if it may be."""
    name = channel.full_name
    if isinstance(active, Unreadable):
        return f"Cannot tell whether the channel {name} is inactive: {active.reason}", active.permission
    if active.get(name) is not False:
        return (
            f"The channel {name} is active, and a probe changes only an inactive one.",
            "Name an inactive channel; or deactivate this one in Setup > Messaging Settings if no customer uses it.",
        )
    if text_of(channel.xml, "messagingChannelType") != ENHANCED_CHAT:
        return (
            f"The channel {name} is not an Enhanced Chat channel.",
            f"Name a channel whose messagingChannelType is {ENHANCED_CHAT}.",
        )
    if SavedComponent.of(channel.xml).xml is None:
        return (
            f"The channel {name} holds a secret, so the journal cannot keep its earlier content.",
            "Name another inactive channel.",
        )
    return None


def _not_borrowed(message: str, next: str) -> RefusedError:
    return RefusedError(f"{message} No experiment was run.", next=next, code="channel-not-borrowed")
