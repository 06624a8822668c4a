"""The checking commands' results as test suites. A case fails exactly if it makes the command's exit status one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provisioner.diagnosis.chat_proof_words import Probed, words_of
from provisioner.diagnosis.findings import Excluded, Finding, Verdict
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.keys.defects import Defect
from provisioner.keys.diagnosis import Diagnosis as KeyDiagnosis
from provisioner.keys.endpoint_diagnosis import EndpointDiagnosis
from provisioner.keys.expiry import Timetable
from provisioner.keys.repaired import Repair
from provisioner.org.chat_proof import Proof
from provisioner.planning.drift import Drift
from provisioner.planning.plan import Blocked, Change, Plan
from provisioner.report import drift_words, plan_words
from provisioner.report.endpoint_terminal import without_credentials
from provisioner.report.failures import findings_of
from provisioner.report.junit import Case, Result, Suite
from provisioner.report.verify_json import status_of
from provisioner.tokens.check import Status
from provisioner.tokens.explain import Explanation
from provisioner.words import counted


def error_suites(error: ProvisionerError) -> list[Suite]:
    """One suite for a command that an error ended."""
    return [Suite("error", tuple(_error(error)))]


def validate_suites(findings: Sequence[Diagnostic], *, strict: bool) -> list[Suite]:
    """One suite; a case for each finding. Warnings fail only if they are ``strict``."""
    cases = tuple(_finding(each, fails=strict or each.is_error) for each in findings)
    return [Suite("declaration", cases)]


def plans_suites(plans: Sequence[tuple[str, Plan | ProvisionerError]], *, detailed: bool) -> list[Suite]:
    """A suite for each environment. Changes fail only if ``detailed`` makes them an exit status."""
    return [Suite(name, tuple(_of_plan(each, detailed))) for name, each in plans]


def _of_plan(plan: Plan | ProvisionerError, detailed: bool) -> Iterable[Case]:
    if isinstance(plan, ProvisionerError):
        yield from _error(plan)
        return
    for part in plan_words.unread(plan):
        yield _case(part.what, True, f"Could not be read: {part.reason}", f"Needed: {part.needed}")
    for guard in plan_words.guards(plan):
        yield _guard(guard, guard.exit_status is ExitStatus.WRONG_INPUT)
    for change in plan.changes:
        yield _case(change.address, detailed, plan_words.why(change), *_change(change))
    yield from (Case(address) for address in plan.unchanged)
    yield from (_finding(each, fails=False) for each in plan.warnings)


def _change(change: Change) -> Iterable[str]:
    for field in change.fields:
        before, after = (plan_words.value(field.path, value) for value in (field.before, field.after))
        yield f"{field.path}: {before} -> {after}"
    yield from change.impact
    yield f"risk: {change.risk.value}"


def drifts_suites(drifts: Sequence[tuple[str, Drift | ProvisionerError]]) -> list[Suite]:
    """A suite for each environment, a case for each declared component."""
    return [Suite(name, tuple(_of_drift(each))) for name, each in drifts]


def _of_drift(drift: Drift | ProvisionerError) -> Iterable[Case]:
    if isinstance(drift, ProvisionerError):
        yield from _error(drift)
        return
    for address, why in drift.plan.unreadable.items():
        yield _case(address, True, f"Could not be read: {why.reason}", f"Needed: {why.permission}")
    for guard in drift.errors:
        yield _guard(guard, True)
    for each in drift.plan.changes:
        fields = (
            f"{field.path}: org {plan_words.value(field.path, field.before)}, "
            f"declared {plan_words.value(field.path, field.after)}"
            for field in each.fields
        )
        said = f"{drift_words.LABELS[each.reason]}: {drift_words.what(each)}"
        yield _case(each.address, True, said, drift_words.last_changed(drift.last_change(each)), *fields)
    yield from (Case(address) for address in drift.plan.unchanged)
    yield from (_finding(each, fails=False) for each in drift.plan.warnings)


def verified_suites(results: Sequence[tuple[str, tuple[Proof, Probed] | ProvisionerError]]) -> list[Suite]:
    """One suite, a case for each channel."""
    return [Suite("channels", tuple(case for name, each in results for case in _of_proof(name, each)))]


def _of_proof(name: str, result: tuple[Proof, Probed] | ProvisionerError) -> Iterable[Case]:
    if isinstance(result, ProvisionerError):
        return _error(result, name)
    words = words_of(*result)
    fails = status_of(result) is not ExitStatus.DONE
    steps = (f"Next: {step}" for step in words.next)
    return [_case(name, fails, words.verdict, words.meaning, *steps, *(f"Note: {note}" for note in words.notes))]


def expiring_suites(timetable: Timetable, errors: Sequence[tuple[str, ProvisionerError]]) -> list[Suite]:
    """One suite, a case for each certificate and for each thing without a known date."""
    cases = [
        _case(
            each.name, each.alarms(timetable.now, timetable.days), f"The certificate expires on {each.ends:%Y-%m-%d}."
        )
        for each in timetable.endings
    ]
    for each in timetable.undated:
        passed = Result.SKIPPED if each.unseen else Result.PASSED
        cases.append(Case(each.what, Result.FAILED if each.fails else passed, each.reason))
    cases += [case for name, error in errors for case in _error(error, name)]
    return [Suite("certificates", tuple(cases))]


_CHECKED = {Status.OK: Result.PASSED, Status.FAILED: Result.FAILED, Status.UNKNOWN: Result.SKIPPED}


def token_suites(explanation: Explanation) -> list[Suite]:
    """One suite, a case for each check; a check that cannot be made from here is skipped."""
    cases = (
        Case(check.id.value, _CHECKED[check.status], check.message, f"Fix: {check.fix}" if check.fix else "")
        for check in explanation.checks
    )
    return [Suite("token", tuple(cases))]


def key_suites(path: str, diagnosis: KeyDiagnosis, repair: Repair, *, asked: bool, written: str | None) -> list[Suite]:
    """One suite: whether the file uploads, whether the certificate matches, whether a repair was written."""
    findings = diagnosis.findings(path)
    message = "" if diagnosis.uploadable else "Salesforce would not take this file as it is."
    cases = [
        _case("uploadable", not diagnosis.uploadable, message),
        *(_finding(each, fails=each.is_error and not diagnosis.uploadable) for each in findings),
    ]
    if diagnosis.matches is not None:
        said = "" if diagnosis.matches else "The certificate and the key belong to different pairs."
        cases.append(_case("certificate", not diagnosis.matches, said))
    if asked:
        obstacles = (f"{each.problem} {each.fix}" for each in repair.obstacles)
        said = f"Written to {written}." if written is not None else "Nothing was written."
        cases.append(_case("repair", written is None, said, *obstacles))
    return [Suite(path, tuple(cases))]


def endpoint_suites(diagnosis: EndpointDiagnosis) -> list[Suite]:
    """One suite: the endpoint, its defects, and its keys. A useless key fails only if the endpoint does."""
    fails = diagnosis.verdict != "ok"
    message = f"{counted(sum(key.usable for key in diagnosis.keys), 'usable key')}."
    cases = [_case("endpoint", fails, message), *(_defect(each, fails) for each in diagnosis.defects)]
    for key in diagnosis.keys:
        texts = (f"{each.rule}: {each.message} Fix: {each.fix}" for each in key.defects)
        state = "usable" if key.usable else "not usable by Salesforce"
        cases.append(_case(f"keys[{key.index}] {key.kid or ''}".strip(), fails and not key.usable, state, *texts))
    return [Suite(without_credentials(diagnosis.url), tuple(cases))]


def diagnosis_suites(
    name: str, verdict: Verdict, findings: Sequence[Finding], excluded: Sequence[Excluded] = ()
) -> list[Suite]:
    """One suite: the verdict, a case for each cause that was found, and one for each that was excluded."""
    fails = verdict is not Verdict.OK
    cases = [_case(name, fails, verdict.value)]
    for each in findings:
        fixes = (f"Fix: {step}" for step in each.fix)
        cases.append(_case(each.cause, fails, f"{each.meaning} ({each.confidence.value})", *each.evidence, *fixes))
    return [Suite(name, (*cases, *(Case(each.cause, message=each.because) for each in excluded)))]


def _case(name: str, fails: bool, message: str, *text: str) -> Case:
    return Case(name, Result.FAILED if fails else Result.PASSED, message, "\n".join(text))


def _finding(finding: Diagnostic, *, fails: bool) -> Case:
    name = " ".join(filter(None, (finding.rule, finding.address)))
    where = [f"At: {finding.location}"] if finding.location else []
    if finding.environments:
        where.append(f"In: {', '.join(finding.environments)}")
    return _case(name, fails, finding.message, f"Fix: {finding.fix}", *where)


def _defect(defect: Defect, fails: bool) -> Case:
    return _case(defect.rule, fails and defect.severity is Severity.ERROR, defect.message, f"Fix: {defect.fix}")


def _guard(guard: Blocked, fails: bool) -> Case:
    where = [f"At: {guard.declared_at}"] if guard.declared_at else []
    name = " ".join(filter(None, (guard.guard, guard.address)))
    return _case(name, fails, guard.message, f"Next: {guard.next}", *where)


def _error(error: ProvisionerError, name: str = "") -> list[Case]:
    """The error, and the findings that it stands for."""
    own = Case(name or error.code, Result.ERROR, error.message, f"Next: {error.next}")
    return [own, *(_finding(each, fails=each.is_error) for each in findings_of(error))]
