"""Channels with more than one configuration."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-several-configurations",
    severity=Severity.WARNING,
    what="A channel has more than one configuration.",
    why="""
        Setup has a list of configurations, but the Metadata API Developer Guide (MessagingChannel) types
        messagingAuthorizations as a single element, and no org was seen with two. If the org refuses, nothing is
        applied.
    """,
    fix="Try it on a sandbox first, or use one configuration whose keyset has all keys; then accept it under ignore.",
    good="""
        version: 1
        keysets:
          web: {issuer: https://id.example.com, endpoint: https://id.example.com/web.json}
        channels:
          Web_Chat:
            user_verification:
              configurations:
                web_login: {keyset: web}
    """,
    bad="""
        version: 1
        keysets:
          web: {issuer: https://id.example.com, endpoint: https://id.example.com/web.json}
          app: {issuer: https://app.example.com, endpoint: https://app.example.com/app.json}
        channels:
          Web_Chat:
            user_verification:
              configurations:  # wrong
                web_login: {keyset: web}
                app_login: {keyset: app}
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        names = list(channel.configurations or ())
        if len(names) > 1:
            yield RULE.finding(
                f"The channel has {len(names)} configurations ({', '.join(names)}); it is not proven that an org "
                f"accepts more than one.",
                channel.places.of("user_verification", "configurations"),
                channel.address,
            )
