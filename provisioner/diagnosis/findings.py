"""The result of a diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from provisioner.diagnosis.login.evidence import TokenAnswer
from provisioner.errors import ExitStatus


class Verdict(StrEnum):
    OK = "ok"
    FAILING = "failing"
    UNREACHABLE = "unreachable"

    @property
    def exit_status(self) -> ExitStatus:
        """Return the exit status of a command for this verdict."""
        match self:
            case Verdict.OK:
                return ExitStatus.DONE
            case Verdict.FAILING:
                return ExitStatus.WRONG_INPUT
            case Verdict.UNREACHABLE:
                return ExitStatus.NO_LOGIN
            case _:
                assert_never(self)


class Confidence(StrEnum):
    """``certain`` was seen; ``likely`` and ``possible`` are inferred. The order is that of the strength."""

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
    """A diagnosis of a login: the findings, best first.

    ``seen``: the result of each check; ``next``: how to gather more evidence. ``pasted``: it explains a text, not a
    login of this program.
    """

    environment: str
    verdict: Verdict
    server: TokenAnswer | None
    findings: tuple[Finding, ...]
    excluded: tuple[Excluded, ...]
    seen: tuple[tuple[str, str], ...] = ()
    next: str | None = None
    pasted: bool = False


@dataclass(frozen=True, slots=True)
class ChatDiagnosis:
    """A diagnosis of one channel: the findings, best first.

    ``seen``: the result of each check; ``next``: further advice.
    """

    environment: str
    channel: str
    deployment: str | None
    chat_url: str | None
    verdict: Verdict
    findings: tuple[Finding, ...]
    seen: tuple[tuple[str, str], ...]
    next: tuple[str, ...]
