"""Made by ``planning``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-session-based-chat",
    severity=Severity.ERROR,
    what="Verification shall be on, and the channel has session-based chat.",
    why="""
        An org refuses the two together: "You can't enable Session-Based Chat for verified users"
        (isSynchronousChatEnabled of the channel's embeddedConfig).
    """,
    fix="Switch session-based chat off in Setup > Messaging Settings, or leave verification off on this channel.",
    good="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: false}}
    """,
    bad="""
        version: 1
        channels:
          Web_Chat: {user_verification: {enabled: true}}  # wrong
    """,
)
