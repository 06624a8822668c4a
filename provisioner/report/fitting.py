"""Shortens lists of names for comments and issues of limited size: the first names, and the number of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from provisioner.model.types import Risk
from provisioner.planning.plan import Change
from provisioner.report.markdown import code

#: The limit of a comment and of an issue is 65,536 characters.
LONGEST = 65_000
BADGES = {
    Risk.NONE: "none",
    Risk.DISRUPTIVE: "⚠️ disruptive",
    Risk.PERMANENT: "🛑 permanent",
    Risk.DESTRUCTIVE: "🛑 destructive",
}
_ORDER = sorted(Risk, key=lambda risk: risk.weight, reverse=True)


def number_that_fits(room: int, columns: Sequence[Sequence[str]]) -> int:
    """Return the number of texts of each column that fit together into ``room`` characters, with two between them."""
    number = 0
    while row := [column[number] for column in columns if len(column) > number]:
        room -= sum(len(text) + 2 for text in row)
        if room < 0:
            break
        number += 1
    return number


def worst_first(changes: Iterable[Change]) -> list[Change]:
    """Return the changes by their risk."""
    return sorted(changes, key=lambda each: each.risk.weight, reverse=True)


def names_by_risk(changes: Iterable[Change], most: int) -> list[str]:
    """Return one line for each risk, the worst first: its first names (``most`` in all), and the number of others."""
    found = list(changes)
    lines = []
    for risk in _ORDER:
        names = [each.address for each in found if each.risk is risk]
        if names:
            lines.append(f"**{BADGES[risk]} ({len(names):,}):** {first_names(names, most)}")
            most = max(most - len(names), 0)
    return lines


def first_names(names: Sequence[str], most: int) -> str:
    """Return ``a, b and 7 more``, every name as code; only the number if ``most`` is 0."""
    shown = ", ".join(map(code, names[:most]))
    left = len(names) - len(names[:most])
    if not left:
        return shown
    return f"{shown} and {left:,} more" if shown else f"{left:,}, not named here"


def by_kind(kinds: Iterable[str]) -> str:
    """Return ``3 × `needs-allow-destroy`, 1 × `channel-missing```."""
    return ", ".join(f"{number:,} × {code(kind)}" for kind, number in Counter(kinds).items())
