"""Compares the org with the deployment: only reading back proves it, and a successful deployment does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from lxml import etree

from provisioner.components.channel import without_other_expiration
from provisioner.components.meaning import lost
from provisioner.components.package import Name, Package
from provisioner.components.snapshot import Component, Observed, Snapshot, Unreadable
from provisioner.diagnostics import Location
from provisioner.execution.outcome import Problem
from provisioner.execution.work import Read, Work, names_of
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Change
from provisioner.words import enumerated

Types = Mapping[MetadataType, Observed | Unreadable]


def compare(package: Package, read: Read, changes: Iterable[Change] = ()) -> list[Problem]:
    """Return everything that was sent and is missing, ours or not, and everything that was deleted and still exists.

    The expiration of the mode that is off is not compared: an org may drop it, and it has no effect.
    """
    places = {(change.type, change.full_name): change.declared_at for change in changes}
    problems = []
    for name in package.components:
        sent, found = package.components[name], read[name]
        if isinstance(found, Component) and etree.tostring(found.xml) == etree.tostring(sent):
            continue  # the same text has the same meaning, and comparing meanings takes three times as long
        problems += _compare_one(name, sent, found, places.get(name))
    for kind, full_name in package.deletions:
        if read[kind, full_name] is not None:
            problems.append(
                Problem(
                    "It still exists, or can no longer be read.",
                    "The deployment succeeded, but the component was not deleted.",
                    kind.address(full_name),
                )
            )
    return problems


def _compare_one(
    name: Name, sent: etree._Element, found: Component | Unreadable | None, place: Location | None
) -> list[Problem]:
    kind, full_name = name
    address = kind.address(full_name)
    if found is None or isinstance(found, Unreadable):
        reason = found.reason if isinstance(found, Unreadable) else "It is not in the org."
        return [Problem(reason, "The deployment succeeded, but the component cannot be read back.", address, place)]
    return [
        Problem(
            f"{path} differs from the value that was sent.",
            "The deployment succeeded, but the org dropped or changed it silently. Compare the component in Setup; "
            "the earlier value can be deployed again.",
            address,
            place,
        )
        for path in lost(without_other_expiration(sent) if kind is MetadataType.CHANNEL else sent, found.xml)
    ]


def with_read(snapshot: Snapshot, read: Read) -> Snapshot:
    """Return ``snapshot`` with the components that were read again in place of the old ones."""
    return replace(snapshot, types=_renewed(snapshot.types, read), others=_renewed(snapshot.others, read))


def _renewed(known: Types, read: Read) -> Types:
    types = dict(known)
    for kind, observed in known.items():
        if isinstance(observed, Unreadable):
            continue
        fresh = dict(observed)
        for (each, name), found in read.items():
            if each is not kind:
                continue
            if found is None:
                fresh.pop(name, None)
            else:
                fresh[name] = found
        types[kind] = fresh
    return types


def unknown_activity(work: Work, changes: tuple[Change, ...]) -> list[str]:
    """Return a note if the plan could not read whether the touched channels were active, so nothing can be compared."""
    before = work.snapshot.active_channels
    touched = names_of(changes).get(MetadataType.CHANNEL, [])
    if not isinstance(before, Unreadable) or not touched:
        return []
    unknown = f"Cannot tell whether {enumerated(touched)} stayed active and kept its routing: {before.reason}"
    return [f"{unknown} Check it in Setup > Messaging Settings."]
