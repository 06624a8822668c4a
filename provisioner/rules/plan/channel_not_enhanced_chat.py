"""Made by ``planning``."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-not-enhanced-chat",
    severity=Severity.ERROR,
    what="The channel is not one of Enhanced Chat (In-App or Web).",
    why="""
        Only Enhanced In-App Chat and Enhanced Web Chat channels (messagingChannelType EmbeddedMessaging) have
        user verification; WhatsApp, SMS, Facebook Messenger and others do not. Source: Salesforce Help, "Set Up
        Token-Based User Verification".
    """,
    fix="Name the Enhanced Chat channel, or remove this one from the declaration.",
    good="""
        version: 1
        channels:
          Web_Chat: {token_expiration_minutes: {verified: 60}}
    """,
    bad="""
        version: 1
        channels:
          WhatsApp_Support: {token_expiration_minutes: {verified: 60}}  # wrong
    """,
)
