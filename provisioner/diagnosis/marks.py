"""What a clue says: something speaks for a cause, or against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from provisioner.diagnosis.evidence import Evidence


class Source(StrEnum):
    """Where a mark comes from. An administrator's evidence alone lifts causes whose own words are not known."""

    WORDS = "words"
    SEEN = "seen"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class For:
    """Speaks for a cause. ``proof``: it was seen, not inferred. ``remedy`` and ``meaning`` stand in
    for the catalogue's own if they are given."""

    cause: str
    points: int
    because: str
    source: Source = Source.SEEN
    proof: bool = False
    remedy: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Against:
    """Speaks against a cause so clearly that it is left out. An inferred one yields to an administrator's evidence."""

    cause: str
    because: str
    inferred: bool = False


Mark = For | Against
Clue = Callable[[Evidence], Iterator[Mark]]
