"""A channel that would be created without verification."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Channel
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import NEW_CHANNEL
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-create-unverified",
    severity=Severity.ERROR,
    what="A channel to create does not verify its customers from the first moment.",
    why="""
        A new channel is sent with verification on and with its configurations, so that there is no moment in which it
        lets guests in. An org cannot delete a channel, so one without verification is better made by a person in Setup.
    """,
    fix="Write `user_verification: {enabled: true, configurations: {NAME: {keyset: KEYSET}}}` on the channel.",
    good=NEW_CHANNEL,
    bad="""
        version: 1
        channels:
          Web_Chat:
            create: {routing: {queue: Support}}  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        if channel.create is None:
            continue
        verifies = channel.enabled and any(each.active for each in (channel.configurations or {}).values())
        if not verifies and not _is_misspelt(channel, context):
            what = "no active configuration" if channel.enabled else "verification off"
            message = f"{channel.name} would be created with {what}."
            yield RULE.finding(message, channel.places.of("create"), channel.address)


def _is_misspelt(channel: Channel, context: RuleInput) -> bool:
    """Return whether the missing part may be there in an unreadable form, which another rule reports."""
    field = "configurations" if channel.enabled else "enabled"
    is_missing = channel.configurations is None if channel.enabled else channel.enabled is None
    return is_missing and not context.lacks(("channels", channel.name, "user_verification"), field)
