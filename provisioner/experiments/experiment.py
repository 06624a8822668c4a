"""An experiment as data: the belief that it settles, its possible results, and the function that runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provisioner.experiments.bench import Bench

#: Every component that a probe creates begins so.
PREFIX = "uvprobe_"


@dataclass(frozen=True, slots=True)
class Side:
    """A possible result. ``means`` is a sentence about orgs.

    ``faults`` make the local org take this side; None if it cannot. ``{}`` in one stands for the detail of what was
    found.
    """

    name: str
    means: str
    faults: tuple[str, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The side that an experiment found; ``detail`` is what the side leaves open, such as an element's name."""

    side: str
    detail: str | None = None


class UndecidedError(Exception):
    """The experiment cannot tell which side holds; the text is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """``belief`` is its number in docs/unproven.md. ``run`` raises :class:`UndecidedError` if it cannot decide."""

    name: str
    belief: int
    question: str
    sides: tuple[Side, ...]
    run: Callable[[Bench], Found]
    needs_channel: bool = False

    def side(self, name: str) -> Side:
        """Return the side of that name. Raises KeyError."""
        return {each.name: each for each in self.sides}[name]
