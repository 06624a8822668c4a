"""One plan, from a snapshot to its outcome: shown, asked about, applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.prepare import Prepared
from provisioner.cli.progress import shown_progress
from provisioner.errors import RefusedError
from provisioner.planning.plan import Plan

if TYPE_CHECKING:
    from provisioner.components.snapshot import Snapshot
    from provisioner.execution.apply import Options
    from provisioner.execution.outcome import Outcome
    from provisioner.org import Org


def no_objection(plan: Plan) -> Outcome | None:
    """Where there is nothing to hold a plan against."""
    return None


def apply_plan(
    context: Context,
    prepared: Prepared,
    org: Org,
    snapshot: Snapshot,
    replan: Callable[[Snapshot], Plan],
    options: Options,
    *,
    confirm: Callable[[Plan], bool],
    against: Callable[[Plan], Outcome | None] = no_objection,
    before: Callable[[Plan], None] = lambda plan: None,
) -> Outcome:
    """Plan from the snapshot, show the plan, ask, call ``before``, apply.

    ``replan`` makes the plan, and makes it again from what is read back. ``against`` gives the refusal of a plan that
    is another than was approved. ``confirm`` says whether somebody was asked, and raises :class:`RefusedError` for a
    no; it is not called where nothing would change. A refusal is an outcome, too; nothing was sent.
    """
    from provisioner.execution.apply import Applying, not_confirmed, refused
    from provisioner.execution.work import Work

    plan = replan(snapshot)
    show(context, plan)
    objection = against(plan)
    if objection is not None:
        return objection
    if plan.blocked:
        return refused(plan)
    if not plan.is_empty and not options.check_only:
        try:
            options = replace(options, asked=confirm(plan))
        except RefusedError as refusal:
            return not_confirmed(plan, refusal)
    before(plan)
    work = Work(prepared.loaded.estate, prepared.jwks, snapshot, plan, replan)
    with shown_progress(context) as progress:
        return Applying(org, work, options, progress).run()


def show(context: Context, plan: Plan) -> None:
    """The plan, before anything happens: on stdout for a person, kept out of the way of a JSON document."""
    if context.wants_json:
        return
    from provisioner.report.plan_terminal import plan_terminal

    context.stdout(plan_terminal(plan, context.style))
