"""An org that runs a declaration, made from the declaration alone: two declarations can be compared without an org."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from provisioner.components import xml
from provisioner.components.channel import ENHANCED_CHAT, edit_channel
from provisioner.components.desired_xml import desired_xml
from provisioner.components.snapshot import Component, Observed, OrgFacts, Snapshot
from provisioner.model.estate import Channel, Estate
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType

#: No API is asked, so there is no version.
NO_VERSION = "0.0"
#: The guards that ask for the kind of org have nothing to protect.
_NO_ORG = OrgFacts(id="", instance_url="", is_sandbox=None, is_production=False)


def declared_snapshot(estate: Estate, jwks: Mapping[str, Jwk], channels: Iterable[str], folder: str) -> Snapshot:
    """Return the snapshot of an org that runs ``estate`` and has nothing else.

    ``channels`` are the names that the other declaration has: such a channel exists, and does not verify. ``folder`` is
    shown as the place of the declaration. Values that an org chooses itself (omitted labels, the expiration of the mode
    that is off) are missing.
    """
    observed: dict[MetadataType, Observed] = {}
    for kind in (MetadataType.KEY, MetadataType.KEYSET):
        names = [each for each in estate.components(kind) if kind is not MetadataType.KEY or each in jwks]
        observed[kind] = {name: Component(kind, name, _new(estate, jwks, kind, name)) for name in names}
    names = [*estate.channels, *(name for name in channels if name not in estate.channels)]
    observed[MetadataType.CHANNEL] = {
        name: Component(MetadataType.CHANNEL, name, _channel(estate.channels.get(name), name)) for name in names
    }
    return Snapshot(_NO_ORG, NO_VERSION, NO_VERSION, observed, dict.fromkeys(names, True), declaration=folder)


def _new(estate: Estate, jwks: Mapping[str, Jwk], kind: MetadataType, name: str) -> etree._Element:
    return desired_xml(estate, jwks, (kind, name), None, NO_VERSION)


def _channel(declared: Channel | None, name: str) -> etree._Element:
    element = xml.new_component(MetadataType.CHANNEL)
    xml.set_text(element, "masterLabel", name)
    xml.set_text(element, "messagingChannelType", ENHANCED_CHAT)
    return edit_channel(element, declared or Channel(name=name))
