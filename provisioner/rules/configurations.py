"""Rules about the configurations of channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Channel, Keyset, UploadedKeys
from provisioner.model.verification import KnownConfiguration, Verification
from provisioner.names import Nearest
from provisioner.rules.context import RuleCheck, RuleInput, is_open
from provisioner.rules.examples import CHANNEL, changed
from provisioner.rules.rule import Rule

CHANNEL_UNKNOWN_KEYSET = Rule(
    id="channel-unknown-keyset",
    severity=Severity.ERROR,
    what="A channel's configuration names a keyset that the declaration does not have.",
    why="""
        The deployment would fail; or, if the org already has a keyset of that name, the channel would trust an
        unreviewed issuer.
    """,
    fix="Declare the keyset under keysets, correct the name, or list it under external if another team owns it.",
    good=CHANNEL,
    bad=changed(CHANNEL, "keyset: shop}", "keyset: shpo}  # wrong"),
)


def channel_unknown_keyset(context: RuleInput) -> Iterator[Diagnostic]:
    known = context.referable("keysets")
    nearest = Nearest(known or ())
    for channel in context.estate.channels.values():
        for configuration in (channel.configurations or {}).values():
            name = configuration.keyset
            if known is None or name is None or name in known or is_open(name):
                continue
            yield CHANNEL_UNKNOWN_KEYSET.finding(
                f"There is no keyset {name!r} under keysets or external.keysets.{nearest.hint(name)}",
                channel.places.of("user_verification", "configurations", configuration.name, "keyset"),
                channel.address,
            )


CHANNEL_ISSUER_CONFLICT = Rule(
    id="channel-issuer-conflict",
    severity=Severity.WARNING,
    what="Two active configurations of a channel have keysets with the same issuer.",
    why="""
        A token contains its issuer, not its configuration. Salesforce does not document which of the two verifies
        it, and therefore which Configuration Name keeps the customer's history.
    """,
    fix="Put the keys of one issuer into one keyset, or deactivate one of the configurations.",
    good="""
        version: 1
        keysets:
          web: {issuer: https://id.example.com, endpoint: https://id.example.com/web.json}
        channels:
          Web_Chat:
            user_verification:
              configurations:
                web_login: {keyset: web}
    """,
    bad="""
        version: 1
        keysets:
          web: {issuer: https://id.example.com, endpoint: https://id.example.com/web.json}
          app: {issuer: https://id.example.com, endpoint: https://id.example.com/app.json}
        channels:
          Web_Chat:
            user_verification:
              configurations:
                web_login: {keyset: web}
                app_login: {keyset: app}  # wrong
    """,
)


def channel_issuer_conflict(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        owners: dict[str, str] = {}
        for configuration in (channel.configurations or {}).values():
            keyset = context.estate.keysets.get(configuration.keyset or "")
            issuer = keyset.issuer.value if keyset is not None and keyset.issuer is not None else None
            if not configuration.active or issuer is None:
                continue
            other = owners.setdefault(issuer, configuration.name)
            if other != configuration.name:
                yield CHANNEL_ISSUER_CONFLICT.finding(
                    f"The configurations {other} and {configuration.name} are both active, with the issuer {issuer}.",
                    channel.places.of("user_verification", "configurations", configuration.name),
                    channel.address,
                )


CHANNEL_NO_USABLE_CONFIGURATION = Rule(
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


def channel_no_usable_configuration(context: RuleInput) -> Iterator[Diagnostic]:
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
        yield CHANNEL_NO_USABLE_CONFIGURATION.finding(message, at, channel.address)


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


CHANNEL_SEVERAL_CONFIGURATIONS = Rule(
    id="channel-several-configurations",
    severity=Severity.WARNING,
    what="A channel has more than one configuration.",
    why="""
        Setup has a list of configurations, but the Metadata API Developer Guide (MessagingChannel) types
        messagingAuthorizations as a single element, and no org was seen with two. If the org refuses, nothing is
        applied.
    """,
    fix="Try it on a sandbox first, or use one configuration whose keyset has all keys; then accept it under ignore.",
    good="""
        version: 1
        keysets:
          web: {issuer: https://id.example.com, endpoint: https://id.example.com/web.json}
        channels:
          Web_Chat:
            user_verification:
              configurations:
                web_login: {keyset: web}
    """,
    bad="""
        version: 1
        keysets:
          web: {issuer: https://id.example.com, endpoint: https://id.example.com/web.json}
          app: {issuer: https://app.example.com, endpoint: https://app.example.com/app.json}
        channels:
          Web_Chat:
            user_verification:
              configurations:  # wrong
                web_login: {keyset: web}
                app_login: {keyset: app}
    """,
)


def channel_several_configurations(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        names = list(channel.configurations or ())
        if len(names) > 1:
            yield CHANNEL_SEVERAL_CONFIGURATIONS.finding(
                f"The channel has {len(names)} configurations ({', '.join(names)}); it is not proven that an org "
                f"accepts more than one.",
                channel.places.of("user_verification", "configurations"),
                channel.address,
            )


CONFIGURATION_NAME_CONFLICT = Rule(
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


def configuration_name_conflict(context: RuleInput) -> Iterator[Diagnostic]:
    owners: dict[str, tuple[str, str]] = {}  # Configuration Name: channel and issuer
    for channel in context.estate.channels.values():
        for configuration in (channel.configurations or {}).values():
            keyset = context.estate.keysets.get(configuration.keyset or "")
            issuer = keyset.issuer.value if keyset is not None and keyset.issuer is not None else None
            if issuer is None:
                continue
            other, other_issuer = owners.setdefault(configuration.name, (channel.name, issuer))
            if other_issuer != issuer:
                yield CONFIGURATION_NAME_CONFLICT.finding(
                    f"{configuration.name} has the issuer {issuer} here and {other_issuer} on {other}: "
                    "customers of both with the same sub would share their conversations.",
                    channel.places.of("user_verification", "configurations", configuration.name),
                    channel.address,
                )


CHECKS: Mapping[Rule, RuleCheck] = {
    CHANNEL_UNKNOWN_KEYSET: channel_unknown_keyset,
    CHANNEL_ISSUER_CONFLICT: channel_issuer_conflict,
    CHANNEL_NO_USABLE_CONFIGURATION: channel_no_usable_configuration,
    CHANNEL_SEVERAL_CONFIGURATIONS: channel_several_configurations,
    CONFIGURATION_NAME_CONFLICT: configuration_name_conflict,
}
