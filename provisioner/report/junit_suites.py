"""The results of plans as test suites. A case fails exactly if it sets the command's exit status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provisioner.diagnostics import Diagnostic
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.planning.drift import Drift
from provisioner.planning.plan import Blocked, Change, Plan
from provisioner.report import drift_words, plan_words
from provisioner.report.failures import findings_of
from provisioner.report.junit import Case, Result, Suite


def error_suites(error: ProvisionerError) -> list[Suite]:
    """Return one suite for a command that an error stopped."""
    return [Suite("error", tuple(error_cases(error)))]


def validate_suites(findings: Sequence[Diagnostic], *, strict: bool) -> list[Suite]:
    """Return one suite with a case for each finding. Warnings fail only if ``strict``."""
    cases = tuple(finding_case(each, fails=strict or each.is_error) for each in findings)
    return [Suite("declaration", cases)]


def plans_suites(plans: Sequence[tuple[str, Plan | ProvisionerError]], *, detailed: bool) -> list[Suite]:
    """Return a suite for each environment. Changes fail only if ``detailed`` makes them an exit status."""
    return [Suite(name, tuple(_of_plan(each, detailed))) for name, each in plans]


def _of_plan(plan: Plan | ProvisionerError, detailed: bool) -> Iterable[Case]:
    if isinstance(plan, ProvisionerError):
        yield from error_cases(plan)
        return
    for part in plan_words.unread(plan):
        yield case_of(part.what, True, f"Could not be read: {part.reason}", f"Needed: {part.needed}")
    for guard in plan_words.guards(plan):
        yield _guard(guard, guard.exit_status is ExitStatus.WRONG_INPUT)
    for change in plan.changes:
        yield case_of(change.address, detailed, plan_words.why(change), *_change(change))
    yield from (Case(address) for address in plan.unchanged)
    yield from (finding_case(each, fails=False) for each in plan.warnings)


def _change(change: Change) -> Iterable[str]:
    for field in change.fields:
        before, after = (plan_words.value(value) for value in (field.before, field.after))
        yield f"{field.path}: {before} -> {after}"
    yield from change.impact
    yield f"risk: {change.risk.value}"


def drifts_suites(drifts: Sequence[tuple[str, Drift | ProvisionerError]]) -> list[Suite]:
    """Return a suite for each environment, with a case for each declared component."""
    return [Suite(name, tuple(_of_drift(each))) for name, each in drifts]


def _of_drift(drift: Drift | ProvisionerError) -> Iterable[Case]:
    if isinstance(drift, ProvisionerError):
        yield from error_cases(drift)
        return
    for address, why in drift.plan.unreadable.items():
        yield case_of(address, True, f"Could not be read: {why.reason}", f"Needed: {why.permission}")
    for guard in drift.errors:
        yield _guard(guard, True)
    for each in drift.plan.changes:
        fields = (
            f"{field.path}: org {plan_words.value(field.before)}, declared {plan_words.value(field.after)}"
            for field in each.fields
        )
        said = f"{drift_words.LABELS[each.reason]}: {drift_words.what(each)}"
        yield case_of(each.address, True, said, drift_words.last_changed(drift.last_change(each)), *fields)
    yield from (Case(address) for address in drift.plan.unchanged)
    yield from (finding_case(each, fails=False) for each in drift.plan.warnings)


def case_of(name: str, fails: bool, message: str, *text: str) -> Case:
    """Return a case that fails or passes."""
    return Case(name, Result.FAILED if fails else Result.PASSED, message, "\n".join(text))


def finding_case(finding: Diagnostic, *, fails: bool) -> Case:
    """Return the case of a finding."""
    name = " ".join(filter(None, (finding.rule, finding.address)))
    where = [f"At: {finding.location}"] if finding.location else []
    if finding.environments:
        where.append(f"In: {', '.join(finding.environments)}")
    return case_of(name, fails, finding.message, f"Fix: {finding.fix}", *where)


def _guard(guard: Blocked, fails: bool) -> Case:
    where = [f"At: {guard.declared_at}"] if guard.declared_at else []
    name = " ".join(filter(None, (guard.guard, guard.address)))
    return case_of(name, fails, guard.message, f"Next: {guard.next}", *where)


def error_cases(error: ProvisionerError, name: str = "") -> list[Case]:
    """Return a case for the error, and one for each finding in it."""
    own = Case(name or error.code, Result.ERROR, error.message, f"Next: {error.next}")
    return [own, *(finding_case(each, fails=each.is_error) for each in findings_of(error))]
