"""Runs experiments one after another, and cleans up after each, so that none begins with the remains of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.components.meaning import digest
from provisioner.components.snapshot import Component
from provisioner.execution.recorder import Recorder
from provisioner.experiments.bench import Bench
from provisioner.experiments.cleaning import PHASE, Cleaner, Left, Lent
from provisioner.experiments.experiment import Experiment, UndecidedError
from provisioner.experiments.masking import Mask
from provisioner.experiments.record import Result
from provisioner.salesforce import OrgFault

NEEDS_CHANNEL = "It needs an inactive channel: --channel NAME."
NOT_CLEAN = "It was not run, because the clean-up before it was not complete."


@dataclass(slots=True)
class Running:
    """A run. ``results`` grows with each experiment; ``left`` is the rest of the last clean-up, None before the first.

    ``earlier`` are channels that earlier probes borrowed and did not restore. ``kept`` are results of an interrupted
    run: their experiments are not run again. ``on_result`` is called after each experiment.
    """

    bench: Bench
    cleaner: Cleaner
    mask: Mask
    say: Callable[[str], None]
    earlier: Sequence[Lent] = ()
    kept: Mapping[str, Result] = field(default_factory=dict)
    on_result: Callable[[], None] = lambda: None
    results: list[Result] = field(default_factory=list)
    left: tuple[Left, ...] | None = None

    @property
    def recorder(self) -> Recorder:
        """Return the writer of this run's journal entry."""
        return self.bench.deploying.recorder

    def run(self, experiments: Sequence[Experiment]) -> None:
        """Run all, or stop after one that cannot be cleaned up.

        Raises the error that stopped the run, such as a lost connection.
        """
        for number, experiment in enumerate(experiments, 1):
            if experiment.name in self.kept:
                self.results.append(self.kept[experiment.name])
                continue
            if experiment.needs_channel and self.bench.borrowed is None:
                self.results.append(Result(experiment, reason=NEEDS_CHANNEL))
                continue
            if self.left:
                self.results.append(Result(experiment, reason=NOT_CLEAN))
                continue
            self.say(f"{number}/{len(experiments)} {experiment.name}: {experiment.question}")
            self.results.append(self._one(experiment))
            self.on_result()
            self.clean()

    def clean(self) -> None:
        """Remove all components of this run."""
        self.bench.begin(PHASE)
        self.left = None
        borrowed = self.bench.borrowed
        own = [Lent(borrowed)] if borrowed is not None else []
        self.left = self.cleaner.clean([*self.earlier, *own])

    def _one(self, experiment: Experiment) -> Result:
        bench = self.bench
        bench.begin(experiment.name)
        found, reason = None, None
        try:
            if experiment.needs_channel:
                self._require_unchanged()
            found = experiment.run(bench)
        except UndecidedError as undecided:
            reason = self.mask(str(undecided))
        except OrgFault as fault:
            reason = self.mask(f"The org refused a request: {fault}")
        return Result(experiment, found, reason, tuple(self.mask.step(each) for each in bench.steps))

    def _require_unchanged(self) -> None:
        """Raise :class:`UndecidedError` if another user changed or activated the borrowed channel meanwhile."""
        borrowed = self.bench.borrowed
        assert borrowed is not None
        found = self.bench.org.read({borrowed.key[0]: [borrowed.name]})[borrowed.key]
        if not isinstance(found, Component) or digest(found.xml) != digest(borrowed.before):
            raise UndecidedError("The channel has changed since the beginning of the run.")
        record = self.bench.org.channel_records().get(borrowed.name)
        if record is None or record.active:
            raise UndecidedError("The channel is no longer inactive.")
