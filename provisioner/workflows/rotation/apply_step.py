"""The small plans of a rotation: shown, confirmed, applied. Other changes are left to `apply`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from provisioner.components.snapshot import Snapshot
from provisioner.errors import ProvisionerError
from provisioner.execution.outcome import Outcome, Result
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Plan
from provisioner.words import enumerated
from provisioner.workflows.apply import apply_plan
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import Prepared
from provisioner.workflows.send import Confirmation

if TYPE_CHECKING:
    from provisioner.report.style import Style
    from provisioner.salesforce import Org

_WITHOUT_TERMINAL = (
    "Run it at a terminal. In CI, run `provisioner apply` for the declared changes; `provisioner keys rotate "
    "--status` then shows the state of the rotation."
)


def apply_targets(
    console: Console,
    prepared: Prepared,
    org: Org,
    snapshot: Snapshot,
    targets: Sequence[str],
    *,
    allowed: Allowed | None = None,
    confirmed: Collection[str] = (),
    approved: bool = False,
    warning: Callable[[Style], str] | None = None,
    notice: str = "",
    without_terminal: str = _WITHOUT_TERMINAL,
    before: Callable[[Plan], None] = lambda plan: None,
) -> Outcome:
    """Plan the targets alone, show it, ask, call ``before``, apply. A refusal is an outcome, too; nothing was sent.

    ``approved``, ``warning``, ``notice`` and ``without_terminal`` are those of :class:`Confirmation`; ``confirmed`` are
    names that the person has typed already.
    """
    from provisioner.execution.apply import Options  # not for a look at the state

    replan = prepared.planner(console, allowed, targets)
    typed = prepared.environment.name in confirmed
    confirm = Confirmation(
        console,
        prepared.environment,
        typed=typed,
        approved=approved,
        warning=warning,
        notice=notice,
        without_terminal=without_terminal,
    )
    return apply_plan(console, prepared, org, snapshot, replan, Options(), confirm=confirm, before=before)


@contextlib.contextmanager
def told_on_error(console: Console, outcomes: Sequence[Outcome], done: Sequence[str] = ()) -> Iterator[None]:
    """Say what was done before an error, which replaces the result that would show it.

    ``outcomes`` and ``done`` (sentences) may grow while the context is open.
    """
    try:
        yield
    except (ProvisionerError, KeyboardInterrupt):
        for sentence in done:
            console.say(sentence)
        for outcome in outcomes:
            if outcome.result is Result.APPLIED:
                applied = enumerated([change.address for change in outcome.plan.changes])
                console.say(f"Applied before this error: {applied}.")
        raise
