"""The record of a probe for programs, and for `localorg start --like`."""

from __future__ import annotations

from provisioner.experiments.record import Record, Result
from provisioner.report.probe_view import by_belief
from provisioner.report.shapes import FORMAT_VERSION, Json

#: Says what a JSON document is, to whoever gets it without its name.
KIND = "probe-record"


def probe_json(record: Record) -> Json:
    """The record: what was done, what the org answered with names masked, and which side holds.

    A result: ``{"belief", "experiment", "question", "settled", "side", "means", "detail", "reason", "steps": [{"did",
    "answered"}]}``; ``side``, ``means`` and ``detail`` are null if it is not settled, ``reason`` if it is.
    """
    return {
        "format_version": FORMAT_VERSION,
        "kind": KIND,
        "date": f"{record.began:%Y-%m-%d}",
        "tool_version": record.tool_version,
        "org": {"api_version": record.api_version, "is_sandbox": record.is_sandbox, "edition": record.edition},
        "channel_borrowed": record.has_channel,
        "complete": record.complete,
        "results": [_result(each) for each in by_belief(record)],
    }


def _result(result: Result) -> Json:
    side = result.side
    return {
        "belief": result.experiment.belief,
        "experiment": result.experiment.name,
        "question": result.experiment.question,
        "settled": side is not None,
        "side": side.name if side is not None else None,
        "means": side.means if side is not None else None,
        "detail": result.found.detail if result.found is not None else None,
        "reason": result.reason,
        "steps": [{"did": each.did, "answered": each.answered} for each in result.steps],
    }
