"""Made by ``planning``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-missing",
    severity=Severity.ERROR,
    what="The org has no channel of that name.",
    why="""
        Channels are made in Setup, with their routing and their deployment; only their verification is managed
        here. A name that is missing is misspelt, or belongs to another org.
    """,
    fix="Correct the name (Setup > Messaging Settings shows the API names), or create the channel there first.",
    good="""
        version: 1
        channels:
          Web_Chat: {token_expiration_minutes: {verified: 60}}
    """,
    bad="""
        version: 1
        channels:
          Web_Chta: {token_expiration_minutes: {verified: 60}}  # wrong
    """,
)
