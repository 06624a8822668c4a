"""The two reports that GitLab shows in a merge request: findings, and the sums of plans.

Sources: GitLab documentation, "Code Quality report format": an array of issues, each with ``description``,
``check_name``, ``fingerprint``, ``severity``, ``location.path`` and ``location.lines.begin``. GitLab documentation,
"artifacts:reports:terraform", and its parser: an object with the numbers ``create``, ``update`` and ``delete``. A
report without them is shown as one that failed to generate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.errors import ProvisionerError
from provisioner.report.errors import error_object
from provisioner.report.findings import Placed, placed
from provisioner.report.json import Json
from provisioner.report.visible import visible

if TYPE_CHECKING:
    from provisioner.planning.plan import Plan

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor"}


def findings_gitlab(findings: Iterable[Diagnostic], relative: Callable[[str], str], fallback_file: str) -> list[Json]:
    """Return an issue for each finding. The arguments are those of :func:`findings_sarif`."""
    return [_issue(each) for each in placed(findings, relative, fallback_file)]


def _issue(each: Placed) -> Json:
    finding = each.finding
    return {
        "description": f"{visible(finding.message)} Fix: {visible(finding.fix)}",
        "check_name": finding.rule,
        "fingerprint": f"{each.hash}-{each.number}",
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": each.path, "lines": {"begin": each.place.line}},
    }


def plans_gitlab(plans: Iterable[tuple[str, Plan | ProvisionerError]]) -> Json:
    """Return the sums over all environments; if one of them is unknown, an object with only the reason."""
    sums = {"create": 0, "update": 0, "delete": 0}
    for name, plan in plans:
        if isinstance(plan, ProvisionerError):
            return {"environment": name, "error": error_object(plan)}
        if not plan.complete:
            return {"environment": name, "complete": False}
        for action in sums:
            sums[action] += plan.summary[action]
    return sums
