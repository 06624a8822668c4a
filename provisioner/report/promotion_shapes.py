"""The steps and proofs of a promotion, as values, for every renderer and for its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from provisioner.components.snapshot import OrgFacts
from provisioner.diagnosis.chat.proof_words import Probed
from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome
from provisioner.model.actor import NOBODY, Actor
from provisioner.planning.plan import Plan
from provisioner.salesforce.chat_proof import Proof


class Verdict(StrEnum):
    """The outcome of a promotion. ``not-verified``: applied, and tokens do not verify there."""

    PROMOTED = "promoted"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    RUNNING = "running"
    NOT_VERIFIED = "not-verified"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a promotion, as it was read. ``components`` maps each declared address to a digest, None: absent.

    ``user_id`` is the user of the login; ``plan`` was made at the same time.
    """

    environment: str
    production: bool
    org: OrgFacts
    user_id: str
    plan: Plan
    components: Mapping[str, str | None]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its end, whether it proved its claim, and its findings."""

    name: str
    at: datetime
    passed: bool
    found: str


@dataclass
class Promotion:
    """A promotion. ``target_after`` is the target as read again at the end."""

    source_name: str
    target_name: str
    verify: bool
    tool_version: str
    began: datetime
    source: Side | None = None
    target: Side | None = None
    target_after: Side | None = None
    steps: list[Step] = field(default_factory=list)
    before: list[tuple[Proof, Probed]] = field(default_factory=list)
    after: list[tuple[Proof, Probed]] = field(default_factory=list)
    outcome: Outcome | None = None
    plan_file: str | None = None
    verdict: Verdict = Verdict.REFUSED
    message: str = ""
    next: str | None = None
    exit_status: ExitStatus = ExitStatus.REFUSED
    ended: datetime | None = None
    by: Actor = NOBODY

    def end(self, verdict: Verdict, status: ExitStatus, message: str, next: str | None = None) -> None:
        """Record the verdict, in a sentence, and the next step."""
        self.verdict, self.exit_status, self.message, self.next = verdict, status, message, next

    @property
    def sides(self) -> Sequence[tuple[str, Side]]:
        """Return the sides that were read, in order."""
        named = (("from", self.source), ("to", self.target), ("to, afterwards", self.target_after))
        return [(name, side) for name, side in named if side is not None]
