"""MessagingChannel: only its user-verification part is ours, and is edited inside XML that is not.

Source: Metadata API Developer Guide, MessagingChannel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from provisioner.components import xml
from provisioner.components.fields import edit_entries, edit_fields, read_entries, read_fields
from provisioner.components.metadata import qualified
from provisioner.model.estate import Channel
from provisioner.model.expirations import Expiration
from provisioner.model.types import CONFIGURATIONS, UNAUTH, MetadataType

ENHANCED_CHAT = "EmbeddedMessaging"
#: The sessionHandlerType of a channel with an Agentforce Service Agent.
AGENT = "AgentforceServiceAgent"
_SLICE = "embeddedConfig"


@dataclass(frozen=True, slots=True)
class ObservedConfiguration:
    """A messagingAuthorizations entry; ``keyset`` is None if it names none."""

    name: str
    keyset: str | None
    active: bool
    authorization_type: str | None

    @property
    def is_ours(self) -> bool:
        """Return whether it is of the managed type; others are shown and preserved."""
        return self.authorization_type == CONFIGURATIONS.only["authorizationType"]


@dataclass(frozen=True, slots=True)
class ObservedChannel:
    """A channel as the org has it. ``enabled``: user verification is on. Missing expirations are None.

    ``queue`` and ``flow`` get its conversations, by ``routes_by`` (Queue, Flow, …); if that is not Queue, the queue is
    the fallback.
    ``agent_in_record_only``: an Agentforce agent answers, and the metadata does not name it.
    """

    label: str | None
    channel_type: str | None
    auth_mode: str | None
    enabled: bool
    configurations: tuple[ObservedConfiguration, ...]
    verified_minutes: int | None
    unverified_minutes: int | None
    session_based: bool
    queue: str | None = None
    flow: str | None = None
    routes_by: str | None = None
    agent_in_record_only: bool = False

    @property
    def is_enhanced_chat(self) -> bool:
        return self.channel_type == ENHANCED_CHAT

    @property
    def minutes(self) -> Mapping[Expiration, int | None]:
        """Return both expirations; None for one that the org does not hold."""
        return {Expiration.VERIFIED: self.verified_minutes, Expiration.UNVERIFIED: self.unverified_minutes}

    @property
    def ours(self) -> dict[str, ObservedConfiguration]:
        """Return the configurations of the managed type, by Configuration Name; of duplicates the first."""
        found: dict[str, ObservedConfiguration] = {}
        for configuration in self.configurations:
            if configuration.is_ours:
                found.setdefault(configuration.name, configuration)
        return found


def read_channel(element: etree._Element) -> ObservedChannel:
    """Return the channel in a MessagingChannel element."""
    part = xml.child(element, _SLICE)
    return ObservedChannel(
        label=xml.text_of(element, "masterLabel"),
        channel_type=xml.text_of(element, "messagingChannelType"),
        auth_mode=xml.text_of(part, "authMode"),
        configurations=tuple(_read_configuration(entry) for entry in read_entries(element, CONFIGURATIONS)),
        session_based=xml.flag_of(element, "isSynchronousChatEnabled") or xml.flag_of(part, "isSynchronousChatEnabled"),
        queue=xml.text_of(element, "sessionHandlerQueue"),
        flow=xml.text_of(element, "sessionHandlerFlow"),
        routes_by=xml.text_of(element, "sessionHandlerType"),
        agent_in_record_only=xml.text_of(element, "sessionHandlerType") == AGENT
        and xml.text_of(element, "sessionHandlerAsa") is None,
        **read_fields(element, MetadataType.CHANNEL.fields),
    )


def _read_configuration(entry: etree._Element) -> ObservedConfiguration:
    return ObservedConfiguration(
        name=xml.text_of(entry, CONFIGURATIONS.name) or "",
        authorization_type=xml.text_of(entry, "authorizationType"),
        **read_fields(entry, CONFIGURATIONS.fields),
    )


def edit_channel(present: etree._Element, channel: Channel) -> etree._Element:
    """Return ``present`` with its user-verification part as declared; every other element stays.

    Both declared expirations are sent, whichever is in force.
    """
    element = xml.copy(present)
    if xml.child(element, _SLICE) is None:
        part = etree.Element(qualified(_SLICE))
        # An embeddedConfig requires an authMode; a channel without one does not verify.
        xml.set_text(part, "authMode", UNAUTH)
        xml.insert(element, part)
    edit_fields(element, MetadataType.CHANNEL.fields, channel)
    if channel.configurations is not None:
        edit_entries(element, CONFIGURATIONS, channel.configurations)
    return element


def without_other_expiration(sent: etree._Element) -> etree._Element:
    """Return a copy of a channel without the expiration of the mode that is off; an org need not keep that one."""
    element = xml.copy(sent)
    part = xml.child(element, _SLICE)
    if part is not None:
        verification_on = read_channel(element).enabled
        for row in MetadataType.CHANNEL.fields:
            if not row.in_force(verification_on):
                xml.remove(part, row.xml[-1])
    return element
