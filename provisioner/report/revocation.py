"""The revocation of a key: the consequences before it, the result after it."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome
from provisioner.report.document import Block, labelled, line, next_steps
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.outcome import outcome_json, outcome_view
from provisioner.report.style import Look, Span
from provisioner.words import enumerated


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


def warning_view(revoked: Revoked) -> list[Block]:
    """Return the consequences, shown before the question."""
    lines = [
        line(Span(f"Revoking {revoked.key} (kid {revoked.kid}) in {revoked.environment}", Look.DANGER), ", at once:")
    ]
    lines += [line(sentence, mark=Span("!", Look.CAREFUL), indent=2, hang=4) for sentence in what_breaks(revoked)]
    return lines


def what_breaks(revoked: Revoked) -> tuple[str, ...]:
    """Return the consequences, the worst first."""
    if not revoked.was_active:
        return (f"The org has {revoked.key} inactive already: no token is verified by it.",)
    if not revoked.hits:
        return (f"No channel verifies customers by {revoked.key}: nothing breaks.",)
    names = [hit.channel for hit in revoked.hits]
    said = []
    if revoked.silenced:
        said.append(
            f"Nobody can chat on {enumerated(revoked.silenced)} until tokens are signed with another published key: no "
            "other key verifies there."
        )
    said.append(
        f"Every token with kid {revoked.kid} stops verifying on {enumerated(names)}; how soon is not documented. "
        "Customers with such a token must log in again and get a token of another key."
    )
    said += [
        f"On {hit.channel}, {enumerated(hit.others)} {'keeps' if len(hit.others) == 1 else 'keep'} verifying."
        for hit in revoked.hits
        if hit.others
    ]
    said.append(
        f"Access tokens already issued for it, including an attacker's, stay valid for up to {revoked.longest_minutes} "
        f"minutes ({', '.join(f'{hit.channel} {hit.verified_minutes}' for hit in revoked.hits)}): switching a key off "
        "does not revoke them."
    )
    return tuple(said)


def revocation_view(revoked: Revoked) -> list[Block]:
    """Return the result, and the remaining steps."""
    lines: list[Block] = []
    outcome = revoked.outcome
    if outcome is not None and revoked.refused is None:
        lines += outcome_view(outcome)
    if revoked.refused is not None:
        sentence, step = revoked.refused
        lines.append(line(Span("Not revoked:", Look.DANGER), f" {sentence}", hang=2))
        lines.append(labelled("Next:", step))
        return lines
    if revoked.written is not None:
        lines.append(line(f"Written to {revoked.written}: keys.{revoked.key} has `active: false`.", hang=2))
    if revoked.by_hand is not None:
        lines.append(line(Span("By hand:", Look.DANGER), f" {revoked.by_hand}", hang=2))
    return [*lines, *next_steps(revoked.next)]


def revocation_json(revoked: Revoked) -> Json:
    """Return the JSON of ``keys rotate --revoke --format json``; ``refused`` is null if the revocation was done."""
    refused = revoked.refused
    return {
        "format_version": FORMAT_VERSION,
        **members(revoked, "environment", "keyset", "key", "kid", "was_active"),
        "channels": [members(hit, "name=channel", "verified_minutes", "others") for hit in revoked.hits],
        **members(revoked, "nobody_can_chat_on=silenced", "access_tokens_live_minutes=longest_minutes"),
        "breaks": list(what_breaks(revoked)),
        "outcome": outcome_json(revoked.outcome) if revoked.outcome is not None else None,
        "refused": {"message": refused[0], "next": refused[1]} if refused is not None else None,
        **members(revoked, "declaration_written=written", "by_hand", "next", "exit_status"),
    }
