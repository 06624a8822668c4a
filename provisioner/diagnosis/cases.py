"""The engine of a diagnosis: clues give marks, and the marks of a cause make its case.

Seen evidence precedes inferred evidence. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from provisioner.diagnosis.catalogue import LIKELY, Cause, filled
from provisioner.diagnosis.findings import Confidence, Finding


class Source(StrEnum):
    """The origin of a mark. Only an administrator's evidence makes causes without a known message likely."""

    WORDS = "words"
    SEEN = "seen"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class For:
    """Evidence for a cause.

    ``proof``: seen, not inferred. ``remedy`` and ``meaning`` replace the catalogue's if they are given. ``thing`` is
    the subject of a cause that several things can have: a key, a keyset, a URL.
    """

    cause: str
    points: int
    because: str
    source: Source = Source.SEEN
    proof: bool = False
    remedy: str = ""
    meaning: str = ""
    thing: str = ""

    @classmethod
    def of(cls, cause: str, confidence: Confidence, because: str, thing: str = "") -> For:
        """Return a mark that gives its cause this confidence."""
        points = 1 if confidence is Confidence.POSSIBLE else LIKELY
        return cls(cause, points, because, proof=confidence is Confidence.CERTAIN, thing=thing)


@dataclass(frozen=True, slots=True)
class Against:
    """Evidence that excludes a cause. If it is inferred, an administrator's evidence overrides it."""

    cause: str
    because: str
    inferred: bool = False


Mark = For | Against


@dataclass(slots=True)
class Case:
    """The marks for one cause of one thing."""

    cause: Cause
    thing: str = ""
    marks: list[For] = field(default_factory=list)

    @property
    def proven(self) -> bool:
        return any(mark.proof for mark in self.marks)

    @property
    def confirmed_by_admin(self) -> bool:
        """Return whether the org's own record supports the cause."""
        return any(mark.source is Source.ADMIN for mark in self.marks)

    def withstands(self, against: Against) -> bool:
        return self.proven or (against.inferred and self.confirmed_by_admin)

    @property
    def points(self) -> int:
        """Return the total; evidence that occurs twice counts once, with its most points.

        It is below "likely" if the cause has no known message and no administrator's evidence.
        """
        each: dict[tuple[str, Source], int] = {}
        for mark in self.marks:
            evidence = (mark.because, mark.source)
            each[evidence] = max(mark.points, each.get(evidence, mark.points))
        total = sum(each.values())
        known = self.cause.text_known or self.confirmed_by_admin or self.proven
        return total if known else min(total, LIKELY - 1)

    @property
    def confidence(self) -> Confidence:
        if self.proven:
            return Confidence.CERTAIN
        return Confidence.LIKELY if self.points >= LIKELY else Confidence.POSSIBLE

    @property
    def evidence(self) -> tuple[str, ...]:
        """Return all evidence for the cause, proofs first."""
        positive = sorted((mark for mark in self.marks if mark.points > 0), key=lambda mark: not mark.proof)
        return tuple(dict.fromkeys(mark.because for mark in positive))

    def finding(
        self, rank: int, values: Mapping[str, str], app_kind: str | None = None, more: Iterable[str] = ()
    ) -> Finding:
        """Return the finding of the case. ``values`` fill its texts, ``more`` is evidence for it."""
        remedies = tuple(dict.fromkeys(mark.remedy for mark in self.marks if mark.remedy))
        steps = remedies or self.cause.steps(app_kind)
        said = next((mark.meaning for mark in self.marks if mark.meaning), None)
        return Finding(
            cause=self.cause.id,
            rank=rank,
            confidence=self.confidence,
            evidence=(*self.evidence, *more),
            meaning=said or filled(self.cause.meaning, values),
            fix=tuple(filled(step, values) for step in steps),
            wait=None if said else self.cause.wait,  # the catalogue's wait belongs to the catalogue's fix
        )


def cases_of(marks: Iterable[Mark], catalogue: Mapping[str, Cause]) -> list[Case]:
    """Return a case for each cause and thing that has a mark, in the order of the marks."""
    cases: dict[tuple[str, str], Case] = {}
    for mark in marks:
        if isinstance(mark, For):
            empty = Case(catalogue[mark.cause], mark.thing)
            cases.setdefault((mark.cause, mark.thing), empty).marks.append(mark)
    return list(cases.values())
