"""The diagnosis of a login: the first cause, its proof and its fix; with details, every finding."""

from __future__ import annotations

from provisioner.diagnosis.catalogue import CONNECTED, EXTERNAL
from provisioner.diagnosis.findings import Confidence, Finding, LoginDiagnosis, Verdict
from provisioner.diagnosis.login.diagnosis import ALIKE
from provisioner.diagnosis.login.evidence import UNNAMED
from provisioner.report.diagnosis_parts import Passage, cause_json, first_lines, labelled_lines
from provisioner.report.document import Fitted
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.pages import cause_page, published
from provisioner.report.style import Look, Span, Style
from provisioner.words import counted

_LOOKS = {Confidence.CERTAIN: Look.DANGER, Confidence.LIKELY: Look.BAD, Confidence.POSSIBLE: Look.CAREFUL}
_FAILS = {Verdict.FAILING: "fails", Verdict.UNREACHABLE: "does not reach the org"}
#: Shown above everything else: it cannot wait for --details.
_LEAKED = "The text holds a private key: it is leaked. Make a new key, and replace it."


def diagnosis_view(diagnosis: LoginDiagnosis, *, details: bool) -> list[Fitted]:
    """Return the document of a diagnosis; see :func:`diagnosis_terminal`."""
    return [Fitted(lambda style: _details(diagnosis, style) if details else _short(diagnosis, style))]


def diagnosis_terminal(diagnosis: LoginDiagnosis, style: Style, *, details: bool = False) -> str:
    """Return the cause, its proof and its fix in at most ten lines; with ``details`` all findings and their evidence.

    If the kind of app is not known, the fix is shown for both kinds. A login that works and has nothing to say about it
    has one line in both forms.
    """
    return "\n".join(_details(diagnosis, style) if details else _short(diagnosis, style))


def _details(diagnosis: LoginDiagnosis, style: Style) -> list[str]:
    lines = _head(diagnosis, style)
    if diagnosis.server is not None:
        words = ": ".join(filter(None, (diagnosis.server.error, diagnosis.server.description)))
        status = f" (HTTP {diagnosis.server.status})" if diagnosis.server.status is not None else ""
        whose = "The words that count:" if diagnosis.pasted else "The org's words:"
        lines += ["", *style.lines(Span(whose, Look.STRONG), f" {words}{status}", hang=2)]
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
    return lines


def _short(diagnosis: LoginDiagnosis, style: Style) -> list[str]:
    if diagnosis.verdict is Verdict.OK:
        return first_lines(_title(diagnosis, style), _remarks(diagnosis, style), style, hidden=_hidden(diagnosis, 0))
    first = diagnosis.findings[0]
    always = 2 if _is_for_each_kind(first) else 1
    passages = [
        Passage(2, style.lines(first.meaning, indent=2)),
        Passage(1, labelled_lines("Seen:", first.evidence[0], style)),
        *(
            Passage(0 if number < always else 3 + number, _step(first, number, style), True)
            for number in range(len(first.fix))
        ),
    ]
    if any(each.cause == "key-leaked" for each in diagnosis.findings[1:]):
        passages.insert(0, Passage(0, style.lines(Span(_LEAKED, Look.DANGER), hang=2)))
    if first.wait is not None:
        passages.append(Passage(3, labelled_lines("Wait:", first.wait, style)))
    return first_lines(_title(diagnosis, style), passages, style, hidden=_hidden(diagnosis, 1))


def _is_for_each_kind(finding: Finding) -> bool:
    """Return whether the first two steps are one fix, for each kind of app."""
    return len(finding.fix) > 1 and finding.fix[0].startswith(CONNECTED) and finding.fix[1].startswith(EXTERNAL)


def _remarks(diagnosis: LoginDiagnosis, style: Style) -> list[Passage]:
    """Return a line for each remark about a login that works."""
    return [
        Passage(
            number, style.lines(Span(each.cause, Look.STRONG, whole=True), f": {each.evidence[0]}", indent=2, hang=4)
        )
        for number, each in enumerate(diagnosis.findings)
    ]


def _hidden(diagnosis: LoginDiagnosis, shown: int) -> str:
    """Return what --details shows beside the first lines."""
    more = len(diagnosis.findings) - shown
    others = f"{counted(more, 'other cause')}, " if more > 0 and shown else ""
    return f"{others}all evidence"


def _excluded(diagnosis: LoginDiagnosis, style: Style) -> list[str]:
    """Return one paragraph for each reason."""
    reasons: dict[str, list[str]] = {}
    for each in diagnosis.excluded:
        reasons.setdefault(each.because, []).append(each.cause)
    lines: list[str] = []
    for because, causes in reasons.items():
        lines += style.lines(Span(", ".join(causes), Look.FAINT), f": {because}", indent=2, hang=4)
    return lines


def _title(diagnosis: LoginDiagnosis, style: Style) -> list[str]:
    login = "The login" if diagnosis.environment == UNNAMED else f"The login to {diagnosis.environment}"
    if diagnosis.verdict is Verdict.OK and not diagnosis.pasted:
        return style.lines(Span(f"{login} works: token, REST API and Metadata API.", Look.GOOD))
    said = "The text says" if diagnosis.pasted else f"{login} {_FAILS[diagnosis.verdict]}"
    first = diagnosis.findings[0]
    cause = Span(first.cause, Look.STRONG, whole=True)
    return style.lines(Span(f"{said}: ", Look.DANGER), cause, f" ({first.confidence.value})")


def _head(diagnosis: LoginDiagnosis, style: Style) -> list[str]:
    lines = _title(diagnosis, style)
    if diagnosis.verdict is Verdict.OK:
        return lines
    first = diagnosis.findings[0]
    lines += style.lines(first.meaning, indent=2)
    for number in range(len(first.fix)):
        lines += _step(first, number, style)
    if first.wait is not None:
        lines += labelled_lines("Wait:", first.wait, style)
    return lines


def _step(finding: Finding, number: int, style: Style) -> list[str]:
    sign = f"{number + 1}. " if len(finding.fix) > 1 else ""
    head = Span(f"{'' if number else 'Fix:':<6}", Look.STRONG, whole=True)
    sentence, *commands = finding.fix[number].splitlines()
    lines = style.lines(head, f"{sign}{sentence}", hang=6 + len(sign))
    for command in commands:  # in one piece, so that it can be copied
        lines += style.lines(Span(command, whole=True), indent=6 + len(sign))
    return lines


def _finding(finding: Finding, style: Style, said: set[str], *, first: bool) -> list[str]:
    """Return a finding. The ``first`` has its meaning and fix at the head; nothing that was ``said`` is repeated."""
    lines = style.lines(
        f"{finding.rank}. ",
        Span(finding.cause, Look.STRONG, whole=True),
        "  ",
        Span(finding.confidence.value, _LOOKS[finding.confidence]),
    )
    new = [
        each
        for each in finding.evidence
        if each not in said and not (finding.rank > 1 and each.startswith(ALIKE))  # the first has it
    ]
    said.update(finding.evidence)
    for sentence in new or ["as above"]:
        lines += style.lines(f"- {sentence}", indent=3, hang=5)
    if page := published(cause_page(finding.cause)):
        lines += style.lines(Span("Page:", Look.FAINT), f" {page}", indent=3, hang=5)
    if first:
        return lines
    lines += style.lines(Span("Meaning:", Look.FAINT), f" {finding.meaning}", indent=3, hang=5)
    for step in finding.fix:
        lines += style.lines(Span("Fix:", Look.FAINT), f" {' '.join(step.splitlines())}", indent=3, hang=5)
    if finding.wait is not None:
        lines += style.lines(Span("Wait:", Look.FAINT), f" {finding.wait}", indent=3, hang=5)
    return lines


def diagnosis_json(diagnosis: LoginDiagnosis) -> Json:
    """Return the JSON of ``diagnose login --format json``; ``server`` is null if no token endpoint answered."""
    server = diagnosis.server
    return {
        "format_version": FORMAT_VERSION,
        "verdict": diagnosis.verdict.value,
        "server": None if server is None else members(server, "status", "error", "error_description=description"),
        "findings": [cause_json(each, cause_page(each.cause)) for each in diagnosis.findings],
        "excluded": [members(each, "cause", "because") for each in diagnosis.excluded],
    }
