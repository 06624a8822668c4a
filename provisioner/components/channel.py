"""MessagingChannel: only its user-verification part is ours, and is edited inside XML that is not.

Source: Metadata API Developer Guide, MessagingChannel: embeddedConfig (API 62.0 and later) with authMode (Auth,
UnAuth), messagingAuthorizations[] (authIdentifier, authorizationType, enabled, publicKeyCertificateSetName),
verifiedUserJwtExpirationTime and anonymousUserJwtExpirationTime (minutes). authProviderName is never set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from provisioner.components import xml
from provisioner.components.metadata import qualified
from provisioner.model.estate import Channel, Configuration
from provisioner.model.expirations import Expiration, not_in_force

ENHANCED_CHAT = "EmbeddedMessaging"
AUTH, UNAUTH = "Auth", "UnAuth"
BY_KEYSET = "PublicKeyCertificateSet"
_SLICE, _AUTHORIZATION = "embeddedConfig", "messagingAuthorizations"
_MINUTES = {
    Expiration.VERIFIED: "verifiedUserJwtExpirationTime",
    Expiration.UNVERIFIED: "anonymousUserJwtExpirationTime",
}


@dataclass(frozen=True, slots=True)
class ObservedConfiguration:
    """A messagingAuthorizations entry; ``keyset`` is None where none is named."""

    name: str
    keyset: str | None
    active: bool
    authorization_type: str | None

    @property
    def is_ours(self) -> bool:
        """Whether it is of the type that we manage; others are shown and preserved."""
        return self.authorization_type == BY_KEYSET


@dataclass(frozen=True, slots=True)
class ObservedChannel:
    """A channel as the org has it. Absent expirations are None, an absent authMode counts as UnAuth."""

    label: str | None
    channel_type: str | None
    auth_mode: str | None
    configurations: tuple[ObservedConfiguration, ...]
    verified_minutes: int | None
    unverified_minutes: int | None
    session_based: bool

    @property
    def is_enhanced_chat(self) -> bool:
        return self.channel_type == ENHANCED_CHAT

    @property
    def is_verified(self) -> bool:
        """Whether user verification is on."""
        return self.auth_mode == AUTH

    @property
    def minutes(self) -> Mapping[Expiration, int | None]:
        """Return both expirations; None for one that the org does not hold."""
        return {Expiration.VERIFIED: self.verified_minutes, Expiration.UNVERIFIED: self.unverified_minutes}

    @property
    def ours(self) -> dict[str, ObservedConfiguration]:
        """The configurations of the type that we manage, by Configuration Name; of doubles the first."""
        found: dict[str, ObservedConfiguration] = {}
        for configuration in self.configurations:
            if configuration.is_ours:
                found.setdefault(configuration.name, configuration)
        return found


def read_channel(element: etree._Element) -> ObservedChannel:
    """The channel in a MessagingChannel element."""
    part = xml.child(element, _SLICE)
    entries = xml.children(part, _AUTHORIZATION) if part is not None else []
    return ObservedChannel(
        label=xml.text_of(element, "masterLabel"),
        channel_type=xml.text_of(element, "messagingChannelType"),
        auth_mode=xml.text_of(part, "authMode"),
        configurations=tuple(_read_configuration(entry) for entry in entries),
        verified_minutes=xml.number_of(part, _MINUTES[Expiration.VERIFIED]),
        unverified_minutes=xml.number_of(part, _MINUTES[Expiration.UNVERIFIED]),
        session_based=xml.flag_of(element, "isSynchronousChatEnabled") or xml.flag_of(part, "isSynchronousChatEnabled"),
    )


def _read_configuration(entry: etree._Element) -> ObservedConfiguration:
    return ObservedConfiguration(
        name=xml.text_of(entry, "authIdentifier") or "",
        keyset=xml.text_of(entry, "publicKeyCertificateSetName"),
        active=xml.flag_of(entry, "enabled"),
        authorization_type=xml.text_of(entry, "authorizationType"),
    )


def edit_channel(present: etree._Element, channel: Channel) -> etree._Element:
    """Return ``present`` with its user-verification part as declared; nothing else differs.

    Both declared expirations are sent, whichever is in force.
    """
    element = xml.copy(present)
    part = xml.child(element, _SLICE)
    if part is None:
        part = etree.Element(qualified(_SLICE))
        # authMode is required where there is an embeddedConfig; a channel without one does not verify.
        xml.set_text(part, "authMode", UNAUTH)
        xml.insert(element, part)
    if channel.enabled is not None:
        xml.set_text(part, "authMode", AUTH if channel.enabled else UNAUTH)
    if channel.configurations is not None:
        _edit_configurations(part, channel)
    for expiration, minutes in channel.minutes.items():
        if minutes is not None:
            xml.set_text(part, _MINUTES[expiration], minutes)
    return element


def without_other_expiration(sent: etree._Element) -> etree._Element:
    """Return a copy of a channel without the expiration of the mode that is off; an org need not keep that one."""
    element = xml.copy(sent)
    part = xml.child(element, _SLICE)
    if part is not None:
        xml.remove(part, _MINUTES[not_in_force(read_channel(element).is_verified)])
    return element


def _edit_configurations(part: etree._Element, channel: Channel) -> None:
    declared = channel.configurations or {}
    kept = set()
    for entry in xml.children(part, _AUTHORIZATION):
        observed = _read_configuration(entry)
        if not observed.is_ours:
            continue
        wanted = declared.get(observed.name)
        if wanted is None or observed.name in kept:
            part.remove(entry)
            continue
        kept.add(observed.name)
        if observed.keyset != wanted.keyset and wanted.keyset is not None:
            xml.set_text(entry, "publicKeyCertificateSetName", wanted.keyset)
        if observed.active != wanted.active:
            xml.set_text(entry, "enabled", wanted.active)
    xml.insert(part, *(_authorization(wanted) for name, wanted in declared.items() if name not in kept))


def _authorization(configuration: Configuration) -> etree._Element:
    entry = etree.Element(qualified(_AUTHORIZATION))
    xml.set_text(entry, "authIdentifier", configuration.name)
    xml.set_text(entry, "authorizationType", BY_KEYSET)
    xml.set_text(entry, "enabled", configuration.active)
    if configuration.keyset is not None:
        xml.set_text(entry, "publicKeyCertificateSetName", configuration.keyset)
    return entry
