"""The progress of an apply: it takes sentences and statuses of deployments, and decides nothing."""

from __future__ import annotations

from typing import Protocol

from provisioner.salesforce import DeployStatus


class Progress(Protocol):
    """Shows the work: ``step`` a sentence that stays, ``look`` a passing status of the deployment."""

    def step(self, sentence: str) -> None: ...

    def look(self, status: DeployStatus) -> None: ...


class Silent:
    """A progress that shows nothing."""

    def step(self, sentence: str) -> None:
        """Ignore the sentence."""

    def look(self, status: DeployStatus) -> None:
        """Ignore the status."""
