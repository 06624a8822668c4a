"""The views of a probe: the list for the question to the user, the results, and the whole record."""

from __future__ import annotations

from provisioner.experiments.experiment import Experiment
from provisioner.experiments.record import Listed, Record, Result
from provisioner.report.document import GAP, Block, Sum, heading, line, table
from provisioner.report.style import Look, Row, Span
from provisioner.words import counted, enumerated

_PAGE = "docs/unproven.md"


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
    blocks += [
        line(f"{counted(len(runs), 'experiment')} in {listed.environment}, each with components named uvprobe_…"),
        table([(str(each.belief), each.name, each.question) for each in sorted(runs, key=_belief)], right=(0,)),
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


def _belief(experiment: Experiment) -> int:
    return experiment.belief


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
