"""The consequences and the result of a revocation, as values for its reports."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Hit:
    """A channel that verifies tokens of the key. ``others`` are the kids that still verify there afterwards."""

    channel: str
    verified_minutes: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revoked:
    """The result of a revocation. ``refused`` is a refusal's reason and next step; None if it was done.

    ``written``: the declaration was changed, too; else ``by_hand`` is the text to write there.
    """

    environment: str
    keyset: str
    key: str
    kid: str
    hits: tuple[Hit, ...]
    was_active: bool
    outcome: Outcome | None = None
    refused: tuple[str, str] | None = None
    written: str | None = None
    by_hand: str | None = None
    next: tuple[str, ...] = ()
    exit_status: ExitStatus = ExitStatus.DONE

    @property
    def silenced(self) -> tuple[str, ...]:
        """Return the channels that cannot be used for chat without the key."""
        return tuple(hit.channel for hit in self.hits if not hit.others)

    @property
    def longest_minutes(self) -> int:
        """Return the longest lifetime of access tokens that were issued for tokens of the key."""
        return max((hit.verified_minutes for hit in self.hits), default=0)
