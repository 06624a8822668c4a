"""Why a login fails, for a person: the verdict and what to do stand in the first lines, the evidence below."""

from __future__ import annotations

from provisioner.diagnosis.evidence import UNNAMED
from provisioner.diagnosis.findings import Confidence, Diagnosis, Finding, Verdict
from provisioner.diagnosis.ranking import ALIKE
from provisioner.report.style import Look, Span, Style

_LOOKS = {Confidence.CERTAIN: Look.DANGER, Confidence.LIKELY: Look.BAD, Confidence.POSSIBLE: Look.CAREFUL}
_FAILS = {Verdict.FAILING: "fails", Verdict.UNREACHABLE: "does not reach the org"}


def diagnosis_terminal(diagnosis: Diagnosis, style: Style) -> str:
    """The first finding's meaning and fix, then every finding with its evidence, what is excluded, what was seen."""
    lines = _head(diagnosis, style)
    if diagnosis.server is not None:
        words = ": ".join(filter(None, (diagnosis.server.error, diagnosis.server.description)))
        status = f" (HTTP {diagnosis.server.status})" if diagnosis.server.status is not None else ""
        lines += ["", *style.lines(Span("The org's words:", Look.STRONG), f" {words}{status}", hang=2)]
    said: set[str] = set()
    for finding in diagnosis.findings:
        first = finding.rank == 1 and diagnosis.verdict is not Verdict.OK
        lines += ["", *_finding(finding, style, said, first=first)]
    if diagnosis.excluded:
        lines += ["", *style.lines(Span("Excluded", Look.STRONG)), *_excluded(diagnosis, style)]
    if diagnosis.seen:
        lines += ["", *style.lines(Span("Seen", Look.STRONG))]
        lines += style.table([(Span(what, Look.FAINT), showed) for what, showed in diagnosis.seen], indent=2)
    if diagnosis.next is not None:
        lines += ["", *style.lines(Span("Next:", Look.STRONG), f" {diagnosis.next}", hang=2)]
    return "\n".join(lines)


def _excluded(diagnosis: Diagnosis, style: Style) -> list[str]:
    """One paragraph a reason."""
    reasons: dict[str, list[str]] = {}
    for each in diagnosis.excluded:
        reasons.setdefault(each.because, []).append(each.cause)
    lines: list[str] = []
    for because, causes in reasons.items():
        lines += style.lines(Span(", ".join(causes), Look.FAINT), f": {because}", indent=2, hang=4)
    return lines


def _head(diagnosis: Diagnosis, style: Style) -> list[str]:
    login = "The login" if diagnosis.environment == UNNAMED else f"The login to {diagnosis.environment}"
    if diagnosis.verdict is Verdict.OK:
        return style.lines(Span(f"{login} works: token, REST API and Metadata API.", Look.GOOD))
    first = diagnosis.findings[0]
    lines = style.lines(
        Span(f"{login} {_FAILS[diagnosis.verdict]}: ", Look.DANGER),
        Span(first.cause, Look.STRONG, whole=True),
        f" ({first.confidence.value})",
    )
    lines += style.lines(first.meaning, indent=2)
    lines += _steps(first, style)
    return lines


def _steps(finding: Finding, style: Style) -> list[str]:
    lines: list[str] = []
    for number, step in enumerate(finding.fix, start=1):
        sign = f"{number}. " if len(finding.fix) > 1 else ""
        head = Span("Fix:  " if number == 1 else "      ", Look.STRONG, whole=True)
        lines += style.lines(head, f"{sign}{step}", hang=6 + len(sign))
    if finding.wait is not None:
        lines += style.lines(Span("Wait: ", Look.STRONG, whole=True), finding.wait, hang=6)
    return lines


def _finding(finding: Finding, style: Style, said: set[str], *, first: bool) -> list[str]:
    """``first`` is the one whose meaning and fix stand at the head already; what was ``said`` is not said again."""
    lines = style.lines(
        f"{finding.rank}. ",
        Span(finding.cause, Look.STRONG, whole=True),
        "  ",
        Span(finding.confidence.value, _LOOKS[finding.confidence]),
    )
    alike = finding.rank > 1  # said with the first
    new = [each for each in finding.evidence if each not in said and not (alike and each.startswith(ALIKE))]
    said.update(finding.evidence)
    for sentence in new or ["as above"]:
        lines += style.lines(f"- {sentence}", indent=3, hang=5)
    if first:
        return lines
    lines += style.lines(Span("Meaning:", Look.FAINT), f" {finding.meaning}", indent=3, hang=5)
    for step in finding.fix:
        lines += style.lines(Span("Fix:", Look.FAINT), f" {step}", indent=3, hang=5)
    if finding.wait is not None:
        lines += style.lines(Span("Wait:", Look.FAINT), f" {finding.wait}", indent=3, hang=5)
    return lines
