"""A channel that is declared to be inactive."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-active-false",
    severity=Severity.ERROR,
    what="A channel is declared with `active: false`, and provisioner does not deactivate channels.",
    why="""
        A channel that is deactivated stops every chat on it at once. That is for a person, in Setup. `active: true`
        activates a channel; without `active`, a channel stays as it is.
    """,
    fix="Remove `active`, and deactivate the channel in Setup > Messaging Settings if nobody is to use it.",
    good="""
        version: 1
        channels:
          Web_Chat: {active: true}
    """,
    bad="""
        version: 1
        channels:
          Web_Chat:
            active: false  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        if channel.active is False:
            message = f"{channel.name} is declared inactive, and provisioner does not deactivate channels."
            yield RULE.finding(message, channel.places.of("active"), channel.address)
