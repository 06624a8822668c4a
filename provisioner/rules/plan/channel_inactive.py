"""Made by ``planning``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-inactive",
    severity=Severity.WARNING,
    what="The channel is not active in the org.",
    why="""
        Nobody can chat on an inactive channel, whatever its verification says. A deployment does not activate
        it.
    """,
    fix="Activate the channel in Setup > Messaging Settings.",
    good="""
        version: 1
        channels:
          Web_Chat: {token_expiration_minutes: {verified: 60}}
    """,
    bad="""
        version: 1
        channels:
          Old_Chat: {token_expiration_minutes: {verified: 60}}  # wrong
    """,
)
