"""An import: the files that were written, the values that were imported, and the rest with the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provisioner.diagnostics import Location
from provisioner.planning.import_merge import Update
from provisioner.report.document import Block, heading, joined, labelled, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members, place
from provisioner.report.plan_words import OWNED_ELSEWHERE, org_kind
from provisioner.report.style import Look, Part, Row, Span
from provisioner.words import counted, enumerated

if TYPE_CHECKING:
    from provisioner.components.snapshot import Snapshot
    from provisioner.planning.import_merge import Update


@dataclass(frozen=True, slots=True)
class Standing:
    """A difference that stays: of a whole component, or of one value that the environment file decides.

    For a value, ``path`` is its place in the declaration, ``org`` the org's value, and ``declared_at`` the place to
    change.
    """

    address: str
    reason: str
    path: tuple[str, ...] = ()
    org: Any = None
    declared_at: Location | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """The files to write, and the notes about them.

    ``declared`` are the addresses that are new in the declaration; ``updated`` values that were taken from the org;
    ``left_out`` gives by address the reason for an omission; ``standing`` are the declared components that still differ
    from the org, with the reason. ``external`` are the addresses of components that others own.
    """

    content: bytes
    key_files: Mapping[str, bytes]
    declared: tuple[str, ...]
    updated: tuple[Update, ...]
    left_out: Mapping[str, str]
    leaks: Mapping[str, tuple[str, ...]]
    standing: tuple[Standing, ...]
    unmanaged_channels: tuple[str, ...]
    external: tuple[str, ...] = ()


_LISTED = 20


def imported_json(
    imported: Imported, snapshot: Snapshot, environment: str, written: Sequence[str], following: str
) -> Json:
    """Return the JSON of ``import --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "org": members(snapshot.org, "id", "instance_url", "sandbox=is_sandbox"),
        "api_version": snapshot.api_version,
        "written": list(written),
        "declared": list(imported.declared),
        "updated": [
            {"address": each.address, "path": ".".join(each.path), "before": each.declared, "after": each.org}
            for each in imported.updated
        ],
        "left_out": [{"address": address, "reason": why} for address, why in imported.left_out.items()],
        "leaks": [{"address": f"key.{name}", "members": list(members)} for name, members in imported.leaks.items()],
        "still_different": [_standing_json(each) for each in imported.standing],
        "unmanaged_channels": list(imported.unmanaged_channels),
        "external": list(imported.external),
        "next": following,
    }


def imported_view(
    imported: Imported, snapshot: Snapshot, environment: str, written: Sequence[str], following: str
) -> list[Block]:
    """Return the import; leaked private keys come first, because nothing else is as urgent."""
    org = snapshot.org
    head = [
        heading(f"Import from {environment}"),
        line(Span(f"{org_kind(org)} {org.id} at {org.instance_url}", Look.FAINT), indent=2),
    ]
    sections = [
        head,
        *(_leak(name, members) for name, members in imported.leaks.items()),
        _listed("Declared now", [[each] for each in imported.declared], Look.GOOD),
        _updated(imported.updated),
        _listed("Not imported", list(imported.left_out.items()), Look.CAREFUL),
        _standing(imported.standing),
        _quiet(imported.unmanaged_channels),
        _listed(OWNED_ELSEWHERE, [[each] for each in imported.external], Look.FAINT),
        _listed("Written", [[each] for each in written], Look.STRONG),
    ]
    if not written:
        sections.append([line("Nothing was written: the declaration already has everything that can be imported.")])
    sections.append([labelled("Next:", following)])
    return joined(sections)


def _leak(name: str, members: Sequence[str]) -> list[Block]:
    return [
        line(
            Span("A private key has leaked:", Look.DANGER),
            f" key.{name} holds private members ({', '.join(members)}) in the org. Everyone who can read it there can",
            " sign tokens for any customer. It was not written. Replace it with a new key, then delete it in the org.",
            hang=2,
        )
    ]


def _listed(title: str, rows: Sequence[Row], look: Look) -> list[Block]:
    if not rows:
        return []
    shown = rows if len(rows) <= _LISTED else rows[: _LISTED - 1]
    lines = [line(Span(f"{title}:", look)), table(shown, indent=2)]
    if len(shown) < len(rows):
        lines.append(line(f"and {len(rows) - len(shown)} more (all of them with --format json)", indent=2))
    return lines


def _updated(updates: Sequence[Update]) -> list[Block]:
    rows: list[Row] = [[".".join(each.path), f"{_shown(each.declared)} -> {_shown(each.org)}"] for each in updates]
    return _listed("Updated from the org", rows, Look.CHANGED)


def _standing(standing: Sequence[Standing]) -> list[Block]:
    rows: list[Row] = [[each.address, each.reason] for each in standing]
    return _listed("Declared, with other values in the org", rows, Look.CAREFUL)


def _standing_json(each: Standing) -> Json:
    """Return a remaining difference; the path and the place are null for a whole component."""
    return {
        "address": each.address,
        "reason": each.reason,
        "path": ".".join(each.path) or None,
        "after": each.org,
        "declared_at": place(each.declared_at),
    }


def _quiet(names: Sequence[str]) -> list[Block]:
    if not names:
        return []
    listed = enumerated([*names[:_LISTED], *([f"{len(names) - _LISTED} more"] if len(names) > _LISTED else [])])
    parts: list[Part] = [
        f"{counted(len(names), 'Enhanced Chat channel')} without user verification, left unmanaged: {listed}."
    ]
    return [line(*parts, hang=2)]


def _shown(value: Any) -> str:
    if value is None:
        return "(nothing)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_shown(part)}" for name, part in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value)
