"""Messaging of the whole org: switched on if that is declared, never off."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.components.settings import has_messaging
from provisioner.components.snapshot import Component, Unreadable
from provisioner.model.types import MESSAGING_SETTINGS, MetadataType, Risk
from provisioner.planning.changes import ComparedField
from provisioner.planning.plan import Action, Blocked, Change, Reason
from provisioner.planning.plan_input import PlanInput


def settings_changes(inputs: PlanInput) -> Iterator[Change]:
    """Yield the change that switches Messaging on."""
    kind, org = MetadataType.SETTINGS, inputs.estate.org
    found = inputs.snapshot.find(kind, MESSAGING_SETTINGS)
    if not org.messaging or not isinstance(found, Component) or has_messaging(found.xml):
        return
    place = org.places.of("messaging")
    field = ComparedField("messaging", False, True, place).change()
    impact = "Messaging is switched on in the whole org. This program never switches it off."
    yield Change(
        kind, MESSAGING_SETTINGS, Action.UPDATE, Reason.DIFFERS, (field,), (), (impact,), Risk.NONE, place
    )  # fmt: skip


def settings_guards(inputs: PlanInput) -> Iterator[Blocked]:
    """Yield a guard if it could not be read whether Messaging is on."""
    org = inputs.estate.org
    found = inputs.snapshot.find(MetadataType.SETTINGS, MESSAGING_SETTINGS)
    if not org.messaging or inputs.snapshot.declaration is not None or isinstance(found, Component):
        return
    why = found.reason if isinstance(found, Unreadable) else "the org does not show the setting"
    yield Blocked(
        "messaging-unreadable", f"Whether Messaging is on could not be read: {why}.",
        "Give the user Customize Application and View Setup and Configuration.",
        MetadataType.SETTINGS.address(MESSAGING_SETTINGS), declared_at=org.places.of("messaging"), unread=True,
    )  # fmt: skip
