"""A rotation's own small plans: shown, asked about, applied. What is not the rotation's is left for `apply`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.prepare import Prepared
from provisioner.cli.verbs.apply import TerminalProgress
from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import Snapshot
from provisioner.errors import RefusedError
from provisioner.execution.apply import Applying, Options, not_confirmed, refused
from provisioner.execution.work import Work
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Action, Change, Plan

if TYPE_CHECKING:
    from provisioner.execution.outcome import Outcome
    from provisioner.org import Org

_ALONE = (
    "Run it at a terminal. In CI, let `provisioner apply` bring what the declaration says; "
    "`provisioner keys rotate --status` then shows where the rotation stands."
)


def apply_targets(
    context: Context,
    prepared: Prepared,
    org: Org,
    snapshot: Snapshot,
    targets: Sequence[str],
    *,
    allowed: Allowed | None = None,
    confirmed: Collection[str] = (),
    notice: str = "",
    alone: str = _ALONE,
    before: Callable[[Plan], None] = lambda plan: None,
) -> Outcome:
    """Plan the targets alone, show it, ask, call ``before``, apply. A refusal is an outcome, too; nothing was sent.

    ``notice`` is said before the question; ``confirmed`` are names that the person has typed already; ``alone`` is what
    to do in production where there is no terminal.
    """
    replan = prepared.planner(context, allowed or Allowed(production=prepared.environment.production), targets)
    plan = replan(snapshot)
    show(context, plan)
    if plan.blocked:
        return refused(plan)
    asked = False
    if not plan.is_empty:
        try:
            asked = confirm(context, prepared, plan, confirmed, notice, alone)
        except RefusedError as refusal:
            return not_confirmed(plan, refusal)
    before(plan)
    work = Work(prepared.loaded.estate, prepared.jwks, snapshot, plan, replan)
    progress = TerminalProgress(context)
    try:
        return Applying(org, work, Options(asked=asked), progress).run()
    finally:
        progress.clear()


def show(context: Context, plan: Plan) -> None:
    """The plan, on stdout for a person; a JSON document holds it later."""
    if not context.wants_json:
        from provisioner.report.plan_terminal import plan_terminal

        context.stdout(plan_terminal(plan, context.style) + "\n")


def confirm(
    context: Context, prepared: Prepared, plan: Plan, confirmed: Collection[str], notice: str, alone: str
) -> bool:
    """Ask the person; whether somebody was asked. Raises :class:`RefusedError`.

    A production environment's name is typed: at a terminal, or (``confirmed``) on the command line.
    """
    name = prepared.environment.name
    if prepared.environment.production:
        if name in confirmed:
            return False
        question, wanted = f"This changes production. Type the environment's name ({name}) to go on: ", name
        refusal = RefusedError(
            f"{name} is a production environment, and there is no terminal to confirm at.", next=alone
        )
    elif context.arguments.yes:
        return False
    else:
        question, wanted = f"Do this in {name} ({plan.org.instance_url})? Only `yes` does: ", "yes"
        refusal = RefusedError(
            "There is no terminal to confirm at, and --yes was not given.",
            next="Look at the plan, then run the command again with --yes.",
        )
    if not context.is_interactive:
        raise refusal
    if notice:
        context.stderr(notice)
    if context.ask(question) != wanted:
        raise RefusedError("It was not confirmed.", next="Run it again when you are sure.")
    return True


def is_retirement(changes: Sequence[Change], key: str) -> bool:
    """Whether all that happens is that ``key`` leaves its keysets and goes."""
    return all(_retires(change, key) for change in changes)


def _retires(change: Change, key: str) -> bool:
    if change.type is MetadataType.KEY:
        return change.full_name == key and change.action is Action.DELETE
    lists = [(field.before, field.after) for field in change.fields if field.path == "keys"]
    if change.type is not MetadataType.KEYSET or change.action is not Action.UPDATE or len(change.fields) != len(lists):
        return False
    return all(
        isinstance(before, tuple) and isinstance(after, tuple) and set(before) - set(after) == {key}
        and set(after) <= set(before)
        for before, after in lists
    )  # fmt: skip
