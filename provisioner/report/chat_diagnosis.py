"""The diagnosis of a chat: the first cause, its evidence and its fix; with details, everything."""

from __future__ import annotations

from typing import assert_never

from provisioner.diagnosis.findings import ChatDiagnosis, Confidence, Finding, Verdict
from provisioner.report.diagnosis_parts import Passage, cause_json, first_lines, labelled_lines
from provisioner.report.document import GAP, Block, Fitted, heading, labelled, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.pages import chat_cause_page, published
from provisioner.report.style import Look, Span, Style
from provisioner.words import counted

#: The exit status of the command.
_LOOKS = {Verdict.OK: Look.GOOD, Verdict.FAILING: Look.DANGER, Verdict.UNREACHABLE: Look.CAREFUL}
_SURE = {Confidence.CERTAIN: Look.BAD, Confidence.LIKELY: Look.CAREFUL, Confidence.POSSIBLE: Look.PLAIN}
#: The number of a finding's steps at the top of the details; all of them follow below.
_STEPS_AT_THE_TOP = 2
#: Causes of a check that was not possible.
_UNSEEN = ("channel-unreadable", "keyset-unreadable", "chat-host-strange", "chat-host-unreachable")


def chat_view(diagnosis: ChatDiagnosis, *, details: bool = False) -> list[Block]:
    """Return the verdict, its evidence and its fix in at most ten lines; with ``details`` all findings and evidence."""
    return _details(diagnosis) if details else [Fitted(lambda style: _short(diagnosis, style))]


def _details(diagnosis: ChatDiagnosis) -> list[Block]:
    lines: list[Block] = [line(Span(_headline(diagnosis), _LOOKS[diagnosis.verdict]), hang=2)]
    if diagnosis.findings and diagnosis.verdict is not Verdict.OK:
        lines += [labelled("Do:", step) for step in diagnosis.findings[0].fix[:_STEPS_AT_THE_TOP]]
        if diagnosis.findings[0].wait:
            lines.append(labelled("Wait:", f"{diagnosis.findings[0].wait}."))
    lines += [labelled("Next:", step) for step in diagnosis.next]
    for finding in diagnosis.findings:
        lines += [GAP, *_finding(finding)]
    lines += [GAP, line("What was checked:")]
    lines.append(table([(what, text) for what, text in diagnosis.seen], indent=2))
    return lines


def _short(diagnosis: ChatDiagnosis, style: Style) -> list[str]:
    title = style.lines(Span(_headline(diagnosis), _LOOKS[diagnosis.verdict]), hang=2)
    passages: list[Passage] = []
    if diagnosis.findings and diagnosis.verdict is not Verdict.OK:
        first = diagnosis.findings[0]
        passages.append(Passage(1, labelled_lines("Seen:", first.evidence[0], style)))
        for number, step in enumerate(first.fix):
            label = "" if number else "Fix:"
            passages.append(Passage(2 + number if number else 0, labelled_lines(label, step, style), is_step=True))
        if first.wait:
            passages.append(Passage(2, labelled_lines("Wait:", f"{first.wait}.", style)))
    for number, step in enumerate(diagnosis.next):
        passages.append(Passage(3 + number, labelled_lines("Next:", step, style)))
    return first_lines(title, passages, style, hidden="every finding and all evidence")


def _headline(diagnosis: ChatDiagnosis) -> str:
    name = diagnosis.channel
    match diagnosis.verdict:
        case Verdict.OK:
            unseen = any(each.cause in _UNSEEN for each in diagnosis.findings)
            if unseen or not diagnosis.deployment:
                return f"{name}: no cause was found in what was checked."
            return f"{name}: nothing in the org makes customers guests."
        case Verdict.UNREACHABLE:
            return f"{name}: the chat host is out of reach; the org's metadata is in order."
        case Verdict.FAILING:
            first = diagnosis.findings[0]
            several = f" ({counted(len(diagnosis.findings), 'cause')} found)" if len(diagnosis.findings) > 1 else ""
            return f"{name}: {first.cause}{several}. {first.meaning}"
        case _:
            assert_never(diagnosis.verdict)


def _finding(finding: Finding) -> list[Block]:
    head = Span(f"{finding.rank}. {finding.cause}", Look.STRONG)
    lines = [heading(head, " (", Span(finding.confidence.value, _SURE[finding.confidence]), ")", level=2)]
    lines.append(line(f"Meaning: {finding.meaning}", indent=3, hang=5))
    lines += [line(f"Seen: {seen}", indent=3, hang=5) for seen in finding.evidence]
    lines += [line(f"Do: {step}", indent=3, hang=5) for step in finding.fix]
    if finding.wait:
        lines.append(line(f"Wait: {finding.wait}.", indent=3, hang=5))
    if page := published(chat_cause_page(finding.cause)):
        lines.append(line(f"Page: {page}", indent=3, hang=5))
    return lines


def chat_json(diagnosis: ChatDiagnosis) -> Json:
    """Return the JSON of ``diagnose chat --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        **members(diagnosis, "verdict", "environment", "channel", "deployment", "chat_url"),
        "findings": [cause_json(each, chat_cause_page(each.cause)) for each in diagnosis.findings],
        "seen": [{"what": what, "text": text} for what, text in diagnosis.seen],
        "next": list(diagnosis.next),
        "exit_status": int(diagnosis.verdict.exit_status),
    }
