"""Makes a local org behave as a probe saw an org behave: its record becomes faults that are switched on and off."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner import localorg
from provisioner.errors import InputError, UsageError
from provisioner.experiments.catalogue import BY_NAME
from provisioner.experiments.experiment import Side
from provisioner.files import UnreadableError, read_regular
from provisioner.localorg.faults import parse
from provisioner.report.json import FORMAT_VERSION
from provisioner.report.probe import KIND

_LARGEST = 10_000_000
_NEXT = "Name the JSON record of a probe: provisioner probe --env SANDBOX --out record.json"


@dataclass(frozen=True, slots=True)
class Likeness:
    """Faults to switch on, with their arguments; faults to switch off; and what the local org cannot take, and why."""

    broken: tuple[str, ...]
    mended: tuple[str, ...]
    not_taken: tuple[str, ...]

    def take(self, directory: Path) -> None:
        """Switch the faults of the local org in that folder."""
        for name in self.mended:
            localorg.mend(directory, name)
        for name in self.broken:
            localorg.break_(directory, name)


def likeness(path: Path) -> Likeness:
    """Return what a record asks of a local org. Raises :class:`InputError` if the file is no record."""
    wanted: dict[str, str] = {}
    unwanted: set[str] = set()
    not_taken: list[str] = []
    for result in _results(path):
        side = _side(result)
        if isinstance(side, str):
            not_taken.append(side)
            continue
        experiment = BY_NAME[result["experiment"]]
        detail = str(result.get("detail"))
        own = {_name(each): each.format(detail) for each in side.faults or ()}
        wanted |= own
        unwanted |= {_name(each) for other in experiment.sides for each in other.faults or ()} - own.keys()
    for fault in wanted.keys() & unwanted:
        not_taken.append(f"{fault}: experiments of the record contradict each other about it")
        del wanted[fault]
        unwanted.discard(fault)
    broken, refused = _taken(wanted)
    return Likeness(broken, tuple(sorted(unwanted)), (*not_taken, *refused))


def _name(fault: str) -> str:
    return fault.partition("=")[0]


def _side(result: dict[str, Any]) -> Side | str:
    """Return the side of a result that the local org can take, or a sentence that says why it cannot."""
    name, wanted = result.get("experiment"), result.get("side")
    if wanted is None:
        return f"{name}: not settled"
    experiment = BY_NAME.get(name) if isinstance(name, str) else None
    side = next((each for each in experiment.sides if each.name == wanted), None) if experiment is not None else None
    if side is None:
        return f"{name}: this version does not know this experiment with the side {wanted}"
    if side.faults is None:
        return f"{name}: the local org has no fault for this: {side.means}"
    return side


def _taken(wanted: dict[str, str]) -> tuple[tuple[str, ...], list[str]]:
    """Return the faults with their arguments, and the errors of arguments that do not fit."""
    broken, refused = [], []
    for fault in wanted.values():
        try:
            parse(fault)
        except UsageError as error:
            refused.append(f"{_name(fault)}: {error.message}")
        else:
            broken.append(fault)
    return tuple(broken), refused


def _results(path: Path) -> list[dict[str, Any]]:
    try:
        document = json.loads(read_regular(path, _LARGEST))
    except UnreadableError as error:
        raise InputError(f"The record {path} {error.problem}.", next=_NEXT, code="not-a-record") from None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or (document.get("kind"), document.get("format_version")) != (
        KIND,
        FORMAT_VERSION,
    ):
        raise InputError(f"{path} is not the JSON record of a probe.", next=_NEXT, code="not-a-record")
    results = document.get("results")
    return [each for each in results if isinstance(each, dict)] if isinstance(results, list) else []
