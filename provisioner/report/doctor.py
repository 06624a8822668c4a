"""The state of the machine, the config and a login: one line for each check, and JSON. It is safe to paste."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from provisioner.errors import ExitStatus
from provisioner.files import home_folder
from provisioner.report.document import GAP, Block, Sum, heading, labelled, line
from provisioner.report.json import FORMAT_VERSION, Json
from provisioner.report.style import Look, Span
from provisioner.words import counted


class CheckState(StrEnum):
    """The result of a check. ``SKIPPED`` is neither good nor bad: the check was not requested, or was not possible."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``next`` is the next step; every warning and every failure has one.

    ``exit_status`` is the command's exit status if this check failed.
    """

    name: str
    state: CheckState
    message: str
    next: str = ""
    exit_status: ExitStatus = ExitStatus.WRONG_INPUT


_LOOKS = {
    CheckState.OK: Look.GOOD,
    CheckState.WARN: Look.CAREFUL,
    CheckState.FAIL: Look.DANGER,
    CheckState.SKIPPED: Look.FAINT,
}
_SIGNS = {CheckState.OK: "ok", CheckState.WARN: "warn", CheckState.FAIL: "fail", CheckState.SKIPPED: "-"}
#: The widths of the columns for the status and the name.
_STATE, _NAME = 4, 13


def doctor_view(checks: Sequence[Check]) -> list[Block]:
    """Return one line for each check, the next step below it, and the sum."""
    blocks: list[Block] = [heading("provisioner doctor")]
    hang = _STATE + _NAME + 4
    for each in checks:
        state = Span(f"{_SIGNS[each.state]:<{_STATE}}", _LOOKS[each.state], whole=True)
        name = Span(f"{each.name:<{_NAME}}", whole=True)
        blocks.append(line(name, " ", without_home(each.message), mark=state, indent=2, hang=hang))
        if each.next:
            blocks.append(labelled("Next:", without_home(each.next), indent=hang))
    return [*blocks, GAP, _sum(checks)]


def _sum(checks: Sequence[Check]) -> Sum:
    failures, warnings = (sum(each.state is state for each in checks) for state in (CheckState.FAIL, CheckState.WARN))
    if not failures and not warnings:
        return Sum("Everything that was checked is in order.", Look.GOOD)
    look = Look.DANGER if failures else Look.CAREFUL
    return Sum(f"{counted(failures, 'failure')}, {counted(warnings, 'warning')}.", look)


def doctor_json(checks: Sequence[Check]) -> Json:
    """Return the JSON of ``doctor --format json``.

    ``healthy`` is false if a check failed; ``next`` is null if there is nothing to do.
    """
    return {
        "format_version": FORMAT_VERSION,
        "healthy": not any(each.state is CheckState.FAIL for each in checks),
        "checks": [
            {
                "check": each.name,
                "status": each.state.value,
                "message": without_home(each.message),
                "next": without_home(each.next) or None,
            }
            for each in checks
        ],
    }


def without_home(text: str) -> str:
    """Return a text without the user's name in paths: the home folder is ``~``."""
    home = str(home_folder() or "")
    return text.replace(home, "~") if len(home) > 1 else text
