"""Verification without anything that verifies."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Configuration, UploadedKeys
from provisioner.rules.context import Context
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-no-usable-configuration",
    severity=Severity.WARNING,
    what="A channel's verification is on, and none of its configurations could verify a token.",
    why="""
        With verification on, guests cannot chat, and without a usable configuration nobody can. A configuration
        is usable if it is active and its keyset is an endpoint, or has an active key whose certificate is valid
        now. Source: Salesforce Help, "Set Up Token-Based User Verification".
    """,
    fix="Activate a configuration whose keyset has an active and valid key, or set `enabled: false`.",
    good="""
        version: 1
        keysets:
          shop: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks.json}
        channels:
          Web_Chat:
            user_verification:
              enabled: true
              configurations:
                shop_login: {keyset: shop}
    """,
    bad="""
        version: 1
        keysets:
          shop: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks.json}
        channels:
          Web_Chat:
            user_verification:
              enabled: true
              configurations:  # wrong
                shop_login: {keyset: shop, active: false}
    """,
)


def check(context: Context) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        configurations = channel.configurations
        if not channel.enabled or configurations is None:
            continue
        if any(_may_verify(configuration, context) for configuration in configurations.values()):
            continue
        active = sum(configuration.active for configuration in configurations.values())
        problem = (
            "no keyset of its active configurations has an active and valid key"
            if active
            else "none of its configurations is active"
            if configurations
            else "it has no configuration"
        )
        at = channel.places.of("user_verification", "configurations")
        message = f"Verification is on, but {problem}: nobody could chat on {channel.name}."
        yield RULE.finding(message, at, f"channel.{channel.name}")


def _may_verify(configuration: Configuration, context: Context) -> bool:
    """Whether a token could be verified; what is not known, or is an error of its own, counts as if it could."""
    if not configuration.active:
        return False
    keyset = context.estate.keysets.get(configuration.keyset or "")
    if keyset is None or not isinstance(keyset.source, UploadedKeys):
        return True
    return any(_key_may_verify(name, context) for name in keyset.source.names)


def _key_may_verify(name: str, context: Context) -> bool:
    key = context.estate.keys.get(name)
    if key is None:
        return True
    derivation = context.derivations.get(name)
    certificate = derivation.certificate if derivation is not None else None
    if not key.active or certificate is None:
        return key.active
    return certificate.not_valid_before_utc <= context.now <= certificate.not_valid_after_utc
