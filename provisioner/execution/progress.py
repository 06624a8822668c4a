"""The progress of an apply: it takes sentences and statuses of deployments, and decides nothing."""

from __future__ import annotations

from typing import Protocol

from provisioner.salesforce import DeployStatus


class Progress(Protocol):
    """Told what happens. ``step`` is a sentence that stays; ``look`` is a passing state of the deployment."""

    def step(self, sentence: str) -> None: ...

    def look(self, status: DeployStatus) -> None: ...


class Silent:
    """A progress that shows nothing."""

    def step(self, sentence: str) -> None:
        """Ignore the sentence."""

    def look(self, status: DeployStatus) -> None:
        """Ignore the status."""
