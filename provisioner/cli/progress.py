"""An apply's progress, at a terminal and without one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from provisioner.report.outcome import deploying

if TYPE_CHECKING:
    from provisioner.cli.context import Context
    from provisioner.salesforce import DeployStatus


@contextlib.contextmanager
def shown_progress(context: Context) -> Iterator[TerminalProgress]:
    """Return progress that removes its temporary line after any outcome."""
    progress = TerminalProgress(context)
    try:
        yield progress
    finally:
        progress.clear()


class TerminalProgress:
    """Steps as lines on stderr; at a terminal, the deployment's state on one line that is overwritten."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._live = context.output.stderr.is_terminal and not context.arguments.quiet
        self._began = time.monotonic()
        self._last = ""
        self._shown = False

    def step(self, sentence: str) -> None:
        self.clear()
        self._context.say(sentence)

    def look(self, status: DeployStatus) -> None:
        seconds = time.monotonic() - self._began
        line = deploying(status.id, status.status, status.components_deployed, status.components_total, seconds)
        if self._live:
            self._context.output.paint(f"\r\x1b[2K{line[: self._context.talk_style.width - 1]}")
            self._shown = True
        elif status.status != self._last:
            self._context.say(line)
        self._last = status.status

    def clear(self) -> None:
        """Remove the temporary line from the screen."""
        if self._shown:
            self._context.output.paint("\r\x1b[2K")
            self._shown = False
