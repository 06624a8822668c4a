"""Findings from evidence: adds the points of every clue; seen evidence precedes inferred evidence. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from provisioner.diagnosis.causes import CAUSES, ON_RECORD, PASTED_CAUSES, Cause
from provisioner.diagnosis.checked import seen
from provisioner.diagnosis.clues import CLUES
from provisioner.diagnosis.evidence import LoginEvidence, Pasted, TokenAnswer
from provisioner.diagnosis.evidence_weight import Against, For, Source
from provisioner.diagnosis.findings import Confidence, Excluded, Finding, LoginDiagnosis, Verdict
from provisioner.diagnosis.texts import LIKELY, known_client_text, known_text

#: Begins the sentence that lists the causes with the same evidence.
ALIKE = "No evidence distinguishes this from: "
#: The shape of an OAuth error code.
_CODE = re.compile(r"[a-z]+(?:_[a-z]+)+", re.I)
#: Causes that are also reported for a login that works.
_WORTH_SAYING = ("clock-skew", "not-propagated")
_OUT_OF_REACH = ("host-not-found", "tls-untrusted", "proxy", "maintenance")


@dataclass(slots=True)
class _Case:
    """The marks of one cause."""

    cause: Cause
    marks: list[For] = field(default_factory=list)

    @property
    def proven(self) -> bool:
        return any(mark.proof for mark in self.marks)

    @property
    def confirmed_by_admin(self) -> bool:
        """Return whether the org's own record supports the cause."""
        return any(mark.source is Source.ADMIN for mark in self.marks)

    def withstands(self, against: Against) -> bool:
        return self.proven or (against.inferred and self.confirmed_by_admin)

    @property
    def points(self) -> int:
        """Return the total. It is below "likely" if the cause has no known message and no administrator's evidence."""
        total = sum({(mark.because, mark.source): mark.points for mark in self.marks}.values())
        known = self.cause.text_known or self.confirmed_by_admin or self.proven
        return total if known else min(total, LIKELY - 1)

    @property
    def confidence(self) -> Confidence:
        if self.proven:
            return Confidence.CERTAIN
        return Confidence.LIKELY if self.points >= LIKELY else Confidence.POSSIBLE

    @property
    def grounds(self) -> frozenset[str]:
        """Return all evidence for the cause."""
        return frozenset(mark.because for mark in self.marks if mark.points > 0)

    @property
    def order(self) -> tuple[bool, bool, int]:
        """Return the sort key: a cause that does not make a login fail comes last, however certain it is."""
        return not self.cause.side, self.proven, self.points


def diagnose(evidence: LoginEvidence) -> LoginDiagnosis:
    """Return the diagnosis of the evidence."""
    marks = [mark for clue in CLUES for mark in clue(evidence)]
    cases: dict[str, _Case] = {}
    for mark in marks:
        if isinstance(mark, For):
            cases.setdefault(mark.cause, _Case(PASTED_CAUSES[mark.cause])).marks.append(mark)
    against: dict[str, str] = {}
    for mark in marks:
        if isinstance(mark, Against) and not (mark.cause in cases and cases[mark.cause].withstands(mark)):
            against.setdefault(mark.cause, mark.because)
    verdict = _verdict(evidence, cases)
    standing = [case for name, case in cases.items() if name not in against and _counts(case, verdict)]
    standing.sort(key=lambda case: case.order, reverse=True)
    findings = _findings(standing, evidence)
    if verdict is not Verdict.OK and _is_unexplained(evidence, findings):
        findings = (_unknown(evidence), *(replace(finding, rank=finding.rank + 1) for finding in findings))
    return LoginDiagnosis(
        environment=evidence.configured.environment,
        verdict=verdict,
        server=_server(evidence.answer),
        findings=findings,
        excluded=() if verdict is Verdict.OK else tuple(Excluded(*pair) for pair in sorted(against.items())),
        seen=seen(evidence),
        next=_next(evidence, verdict, findings),
        pasted=evidence.pasted is not None,
    )


def _server(answer: TokenAnswer | None) -> TokenAnswer | None:
    """Return the answer if a token endpoint gave it; a client's own message in pasted text is not one."""
    if answer is None or answer.shape != "json":
        return None
    by_client = not answer.ours and not answer.error and known_text("", answer.description) is None
    return None if by_client and known_client_text(answer.words) is not None else answer


def _is_unexplained(evidence: LoginEvidence, findings: tuple[Finding, ...]) -> bool:
    """Return whether no finding explains the failure; a text that is only a private key needs no explanation."""
    if evidence.answer is None and any(finding.cause == "key-leaked" for finding in findings):
        return False
    return all(PASTED_CAUSES[finding.cause].side for finding in findings)


def _verdict(evidence: LoginEvidence, cases: Mapping[str, _Case]) -> Verdict:
    session = evidence.session
    if session is not None and evidence.pasted is None:
        calls = (session.rest, session.soap)
        other_org = "wrong-login-host" in cases and cases["wrong-login-host"].proven
        works = all(call is not None and call.ok for call in calls)
        whole = not evidence.configured.problems
        return Verdict.OK if works and whole and not other_org else Verdict.FAILING
    if evidence.pasted is not None:
        return Verdict.FAILING
    answer, network = evidence.answer, evidence.network
    if answer is not None:
        gateway = answer.shape != "json" and ((answer.status or 0) >= 500 or answer.status in (407, 429))
        return Verdict.UNREACHABLE if gateway else Verdict.FAILING
    if network is not None and network.failure is not None:
        return Verdict.UNREACHABLE
    if any(name in cases and cases[name].proven for name in _OUT_OF_REACH):
        return Verdict.UNREACHABLE
    return Verdict.FAILING


def _counts(case: _Case, verdict: Verdict) -> bool:
    """Return whether a case is reported: hints only if the login fails, side findings always."""
    if verdict is Verdict.OK:
        return case.cause.side or case.cause.id in _WORTH_SAYING
    return case.points > 0


def _findings(standing: list[_Case], evidence: LoginEvidence) -> tuple[Finding, ...]:
    login = evidence.configured
    kind = _app_kind(evidence)
    filled = {
        "{app}": login.app_name or "(app)",
        "{environment}": login.environment,
        "{file}": login.file,
        "{username}": login.user or "(user)",
        "{login_url}": (login.login_url or "https://HOST").rstrip("/"),
    }

    def fill(text: str) -> str:
        for name, value in filled.items():
            text = text.replace(name, value)
        return text

    found = []
    for rank, case in enumerate(standing, start=1):
        proofs_first = sorted((mark for mark in case.marks if mark.points > 0), key=lambda mark: not mark.proof)
        because = list(dict.fromkeys(mark.because for mark in proofs_first))
        alike = _alike(case, standing)
        if alike:
            because.append(f"{ALIKE}{', '.join(alike)}.{_who_would(evidence, case, alike)}")
        remedies = dict.fromkeys(mark.remedy for mark in case.marks if mark.remedy)
        steps = tuple(remedies) or case.cause.steps(kind)
        found.append(
            Finding(
                cause=case.cause.id,
                rank=rank,
                confidence=case.confidence,
                evidence=tuple(because),
                meaning=next((mark.meaning for mark in case.marks if mark.meaning), fill(case.cause.meaning))
                + _caveat(case),
                fix=tuple(map(fill, steps)),
                wait=case.cause.wait,
            )
        )
    return tuple(found)


def _who_would(evidence: LoginEvidence, case: _Case, alike: list[str]) -> str:
    """Name an administrator's session if the org's record distinguishes the causes and was not read."""
    if evidence.admin is not None or evidence.pasted is not None or not ON_RECORD.intersection((case.cause.id, *alike)):
        return ""
    return " An administrator's session can distinguish them (--admin-env NAME)."


def _app_kind(evidence: LoginEvidence) -> str | None:
    """Return the kind of app: as configured, else as the org has it, else as its message names it."""
    if evidence.configured.app_kind is not None:
        return evidence.configured.app_kind
    if evidence.admin is not None and evidence.admin.app_kind is not None:
        return evidence.admin.app_kind
    answer = evidence.answer
    said = answer is not None and "external client app" in answer.description.lower()
    return "external" if said else None


def _caveat(case: _Case) -> str:
    """Return a caveat if the catalogue's text for the cause is invented."""
    unknown = not case.cause.text_known and not case.proven and case.confidence is Confidence.POSSIBLE
    return " (Salesforce's message for this is not known.)" if unknown else ""


def _alike(case: _Case, standing: list[_Case]) -> list[str]:
    """Return the other causes with exactly the same evidence."""
    if case.proven:
        return []
    return [
        other.cause.id for other in standing if other is not case and not other.proven and other.grounds == case.grounds
    ]


def _unknown(evidence: LoginEvidence) -> Finding:
    cause, answer, login = CAUSES["unknown"], evidence.answer, evidence.configured
    text = answer.words if answer is not None else evidence.pasted.text if evidence.pasted is not None else ""
    row = known_text(answer.error, answer.description) if answer is not None else known_client_text(text)
    said = [f'The words are: "{text}".'] if text else ["There was no message."]
    if row is not None and row.note:
        said.append(row.note)
    steps = cause.steps(login.app_kind) if evidence.pasted is None else _unknown_steps(evidence.pasted, answer)
    if evidence.pasted is not None:
        said += _only_mixed(evidence.pasted)
    fix = tuple(step.replace("{environment}", login.environment) for step in steps)
    return Finding("unknown", 1, Confidence.POSSIBLE, tuple(said), cause.meaning, fix, cause.wait)


#: For pasted output that holds only the CLI's last line.
_MIXED = (
    "This is only the last attempt of the official CLI, which mixes a login URL with another audience and always gets "
    "this answer. The lines above it give the reason."
)


def _only_mixed(pasted: Pasted) -> list[str]:
    if not pasted.attempts or any(attempt.not_usable_because is None for attempt in pasted.attempts):
        return []
    return [_MIXED]


def _unknown_steps(pasted: Pasted, answer: TokenAnswer | None) -> tuple[str, ...]:
    """Return the steps for an unknown message; the org's login history helps only if the org answered."""
    whole = "Paste the whole output: the lines above the last one, and the request if it is printed."
    if answer is not None and answer.error and _CODE.fullmatch(answer.error):
        return (whole, "If the org answered this: Setup > Login History may have details.")
    return (whole, "Run the client with its debug output, and paste that.")


def _next(evidence: LoginEvidence, verdict: Verdict, findings: tuple[Finding, ...]) -> str | None:
    """Return a command that gathers more evidence, if the first finding is not certain."""
    if verdict is Verdict.OK or not findings or findings[0].confidence is Confidence.CERTAIN:
        return None
    name = evidence.configured.environment
    if evidence.pasted is not None:
        if findings[0].cause not in ON_RECORD:
            return None
        return f"provisioner diagnose login --env {name} gathers its own evidence."
    answer = evidence.answer
    row = known_text(answer.error, answer.description) if answer is not None else None
    if row is not None and row.propagates and answer is not None and answer.tries == 1:
        return (
            f"If the app was changed within the last ten minutes: provisioner diagnose login --env {name} "
            "--wait-propagation"
        )
    if evidence.admin is None:
        return f"provisioner diagnose login --env {name} --admin-env NAME asks the org's own record."
    return None
