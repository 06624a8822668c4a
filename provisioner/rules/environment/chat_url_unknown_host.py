"""Chat URLs with a host that is not one of Salesforce."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.salesforce_hosts import CHAT_DOMAIN, is_chat_host
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import ENVIRONMENT
from provisioner.rules.rule import Rule
from provisioner.rules.values import is_damaged, split

RULE = Rule(
    id="chat-url-unknown-host",
    severity=Severity.WARNING,
    what="The host of chat_url is neither a Salesforce chat host nor this machine.",
    why="""
        The chat host receives identity tokens, which identify customers. Commands that talk to it (verify, diagnose
        chat, promote --verify, keys rotate) refuse any other host, because everyone who can edit this file could
        name one. Only --allow-chat-host HOST on the command line allows another host. Source: the messaging API
        reference,
        {scrt-url}.
    """,
    fix="Write the scrt2URL of the deployment's code snippet (https://NAME.my.salesforce-scrt.com), or omit it.",
    good=f"{ENVIRONMENT}chat_url: https://acme--uat.sandbox.my.salesforce-scrt.com\n",
    bad=f"{ENVIRONMENT}chat_url: https://chat.example.com  # wrong\n",
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None or environment.chat_url is None or is_damaged(environment.chat_url):
        return
    parts = split(environment.chat_url)
    if parts is None or parts.scheme != "https" or not parts.hostname:
        return  # a separate error
    if not is_chat_host(parts.hostname):
        message = f"{parts.hostname} is neither below {CHAT_DOMAIN} nor this machine, so nothing is sent there."
        yield RULE.finding(message, environment.places.of("chat_url"))
