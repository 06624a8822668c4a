"""Overrides that match nothing in the declaration."""

from __future__ import annotations

from dataclasses import replace

from provisioner.declaration.schema_parts import Schema
from provisioner.declaration.shape import address_of
from provisioner.declaration.tree import Branch, Entry, Node, Scalar
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.places import Path
from provisioner.names import Nearest, listed


def matching(tree: Branch, overrides: Branch, schema: Schema) -> tuple[Branch, list[Diagnostic]]:
    """Return the overrides of names in the declaration, and a finding for each of the others.

    A name is the key of a map (a component, an issuer, a Configuration Name): an override changes declared values,
    and declares no new ones. A field of a declared component may be added.
    """
    findings: list[Diagnostic] = []
    return _matching(tree, overrides, schema, (), findings), findings


def _matching(base: Branch, overlay: Branch, schema: Schema, path: Path, findings: list[Diagnostic]) -> Branch:
    properties, names = schema.get("properties", {}), schema.get("additionalProperties")
    kept = dict[str, Entry]()
    nearest = Nearest(base.entries)
    for key, entry in overlay.entries.items():
        below = properties.get(key, names if isinstance(names, dict) else {})
        if isinstance(names, dict) and key not in base.entries and not base.is_partial:
            findings.append(_unmatched(base, entry, (*path, key), nearest))
        else:
            kept[key] = replace(entry, value=_value(base.get(key), entry.value, below, (*path, key), findings))
    return replace(overlay, entries=kept)


def _value(base: Node | None, overlay: Node, schema: Schema, path: Path, findings: list[Diagnostic]) -> Node:
    if not isinstance(overlay, Branch):
        return overlay
    if base is None or (isinstance(base, Scalar) and base.value is None):
        return _matching(Branch({}, overlay.location), overlay, schema, path, findings)
    return _matching(base, overlay, schema, path, findings) if isinstance(base, Branch) else overlay


def _unmatched(base: Branch, entry: Entry, path: Path, nearest: Nearest) -> Diagnostic:
    kind = str(path[-2]).removesuffix("s")
    where = ".".join(map(str, path[:-1]))
    return Diagnostic(
        "override-unmatched",
        Severity.ERROR,
        f"The declaration has no {kind} {entry.key} under {where}, so this override changes nothing."
        f"{nearest.hint(entry.key)}",
        f"Correct the name, or declare {entry.key} in the declaration and remove it in the other environments with "
        f"`{entry.key}: null`. Names there: {listed(base.entries)}.",
        entry.key_location,
        address_of(path),
    )
