"""The channel of a declared deployment."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.names import Nearest
from provisioner.rules.context import Context
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-of-deployment-unknown",
    severity=Severity.ERROR,
    what="A deployment names a channel that is not declared.",
    why="""
        A deployment is published if the mode of its channel changes, so the channel must be one of this declaration.
        A deployment of a channel that somebody else owns is for them to publish.
    """,
    fix="Declare the channel under channels, correct the name, or remove the deployment.",
    good="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: true}}
        deployments:
          Shop_Web: {channel: Web_Chat}
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


def check(context: Context) -> Iterator[Diagnostic]:
    known = context.names("channels")
    if known is None:
        return
    nearest = Nearest(known)
    for deployment in context.estate.deployments.values():
        if deployment.channel and deployment.channel not in known:
            yield RULE.finding(
                f"There is no channel {deployment.channel!r} under channels.{nearest.hint(deployment.channel)}",
                deployment.places.of("channel"),
                f"deployment.{deployment.name}",
            )
