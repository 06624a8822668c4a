"""The result of a diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from provisioner.diagnosis.evidence import TokenAnswer
from provisioner.errors import ExitStatus


class Verdict(StrEnum):
    OK = "ok"
    FAILING = "failing"
    UNREACHABLE = "unreachable"


class Confidence(StrEnum):
    """``certain`` was seen; ``likely`` and ``possible`` are inferred."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause with its evidence. ``rank`` starts at 1."""

    cause: str
    rank: int
    confidence: Confidence
    evidence: tuple[str, ...]
    meaning: str
    fix: tuple[str, ...]
    wait: str | None


@dataclass(frozen=True, slots=True)
class Excluded:
    """A cause that the evidence excludes."""

    cause: str
    because: str


@dataclass(frozen=True, slots=True)
class LoginDiagnosis:
    """A diagnosis: the findings, best first.

    ``seen``: one row for each check; ``next``: how to gather more evidence.
    """

    environment: str
    verdict: Verdict
    server: TokenAnswer | None
    findings: tuple[Finding, ...]
    excluded: tuple[Excluded, ...]
    seen: tuple[tuple[str, str], ...] = ()
    next: str | None = None
    pasted: bool = False
    """True if it explains a text, not a login of this program."""

    @property
    def exit_status(self) -> ExitStatus:
        """Return the exit status of a command for this verdict."""
        match self.verdict:
            case Verdict.OK:
                return ExitStatus.DONE
            case Verdict.FAILING:
                return ExitStatus.WRONG_INPUT
            case Verdict.UNREACHABLE:
                return ExitStatus.NO_LOGIN
            case _:
                assert_never(self.verdict)
