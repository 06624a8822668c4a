"""Checks as JUnit XML, which Jenkins, GitLab, Azure Pipelines and GitHub's report actions read.

The format has no owner. The elements and attributes are those of the schema of Jenkins' xUnit plugin, junit-10.xsd. A
case fails exactly if it sets the command's exit status.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from provisioner.diagnosis.chat_proof_words import Probed, words_of
from provisioner.diagnosis.findings import Excluded, Finding, Verdict
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.jose.defects import Defect
from provisioner.jose.diagnosis import KeyDiagnosis
from provisioner.jose.endpoint_diagnosis import EndpointDiagnosis
from provisioner.jose.expiry import Timetable
from provisioner.jose.repair_result import Repair
from provisioner.planning.drift import Drift
from provisioner.planning.plan import Blocked, Change, Plan
from provisioner.report import drift_words, plan_words
from provisioner.report.errors import findings_of
from provisioner.report.verify import status_of
from provisioner.report.visible import visible, without_credentials
from provisioner.salesforce.chat_proof import Proof
from provisioner.tokens.check import Status
from provisioner.tokens.explain import Explanation
from provisioner.words import counted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class Result(Enum):
    """The outcome of a case; the value is its XML element, empty for a case that passed."""

    PASSED = ""
    FAILED = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Case:
    """One check: its name, its outcome, a sentence about it, and more lines of text."""

    name: str
    result: Result = Result.PASSED
    message: str = ""
    text: str = ""

    @property
    def fails(self) -> bool:
        return self.result in (Result.FAILED, Result.ERROR)


@dataclass(frozen=True, slots=True)
class Suite:
    """The checks of one environment, file or channel."""

    name: str
    cases: tuple[Case, ...]


def junit_xml(command: str, suites: Sequence[Suite]) -> str:
    """Return the document. A suite without cases gets one that passed: readers treat an empty one as a defect."""
    from xml.etree.ElementTree import (  # only writes: no foreign XML is parsed
        Element,
        SubElement,
        indent,
        tostring,
    )

    filled = [each if each.cases else Suite(each.name, (Case(each.name),)) for each in suites]
    root = Element("testsuites", {"name": visible(f"provisioner {command}"), **_counts(_cases(filled))})
    for suite in filled:
        skipped = str(sum(case.result is Result.SKIPPED for case in suite.cases))
        names = {"name": visible(suite.name), **_counts(suite.cases), "skipped": skipped}
        element = SubElement(root, "testsuite", names)
        for case in suite.cases:
            _add(element, case, f"{command}.{suite.name}")
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _cases(suites: Sequence[Suite]) -> list[Case]:
    return [case for suite in suites for case in suite.cases]


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    """Return the attributes that a suite and the set of all suites share."""
    failures, errors = (sum(case.result is each for case in cases) for each in (Result.FAILED, Result.ERROR))
    return {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors)}


def _add(suite: Element, case: Case, group: str) -> None:
    from xml.etree.ElementTree import SubElement

    element = SubElement(suite, "testcase", {"name": visible(case.name), "classname": visible(group), "time": "0"})
    text = "\n".join(map(visible, filter(None, (case.message, *case.text.splitlines()))))
    if case.result is not Result.PASSED:
        outcome = SubElement(element, case.result.value, {"message": visible(case.message)})
        if case.result is not Result.SKIPPED:
            outcome.set("type", case.result.value)
            outcome.text = text
    elif text:
        SubElement(element, "system-out").text = text


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


def verified_suites(results: Sequence[tuple[str, tuple[Proof, Probed] | ProvisionerError]]) -> list[Suite]:
    """Return one suite with a case for each channel."""
    return [Suite("channels", tuple(case for name, each in results for case in _of_proof(name, each)))]


def _of_proof(name: str, result: tuple[Proof, Probed] | ProvisionerError) -> Iterable[Case]:
    if isinstance(result, ProvisionerError):
        return error_cases(result, name)
    words = words_of(*result)
    fails = status_of(result) is not ExitStatus.DONE
    steps = (f"Next: {step}" for step in words.next)
    return [case_of(name, fails, words.verdict, words.meaning, *steps, *(f"Note: {note}" for note in words.notes))]


def expiring_suites(timetable: Timetable, errors: Sequence[tuple[str, ProvisionerError]]) -> list[Suite]:
    """Return one suite with a case for each certificate and for each item without a known date."""
    cases = [
        case_of(
            each.name, each.alarms(timetable.now, timetable.days), f"The certificate expires on {each.ends:%Y-%m-%d}."
        )
        for each in timetable.endings
    ]
    for each in timetable.undated:
        passed = Result.SKIPPED if each.unseen else Result.PASSED
        cases.append(Case(each.what, Result.FAILED if each.fails else passed, each.reason))
    cases += [case for name, error in errors for case in error_cases(error, name)]
    return [Suite("certificates", tuple(cases))]


_CHECKED = {Status.OK: Result.PASSED, Status.FAILED: Result.FAILED, Status.UNKNOWN: Result.SKIPPED}


def token_suites(explanation: Explanation) -> list[Suite]:
    """Return one suite with a case for each check; a check that is not possible here is skipped."""
    cases = (
        Case(check.id.value, _CHECKED[check.status], check.message, f"Fix: {check.fix}" if check.fix else "")
        for check in explanation.checks
    )
    return [Suite("token", tuple(cases))]


def key_suites(path: str, diagnosis: KeyDiagnosis, repair: Repair, *, asked: bool, written: str | None) -> list[Suite]:
    """Return one suite: whether the file uploads, whether the certificate matches, whether a repair was written."""
    findings = diagnosis.findings(path)
    message = "" if diagnosis.uploadable else "Salesforce would not take this file as it is."
    cases = [
        case_of("uploadable", not diagnosis.uploadable, message),
        *(finding_case(each, fails=each.is_error and not diagnosis.uploadable) for each in findings),
    ]
    if diagnosis.matches is not None:
        said = "" if diagnosis.matches else "The certificate and the key belong to different pairs."
        cases.append(case_of("certificate", not diagnosis.matches, said))
    if asked:
        obstacles = (f"{each.problem} {each.fix}" for each in repair.obstacles)
        said = f"Written to {written}." if written is not None else "Nothing was written."
        cases.append(case_of("repair", written is None, said, *obstacles))
    return [Suite(path, tuple(cases))]


def endpoint_suites(diagnosis: EndpointDiagnosis) -> list[Suite]:
    """Return one suite: the endpoint, its defects, and its keys. A useless key fails only if the endpoint does."""
    fails = diagnosis.verdict != "ok"
    message = f"{counted(sum(key.usable for key in diagnosis.keys), 'usable key')}."
    cases = [case_of("endpoint", fails, message), *(_defect(each, fails) for each in diagnosis.defects)]
    for key in diagnosis.keys:
        texts = (f"{each.rule}: {each.message} Fix: {each.fix}" for each in key.defects)
        state = "usable" if key.usable else "not usable by Salesforce"
        cases.append(case_of(f"keys[{key.index}] {key.kid or ''}".strip(), fails and not key.usable, state, *texts))
    return [Suite(without_credentials(diagnosis.url), tuple(cases))]


def diagnosis_suites(
    name: str, verdict: Verdict, findings: Sequence[Finding], excluded: Sequence[Excluded] = ()
) -> list[Suite]:
    """Return one suite: the verdict, a case for each cause that was found, and one for each that was excluded."""
    fails = verdict is not Verdict.OK
    cases = [case_of(name, fails, verdict.value)]
    for each in findings:
        fixes = (f"Fix: {step}" for step in each.fix)
        cases.append(case_of(each.cause, fails, f"{each.meaning} ({each.confidence.value})", *each.evidence, *fixes))
    return [Suite(name, (*cases, *(Case(each.cause, message=each.because) for each in excluded)))]


def _defect(defect: Defect, fails: bool) -> Case:
    return case_of(defect.rule, fails and defect.severity is Severity.ERROR, defect.message, f"Fix: {defect.fix}")
