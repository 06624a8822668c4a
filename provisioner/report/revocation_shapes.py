"""What a revocation breaks, and what became of it: the value that its reports show."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Hit:
    """A channel that tokens of the key verify on. ``others`` are the kids that go on verifying there."""

    channel: str
    verified_minutes: int
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revoked:
    """``refused`` is why nothing was done, and what to do (sentence, next); None where it was gone through with.

    ``written``: the declaration says it as well; else ``by_hand`` says what to write there.
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
        """The channels that nobody can chat on without the key."""
        return tuple(hit.channel for hit in self.hits if not hit.others)

    @property
    def longest_minutes(self) -> int:
        """How long access tokens that were given for the key's tokens live on at most."""
        return max((hit.verified_minutes for hit in self.hits), default=0)
