"""A diagnosis of the chat, for a person: the first cause, its proof and its fix; with details, everything."""

from __future__ import annotations

from typing import assert_never

from provisioner.diagnosis.chat import ChatDiagnosis
from provisioner.diagnosis.findings import Confidence, Finding, Verdict
from provisioner.report.first_lines import Block, first_lines
from provisioner.report.style import Look, Span, Style
from provisioner.words import counted

_LOOKS = {Verdict.OK: Look.GOOD, Verdict.FAILING: Look.DANGER, Verdict.UNREACHABLE: Look.CAREFUL}
_SURE = {Confidence.CERTAIN: Look.BAD, Confidence.LIKELY: Look.CAREFUL, Confidence.POSSIBLE: Look.PLAIN}
#: The details show so many of a finding's steps at the top; all of them are below.
_STEPS_AT_THE_TOP = 2
#: Causes that mean that something could not be looked at.
_UNSEEN = ("channel-unreadable", "keyset-unreadable", "chat-host-strange", "chat-host-unreachable")


def chat_terminal(diagnosis: ChatDiagnosis, style: Style, *, details: bool = False) -> str:
    """Return the verdict, its proof and its fix in at most ten lines; with ``details`` all findings and evidence."""
    if not details:
        return "\n".join(_short(diagnosis, style))
    lines = style.lines(Span(_headline(diagnosis), _LOOKS[diagnosis.verdict]), hang=2)
    if diagnosis.findings and diagnosis.verdict is not Verdict.OK:
        for step in diagnosis.findings[0].fix[:_STEPS_AT_THE_TOP]:
            lines += style.lines(Span("Do:", Look.STRONG), f" {step}", hang=2)
        if diagnosis.findings[0].wait:
            lines += style.lines(Span("Wait:", Look.STRONG), f" {diagnosis.findings[0].wait}.", hang=2)
    for step in diagnosis.next:
        lines += style.lines(Span("Next:", Look.STRONG), f" {step}", hang=2)
    for finding in diagnosis.findings:
        lines += ["", *_finding(finding, style)]
    lines += ["", "What was looked at:"]
    lines += style.table([(what, text) for what, text in diagnosis.seen], indent=2)
    return "\n".join(lines)


def _short(diagnosis: ChatDiagnosis, style: Style) -> list[str]:
    title = style.lines(Span(_headline(diagnosis), _LOOKS[diagnosis.verdict]), hang=2)
    blocks: list[Block] = []
    if diagnosis.findings and diagnosis.verdict is not Verdict.OK:
        first = diagnosis.findings[0]
        blocks.append(Block(1, style.lines(Span("Seen: ", Look.STRONG, whole=True), first.evidence[0], hang=6)))
        for number, step in enumerate(first.fix):
            head = Span("Fix:  " if number == 0 else "      ", Look.STRONG, whole=True)
            blocks.append(Block(2 + number if number else 0, style.lines(head, step, hang=6), True))
        if first.wait:
            blocks.append(Block(2, style.lines(Span("Wait: ", Look.STRONG, whole=True), f"{first.wait}.", hang=6)))
    for number, step in enumerate(diagnosis.next):
        head = Span("Next: ", Look.STRONG, whole=True)
        blocks.append(Block(3 + number, style.lines(head, step, hang=6)))
    return first_lines(title, blocks, style, hidden="every finding and all evidence")


def _headline(diagnosis: ChatDiagnosis) -> str:
    name = diagnosis.channel
    match diagnosis.verdict:
        case Verdict.OK:
            unseen = any(each.cause in _UNSEEN for each in diagnosis.findings)
            asked = "" if diagnosis.deployment and not unseen else ", as far as it was looked at"
            return f"{name}: nothing in the org makes customers guests{asked}."
        case Verdict.UNREACHABLE:
            return f"{name}: the chat host is out of reach; what the org's metadata say is in order."
        case Verdict.FAILING:
            first = diagnosis.findings[0]
            several = f" ({counted(len(diagnosis.findings), 'cause')} found)" if len(diagnosis.findings) > 1 else ""
            return f"{name}: {first.cause}{several}. {first.meaning}"
        case _:
            assert_never(diagnosis.verdict)


def _finding(finding: Finding, style: Style) -> list[str]:
    head = Span(f"{finding.rank}. {finding.cause}", Look.STRONG)
    lines = style.lines(head, " (", Span(finding.confidence.value, _SURE[finding.confidence]), ")")
    lines += style.lines(f"Meaning: {finding.meaning}", indent=3, hang=5)
    for seen in finding.evidence:
        lines += style.lines(f"Seen: {seen}", indent=3, hang=5)
    for step in finding.fix:
        lines += style.lines(f"Do: {step}", indent=3, hang=5)
    if finding.wait:
        lines += style.lines(f"Wait: {finding.wait}.", indent=3, hang=5)
    return lines
