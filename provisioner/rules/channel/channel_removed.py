"""Tombstones of channels."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-removed",
    severity=Severity.ERROR,
    what="A channel is listed under removed, and an org cannot delete a channel.",
    why="""
        Neither Setup nor an API deletes a messaging channel. A channel that is no longer used can be
        deactivated: customers then cannot begin a chat on it.
    """,
    fix="Remove the name, and deactivate the channel in Setup > Messaging Settings.",
    good="""
        version: 1
        removed:
          keysets: [shop_2025]
    """,
    bad="""
        version: 1
        removed:
          channels:
            - Old_Chat  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for name, place in context.removed("channels"):
        yield RULE.finding(f"An org cannot delete the channel {name}.", place, f"channel.{name}")
