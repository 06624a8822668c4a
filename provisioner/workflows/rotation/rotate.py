"""One run of a rotation: look, do the next step if it is safe, look again, report the state."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome, Result
from provisioner.jose.rotation import at_rest, next_step
from provisioner.jose.rotation_state import (
    Choice,
    DeclaredState,
    OrgState,
    Proven,
    RotatingKey,
    RotatingKeyset,
    RotationStep,
    StepKind,
    StepRefusal,
    TokenEvidence,
)
from provisioner.jose.rotation_words import Invocation, words_of
from provisioner.report.rotation import Rotated
from provisioner.report.verify import exit_status
from provisioner.words import enumerated
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import Prepared, observe
from provisioner.workflows.rotation.apply_step import apply_targets, told_on_error
from provisioner.workflows.rotation.evidence import (
    ProofSources,
    Record,
    load_record,
    prove_all,
    record_path,
    save_record,
)
from provisioner.workflows.rotation.retire import Retirement
from provisioner.workflows.rotation.view import find_keyset, view_of

if TYPE_CHECKING:
    from provisioner.components.snapshot import Snapshot
    from provisioner.diagnosis.chat.proof_words import Probed
    from provisioner.salesforce import Org
    from provisioner.salesforce.chat_proof import Proof

_RETIRES = (StepKind.DEACTIVATE, StepKind.DELETE)


@dataclass(frozen=True, slots=True)
class RotationRequest:
    """The options of a rotation. ``retire``: remove the old key; ``shared``: also for other environments."""

    keyset: str
    choice: Choice
    sources: ProofSources
    retire: bool = False
    shared: bool = False
    switched_at: datetime | None = None
    token_life: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a keyset: the org, its state, and the record of this machine with its path."""

    snapshot: Snapshot
    view: RotatingKeyset
    path: Path | None
    record: Record


def look(console: Console, prepared: Prepared, org: Org, wanted: RotationRequest) -> Look:
    """Read the org, and the record without proofs of inactive keys."""
    snapshot = observe(console, org, prepared.environment)
    keyset = find_keyset(prepared, wanted.keyset)
    view = view_of(console, prepared, snapshot, keyset, wanted.choice, wanted.sources.deployments)
    path = record_path(org.session.org_id, keyset.name)
    return Look(snapshot, view, path, load_record(path).without_gone(view))


@dataclass
class Rotation:
    """One run of a rotation. ``finished`` is the new key's name after the old one was deleted."""

    console: Console
    prepared: Prepared
    org: Org
    wanted: RotationRequest
    typed: Invocation
    seen: Look
    proofs: list[tuple[Proof, Probed]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    proven_now: dict[str, Proven] = field(default_factory=dict)
    finished: str | None = None

    @classmethod
    def begin(
        cls, console: Console, prepared: Prepared, org: Org, wanted: RotationRequest, typed: Invocation
    ) -> Rotation:
        """Return a run that has looked at the org."""
        return cls(console, prepared, org, wanted, typed, look(console, prepared, org, wanted))

    def run(self) -> Rotated:
        """Do the next step and return the state. Raises for a lost login, a customer's token, an uneditable text."""
        with told_on_error(self.console, self.outcomes):
            return self._run()

    def _run(self) -> Rotated:
        if self.step.kind is StepKind.PUBLISH and self.view.endpoint is None:
            if self.wanted.retire:
                return self._refused(_nothing_yet(self.step))
            if not self._applied(self._publish()):
                return self._ended(self.outcomes[-1].exit_status)
            self._look()
        failed = self._prove()
        if failed is not None:
            return self._ended(failed)
        if self.step.refused and (self.wanted.retire or self.step.kind is StepKind.BLOCKED):
            return self._refused(*self.step.refused)
        if not self.wanted.retire:
            return self._ended(ExitStatus.DONE)
        if self.step.kind not in _RETIRES:
            return self._refused(_nothing_yet(self.step))
        if self.view.endpoint is not None:  # its keys are managed elsewhere
            return self._ended(ExitStatus.DONE)
        return self._retire()

    # Looking

    def _look(self) -> None:
        self.seen = look(self.console, self.prepared, self.org, self.wanted)

    @property
    def view(self) -> RotatingKeyset:
        return self.seen.view

    @property
    def step(self) -> RotationStep:
        """Return the next step, by the last look and by what this run proved."""
        step = next_step(self.view, self.evidence, self.console.now, self._choice())
        if self.finished is not None and step.kind is not StepKind.BLOCKED:
            return at_rest(self.view, self.finished)
        return step

    @property
    def evidence(self) -> TokenEvidence:
        """Return the evidence of tokens: in the record, in the given token, and in the proofs of this run."""
        now = self.console.now
        remembered = self.seen.record.evidence(self.view, now)
        proofs = dict(remembered.proofs)
        for kid, proof in self.proven_now.items():
            since = min(proof.since, proofs[kid].since) if kid in proofs else proof.since
            proofs[kid] = replace(proof, since=since)
        token, signer = self.wanted.sources.token, None
        lives = [remembered.token_life, self.wanted.token_life]
        if token is not None:
            lives.append(token.life)
            signer = token.kid if token.is_alive(now) else None
        life = max((each for each in lives if each is not None), default=None)
        return TokenEvidence(proofs, remembered.seen, signer, life, self.wanted.switched_at)

    def _choice(self) -> Choice:
        """Return the named keys without one that no longer exists."""
        names = {key.name for key in self.view.keys}
        choice = self.wanted.choice
        return replace(choice, old=None) if self.outcomes and choice.old not in names else choice

    # Doing

    def _publish(self) -> Outcome:
        keys = [f"key.{key.name}" for key in self.view.keys if key in self.step.publish or _is_needed(key)]
        self.console.say(f"Publishing {enumerated([key.name for key in self.step.publish])} beside the existing keys.")
        return apply_targets(
            self.console, self.prepared, self.org, self.seen.snapshot, [*keys, f"keyset.{self.view.keyset}"]
        )

    def _prove(self) -> ExitStatus | None:
        """Make the possible proofs and record them; return the exit status if a proof failed, else None."""
        self._remember_token()
        new = self.step.new
        if new is None or self.step.kind in (StepKind.PUBLISH, StepKind.BLOCKED):
            return None
        self.proofs = prove_all(self.console, self.prepared, self.view, new, self.wanted.sources)
        failed = [proof for proof, _ in self.proofs if not proof.verified]
        if failed:
            return max(exit_status(proof) for proof in failed)
        if self.proofs:
            self.proven_now[new.kid] = Proven(self.console.now, now=True)
            self._remember(self.seen.record.proven(new.kid, new.thumbprint or "", self.console.now))
        return None

    def _retire(self) -> Rotated:
        """Deactivate the old key, or delete it, and look again."""
        step = self.step
        retirement = Retirement(self.console, self.prepared, self.org, self.seen.snapshot, self.view, step, self.typed)
        outcome, prepared = retirement.run(shared=self.wanted.shared)
        if outcome.result is Result.APPLIED:
            self.prepared = prepared
        if not self._applied(outcome):
            return self._ended(outcome.exit_status)
        if step.kind is StepKind.DELETE and step.new is not None:
            self.finished = step.new.name
        self._look()
        return self._ended(ExitStatus.DONE)

    # Remembering

    def _remember_token(self) -> None:
        token, now = self.wanted.sources.token, self.console.now
        if token is None or token.kid is None:
            return
        if not token.is_alive(now):
            self.notes.append(
                "The given token has expired or has no exp, so it does not show which key the signer uses now."
            )
            return
        self._remember(self.seen.record.shown(token.kid, now, token.life))

    def _remember(self, record: Record) -> None:
        self.seen = replace(self.seen, record=record)
        problem = save_record(self.seen.path, record)
        if problem is not None:
            self.notes.append(
                f"This run could not be recorded ({problem}): give --switched-at TIME when you retire the old key."
            )

    # Ending

    def _typed(self) -> Invocation:
        return replace(self.typed, which=which_options(self._choice()))

    def _applied(self, outcome: Outcome) -> bool:
        self.outcomes.append(outcome)
        return outcome.result in (Result.APPLIED, Result.UNCHANGED)

    def _refused(self, *refused: StepRefusal) -> Rotated:
        return self._ended(ExitStatus.REFUSED, refused)

    def _ended(self, status: ExitStatus, refused: Sequence[StepRefusal] = ()) -> Rotated:
        return Rotated(
            environment=self.prepared.environment.name,
            org_id=self.org.session.org_id,
            view=self.view,
            step=self.step,
            words=words_of(self.step, self.view, self.evidence, self.console.now, self._typed()),
            proofs=tuple(self.proofs),
            outcomes=tuple(self.outcomes),
            refused=tuple(refused),
            notes=tuple(dict.fromkeys(self.notes)),
            exit_status=status,
        )


def which_options(choice: Choice) -> str:
    """Return the options that name the old and the new key."""
    given = (("--new", choice.new), ("--old", choice.old))
    return "".join(f" {option} {shlex.quote(name)}" for option, name in given if name is not None)


def _nothing_yet(step: RotationStep) -> StepRefusal:
    why = {
        StepKind.GENERATE: "There is no second active key: without one, no customer would be verified.",
        StepKind.PUBLISH: "The new key is not published yet: without it, no customer would be verified.",
    }
    return StepRefusal("nothing-to-retire", why[step.kind], "Nothing was done. Continue with the step below.")


def _is_needed(key: RotatingKey) -> bool:
    """Return whether a key is inactive and missing in the org: the keyset lists it, so it must be sent, too."""
    return key.declared is DeclaredState.INACTIVE and key.held is OrgState.MISSING


def rotation_states(
    console: Console, prepared: Prepared, org: Org, keysets: Sequence[str], typed: Invocation
) -> list[Rotated]:
    """Return the state of each keyset, by one look at the org; nothing is changed or proven."""
    snapshot = observe(console, org, prepared.environment)
    found = []
    for name in keysets:
        view = view_of(console, prepared, snapshot, find_keyset(prepared, name))
        evidence = load_record(record_path(org.session.org_id, name)).evidence(view, console.now)
        step = next_step(view, evidence, console.now)
        words = words_of(step, view, evidence, console.now, typed)
        found.append(Rotated(prepared.environment.name, org.session.org_id, view, step, words))
    return found
