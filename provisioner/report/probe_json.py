"""The record of a probe for programs, for `localorg start --like`, and for a probe that continues after a kill."""

from __future__ import annotations

from provisioner.experiments.bench import Step
from provisioner.experiments.catalogue import BY_NAME
from provisioner.experiments.experiment import Found
from provisioner.experiments.record import Listed, Record, Result
from provisioner.report.probe_view import by_belief
from provisioner.report.shapes import FORMAT_VERSION, Json

#: Identifies the JSON document to a reader who does not have its file name.
KIND = "probe-record"


def probe_json(record: Record) -> Json:
    """Return the record: the actions, the org's answers with names masked, and the side that holds.

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


def settled_in(document: object) -> tuple[Result, ...]:
    """Return the settled results of a record that this version wrote; unknown parts are omitted."""
    results = document.get("results") if isinstance(document, dict) else None
    found = (_settled(each) for each in results if isinstance(each, dict)) if isinstance(results, list) else ()
    return tuple(each for each in found if each is not None)


def _settled(document: Json) -> Result | None:
    name, side, detail, steps = (document.get(member) for member in ("experiment", "side", "detail", "steps"))
    experiment = BY_NAME.get(name) if isinstance(name, str) else None
    if experiment is None or not isinstance(side, str) or not isinstance(steps, list):
        return None
    if side not in {each.name for each in experiment.sides}:
        return None
    return Result(
        experiment,
        Found(side, detail if isinstance(detail, str) else None),
        steps=tuple(Step(str(each["did"]), str(each["answered"])) for each in steps if _is_step(each)),
    )


def _is_step(document: object) -> bool:
    return isinstance(document, dict) and {"did", "answered"} <= document.keys()


def cleaned_json(listed: Listed) -> Json:
    """Return ``probe --clean --format json``."""
    return {"format_version": FORMAT_VERSION, "cleaned": list(listed.leftovers)}
