"""Configuration Names (authIdentifier)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.characters import all_named, unusual
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import CHANNEL, changed
from provisioner.rules.rule import Rule

_SHAPE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

RULE = Rule(
    id="configuration-name-invalid",
    severity=Severity.ERROR,
    what="A Configuration Name contains other characters than letters, digits and underscores, or does not begin "
    "with a letter.",
    why="""
        The Configuration Name becomes part of every verified customer's key in the org
        (`v2/iamessage/AUTH/<Configuration Name>/uid:<sub>`), and Salesforce accepts no other characters there
        (Metadata API Developer Guide, MessagingChannel: authIdentifier).
    """,
    fix="Choose a name such as storefront_login. A name that is already in use by customers must not change.",
    good=CHANNEL,
    bad=changed(CHANNEL, "shop_login: {keyset: shop}", "shop-login: {keyset: shop}  # wrong"),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        for name in channel.configurations or ():
            if not _SHAPE.fullmatch(name):
                strange = unusual(name)
                yield RULE.finding(
                    f"Salesforce refuses {name!r} as a Configuration Name: only letters, digits and underscores are "
                    f"allowed, a letter first." + (f" It contains {all_named(strange)}." if strange else ""),
                    channel.places.of("user_verification", "configurations", name),
                    channel.address,
                )
