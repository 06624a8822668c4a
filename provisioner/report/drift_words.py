"""The words for the parts of a drift, in every format that a person reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from provisioner import names
from provisioner.model.names import OF_TARGET_ORG, environment_option
from provisioner.planning.drift import Drift, LastChange
from provisioner.planning.plan import Change, Reason
from provisioner.report import plan_words
from provisioner.words import counted

NO_DRIFT = "No drift."
NOT_KNOWN = "not known"
UNREADABLE = "Could not be read; whether it drifted is not known"
ERRORS = "The declaration and the org do not fit together"
NOTHING_UNMANAGED = "The org has nothing that the declaration does not name."
#: Added to each name and date of a last change, which prove no culprit.
WHICH_SIDE = (
    "Which side changed is unknown: Salesforce keeps one last-modified date per component, and the declaration may "
    "have changed since."
)

#: Added to a last change by another user than the login's: a deployment of another declaration, or a person in Setup.
ANOTHER_USER = "not this login"

#: All differences.
LABELS = {Reason.NOT_IN_ORG: "missing", Reason.DIFFERS: "differs", Reason.TOMBSTONE: "left over"}
PLURALS = {Reason.DIFFERS: "differ"}


def what(change: Change) -> str:
    """Return the meaning of a difference: ``the org has other values``."""
    return plan_words.REASONS[change.reason]


def by(change: LastChange) -> str:
    """Return the user who last changed a component."""
    return change.by or NOT_KNOWN


def when(change: LastChange) -> str:
    """Return the date of the last change in UTC, to the second; a date in another form is returned unchanged."""
    if not change.date:
        return NOT_KNOWN
    try:
        date = datetime.fromisoformat(change.date)
        return f"{date.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if date.tzinfo else change.date
    except (ValueError, OverflowError):
        return change.date


def last_changed(change: LastChange) -> str:
    """Return ``last changed by Ada, 2026-10-02 02:46:23 UTC``."""
    if not change.by and not change.date:
        return f"last changed: {NOT_KNOWN}"
    who = f"by {change.by}" if change.by else "by an unknown user"
    another = f" ({ANOTHER_USER})" if change.by_another else ""
    return f"last changed {who}{another}, {when(change) if change.date else 'at an unknown time'}"


def changed_by_another(drift: Drift) -> str | None:
    """Return a sentence about components as declared that another user changed last; None if there are none."""
    found = drift.changed_by_another
    if not found:
        return None
    return f"As declared, and changed last by another user than this login: {names.listed(found)}."


def last_line(drift: Drift) -> str:
    """Return the sum in one line; exactly ``No drift.`` if everything was read and is as declared."""
    if drift.is_none:
        return NO_DRIFT
    if drift.plan.changes:
        counts = [counted(drift.count(each), label, PLURALS.get(each, label)) for each, label in LABELS.items()]
        line = f"Drift: {', '.join([*counts, f'{len(drift.plan.unchanged)} as declared'])}."
    else:
        line = "No drift in what could be compared."
    if unread := plan_words.unread(drift.plan):
        line += f" Not known for {counted(len(unread), 'part')} that could not be read."
    if drift.errors:
        line += f" {counted(len(drift.errors), 'error')}."
    return line


def state(drift: Drift) -> str:
    """Return the state of the environment in two words."""
    if drift.errors:
        return counted(len(drift.errors), "error")
    if drift.plan.changes:
        return "drift"
    return "not all readable" if drift.plan.unread else "no drift"


def ways_out(drift: Drift, code: Callable[[str], str] = "`{}`".format) -> str:
    """Return the next step for either case: the declaration is right, or the org is."""
    plan = code(f"provisioner plan {environment_option(drift.environment)}")
    if drift.environment.startswith(OF_TARGET_ORG):
        alias = drift.environment.removeprefix(OF_TARGET_ORG)
        init = code(f"provisioner init --from-sf {alias}")
        return (
            f"If the declaration is right, {plan} shows what setting the org back means; apply needs an environment "
            f"file, which {init} writes. If the org is right, write its values into the declaration."
        )
    apply, take = (code(f"provisioner {verb} --env {drift.environment}") for verb in ("apply", "import"))
    return (
        f"If the declaration is right, {plan} shows what setting the org back means, and {apply} does it. "
        f"If the org is right, {take} writes its values into the declaration."
    )
