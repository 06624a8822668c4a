"""Shows a plan, asks, and sends it as the only apply on this machine and the only deployment in the org; journals it.

While it waits for others, the org may change. Then it reads and plans again, and applies only the plan that was shown:
any other plan is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from provisioner import __version__
from provisioner.components.snapshot import Component, OrgFacts
from provisioner.errors import ExitStatus, OrgRefusedError, RefusedError, StillRunningError
from provisioner.execution.activation import Prove
from provisioner.execution.apply import ApplyRun, Options, is_same
from provisioner.execution.in_flight import Occupied, find
from provisioner.execution.journal import Journal, new_id
from provisioner.execution.journal_entry import ChangedComponent, Entry, SavedComponent
from provisioner.execution.lock import org_lock
from provisioner.execution.outcome import Outcome, Problem, Result, refused, unchanged
from provisioner.execution.recorder import Recorder
from provisioner.execution.work import Work
from provisioner.model.environment import Environment
from provisioner.planning.plan import Plan
from provisioner.planning.saved_plan import routing_of
from provisioner.report.plan_view import plan_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.salesforce import DeployUnsettled, Org, RecentDeploy
from provisioner.salesforce.published import Publisher
from provisioner.workflows.actor import actor_of
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import config_reader, observe


@dataclass(frozen=True, slots=True)
class PlanSender:
    """One apply to one org, recorded in the journal."""

    console: Console
    environment: Environment
    org: Org
    journal: Journal
    options: Options
    prove: Prove

    def run(self, work: Work) -> Outcome:
        """Apply the work's plan. Raises :class:`RefusedError` if another apply on this machine holds the org."""
        org_id = work.plan.org.id
        publisher = Publisher(self.org, config_reader(self.console, self.org, self.environment), self.org.pause)
        over: set[str] = set()
        with org_lock(org_id, self.environment.name, datetime.now(UTC), self.console.say) as waited:
            is_outdated = waited
            while True:
                if is_outdated:
                    found = self._plan_again(work)
                    if isinstance(found, Outcome):
                        return found
                    work = found
                try:
                    with self.console.progress() as progress:
                        return ApplyRun(
                            self.org,
                            work,
                            self._recorder(work),
                            self.options,
                            progress,
                            over=frozenset(over),
                            prove=self.prove,
                            publisher=publisher,
                        ).run()
                except Occupied as occupied:
                    over |= wait_for_others(self.console, self.org, occupied, self.options.minutes)
                    is_outdated = True

    def _recorder(self, work: Work) -> Recorder:
        def kept(found: object) -> SavedComponent:
            return SavedComponent.of(found.xml if isinstance(found, Component) else None)

        plan = work.plan
        touched = (
            ChangedComponent(
                change.type,
                change.full_name,
                change.action.value,
                kept(work.snapshot.find(change.type, change.full_name)),
                routing_of(work.snapshot, change),
            )
            for change in plan.changes
        )
        return new_recorder(self.console, self.journal, plan.environment, plan.org, plan.declaration_digest, touched)

    def _plan_again(self, work: Work) -> Work | Outcome:
        """Return the same work from the current org, or the outcome if its plan differs."""
        self.console.say("The org may have changed meanwhile: reading it and planning again.")
        snapshot = observe(self.console, self.org, self.environment, work.estate)
        plan = work.replan(snapshot)
        if plan.blocked:
            show_plan(self.console, plan)  # the person has not seen why
            return refused(plan)
        if plan.is_empty:
            return unchanged(plan, "Another deployment made these changes in the meantime.")
        moved = {
            change.address
            for change in work.plan.changes
            if routing_of(work.snapshot, change) != routing_of(snapshot, change)
            or not is_same(
                work.snapshot.find(change.type, change.full_name), snapshot.find(change.type, change.full_name)
            )
        }
        shown, now = ({each.address: each for each in of.changes} for of in (work.plan, plan))
        moved |= {address for address in {*shown, *now} if shown.get(address) != now.get(address)}
        if not moved:
            return replace(work, snapshot=snapshot, plan=plan)
        problems = tuple(
            Problem(
                f"{address} has changed since the plan was shown: another deployment was first.",
                "Nothing was sent. Run the command again for a new plan.",
                address,
            )
            for address in sorted(moved)
        )
        return Outcome(
            Result.REFUSED,
            ExitStatus.REFUSED,
            plan,
            problems=problems,
            next=f"provisioner plan --env {plan.environment}",
        )


def wait_for_others(console: Console, org: Org, occupied: Occupied, minutes: float) -> set[str]:
    """Wait until the deployments are done, and return their keys (15 characters).

    Raises :class:`StillRunningError` if one is not done after ``minutes``.
    """
    for deploy in occupied.deploys:
        _wait_for(console, org, deploy, minutes)
    return {deploy.key for deploy in occupied.deploys}


def _wait_for(console: Console, org: Org, deploy: RecentDeploy, minutes: float) -> None:
    ours = Journal.here().of_deploy(org.session.org_id, deploy.id)
    try:
        status = find(org, deploy.id)
    except OrgRefusedError:
        return  # the org lists it, but no longer has its record: it is done
    if status is not None and status.done:
        return
    by = status.created_by_name if status is not None and status.created_by_name else "another user"
    who = f"this machine's, of {ours.environment}" if ours is not None else f"of {by}"
    what = f"Deployment {deploy.id} ({who}) has been running in this org since {deploy.since}"
    console.say(f"{what}; waiting for it.")
    try:
        with console.progress() as progress:
            org.wait_for(deploy.id, minutes=minutes, on_progress=progress.look)
    except DeployUnsettled:
        raise StillRunningError(
            f"{what}, and did not finish in time ({minutes:g} minutes). Nothing was sent.",
            next="Run the command again after it finishes; --wait MINUTES waits longer.",
            code="org-occupied",
        ) from None


def new_recorder(
    console: Console,
    journal: Journal,
    environment: str,
    org: OrgFacts,
    digest: str,
    touched: Iterable[ChangedComponent],
    *,
    command: str | None = None,
    required: bool = False,
) -> Recorder:
    """Return the recorder of a new entry; ``digest`` is that of the declaration.

    ``command`` is the one that runs unless another is named; see :class:`Recorder` for ``required``.
    """
    now = datetime.now(UTC)
    entry = Entry(
        id=new_id(now),
        began=now,
        command=command or console.given.command,
        environment=environment,
        org_id=org.id,
        instance_url=org.instance_url,
        tool_version=__version__,
        declaration_digest=digest,
        touched=tuple(touched),
        by=actor_of(console.config_path),
        config=os.path.realpath(console.config_path),
    )
    return Recorder(journal, entry, lambda: datetime.now(UTC), console.say, required=required)


_SAVED = (
    "Apply at a terminal; or save a plan (provisioner plan --env {0} --out FILE), have it approved, and apply that: "
    "provisioner apply --env {0} FILE"
)


def show_plan(console: Console, plan: Plan) -> None:
    """Show the plan before anything happens: as a result for people, and not in JSON, which has it in the outcome."""

    def markdown() -> str:
        from provisioner.report.plan_markdown import plan_markdown

        return plan_markdown(plan)

    console.show(lambda: plan_view(plan), markdown=markdown)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Asks the person if a plan needs it. Called with the plan, it returns whether a person was asked.

    ``typed``: the command line already repeats the environment's name. ``approved``: without a terminal the plan counts
    as confirmed, because it is a saved one, or because the command line names the key that it deactivates. ``warning``
    returns a text that was printed on stdout beside the plan. ``notice`` is printed before the question.
    ``without_terminal`` is the next step in production if there is no terminal. Raises :class:`RefusedError` if the
    answer is no, if there is no terminal, or if the plan could not be shown.
    """

    console: Console
    environment: Environment
    typed: bool = False
    approved: bool = False
    warning: Callable[[Style], str] | None = None
    notice: str = ""
    without_terminal: str = ""

    def __call__(self, plan: Plan) -> bool:
        name = self.environment.name
        if self.approved and not self.console.is_interactive:
            return False
        if self.environment.production:
            if self.typed:
                return False
            question, wanted = f"This changes production. Type the environment name ({name}) to apply: ", name
            refusal = RefusedError(
                f"{name} is a production environment, and there is no terminal for the confirmation.",
                next=self.without_terminal or _SAVED.format(name),
            )
        elif self.console.given.yes:
            return False
        else:
            question, wanted = f"Apply this to {name} ({plan.org.instance_url})? Type `yes` to apply: ", "yes"
            refusal = RefusedError(
                "There is no terminal for the confirmation, and --yes was not given.",
                next="Review the plan, then run the command again with --yes.",
            )
        if not self.console.is_interactive:
            raise refusal
        self._show(plan)
        if self.console.ask(question) != wanted:
            raise RefusedError("The plan was not confirmed.", next="Run it again when you are sure.")
        return True

    def _show(self, plan: Plan) -> None:
        """Show the plan on the terminal, unless stdout has shown it there."""

        def seen(style: Style) -> str:
            warning = f"{self.warning(style)}\n\n" if self.warning is not None else ""
            return f"{warning}{terminal(plan_view(plan), style)}"

        self.console.show_question(seen, self.notice)
