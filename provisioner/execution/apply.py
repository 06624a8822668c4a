"""One run of a plan: read again, refuse if the org changed, send one package, wait, read back, plan again.

Nothing here asks or prints; the steps are reported to a :class:`Progress`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from lxml import etree

from provisioner.components.meaning import digest
from provisioner.components.package import Package
from provisioner.components.snapshot import Component, Unreadable
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.execution.activation import Prove, not_asked
from provisioner.execution.aftermath import NOTHING, Aftermath, digests, look
from provisioner.execution.channel_records import settle_records
from provisioner.execution.deploying import Deploying
from provisioner.execution.in_flight import refuse_occupied
from provisioner.execution.interruption import Stage, cancel, interrupted, resume_command
from provisioner.execution.journal_entry import INTERRUPTED
from provisioner.execution.last_steps import LAST_STEPS, LastSteps
from provisioner.execution.outcome import Outcome, Problem, Reached, Result, not_converged, refused, running, unchanged
from provisioner.execution.phases import Phase, phases_of, split, unresolved_type
from provisioner.execution.progress import Progress, Silent
from provisioner.execution.readback import compare, unknown_activity, with_read
from provisioner.execution.recorder import Recorder
from provisioner.execution.refusals import SentPackage, explain
from provisioner.execution.work import Read, Work, compose, names_of
from provisioner.model.types import TYPES, MetadataType
from provisioner.planning.plan import Change, Plan
from provisioner.salesforce import DeployStatus, DeployUnsettled, Org, keys_of
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.published import Publisher

_REST_IS_APPLIED = "Everything else was applied and read back; a new apply continues from there."
_NOT_READ_BACK = (
    "The deployment succeeded, but the org could not be read back: whether it kept every change is not known. To "
    "check, run the next command: it reads the org and compares it with the deployment."
)
_TAKE_BACK = (
    "The journal keeps what each component was before: `provisioner restore {entry} --env {environment}` plans it back."
)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run. ``minutes`` bounds the wait for one deployment; ``asked``: time has passed since the plan.

    With ``cancel_on_interrupt`` an interrupted run cancels its deployment; else the deployment continues in the org.
    """

    check_only: bool = False
    asked: bool = False
    minutes: float = 30.0
    cancel_on_interrupt: bool = False


@dataclass(slots=True)
class ApplyRun:
    """One run of an apply. ``over`` are ids of deployments that are known to be done; ``sleep`` is for tests.

    ``prove`` proves an activated channel, ``publisher`` publishes deployments. The run itself sets the other fields:
    ``phase`` is the name of the present phase, ``before`` has its components as they were, and ``applied`` has the
    names of the phases that are done.
    """

    org: Org
    work: Work
    recorder: Recorder
    options: Options = Options()
    progress: Progress = field(default_factory=Silent)
    sleep: Callable[[float], None] = time.sleep
    over: frozenset[str] = frozenset()
    prove: Prove = not_asked
    publisher: Publisher | None = None
    phase: str | None = field(init=False, default=None)
    before: Read = field(init=False, default_factory=dict)
    applied: list[str] = field(init=False, default_factory=list)
    notes: list[str] = field(init=False, default_factory=list)
    deploying: Deploying = field(init=False)

    def __post_init__(self) -> None:
        options = self.options
        self.deploying = Deploying(
            self.org, self.recorder, options.check_only, options.minutes, self.progress, self.sleep
        )

    @property
    def plan(self) -> Plan:
        return self.work.plan

    @property
    def deploy_id(self) -> str | None:
        """Return the id of the latest deployment."""
        return self.deploying.deploy_id

    @property
    def stage(self) -> Stage:
        """Return the stage of the latest deployment."""
        return self.deploying.stage

    @stage.setter
    def stage(self, stage: Stage) -> None:
        self.deploying.stage = stage

    def run(self) -> Outcome:
        """Apply the plan. Raises errors that leave no outcome: a lost login, an unreachable org.

        Raises :class:`Occupied` before anything is sent if another deployment is running in the org.
        """
        plan = self.plan
        if plan.blocked:
            return refused(plan)
        if plan.is_empty:
            return unchanged(plan)
        ended: str | None = None
        try:
            outcome = self._run_phases()
        except DeployUnsettled as unsettled:
            outcome = running(plan, unsettled, self.phase, (*self.notes, *self._applied_before()))
        except ProvisionerError as error:
            if not self.applied and self.stage not in (Stage.SUCCEEDED, Stage.ACTIVATING):
                raise
            outcome = self._cut_off(error)
            if outcome.reached is not Reached.READ_BACK:
                ended = INTERRUPTED  # the next apply looks up what was not read back
        except KeyboardInterrupt:
            raise self._interrupted() from None
        self.recorder.ended(ended or outcome.result, [problem.problem for problem in outcome.problems])
        return outcome

    def _cut_off(self, error: ProvisionerError) -> Outcome:
        """Return the outcome of a run that an error ended after a phase, or everything, was applied."""
        reached, phase, again = Reached.PHASES, self.phase, f"provisioner apply --env {self.plan.environment}"
        if self.stage is Stage.ACTIVATING:
            reached, phase = Reached.READ_BACK, LAST_STEPS
        elif self.stage is Stage.SUCCEEDED and self.deploy_id is not None:
            reached, phase = Reached.DEPLOYED, None
            again = resume_command(self.plan.environment, self.deploy_id)
        return Outcome(
            Result.FAILED,
            error.exit_status,
            self.plan,
            self.deploy_id,
            phase=phase,
            converged=False if reached is Reached.PHASES else None,
            problems=(Problem(error.message, error.next),),
            notes=(*self.notes, *self._applied_before()),
            next=again,
            reached=reached,
        )

    def _applied_before(self) -> tuple[str, ...]:
        if self.stage is Stage.SUCCEEDED:
            return (_NOT_READ_BACK,)
        if self.stage is Stage.ACTIVATING:
            return (_REST_IS_APPLIED,)
        if not self.applied:
            return ()
        return (f"Applied before that: {', '.join(self.applied)}. A new apply continues from there.",)

    def _interrupted(self) -> ProvisionerError:
        environment = self.plan.environment
        if self.stage is Stage.ACCEPTED and self.deploy_id is not None and self.options.cancel_on_interrupt:
            said, status = cancel(self.org, environment, self.deploy_id, self.progress, self._settle, self.applied)
            if status is not None and status.success:
                self.recorder.over(status)
        else:
            check_only = self.options.check_only
            said = interrupted(self.stage, environment, self.deploy_id, self.applied, check_only=check_only)
            if self.stage is Stage.NOT_SENT:
                self.recorder.never_sent()
        self.recorder.ended(INTERRUPTED, [said.message])
        return said

    def _run_phases(self) -> Outcome:
        deployed = tuple(change for change in self.plan.changes if change.is_deployed)
        pending = phases_of(deployed)
        done: list[tuple[Phase, Package]] = []
        while pending:
            phase = pending.pop(0)
            self.phase = phase.name
            if phase.name:
                self.progress.step(f"Phase: {phase.name}.")
            recent = in_background(self.org.recent_deploys)
            fresh = self._fresh(phase)
            known = recent.result()
            if self.deploy_id is None:
                refuse_occupied(known, self.over)
            if moved := self._moved(phase, fresh):
                return self._stop(moved, phase, done, sent=False)
            package = compose(self.work, phase.changes, fresh)
            self.before = fresh
            version = self.plan.api_version
            status = self.deploying.send(
                package,
                api_version=version,
                phase=phase.name,
                known=keys_of(known),
                is_outdated=partial(self._is_outdated, phase),
            )
            if not status.success:
                aftermath = self._settle(status)
                if status.setup_locked and (moved := self._moved_meanwhile(phase)):
                    return self._stop(moved, phase, done)
                if parts := self._split(phase, status, aftermath):
                    pending = parts + pending
                    continue
                sent = SentPackage(package, self.work.estate, self.plan.changes, version)
                return self._stop(explain(status, sent, aftermath), phase, done)
            done.append((phase, package))
            self.stage = Stage.NOT_SENT if pending else Stage.SUCCEEDED
            if phase.name is not None and not self.options.check_only:
                self.applied.append(phase.name)
        if self.options.check_only:
            return Outcome(Result.CHECK_PASSED, ExitStatus.DONE, self.plan, self.deploy_id, notes=tuple(self.notes))
        return self._read_back(done)

    def _split(self, phase: Phase, status: DeployStatus, aftermath: Aftermath) -> list[Phase]:
        """Return the parts of a phase that the org takes only one after another; none if that was not the cause."""
        if self.options.check_only or not aftermath.is_nothing:
            return []
        unresolved = unresolved_type(phase, status.failures)
        parts = split(phase, unresolved) if unresolved is not None else []
        if unresolved is None or len(parts) < 2:
            return []
        names = ", ".join(part.name or "" for part in parts)
        self.notes.append(
            f"This org does not find a {unresolved.word} of the same package, so this goes in phases: {names}."
        )
        self.progress.step(self.notes[-1])
        return parts

    def _fresh(self, phase: Phase) -> Read:
        """Return the current components of a phase.

        Channels are always read again, because their files have parts that are not managed. Keys and keysets are read
        again if time has passed since the plan: at a question, or in an earlier phase.
        """
        time_has_passed = self.options.asked or phase.name is not None
        again = [change for change in phase.changes if time_has_passed or change.type is MetadataType.CHANNEL]
        seen = {
            (each.type, each.full_name): self.work.snapshot.find(each.type, each.full_name) for each in phase.changes
        }
        return {**seen, **self.org.read(names_of(again))}

    def _moved(self, phase: Phase, fresh: Read) -> list[Problem]:
        """Return a problem for each component that changed since the plan."""
        problems = []
        sent = self.deploy_id is not None
        kept = ("This phase was not applied" if phase.name else "Nothing was applied") if sent else "Nothing was sent"
        for change in phase.changes:
            before = self.work.snapshot.find(change.type, change.full_name)
            now = fresh[change.type, change.full_name]
            if not is_same(before, now):
                problems.append(
                    Problem(
                        f"{change.address} changed in the org since it was read for this plan.",
                        f"Another change is in progress there. {kept}; run the command again for a new plan.",
                        change.address,
                        change.declared_at,
                    )
                )
        return problems

    def _is_outdated(self, phase: Phase) -> bool:
        return bool(self._moved_meanwhile(phase))

    def _moved_meanwhile(self, phase: Phase) -> list[Problem]:
        """Return a problem for each component that another change, which locked the org's setup, has changed."""
        return self._moved(phase, self.org.read(names_of(phase.changes)))

    def _settle(self, status: DeployStatus) -> Aftermath:
        """Read what a failed deployment changed, and record how it ended."""
        validated = self.options.check_only
        aftermath = NOTHING if validated else look(self.org, digests(self.before, self.before), status)
        self.recorder.over(status, applied=not aftermath.is_nothing)
        self.stage = Stage.NOT_SENT if aftermath.is_nothing else Stage.FAILED
        return aftermath

    def _read_back(self, done: list[tuple[Phase, Package]]) -> Outcome:
        self.progress.step("Reading back.")
        changes = self.plan.changes
        read = self.org.read(names_of(each for each in changes if each.type in TYPES or each.is_deployed))
        problems: list[Problem] = []
        for _, package in done:
            problems += compare(package, read, changes)
        records = settle_records(self.org, self.work, changes)
        problems += records.problems
        self.notes += unknown_activity(self.work, changes)
        again = self.work.replan(records.onto(with_read(self.work.snapshot, read)))
        lost = {problem.address for problem in problems}
        differing = [change for change in again.changes if change.is_deployed]
        problems += [not_converged(change) for change in differing if change.address not in lost]
        if problems:
            return Outcome(
                Result.FAILED,
                ExitStatus.ORG_REFUSED,
                self.plan,
                self.deploy_id,
                converged=False,
                problems=tuple(problems),
                notes=("The deployment succeeded, but the org differs from the plan after read-back.", *self.notes),
                next=f"provisioner plan --env {self.plan.environment}",
                reached=Reached.READ_BACK,
            )
        return self._last_steps([change for change in again.changes if change.activates])

    def _last_steps(self, inactive: list[Change]) -> Outcome:
        """Create and publish deployments, and activate channels, after everything else was read back."""

        def begin() -> None:
            self.stage = Stage.ACTIVATING

        stopped = LastSteps(
            self.org, self.work, self.recorder, self.progress, self.prove, self.publisher, begin, self.notes
        ).run(inactive)
        if stopped is not None:
            return Outcome(
                Result.FAILED,
                stopped.exit_status,
                self.plan,
                self.deploy_id,
                phase=LAST_STEPS,
                problems=stopped.problems,
                notes=(*self.notes, _REST_IS_APPLIED),
                next=stopped.next,
                reached=Reached.READ_BACK,
            )
        notes = tuple(self.notes)
        return Outcome(Result.APPLIED, ExitStatus.DONE, self.plan, self.deploy_id, converged=True, notes=notes)

    def _stop(
        self,
        problems: list[Problem] | tuple[Problem, ...],
        phase: Phase,
        done: list[tuple[Phase, Package]],
        *,
        sent: bool = True,
    ) -> Outcome:
        """Return the outcome of a phase that was not applied. It is a refusal only if nothing was sent at all."""
        before = [] if self.options.check_only else [change for each, _ in done for change in each.changes]
        in_part = phase.changes if self.stage is Stage.FAILED else ()
        applied = [*before, *in_part]
        if in_part:
            self.notes.append(_TAKE_BACK.format(entry=self.recorder.entry.id, environment=self.plan.environment))
        refused = not sent and self.deploy_id is None
        return Outcome(
            Result.REFUSED if refused else Result.FAILED,
            ExitStatus.REFUSED if refused else ExitStatus.ORG_REFUSED,
            self.plan,
            self.deploy_id,
            phase=phase.name,
            converged=False if applied else None,
            problems=(*problems, *self._records_of(applied)),
            notes=(*self.notes, *self._applied_before()),
            next=f"provisioner plan --env {self.plan.environment}",
            reached=Reached.PART if in_part else Reached.PHASES if before else Reached.NOTHING,
        )

    def _records_of(self, applied: list[Change]) -> tuple[Problem, ...]:
        """Restore the channel records that the deployments of a stopped apply cleared; return the problems."""
        try:
            return settle_records(self.org, self.work, applied).problems
        except ProvisionerError as error:
            self.notes.append(f"The records of the deployed channels could not be compared: {error.message}")
            return ()


def is_same(before: Component | Unreadable | None, now: Component | Unreadable | None) -> bool:
    """Tell if a component is unchanged; an unreadable one may have changed."""
    if isinstance(before, Component) and isinstance(now, Component):
        # The same text has the same meaning, and a digest takes ten times as long.
        if before is now or etree.tostring(before.xml) == etree.tostring(now.xml):
            return True
        return digest(before.xml) == digest(now.xml)
    return before is None and now is None
