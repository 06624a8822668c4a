"""The journal's entries: a view, and JSON."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.execution.journal import Damaged
from provisioner.execution.journal_entry import Entry
from provisioner.report.document import GAP, Block, labelled, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.plan_words import SIGNS
from provisioner.report.style import Look, Row, Span
from provisioner.words import counted


def journal_view(entries: Sequence[Entry | Damaged]) -> list[Block]:
    """Return one line for each entry, oldest first; damaged ones are named below."""
    known = [each for each in entries if isinstance(each, Entry)]
    if not entries:
        return [line("This machine has applied nothing yet.")]
    lines: list[Block] = []
    if known:
        heads = ("entry", "environment", "command", "changes", "ended", "by")
        rows: list[Row] = [
            [each.id, each.environment, each.command, _changes(each), _ended(each), each.by.name or "not known"]
            for each in known
        ]
        lines.append(table(rows, head=heads))
    damaged = [each for each in entries if isinstance(each, Damaged)]
    lines += [line(Span("Damaged:", Look.CAREFUL), f" {each.path} ({each.why})", hang=2) for each in damaged]
    lines += [
        labelled("Next:", f"provisioner probe --env {name} --clean")
        for name in dict.fromkeys(each.environment for each in known if each.needs_cleaning)
    ]
    if any(each.is_unsettled and not each.needs_cleaning for each in known):
        lines += [GAP, line("The next apply to the same environment looks up the entries that were cut off.")]
    return lines


def journal_json(entries: Sequence[Entry | Damaged]) -> Json:
    """Return the JSON of ``restore --format json`` without an entry, oldest first; null means unknown."""
    return {
        "format_version": FORMAT_VERSION,
        "entries": [_entry(each) for each in entries if isinstance(each, Entry)],
        "damaged": [{"file": str(each.path), "why": each.why} for each in entries if isinstance(each, Damaged)],
    }


def _entry(entry: Entry) -> Json:
    return {
        "id": entry.id,
        "began": entry.began.isoformat(),
        "ended": entry.ended.isoformat() if entry.ended is not None else None,
        **members(entry, "command", "environment", "org_id", "tool_version", "declaration_digest", "outcome"),
        "settled": not entry.is_unsettled,
        "deploy_ids": list(entry.deploy_ids),
        "changes": [
            {
                **members(each, "address", "action"),
                "restorable": each.before.withheld is None,
                "why_not": each.before.withheld,
            }
            for each in entry.touched
        ],
        "problems": list(entry.problems),
        "by": entry.by.to_json(),
        "config": entry.config,
    }


def _changes(entry: Entry) -> str:
    actions = [each.action for each in entry.touched]
    signs = (f"{sign}{number}" for action, sign in SIGNS.items() if (number := actions.count(action.value)))
    return " ".join(signs) or counted(0, "change")


def _ended(entry: Entry) -> Span:
    if entry.needs_cleaning:
        return Span("not cleaned yet", Look.CAREFUL)
    if entry.is_unsettled:
        return Span("not known yet", Look.CAREFUL)
    if entry.outcome == "looked-up":
        last = entry.sent[-1]
        return Span(f"cut off; later found {last.ended}")
    return Span(entry.outcome or "nothing was sent")
