"""The results of diagnoses and proofs as test suites. A case fails exactly if it sets the exit status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provisioner.diagnosis.chat.proof_words import Probed, words_of
from provisioner.diagnosis.findings import Excluded, Finding, Verdict
from provisioner.diagnostics import Severity
from provisioner.errors import ExitStatus, ProvisionerError
from provisioner.jose.defects import Defect
from provisioner.jose.diagnosis import KeyDiagnosis
from provisioner.jose.endpoint_diagnosis import EndpointDiagnosis
from provisioner.jose.expiry import Timetable
from provisioner.jose.repair import Repair
from provisioner.report.endpoint_terminal import without_credentials
from provisioner.report.junit import Case, Result, Suite
from provisioner.report.junit_suites import case_of, error_cases, finding_case
from provisioner.report.verify_json import status_of
from provisioner.salesforce.chat_proof import Proof
from provisioner.tokens.check import Status
from provisioner.tokens.explain import Explanation
from provisioner.words import counted


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
