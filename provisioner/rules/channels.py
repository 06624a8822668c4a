"""Rules about the settings of channels and of messaging."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.rules.context import RuleCheck, RuleInput
from provisioner.rules.rule import Rule

CHANNEL_ACTIVE_FALSE = Rule(
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


def channel_active_false(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        if channel.active is False:
            message = f"{channel.name} is declared inactive, and provisioner does not deactivate channels."
            yield CHANNEL_ACTIVE_FALSE.finding(message, channel.places.of("active"), channel.address)


ORG_MESSAGING_FALSE = Rule(
    id="org-messaging-false",
    severity=Severity.ERROR,
    what="The declaration says that Messaging is off, and this program never switches it off.",
    why="""
        Without Messaging no messaging channel of the org works, also none of those that no declaration names. So only a
        person switches it off, in Setup.
    """,
    fix="Remove `messaging`; to switch Messaging off, use Setup > Messaging Settings.",
    good="""
        version: 1
        org: {messaging: true}
    """,
    bad="""
        version: 1
        org:
          messaging: false  # wrong
    """,
)


def org_messaging_false(context: RuleInput) -> Iterator[Diagnostic]:
    org = context.estate.org
    if org.messaging is False:
        yield ORG_MESSAGING_FALSE.finding(
            "Messaging cannot be switched off by a declaration.", org.places.of("messaging")
        )


#: 72 hours. Salesforce Help, "Set Up Token-Based User Verification".
MOST = 4320

EXPIRATION_INVALID = Rule(
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


def expiration_invalid(context: RuleInput) -> Iterator[Diagnostic]:
    for expiration in expirations(context):
        if not 1 <= expiration.minutes <= MOST:
            minutes = f"{expiration.shown} minutes; the range is 1 to {MOST}"
            message = f"The expiration for {expiration.whose} users is {minutes}."
            yield EXPIRATION_INVALID.finding(message, expiration.at, expiration.address)


LEAST_PROVEN, MOST_PROVEN = 60, 240

EXPIRATION_UNPROVEN = Rule(
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


def expiration_unproven(context: RuleInput) -> Iterator[Diagnostic]:
    for expiration in expirations(context):
        minutes = expiration.minutes
        if expiration.whose == "verified" and 1 <= minutes <= MOST and not LEAST_PROVEN <= minutes <= MOST_PROVEN:
            message = (
                f"The expiration for verified users is {minutes} minutes. "
                f"It is not proven that an org accepts less than {LEAST_PROVEN} or more than {MOST_PROVEN}."
            )
            yield EXPIRATION_UNPROVEN.finding(message, expiration.at, expiration.address)


@dataclass(frozen=True, slots=True)
class DeclaredExpiration:
    """One expiration. ``whose`` is ``verified`` or ``unverified``."""

    whose: str
    minutes: int
    at: Location | None
    address: str

    @property
    def shown(self) -> str:
        """Return the number, or its size if it is too long to read."""
        return str(self.minutes) if abs(self.minutes) < 10**12 else "a very large number of"


def expirations(context: RuleInput) -> Iterator[DeclaredExpiration]:
    """Yield every channel's expirations that are whole numbers."""
    for channel in context.estate.channels.values():
        for expiration, minutes in channel.minutes.items():
            if minutes is not None:
                at = channel.places.of(*expiration.path)
                yield DeclaredExpiration(expiration.value, minutes, at, channel.address)


CHECKS: Mapping[Rule, RuleCheck] = {
    CHANNEL_ACTIVE_FALSE: channel_active_false,
    ORG_MESSAGING_FALSE: org_messaging_false,
    EXPIRATION_INVALID: expiration_invalid,
    EXPIRATION_UNPROVEN: expiration_unproven,
}
