"""Runs work for several environments in parallel: bounded, in the given order, each with its own result or error."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from provisioner.errors import WORST_FIRST, ExitStatus, InterruptedRunError, ProvisionerError, as_ours
from provisioner.salesforce.parallel import in_background
from provisioner.workflows.console import EnvironmentOutput, output_of
from provisioner.workflows.local_orgs import LOCAL_ORGS

T = TypeVar("T")
log = logging.getLogger(__name__)
#: The number of names at a time. A run waits for orgs much longer than for this machine.
AT_ONCE = 8


def side_by_side(
    names: Sequence[str], work: Callable[[str], T], *, at_once: int = AT_ONCE
) -> list[tuple[str, T | ProvisionerError]]:
    """Return the result of ``work`` for each name, or the error that ended it, in the order of ``names``.

    An error of one name does not affect the others. Ctrl-C and SIGTERM stop the unfinished names, which get an
    :class:`InterruptedRunError`; finished names keep their result, and local orgs that were started are stopped.
    """
    run = _Run(names, work)
    try:
        workers = [in_background(run.worker) for _ in range(min(at_once, len(names)))]
        for worker in workers:
            worker.result()
    except KeyboardInterrupt:
        run.interrupt()
        LOCAL_ORGS.stop_all()
    return run.results()


def worst(statuses: Iterable[int]) -> ExitStatus:
    """Return the exit status of several environments. Wrong usage in only one of them counts as wrong input."""
    return min(
        (ExitStatus(each) if each in WORST_FIRST else ExitStatus.WRONG_INPUT for each in statuses),
        key=WORST_FIRST.index,
    )


class _Run(Generic[T]):
    """The names that workers take one at a time, and their results."""

    def __init__(self, names: Iterable[str], work: Callable[[str], T]) -> None:
        self._work = work
        self._outputs = [EnvironmentOutput(name) for name in names]
        self._outcomes: dict[str, T | ProvisionerError] = {}
        self._lock = Lock()
        self._waiting = iter(self._outputs)
        self._interrupted = False

    def worker(self) -> None:
        while (output := self._next()) is not None:
            with output_of(output):
                outcome = self._outcome(output.name)
            with self._lock:
                if not self._interrupted:
                    self._outcomes[output.name] = outcome

    def _next(self) -> EnvironmentOutput | None:
        with self._lock:
            return None if self._interrupted else next(self._waiting, None)

    def _outcome(self, name: str) -> T | ProvisionerError:
        try:
            return self._work(name)
        except BaseException as error:
            ours = as_ours(error)
            if ours is not error:
                log.debug("%s", "".join(traceback.format_exception(error)).rstrip())
            return ours

    def interrupt(self) -> None:
        """Start no further name, keep no further result, and print no further message."""
        with self._lock:
            self._interrupted = True
            for output in self._outputs:
                output.silent = True

    def results(self) -> list[tuple[str, T | ProvisionerError]]:
        names = [each.name for each in self._outputs]
        return [(name, self._outcomes[name] if name in self._outcomes else _interrupted()) for name in names]


def _interrupted() -> InterruptedRunError:
    return InterruptedRunError(
        "Interrupted before this environment was finished.", next="You can safely run the command again."
    )
