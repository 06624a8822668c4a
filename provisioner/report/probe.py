"""A probe: the list for the question to the user, the results, and the record, which is also read again."""

from __future__ import annotations

from provisioner.experiments.bench import Step
from provisioner.experiments.catalogue import BY_NAME
from provisioner.experiments.experiment import Found
from provisioner.experiments.record import Listed, Record, Result
from provisioner.report.document import GAP, Block, Sum, heading, line, table
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.style import Look, Row, Span
from provisioner.words import counted, enumerated

_PAGE = "docs/unproven.md"
#: Identifies the JSON document to a reader who does not have its file name.
KIND = "probe-record"


def listed_view(listed: Listed) -> list[Block]:
    """Return the plan of a probe: the leftovers that it removes, and its experiments."""
    blocks: list[Block] = []
    if listed.leftovers:
        blocks.append(line(f"An earlier probe left {enumerated(listed.leftovers)}: cleaned up first.", hang=2))
    todo = [each for each in listed.experiments if each.name not in listed.kept]
    runs = [each for each in todo if listed.channel is not None or not each.needs_channel]
    if listed.kept:
        kept = counted(len(listed.kept), "experiment")
        blocks.append(line(f"{kept} settled by a run that was cut off: not run again (--clean forgets this)."))
    if not listed.experiments:
        return blocks
    rows = [(str(each.belief), each.name, each.question) for each in sorted(runs, key=lambda run: run.belief)]
    blocks += [
        line(f"{counted(len(runs), 'experiment')} in {listed.environment}, each with components named uvprobe_…"),
        table(rows, right=(0,)),
    ]
    if listed.channel is not None:
        blocks.append(line(f"The inactive channel {listed.channel} is changed, and put back after each experiment."))
    elif skipped := len(todo) - len(runs):
        blocks.append(line(f"{counted(skipped, 'more experiment')} with an inactive channel: --channel NAME."))
    return [*blocks, GAP]


def probe_view(record: Record) -> list[Block]:
    """Return one row for each result, and the sum."""
    rows: list[Row] = [
        (str(each.experiment.belief), each.experiment.name, _outcome(each)) for each in by_belief(record)
    ]
    head = ("belief", "experiment", "result")
    return [table(rows, head=head, right=(0,)), GAP, Sum(_sum(record))]


def record_view(record: Record) -> list[Block]:
    """Return the whole record: the results, then each experiment with its steps and the org's answers."""
    org = record.org_words
    blocks = [
        heading("Record of a probe"),
        line(f"{record.began:%Y-%m-%d}, {org}, API version {record.api_version}, by version {record.tool_version}."),
        line(f"The numbers are those of {_PAGE}. Names, ids and addresses are masked."),
        *probe_view(record),
    ]
    for result in by_belief(record):
        if not result.steps:
            continue
        experiment = result.experiment
        rows: list[Row] = [(each.did, each.answered) for each in result.steps]
        blocks += [
            heading(f"{experiment.belief} {experiment.name}", level=2),
            line(experiment.question, " ", _outcome(result)),
            table(rows, head=("what was done", "what the org answered")),
        ]
    return blocks


def by_belief(record: Record) -> list[Result]:
    """Return the results in the order of the page, not in the order of the experiments."""
    return sorted(record.results, key=lambda each: each.experiment.belief)


def _outcome(result: Result) -> Span:
    side = result.side
    if side is None:
        return Span(f"not settled: {result.reason}", Look.CAREFUL)
    detail = result.found.detail if result.found is not None else None
    return Span(f"{side.means}{f' ({detail})' if detail else ''}")


def _sum(record: Record) -> str:
    words = f"{record.settled} of {counted(len(record.results), 'experiment')} settled."
    return words if record.complete else f"{words} The run was cut off."


def cleaned_view(listed: Listed) -> list[Block]:
    """Return the components that a clean-up removed."""
    return [line(f"Cleaned up: {enumerated(listed.leftovers)}." if listed.leftovers else "Nothing to clean up.")]


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
        "org": members(record, "api_version", "is_sandbox", "edition"),
        **members(record, "channel_borrowed=has_channel", "complete"),
        "results": [_result(each) for each in by_belief(record)],
    }


def _result(result: Result) -> Json:
    return {
        **members(result.experiment, "belief", "experiment=name", "question"),
        "settled": result.side is not None,
        **members(result, "side=side.name", "means=side.means", "detail=found.detail", "reason"),
        "steps": [members(each, "did", "answered") for each in result.steps],
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
