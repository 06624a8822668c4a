"""The chat deployments of a newborn org, and what the chat runtime knows of their channels.

A deployment (EmbeddedServiceConfig) binds a client to a messaging channel. Its type decides which token endpoint takes
it: ``Web`` and ``Mobile`` those of version 1, ``Api`` ("Custom Client") those of version 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from provisioner.localorg.content import root_of
from provisioner.localorg.ids import record_id
from provisioner.localorg.org import Org
from provisioner.localorg.records import Component, MetadataType

AUTH, UNAUTH = "Auth", "UnAuth"
_BY_KEYSET = "PublicKeyCertificateSet"
_ENHANCED_CHAT = "EmbeddedMessaging"


@dataclass(frozen=True, slots=True)
class Deployment:
    """``type`` is ``Web``, ``Mobile`` or ``Api``; ``channel`` is the API name of its messaging channel."""

    name: str
    channel: str
    type: str


#: What is deployed on the channels that a newborn org has.
DEPLOYMENTS = (
    Deployment("Shop_Web", "Web_Chat", "Web"),
    Deployment("Shop_Api", "Web_Chat", "Api"),
    Deployment("Shop_App", "App_Chat", "Mobile"),
    Deployment("App_Api", "App_Chat", "Api"),
    Deployment("Kiosk_Web", "Kiosk_Chat", "Web"),
)


@dataclass(frozen=True, slots=True)
class Authorization:
    """An enabled ``messagingAuthorizations`` entry: the Configuration Name and its keyset's name."""

    identifier: str
    keyset: str


@dataclass(frozen=True, slots=True)
class ChatChannel:
    """A channel as the runtime sees it. ``address`` is its ChannelAddressIdentifier; times are in minutes."""

    name: str
    address: str
    active: bool
    verified: bool
    authorizations: tuple[Authorization, ...]
    verified_minutes: int
    unverified_minutes: int


def address_of(component: Component) -> str:
    """The ChannelAddressIdentifier of a channel."""
    return f"{component.id[:15].lower()}-address"


def channel_component(org: Org, name: str) -> Component | None:
    """The messaging channel of that API name."""
    return org.store.components().get((MetadataType.CHANNEL, name))


def find(name: Any) -> Deployment | None:
    return next((deployment for deployment in DEPLOYMENTS if deployment.name == name), None)


def channel_of(org: Org, deployment: Deployment) -> ChatChannel | None:
    """The deployment's channel; None where the org no longer has it."""
    component = channel_component(org, deployment.channel)
    return None if component is None else _channel(component)


def _channel(component: Component) -> ChatChannel:
    root = root_of(component)
    return ChatChannel(
        component.name,
        address_of(component),
        component.active and root.value("messagingChannelType") == _ENHANCED_CHAT,
        (root.value("embeddedConfig", "authMode") or UNAUTH) == AUTH,
        tuple(_authorizations(component)),
        int(root.value("embeddedConfig", "verifiedUserJwtExpirationTime") or 60),
        int(root.value("embeddedConfig", "anonymousUserJwtExpirationTime") or 360),
    )


def _authorizations(component: Component) -> Iterator[Authorization]:
    embedded = root_of(component).find("embeddedConfig")
    for entry in embedded.all("messagingAuthorizations") if embedded is not None else ():
        if entry.value("enabled") == "true" and entry.value("authorizationType") == _BY_KEYSET:
            yield Authorization(entry.value("authIdentifier") or "", entry.value("publicKeyCertificateSetName") or "")


def is_allowed(org: Org, origin: str) -> bool:
    """Whether a CorsWhitelistOrigin admits an origin; ``*.`` in a pattern stands for one or more labels."""
    patterns = (
        root_of(found).value("urlPattern") or ""
        for (kind, _), found in org.store.components().items()
        if kind is MetadataType.CORS_ORIGIN
    )
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", r"[A-Za-z0-9.-]+"), origin, re.I) is not None
        for pattern in patterns
    )


def deployment_id(deployment: Deployment) -> str:
    """The id of a deployment's EmbeddedServiceConfig."""
    return record_id("04I", 1 + DEPLOYMENTS.index(deployment))


def public_config(org: Org, deployment: Deployment, channel: ChatChannel, verified: bool) -> dict[str, Any]:
    """The part of a deployment's configuration that every visitor's browser reads, with the mode that it shows."""
    if org.faults.on("chat-config-cached"):
        verified = not verified  # what was published, or cached, before the last change
    return {
        "name": deployment.name,
        "deploymentType": deployment.type.lower(),
        "embeddedServiceMessagingChannel": {
            "channelAddressIdentifier": channel.address,
            "authMode": org.faults.argument("chat-mode") or (AUTH if verified else UNAUTH),
        },
    }
