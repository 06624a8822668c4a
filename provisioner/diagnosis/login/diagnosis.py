"""Findings from evidence: adds the points of every clue; seen evidence precedes inferred evidence. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from provisioner.diagnosis.cases import Against, Case, cases_of
from provisioner.diagnosis.catalogue import filled
from provisioner.diagnosis.findings import Confidence, Excluded, Finding, LoginDiagnosis, Verdict
from provisioner.diagnosis.login.causes import CAUSES, ON_RECORD
from provisioner.diagnosis.login.clues import CLUES
from provisioner.diagnosis.login.clues.network import SKEW_SECONDS, skew_words
from provisioner.diagnosis.login.evidence import Configured, LoginEvidence, Pasted, TokenAnswer
from provisioner.diagnosis.login.seen import seen
from provisioner.diagnosis.login.texts import known_text
from provisioner.diagnosis.pasted.causes import PASTED_CAUSES
from provisioner.diagnosis.pasted.texts import known_client_text
from provisioner.errors import LoginError

#: Begins the sentence that lists the causes with the same evidence.
ALIKE = "No evidence distinguishes this from: "
#: The shape of an OAuth error code.
_CODE = re.compile(r"[a-z]+(?:_[a-z]+)+", re.I)
#: Pasted output names no channel; a person reads these in their place.
_OF_THE_CHAT = {
    "{channel}": "CHANNEL",
    "{deployment}": "DEPLOYMENT",
    "{chat_url}": "the chat host",
    "{thing}": "ORIGIN",
}
#: Causes that are also reported for a login that works.
_REPORTED_IF_OK = ("clock-skew", "not-propagated")
_UNKNOWN = Configured()
_OUT_OF_REACH = ("host-not-found", "tls-untrusted", "proxy", "maintenance")


def diagnose(evidence: LoginEvidence) -> LoginDiagnosis:
    """Return the diagnosis of the evidence."""
    marks = [mark for clue in CLUES for mark in clue(evidence)]
    cases = {case.cause.id: case for case in cases_of(marks, PASTED_CAUSES)}
    against: dict[str, str] = {}
    for mark in marks:
        if isinstance(mark, Against) and not (mark.cause in cases and cases[mark.cause].withstands(mark)):
            against.setdefault(mark.cause, mark.because)
    verdict = _verdict(evidence, cases)
    remaining = [case for name, case in cases.items() if name not in against and _counts(case, verdict)]
    remaining.sort(key=_order, reverse=True)
    findings = _findings(remaining, evidence)
    if verdict is not Verdict.OK and _is_unexplained(evidence, findings):
        findings = (_unknown(evidence), *_findings(remaining, evidence, first_rank=2))
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


def _verdict(evidence: LoginEvidence, cases: Mapping[str, Case]) -> Verdict:
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


def _counts(case: Case, verdict: Verdict) -> bool:
    """Return whether a case is reported: hints only if the login fails, side findings always."""
    if verdict is Verdict.OK:
        return case.cause.side or case.cause.id in _REPORTED_IF_OK
    return case.points > 0


def _order(case: Case) -> tuple[bool, bool, int]:
    """Return the sort key. A cause that does not make a login fail comes last, even if it is certain."""
    return not case.cause.side, case.proven, case.points


def _findings(remaining: list[Case], evidence: LoginEvidence, first_rank: int = 1) -> tuple[Finding, ...]:
    login = evidence.configured
    kind = _app_kind(evidence)
    values = {
        "{app}": login.app_name or "(app)",
        "{environment}": login.environment,
        "{file}": login.file,
        "{username}": login.user or "(user)",
        "{login_url}": (login.login_url or "https://HOST").rstrip("/"),
        **_OF_THE_CHAT,
    }
    found = []
    for rank, case in enumerate(remaining, start=first_rank):
        alike = _alike(case, remaining)
        more = [f"{ALIKE}{', '.join(alike)}.{_how_to_distinguish(evidence, case, alike)}"] if alike else []
        finding = case.finding(rank, values | ({"{thing}": case.thing} if case.thing else {}), kind, more)
        found.append(replace(finding, meaning=finding.meaning + _caveat(case)))
    return tuple(found)


def _how_to_distinguish(evidence: LoginEvidence, case: Case, alike: list[str]) -> str:
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


def _caveat(case: Case) -> str:
    """Return a caveat if the catalogue's text for the cause is invented."""
    unknown = not case.cause.text_known and not case.proven and case.confidence is Confidence.POSSIBLE
    return " (Salesforce's message for this is not known.)" if unknown else ""


def _alike(case: Case, remaining: list[Case]) -> list[str]:
    """Return the other causes with exactly the same evidence."""
    if case.proven:
        return []
    others = (other for other in remaining if other is not case and not other.proven)
    return [other.cause.id for other in others if set(other.evidence) == set(case.evidence)]


def _unknown(evidence: LoginEvidence) -> Finding:
    cause, answer, login = CAUSES["unknown"], evidence.answer, evidence.configured
    text = answer.words if answer is not None else evidence.pasted.text if evidence.pasted is not None else ""
    row = known_text(answer.error, answer.description) if answer is not None else known_client_text(text)
    said = [f'The words are: "{text}".'] if text else ["There was no message."]
    if row is not None and row.note:
        said.append(row.note)
    steps = cause.steps(login.app_kind) if evidence.pasted is None else _unknown_steps(evidence.pasted, answer)
    if evidence.pasted is not None:
        said += _mixed_attempt(evidence.pasted)
    fix = tuple(filled(step, {"{environment}": login.environment}) for step in steps)
    return Finding("unknown", 1, Confidence.POSSIBLE, tuple(said), cause.meaning, fix, cause.wait)


#: For pasted output that holds only the CLI's last line.
_MIXED = (
    "This is only the last attempt of the official CLI, which mixes a login URL with another audience and always gets "
    "this answer. The lines above it give the reason."
)


def _mixed_attempt(pasted: Pasted) -> list[str]:
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


def add_hint(error: LoginError, now: datetime, configured: Configured = _UNKNOWN) -> LoginError:
    """Put the first likely cause of the token endpoint's answer in front of the error's next step.

    It is the cause that ``diagnose login`` names for this answer and the ``configured`` login. An unknown answer gets
    no cause. A wrong clock comes first: with it an org refuses every assertion, and its messages also fit other causes.
    """
    server = error.server or {}
    answer = TokenAnswer(400, str(server.get("error") or ""), str(server.get("error_description") or ""))
    known = known_text(answer.error, answer.description)
    if error.skew is not None and abs(error.skew) > SKEW_SECONDS:
        error.next = (
            f"{skew_words(error.skew)} Set the clock first; an org refuses assertions of another time. {error.next}"
        )
    elif known is not None and known.causes:
        first = diagnose(LoginEvidence(now, configured, answer=answer)).findings[0]
        error.next = f"Most likely {first.cause}: {first.meaning} {error.next}"
    return error
