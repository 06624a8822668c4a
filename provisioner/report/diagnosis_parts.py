"""The parts that the diagnoses of a login and of a chat share: their first lines, and their causes for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provisioner.diagnosis.findings import Excluded, Finding, Verdict
from provisioner.report.json import Json, members
from provisioner.report.junit import Case, Suite, case_of
from provisioner.report.style import Look, Span, Style
from provisioner.words import counted

MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that are shown together or omitted together. A lower ``rank`` is more important; 0 is always shown.

    ``is_step`` marks a step of the fix: steps that do not fit are counted.
    """

    rank: int
    lines: list[str]
    is_step: bool = False


def first_lines(title: list[str], passages: Sequence[Passage], style: Style, *, hidden: str) -> list[str]:
    """Return the title, the most important passages that fit, and the command that shows the ``hidden`` ones."""
    room = MOST_LINES - len(title) - 1
    shown: set[int] = set()
    for number, passage in sorted(enumerate(passages), key=lambda pair: pair[1].rank):
        if passage.rank == 0 or len(passage.lines) <= room:
            shown.add(number)
            room -= len(passage.lines)
    left = sum(passage.is_step for number, passage in enumerate(passages) if number not in shown)
    steps = f"{counted(left, 'more step')}, " if left else ""
    last = style.lines(Span(f"More: --details shows {steps}{hidden}.", Look.FAINT))
    fitting = (passage for number, passage in enumerate(passages) if number in shown)
    return [*title, *(line for passage in fitting for line in passage.lines), *last]


def labelled_lines(label: str, text: str, style: Style) -> list[str]:
    """Return ``Seen: …`` in lines; texts under labels of at most five characters are aligned."""
    return style.lines(Span(f"{label:<6}", Look.STRONG, whole=True), text, hang=6)


def cause_json(finding: Finding, page: str) -> Json:
    """Return a cause, and the page that explains it."""
    return {**members(finding, "cause", "rank", "confidence", "evidence", "meaning", "fix", "wait"), "page": page}


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
