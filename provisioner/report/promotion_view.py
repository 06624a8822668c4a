"""The view of a promotion: each step, then the verdict."""

from __future__ import annotations

from provisioner.execution.outcome import Result
from provisioner.report.document import GAP, Block, heading, labelled, line, table
from provisioner.report.outcome_view import outcome_view
from provisioner.report.promotion_shapes import Promotion, Verdict
from provisioner.report.style import Look, Row, Span

_LOOKS = {Verdict.PROMOTED: Look.GOOD, Verdict.UNCHANGED: Look.GOOD, Verdict.RUNNING: Look.CAREFUL}


def promotion_view(promotion: Promotion) -> list[Block]:
    """Return the apply's outcome, the steps, the verdict, and the next step."""
    lines: list[Block] = []
    if promotion.outcome is not None and promotion.outcome.result not in (Result.UNCHANGED, Result.REFUSED):
        lines += [*outcome_view(promotion.outcome), GAP]
    source = Span(f"Promotion from {promotion.source_name} to ")
    lines.append(heading(source, Span(promotion.target_name, Look.STRONG, whole=True)))
    rows: list[Row] = [
        (Span("yes", Look.GOOD) if step.passed else Span("no", Look.DANGER), step.name, step.found)
        for step in promotion.steps
    ]
    lines += [table(rows, indent=2), GAP] if rows else []
    said = f"{promotion.verdict.value.capitalize().replace('-', ' ')}: {promotion.message}"
    lines.append(line(Span(said, _LOOKS.get(promotion.verdict, Look.DANGER)), hang=2))
    if promotion.next is not None:
        lines.append(labelled("Next:", promotion.next))
    return lines
