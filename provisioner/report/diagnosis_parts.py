"""The parts that the diagnoses of a login and of a chat share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provisioner.diagnosis.findings import Excluded, Finding, Verdict
from provisioner.report.junit import Case, Suite, case_of
from provisioner.report.style import Look, Span, Style
from provisioner.words import counted

MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that are shown together or omitted together. A lower ``rank`` is more important; 0 is always shown.

    ``is_step`` marks a step of the fix: steps that do not fit are counted.
    """

    rank: int
    lines: list[str]
    is_step: bool = False


def first_lines(title: list[str], blocks: Sequence[Block], style: Style, *, hidden: str) -> list[str]:
    """Return the title, the blocks that fit in their own order, and the command that shows the ``hidden`` ones."""
    room = MOST_LINES - len(title) - 1
    shown: set[int] = set()
    for number, block in sorted(enumerate(blocks), key=lambda pair: pair[1].rank):
        if block.rank == 0 or len(block.lines) <= room:
            shown.add(number)
            room -= len(block.lines)
    left = sum(block.is_step for number, block in enumerate(blocks) if number not in shown)
    steps = f"{counted(left, 'more step')}, " if left else ""
    more = style.lines(Span(f"More: --details shows {steps}{hidden}.", Look.FAINT))
    return [*title, *(line for number, block in enumerate(blocks) if number in shown for line in block.lines), *more]


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
