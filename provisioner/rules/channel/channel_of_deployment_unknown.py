"""The channel of a declared deployment."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.names import Nearest
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-of-deployment-unknown",
    severity=Severity.WARNING,
    what="A deployment names a channel that is neither declared nor external.",
    why="""
        The name is probably misspelt. A plan looks the channel up in the org, and stops if the org does not have it.
        A channel of another owner belongs under `external`: then this declaration says that it counts on the channel.
    """,
    fix="Correct the name, declare the channel under channels, or list it under `external: {channels: [...]}`.",
    good="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: true}}
        external: {channels: [App_Chat]}
        deployments:
          Shop_Web: {channel: Web_Chat}
          Shop_App: {channel: App_Chat}
    """,
    bad="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: true}}
        deployments:
          Shop_Web:
            channel: Web_Chta  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    known = context.referable("channels")
    if known is None:
        return
    nearest = Nearest(known)
    for deployment in context.estate.deployments.values():
        if deployment.channel and deployment.channel not in known and not is_open(deployment.channel):
            yield RULE.finding(
                f"There is no channel {deployment.channel!r} under channels or external."
                f"{nearest.hint(deployment.channel)}",
                deployment.places.of("channel"),
                deployment.address,
            )
