"""Expirations out of range. ``declaration.shape`` finds values that are not whole numbers."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule
from provisioner.rules.values import expirations

#: 72 hours. Salesforce Help, "Set Up Token-Based User Verification".
MOST = 4320

RULE = Rule(
    id="expiration-invalid",
    severity=Severity.ERROR,
    what="A token expiration is not a whole number of minutes from 1 to 4320.",
    why="""
        Salesforce stores these times as whole minutes and accepts at most 72 hours (Salesforce Help, "Set Up
        Token-Based User Verification"; Metadata API Developer Guide, MessagingChannel:
        verifiedUserJwtExpirationTime, anonymousUserJwtExpirationTime).
    """,
    fix="Write whole minutes from 1 to 4320, without quotes and without a unit: 60 is an hour, 1440 a day.",
    good="""
        version: 1
        channels:
          Web_Chat:
            token_expiration_minutes: {verified: 60, unverified: 4320}
    """,
    bad="""
        version: 1
        channels:
          Web_Chat:
            token_expiration_minutes: {verified: 60, unverified: 4321}  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for expiration in expirations(context):
        if not 1 <= expiration.minutes <= MOST:
            minutes = f"{expiration.shown} minutes; the range is 1 to {MOST}"
            message = f"The expiration for {expiration.whose} users is {minutes}."
            yield RULE.finding(message, expiration.at, expiration.address)
