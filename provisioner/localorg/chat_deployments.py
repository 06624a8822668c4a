"""The chat deployments of an org, and the chat runtime's view of their channels.

A deployment (EmbeddedServiceConfig) binds a client to a messaging channel. Its type decides which token endpoint
accepts it: ``Web`` and ``Mobile`` those of version 1, ``API`` ("Custom Client") those of version 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from provisioner.localorg.content import root_of
from provisioner.localorg.org import Org
from provisioner.localorg.records import Component, MetadataType
from provisioner.localorg.sites import site_url

AUTH, UNAUTH = "Auth", "UnAuth"
API = "API"
_BY_KEYSET = "PublicKeyCertificateSet"
_ENHANCED_CHAT = "EmbeddedMessaging"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A chat deployment. ``type`` is ``Web``, ``Mobile`` or ``API``; ``channel`` is the API name of its channel.

    ``site`` is the name of the site that shows a web deployment; others have none.
    """

    id: str
    name: str
    channel: str
    type: str
    label: str
    enabled: bool
    client_version: str | None
    site: str | None


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
    mode: str
    authorizations: tuple[Authorization, ...]
    verified_minutes: int
    unverified_minutes: int

    @property
    def verified(self) -> bool:
        """Return whether identity tokens verify its customers; other modes than Auth verify differently, or not."""
        return self.mode == AUTH


def address_of(component: Component) -> str:
    """Return the ChannelAddressIdentifier of a channel."""
    return f"{component.id[:15].lower()}-address"


def channel_component(org: Org, name: str) -> Component | None:
    """Return the messaging channel with an API name."""
    return org.store.components().get((MetadataType.CHANNEL, name))


def deployments(org: Org) -> list[Deployment]:
    """Return the deployments for Enhanced Chat, by name."""
    found = org.store.components(MetadataType.CHAT_DEPLOYMENT).values()
    return [_deployment(each) for each in found]


def _deployment(component: Component) -> Deployment:
    root = root_of(component)
    return Deployment(
        component.id,
        component.name,
        root.value("embeddedServiceMessagingChannel", "messagingChannel") or "",
        root.value("deploymentType") or "",
        root.value("masterLabel") or "",
        root.value("isEnabled") == "true",
        root.value("clientVersion"),
        root.value("site"),
    )


def find(org: Org, name: Any) -> Deployment | None:
    """Return the deployment with a name."""
    return next((deployment for deployment in deployments(org) if deployment.name == name), None)


def channel_of(org: Org, deployment: Deployment) -> ChatChannel | None:
    """Return the deployment's channel; None if the org no longer has it."""
    component = channel_component(org, deployment.channel)
    return None if component is None else _channel(component)


def _channel(component: Component) -> ChatChannel:
    root = root_of(component)
    return ChatChannel(
        component.name,
        address_of(component),
        component.active and root.value("messagingChannelType") == _ENHANCED_CHAT,
        root.value("embeddedConfig", "authMode") or UNAUTH,
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
    """Return whether a CorsWhitelistOrigin admits an origin; ``*.`` in a pattern replaces one or more labels."""
    if org.faults.on("cors-missing"):
        return False
    patterns = (
        root_of(found).value("urlPattern") or ""
        for (kind, _), found in org.store.components().items()
        if kind is MetadataType.CORS_ORIGIN
    )
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", r"[A-Za-z0-9.-]+"), origin, re.I) is not None
        for pattern in patterns
    )


def public_config(org: Org, deployment: Deployment, channel: ChatChannel, verified: bool) -> dict[str, Any]:
    """Return the part of a deployment's configuration that every visitor's browser reads, with the mode."""
    if org.faults.on("chat-config-cached"):
        verified = not verified  # the state that was published, or cached, before the last change
    return {
        "name": deployment.name,
        "deploymentType": deployment.type.lower(),
        "site": deployment.site,
        "siteUrl": site_url(org, deployment.site),
        "embeddedServiceMessagingChannel": {
            "channelAddressIdentifier": channel.address,
            "authMode": org.faults.argument("auth-mode-third-value") or _shown_mode(channel, verified),
            **({"esClientVersion": deployment.client_version} if deployment.client_version else {}),
        },
    }


def _shown_mode(channel: ChatChannel, verified: bool) -> str:
    if verified:
        return AUTH
    return UNAUTH if channel.verified else channel.mode
