"""The marks of a clue: evidence for or against a cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from provisioner.diagnosis.evidence import LoginEvidence


class Source(StrEnum):
    """The origin of a mark. Only an administrator's evidence makes causes without a known message likely."""

    WORDS = "words"
    SEEN = "seen"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class For:
    """Evidence for a cause.

    ``proof``: seen, not inferred. ``remedy`` and ``meaning`` replace the catalogue's if they are given.
    """

    cause: str
    points: int
    because: str
    source: Source = Source.SEEN
    proof: bool = False
    remedy: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Against:
    """Evidence that excludes a cause. If it is inferred, an administrator's evidence overrides it."""

    cause: str
    because: str
    inferred: bool = False


Mark = For | Against
Clue = Callable[[LoginEvidence], Iterator[Mark]]
