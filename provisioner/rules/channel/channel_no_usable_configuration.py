"""Verification without any configuration that can verify."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Channel, Keyset, UploadedKeys
from provisioner.model.verification import KnownConfiguration, Verification
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import CHANNEL, changed
from provisioner.rules.rule import Rule

RULE = Rule(
    id="channel-no-usable-configuration",
    severity=Severity.WARNING,
    what="Verification is on for a channel, but none of its configurations could verify a token.",
    why="""
        With verification on, guests cannot chat, and without a usable configuration no customer can. A configuration
        is usable if it is active and its keyset is an endpoint, or has an active key whose certificate is valid
        now. Source: Salesforce Help, "Set Up Token-Based User Verification".
    """,
    fix="Activate a configuration whose keyset has an active and valid key, or set `enabled: false`.",
    good=changed(CHANNEL, "      configurations:", "      enabled: true\n      configurations:"),
    bad=changed(
        CHANNEL,
        "      configurations:",
        "      enabled: true\n      configurations:  # wrong",
        "keyset: shop}",
        "keyset: shop, active: false}",
    ),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    state = context.verification
    for channel in context.estate.channels.values():
        configurations = state.channels[channel.name].configurations
        if not channel.enabled or configurations is None:
            continue
        if any(_may_verify(each, state, context) for each in configurations) or _is_unread(channel, context):
            continue
        active = sum(configuration.active for configuration in configurations)
        problem = (
            "no keyset of its active configurations has an active and valid key"
            if active
            else "none of its configurations is active"
            if configurations
            else "it has no configuration"
        )
        at = channel.places.of("user_verification", "configurations")
        message = f"Verification is on, but {problem}, so no customer could chat on {channel.name}."
        yield RULE.finding(message, at, channel.address)


def _is_unread(channel: Channel, context: RuleInput) -> bool:
    """Return whether a configuration is written in an unreadable form, which another rule reports."""
    branch = context.written("channels", channel.name, "user_verification", "configurations")
    return branch is not None and (branch.is_partial or len(branch.entries) > len(channel.configurations or ()))


def _may_verify(configuration: KnownConfiguration, state: Verification, context: RuleInput) -> bool:
    """Return whether a token could verify; an unknown component, or one with an error, counts as if it could."""
    keyset = context.estate.keysets.get(configuration.keyset or "")
    has_source = keyset is None or (keyset.source is not None and not _has_unread_keys(keyset, context))
    return configuration.active and (not has_source or state.is_usable(configuration, context.now, unknown=True))


def _has_unread_keys(keyset: Keyset, context: RuleInput) -> bool:
    """Return whether the keyset's list has an entry in an unreadable form, which another rule reports."""
    written = context.written("keysets", keyset.name)
    items = written.items("keys") if written is not None else None
    return isinstance(keyset.source, UploadedKeys) and len(items or ()) > len(keyset.source.names)
