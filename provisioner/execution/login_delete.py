"""The deletion of an external client app: the whole app by its name, or, if the org wants that, part by part.

It is not documented whether an org also deletes the settings and policies, refuses while they exist, leaves them, or
only warns. So the app is named alone first; the org's answer decides the next form; and the parts that are left are
deleted by name. Only parts of the app are ever named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from provisioner.components.login_app import ObservedApp
from provisioner.components.package import Name, Package, names_by_type
from provisioner.components.snapshot import Component, Unreadable
from provisioner.errors import ExitStatus, InterruptedRunError, ProvisionerError
from provisioner.execution.aftermath import digests, look
from provisioner.execution.deploying import Deploying
from provisioner.execution.in_flight import refuse_occupied
from provisioner.execution.journal_entry import INTERRUPTED
from provisioner.execution.login_refusals import explain_login
from provisioner.execution.outcome import Outcome, Problem, Reached, Result
from provisioner.execution.progress import Progress, Silent
from provisioner.execution.recorder import Recorder
from provisioner.execution.work import Read
from provisioner.model.login_types import HEADER, PARTS
from provisioner.planning.plan import Plan
from provisioner.salesforce import DeployStatus, DeployUnsettled, Org, keys_of

_WARNING = "Warning"
_NOT_READ_BACK = (
    "The deletion succeeded, but the org could not be read back. To check, run the same `provisioner login retire` "
    "again: it looks at the org first."
)


@dataclass(slots=True)
class AppDeleting:
    """A running deletion. ``over`` are deployments (15 characters) that are known to be done.

    The run sets ``before``, the parts of the app, and ``deleted``, if a deletion succeeded.
    """

    org: Org
    recorder: Recorder
    plan: Plan
    minutes: float
    progress: Progress = field(default_factory=Silent)
    over: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    before: Read = field(init=False, default_factory=dict)
    deleted: bool = field(init=False, default=False)
    deploying: Deploying = field(init=False)

    def __post_init__(self) -> None:
        self.deploying = Deploying(self.org, self.recorder, minutes=self.minutes, progress=self.progress)

    def run(self, app: ObservedApp) -> Outcome:
        """Delete the app.

        Raises :class:`Occupied` before anything is sent if another deployment is running, and every error that leaves
        no outcome.
        """
        parts = [(kind, app.parts[kind].full_name) for kind in PARTS if kind in app.parts]
        self.before = {(kind, part.full_name): part for kind, part in app.parts.items()}
        try:
            outcome = self._run(parts)
        except DeployUnsettled as unsettled:
            self.notes.append(unsettled.message)
            outcome = self._outcome(Result.RUNNING, ExitStatus.STILL_RUNNING)
        except KeyboardInterrupt:
            self.recorder.ended(INTERRUPTED)
            raise InterruptedRunError(
                "Interrupted. The deletion may be complete, or continue in the org.",
                next="Run the same `provisioner login retire` again: it looks at the org first.",
            ) from None
        except ProvisionerError as error:
            if not self.deleted:
                self.recorder.ended("failed", [error.message])
                raise
            self.recorder.ended(INTERRUPTED, [error.message])
            self.notes.append(_NOT_READ_BACK)
            problem = Problem(error.message, error.next)
            return replace(self._outcome(Result.FAILED, error.exit_status, (problem,)), reached=Reached.DEPLOYED)
        self.recorder.ended(outcome.result, [problem.problem for problem in outcome.problems])
        return outcome

    def _run(self, parts: list[Name]) -> Outcome:
        named, ignores = [each for each in parts if each[0] is HEADER], False
        while True:
            status = self._deploy(named, ignores)
            if status.success:
                self.deleted = True
                return self._read_back(parts)
            serious = [each for each in status.failures if each.problem_type != _WARNING]
            if status.failures and not serious and not ignores:
                self._note(
                    "The org warns about the deletion of the app; it is sent again without stopping at warnings."
                )
                ignores = True
            elif serious and len(named) < len(parts):
                self._note("The org wants the settings and policies of the app deleted by name, so they are named.")
                named = parts
            else:
                return self._refused(status, named)

    def _read_back(self, parts: list[Name]) -> Outcome:
        self.progress.step("Reading back.")
        found = self.org.read(names_by_type(parts))
        left = [name for name in parts if isinstance(found[name], Component)]
        if left and not any(kind is HEADER for kind, _ in left):
            self._note("The org kept settings and policies of the deleted app, so they are deleted by name.")
            status = self._deploy(left, ignores=True)
            if not status.success:
                return replace(self._refused(status, left), converged=False, reached=Reached.READ_BACK)
            found = self.org.read(names_by_type(parts))
        problems = tuple(_still_there(name, each) for name in parts if (each := found[name]) is not None)
        if problems:
            return self._outcome(Result.FAILED, ExitStatus.ORG_REFUSED, problems, converged=False)
        return self._outcome(Result.APPLIED, ExitStatus.DONE, converged=True)

    def _deploy(self, named: Sequence[Name], ignores: bool) -> DeployStatus:
        recent = self.org.recent_deploys()
        if self.deploying.deploy_id is None:
            refuse_occupied(recent, self.over)
        status = self.deploying.send(
            Package(deletions=tuple(named)),
            api_version=self.org.versions.chosen,
            phase=None,
            known=keys_of(recent),
            ignore_warnings=ignores,
        )
        if not status.success and not status.setup_locked:
            self.recorder.over(status)
        return status

    def _refused(self, status: DeployStatus, named: Sequence[Name]) -> Outcome:
        """Return the outcome of a failed deletion; what it deleted anyway is read in the org."""
        aftermath = look(self.org, digests(self.before, named), status)
        self.recorder.over(status, applied=not aftermath.is_nothing)
        outcome = self._outcome(Result.FAILED, ExitStatus.ORG_REFUSED, explain_login(status, (), aftermath))
        return outcome if aftermath.is_nothing else replace(outcome, reached=Reached.PART)

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self.progress.step(text)

    def _outcome(
        self,
        result: Result,
        status: ExitStatus,
        problems: tuple[Problem, ...] = (),
        *,
        converged: bool | None = None,
    ) -> Outcome:
        return Outcome(
            result,
            status,
            self.plan,
            self.deploying.deploy_id,
            converged=converged,
            reached=Reached.NOTHING if converged is None else Reached.READ_BACK,
            problems=problems,
            notes=tuple(self.notes),
        )


def _still_there(name: Name, found: Component | Unreadable) -> Problem:
    """Return the problem of a part that the org kept, or that may still be in it."""
    part = f"{name[0].xml_name} {name[1]}"
    if isinstance(found, Unreadable):
        reason = "The deletion succeeded, but whether the org kept a part of the app is not known."
        return Problem(f"{part} could not be read: {found.reason}", reason)
    return Problem(f"{part} is still in the org.", "The deletion succeeded, but the org kept it.")
