"""One Configuration Name for customers of different issuers."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="configuration-name-conflict",
    severity=Severity.WARNING,
    what="Two channels have a configuration of the same name with different issuers.",
    why="""
        Channels with the same Configuration Name share their customers' conversations (Salesforce Help, "Set Up
        Token-Based User Verification"): only that name and the token's `sub` identify a customer. With two
        issuers, two different people may have the same `sub`, and one would read the other's conversation.
    """,
    fix="Give the configurations different names, unless both issuers give each person the same sub.",
    good="""
        version: 1
        keysets:
          shop: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks.json}
        channels:
          Web_Chat: {user_verification: {configurations: {shop_login: {keyset: shop}}}}
          App_Chat: {user_verification: {configurations: {shop_login: {keyset: shop}}}}
    """,
    bad="""
        version: 1
        keysets:
          web: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks.json}
          app: {issuer: https://app.example.com, endpoint: https://app.example.com/jwks.json}
        channels:
          Web_Chat: {user_verification: {configurations: {login: {keyset: web}}}}
          App_Chat: {user_verification: {configurations: {login: {keyset: app}}}}  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    owners: dict[str, tuple[str, str]] = {}  # Configuration Name: channel and issuer
    for channel in context.estate.channels.values():
        for configuration in (channel.configurations or {}).values():
            keyset = context.estate.keysets.get(configuration.keyset or "")
            issuer = keyset.issuer.value if keyset is not None and keyset.issuer is not None else None
            if issuer is None:
                continue
            other, other_issuer = owners.setdefault(configuration.name, (channel.name, issuer))
            if other_issuer != issuer:
                yield RULE.finding(
                    f"{configuration.name} has the issuer {issuer} here and {other_issuer} on {other}: "
                    "customers of both with the same sub would share their conversations.",
                    channel.places.of("user_verification", "configurations", configuration.name),
                    channel.address,
                )
