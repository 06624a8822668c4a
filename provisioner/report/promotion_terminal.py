"""A promotion for a person: each step, and at last how it ended."""

from __future__ import annotations

from provisioner.execution.outcome import Result
from provisioner.report.outcome_terminal import outcome_terminal
from provisioner.report.promotion_shapes import Promotion, Verdict
from provisioner.report.style import Look, Row, Span, Style

_LOOKS = {Verdict.PROMOTED: Look.GOOD, Verdict.UNCHANGED: Look.GOOD, Verdict.RUNNING: Look.CAREFUL}


def promotion_terminal(promotion: Promotion, style: Style) -> str:
    """The apply's own end, the steps, the verdict, and what to do next."""
    lines: list[str] = []
    if promotion.outcome is not None and promotion.outcome.result not in (Result.UNCHANGED, Result.REFUSED):
        lines += [outcome_terminal(promotion.outcome, style), ""]
    lines += style.lines(
        f"Promotion from {promotion.source_name} to ", Span(promotion.target_name, Look.STRONG, whole=True)
    )
    rows: list[Row] = [
        (Span("yes", Look.GOOD) if step.passed else Span("no", Look.DANGER), step.name, step.found)
        for step in promotion.steps
    ]
    lines += [*style.table(rows, indent=2), ""] if rows else []
    said = f"{promotion.verdict.value.capitalize().replace('-', ' ')}: {promotion.message}"
    lines += style.lines(Span(said, _LOOKS.get(promotion.verdict, Look.DANGER)), hang=2)
    if promotion.next is not None:
        lines += style.lines(Span("Next:", Look.STRONG), f" {promotion.next}", hang=2)
    return "\n".join(lines)
