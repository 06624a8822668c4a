"""Unknown names from the user: the nearest known name, and the complete list."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from provisioner.errors import UsageError

T = TypeVar("T")

#: A shorter name is no hint for a name that begins with it.
SHORTEST_BEGINNING = 4
#: The number of names in a message; the others are counted.
MOST_LISTED = 20


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most similar to ``name``, or None.

    That is one that differs only by case, else a near one, else the longest one that ``name`` begins with.
    """
    names = sorted(known)
    same = next((each for each in names if each.casefold() == name.casefold()), None)
    near = same or next(iter(difflib.get_close_matches(name, names, n=1)), None)
    beginnings = (each for each in names if len(each) >= SHORTEST_BEGINNING and name.startswith(each))
    return near or max(beginnings, key=len, default=None)


def hint(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean X?``, or an empty text if no known name is near."""
    near = nearest(name, known)
    return f" Did you mean {near}?" if near else ""


def listed(known: Collection[str]) -> str:
    """Return the names for a message: ``a, b, c``, ``none``, or the first ones and the number of the others."""
    names = list(known)
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return (", ".join(names[:MOST_LISTED]) or "none") + more


def unknown(
    kind: str, name: str, known: Collection[str], *, place: str, advice: str = "", plural: str | None = None
) -> UsageError:
    """Return the error for a ``kind`` (``keyset``) that ``place`` (``the declaration``) does not have.

    Every command answers an unknown name with it: exit status 64, the code ``unknown-KIND``, the nearest name and the
    list. ``advice`` is a sentence for the end of the next step.
    """
    return UsageError(
        f"There is no {kind} {name} in {place}.{hint(name, known)}",
        next=" ".join(filter(None, (f"{(plural or f'{kind}s').capitalize()} there: {listed(known)}.", advice))),
        code=f"unknown-{kind}",
    )


def one_of(known: Mapping[str, T], name: str, kind: str, *, place: str, advice: str = "") -> T:
    """Return ``known[name]``. Raises :func:`unknown`'s error if it is missing."""
    if name not in known:
        raise unknown(kind, name, known, place=place, advice=advice)
    return known[name]


class Nearest:
    """Suggests near names for a limited number of unknown ones: many unknown names are not typing mistakes."""

    MOST_HINTS = 20

    def __init__(self, known: Iterable[str]) -> None:
        self._known = sorted(known)
        self._left = self.MOST_HINTS

    def hint(self, name: str) -> str:
        """Return `` Did you mean X?``, or an empty text if no name is near or the limit is reached."""
        self._left -= 1
        return hint(name, self._known) if self._left >= 0 else ""
