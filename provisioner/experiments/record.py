"""The record of a probe as values: for each experiment its steps, the org's answers, and the result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioner.experiments.bench import Step
from provisioner.experiments.experiment import Experiment, Found, Side


@dataclass(frozen=True, slots=True)
class Listed:
    """The content of the question: the experiments to run, the channel, and the remains of an earlier probe in the org.

    ``kept`` are experiments that an interrupted run settled; they are not run again.
    """

    environment: str
    experiments: tuple[Experiment, ...]
    channel: str | None
    leftovers: tuple[str, ...]
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One experiment. Without ``found`` it did not settle its belief, and ``reason`` is a sentence with the reason."""

    experiment: Experiment
    found: Found | None = None
    reason: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def side(self) -> Side | None:
        return self.experiment.side(self.found.side) if self.found is not None else None


@dataclass(frozen=True, slots=True)
class Record:
    """The results of one run in one org; no part names the org, its people or its components.

    ``complete``: every requested experiment was finished.
    """

    began: datetime
    tool_version: str
    api_version: str
    is_sandbox: bool | None
    edition: str | None
    has_channel: bool
    results: tuple[Result, ...]
    complete: bool = True

    @property
    def settled(self) -> int:
        return sum(each.found is not None for each in self.results)

    @property
    def org_words(self) -> str:
        """Return the kind of org."""
        kind = {True: "a sandbox", False: "not a sandbox", None: "not known whether a sandbox"}[self.is_sandbox]
        return f"{kind} ({self.edition})" if self.edition else kind
