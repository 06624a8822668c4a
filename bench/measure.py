"""Two sides in turn, several rounds, and what the medians say."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Action = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two sides took for the same thing, in seconds, a figure a round. The ratio must stay under ``goal``."""

    name: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    goal: float
    sides: tuple[str, str] = ("ours", "sf")

    @property
    def ratio(self) -> float:
        """Our median in theirs."""
        return statistics.median(self.ours) / statistics.median(self.theirs)

    @property
    def met(self) -> bool:
        return self.ratio < self.goal


def seconds(action: Action) -> float:
    """How long ``action`` takes."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def nothing() -> None:
    """What comes before a side that needs no preparation."""


def compare(
    name: str,
    ours: Action,
    theirs: Action,
    *,
    goal: float,
    rounds: int,
    sides: tuple[str, str] = ("ours", "sf"),
    before_ours: Action = nothing,
    before_theirs: Action = nothing,
) -> Comparison:
    """Measure both sides in turn, so that a slow moment of the machine strikes both.

    What comes before a side is not measured, and neither is the first round, which warms the caches of both.
    """
    figures: list[tuple[float, float]] = []
    for _ in range(rounds + 1):
        before_ours()
        mine = seconds(ours)
        before_theirs()
        figures.append((mine, seconds(theirs)))
    counted = figures[1:]
    return Comparison(name, tuple(pair[0] for pair in counted), tuple(pair[1] for pair in counted), goal, sides)


@dataclass(frozen=True, slots=True)
class Latencies:
    """How many answers a command waits for in a row: what a latency added to each answer adds to the whole."""

    name: str
    quick: tuple[float, ...]
    slow: tuple[float, ...]
    latency: float
    goal: float

    @property
    def waited_for(self) -> float:
        return (statistics.median(self.slow) - statistics.median(self.quick)) / self.latency

    @property
    def met(self) -> bool:
        # The measurement itself may be off by half a latency.
        return self.waited_for <= self.goal + 0.5


def table(comparisons: list[Comparison], latencies: list[Latencies]) -> str:
    """Both kinds of figures for a terminal, one line each; a head wherever the sides are others."""
    width = max(len(name) for name in [row.name for row in comparisons] + [counted.name for counted in latencies])
    lines = []
    shown: tuple[str, str] | None = None
    for row in comparisons:
        if row.sides != shown:
            shown = row.sides
            lines.append(f"{'':<{width}}  {shown[0]:>8}  {shown[1]:>8}  {'ratio':>6}  {'goal':>6}")
        ours, theirs = statistics.median(row.ours), statistics.median(row.theirs)
        verdict = "met" if row.met else "NOT MET"
        goal = f"<{row.goal:g}"
        medians = f"{ours:>6.2f} s  {theirs:>6.2f} s"
        lines.append(f"{row.name:<{width}}  {medians}  {row.ratio:>6.2f}  {goal:>6}  {verdict}")
    for counted in latencies:
        verdict = "met" if counted.met else "NOT MET"
        figure = f"waits for {counted.waited_for:.1f} answers in a row, goal {counted.goal:g}"
        lines.append(f"{counted.name:<{width}}  {figure}  {verdict}")
    return "\n".join(lines)
