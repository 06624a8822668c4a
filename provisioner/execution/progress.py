"""What an apply says on its way. A sink of sentences and of looks at the deployment; it decides nothing."""

from __future__ import annotations

from typing import Protocol

from provisioner.salesforce import DeployStatus


class Progress(Protocol):
    """Told what happens. ``step`` is a sentence that stays; ``look`` is a passing state of the deployment."""

    def step(self, sentence: str) -> None: ...

    def look(self, status: DeployStatus) -> None: ...


class Silent:
    """Says nothing."""

    def step(self, sentence: str) -> None:
        """Nobody listens."""

    def look(self, status: DeployStatus) -> None:
        """Nobody watches."""
