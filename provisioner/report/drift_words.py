"""What a drift's parts are called, in every format that a person reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from provisioner.planning.drift import Difference, Drift, Drifted, LastChange
from provisioner.words import counted

NO_DRIFT = "No drift."
NOT_KNOWN = "not known"
#: Said wherever somebody could read a culprit out of a name and a date.
WHICH_SIDE = (
    "Which side moved is not known: the org dates whole components, and the declaration may have changed since."
)

_WHAT = {
    Difference.MISSING: "missing: the org does not have it",
    Difference.DIFFERS: "differs: the org has it otherwise",
    Difference.LEFT_OVER: "left over: it stands under `removed`, and the org still has it",
}
LABELS = {Difference.MISSING: "missing", Difference.DIFFERS: "differs", Difference.LEFT_OVER: "left over"}


def what(drifted: Drifted) -> str:
    """``differs: the org has it otherwise``."""
    return _WHAT[drifted.difference]


def by(change: LastChange) -> str:
    """Who changed a component last."""
    return change.by or NOT_KNOWN


def when(change: LastChange) -> str:
    """The date of the last change, in UTC to the second; as the org wrote it where it wrote it otherwise."""
    if not change.date:
        return NOT_KNOWN
    try:
        date = datetime.fromisoformat(change.date)
        return f"{date.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if date.tzinfo else change.date
    except (ValueError, OverflowError):
        return change.date


def last_changed(change: LastChange) -> str:
    """``last changed by Ada, 2026-10-02 02:46:23 UTC``."""
    if not change.by and not change.date:
        return f"last changed: {NOT_KNOWN}"
    who = f"by {change.by}" if change.by else "by somebody whom the org does not name"
    return f"last changed {who}, {when(change) if change.date else 'when is not known'}"


def last_line(drift: Drift) -> str:
    """What it comes to, in a line; exactly ``No drift.`` where everything was seen to be as declared."""
    if drift.is_none:
        return NO_DRIFT
    if drift.components:
        counts = [f"{drift.count(each)} {label}" for each, label in LABELS.items()]
        line = f"Drift: {', '.join([*counts, f'{len(drift.as_declared)} as declared'])}."
    else:
        line = "No drift in what could be compared."
    if drift.unreadable:
        line += f" Not known for {counted(len(drift.unreadable), 'part')} that could not be read."
    if drift.errors:
        line += f" {counted(len(drift.errors), 'error')}."
    return line


def state(drift: Drift) -> str:
    """The whole environment in two words."""
    if drift.errors:
        return counted(len(drift.errors), "error")
    if drift.components:
        return "drift"
    return "not all readable" if drift.unreadable else "no drift"


def ways_out(drift: Drift, code: Callable[[str], str] = "`{}`".format) -> str:
    """What to do about it, whichever side is right."""
    plan, apply = (code(f"provisioner {verb} --env {drift.environment}") for verb in ("plan", "apply"))
    return (
        f"If the declaration is right, {plan} says what it means to set the org back, and {apply} does it. "
        "If the org is right, write its values into the declaration."
    )
