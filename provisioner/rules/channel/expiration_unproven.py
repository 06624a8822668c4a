"""Expirations that may be refused."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.channel.expiration_invalid import MOST
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule
from provisioner.rules.values import expirations

LEAST_PROVEN, MOST_PROVEN = 60, 240

RULE = Rule(
    id="expiration-unproven",
    severity=Severity.WARNING,
    what="The expiration for verified users is outside 60 to 240 minutes.",
    why="""
        Salesforce's own sources disagree: one gives 60 to 240 minutes for verified users, while a sample of the
        Metadata API Developer Guide (MessagingChannel) has 360. The org decides; if it refuses, nothing is applied.
    """,
    fix="Use 60 to 240, or accept it under ignore after an org has accepted it.",
    good="""
        version: 1
        channels:
          Web_Chat:
            token_expiration_minutes: {verified: 240}
    """,
    bad="""
        version: 1
        channels:
          Web_Chat:
            token_expiration_minutes: {verified: 30}  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for expiration in expirations(context):
        minutes = expiration.minutes
        if expiration.whose == "verified" and 1 <= minutes <= MOST and not LEAST_PROVEN <= minutes <= MOST_PROVEN:
            message = (
                f"The expiration for verified users is {minutes} minutes. "
                f"It is not proven that an org accepts less than {LEAST_PROVEN} or more than {MOST_PROVEN}."
            )
            yield RULE.finding(message, expiration.at, expiration.address)
