"""The view of a promotion: each step, then the verdict."""

from __future__ import annotations

from datetime import datetime

from provisioner.execution.outcome import Result
from provisioner.report.document import GAP, Block, heading, labelled, line, table
from provisioner.report.outcome_json import outcome_json
from provisioner.report.outcome_view import outcome_view
from provisioner.report.promotion_shapes import Promotion, Side, Step, Verdict
from provisioner.report.shapes import FORMAT_VERSION, Json
from provisioner.report.style import Look, Row, Span
from provisioner.report.verify_json import verify_json

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


def promotion_json(promotion: Promotion) -> Json:
    """Return the JSON of ``promote --format json`` and of the record: the proofs, their times, subjects and versions.

    ``from``, ``to`` and ``to_afterwards`` are null if the promotion did not reach them.
    """
    return {
        "format_version": FORMAT_VERSION,
        "verdict": promotion.verdict.value,
        "message": promotion.message,
        "next": promotion.next,
        "tool_version": promotion.tool_version,
        "by": promotion.by.to_json(),
        "began": _moment(promotion.began),
        "ended": _moment(promotion.ended),
        "from": _side(promotion.source),
        "to": _side(promotion.target),
        "to_afterwards": _side(promotion.target_after),
        "steps": [_step(each) for each in promotion.steps],
        "verify": {
            "asked": promotion.verify,
            "before": [verify_json(*each) for each in promotion.before],
            "after": [verify_json(*each) for each in promotion.after],
        },
        "apply": outcome_json(promotion.outcome) if promotion.outcome is not None else None,
        "plan_file": promotion.plan_file,
        "exit_status": int(promotion.exit_status),
    }


def _side(side: Side | None) -> Json | None:
    if side is None:
        return None
    return {
        "environment": side.environment,
        "production": side.production,
        "org": {"id": side.org.id, "instance_url": side.org.instance_url},
        "user_id": side.user_id,
        "api_version": side.plan.api_version,
        "declaration_digest": side.plan.declaration_digest,
        "differs": [change.address for change in side.plan.changes],
        "components": dict(side.components),
        "read_at": _moment(side.read_at),
    }


def _step(step: Step) -> Json:
    return {"step": step.name, "at": _moment(step.at), "passed": step.passed, "found": step.found}


def _moment(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at is not None else None
