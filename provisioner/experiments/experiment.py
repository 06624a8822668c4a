"""An experiment as data: the belief that it settles, its possible results, and the function that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provisioner.experiments.bench import Bench

#: The prefix of every component that a probe creates.
PREFIX = "uvprobe_"


@dataclass(frozen=True, slots=True)
class Side:
    """A possible result. ``means`` is a sentence about orgs.

    ``faults`` give the local org this behaviour; None if it does not have it. ``{}`` in one is replaced by the detail
    of the result.
    """

    name: str
    means: str
    faults: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The side that an experiment found; ``detail`` adds a value that the side leaves open, such as an element."""

    side: str
    detail: str | None = None


class UndecidedError(Exception):
    """The experiment cannot decide; the text is a sentence with the reason."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment.

    ``belief`` is its number in docs/unproven.md. ``run`` raises :class:`UndecidedError` if it cannot decide.
    """

    name: str
    belief: int
    question: str
    sides: tuple[Side, ...]
    run: Callable[[Bench], Found]
    needs_channel: bool = False

    def side(self, name: str) -> Side:
        """Return the side with a name. Raises KeyError."""
        return {each.name: each for each in self.sides}[name]
