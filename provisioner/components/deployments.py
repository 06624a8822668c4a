"""Embedded Service deployments: what visitors load, and what of it is published. An existing one is never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from provisioner.components import xml
from provisioner.components.metadata import qualified
from provisioner.components.origins import cors_name, new_cors_origin, same_origin
from provisioner.model.estate import Deployment, DeploymentType, Estate
from provisioner.model.types import MetadataType, default_label

if TYPE_CHECKING:
    from provisioner.components.snapshot import Unreadable

#: The API version from which a deployment names the client's version, and has flags of invitations and of Agentforce.
_FIRST_WITH_NEW_ELEMENTS = 66
_FLAGS = ("areGuestUsersAllowed", "isTermsAndConditionsEnabled", "isTermsAndConditionsRequired", "shouldHideAuthDialog")
_CHAT_FLAGS = (
    "shouldShowDeliveryReceipts", "shouldShowEmojiSelection", "shouldShowReadReceipts", "shouldShowTypingIndicators",
    "shouldStartNewLineOnEnter",
)  # fmt: skip
_NEWER_CHAT_FLAGS = (
    "isChatInvitationCustomizable", "isInvitationEnabled", "isSendInvtAllowedAfterAccept",
    "isSendInvtAllowedAfterReject", "shouldShowAgentforceTagline",
)  # fmt: skip
_CHAT = "embeddedServiceMessagingChannel"
#: The client that new web deployments have.
CLIENT_VERSION = "WebV2"


@dataclass(frozen=True, slots=True)
class PublicConfig:
    """The public configuration of a deployment, as it was last published.

    ``published`` is None if the chat host did not show it; then ``why`` is the reason. ``auth_mode`` is the mode that
    clients use, ``channel_address`` that of their channel.
    """

    published: bool | None
    auth_mode: str | None = None
    channel_address: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """The site of a web deployment that has the list of trusted frames."""

    id: str
    frames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployments:
    """The ids of an org's deployments by name, the addresses of its channels, and the answers of the chat host.

    ``sites`` are those of the declared web deployments. ``digital_experiences`` tells if the org can have sites; None
    if no plan needs to know it.
    """

    ids: Mapping[str, str]
    addresses: Mapping[str, str]
    public: Mapping[str, PublicConfig]
    sites: Mapping[str, Site] | Unreadable = field(default_factory=dict)
    digital_experiences: bool | Unreadable | None = None


@dataclass(frozen=True, slots=True)
class ObservedDeployment:
    """A deployment as its metadata has it. ``type`` is ``Web``, ``Mobile``, ``API`` or another word of the org."""

    channel: str | None
    type: str | None
    label: str | None
    site: str | None


def read_deployment(root: etree._Element) -> ObservedDeployment:
    """Return what of a deployment matters here."""
    chat = xml.child(root, _CHAT)
    return ObservedDeployment(
        xml.text_of(chat, "messagingChannel"),
        xml.text_of(root, "deploymentType"),
        xml.text_of(root, "masterLabel"),
        xml.text_of(root, "site"),
    )


def label_of(deployment: Deployment) -> str:
    """Return the label of a new deployment."""
    label = deployment.create.label if deployment.create is not None else None
    return default_label(deployment.name) if label is None else label


def new_deployment(deployment: Deployment, api_version: str) -> etree._Element:
    """Return the file of a custom client or a mobile app. Source: files that orgs took; all flags are written."""
    assert deployment.type is not None
    newer = int(api_version.partition(".")[0]) >= _FIRST_WITH_NEW_ELEMENTS
    flags = dict.fromkeys((*_CHAT_FLAGS, *(_NEWER_CHAT_FLAGS if newer else ())), "false")
    root = xml.new_component(MetadataType.DEPLOYMENT)
    xml.insert(root, _block(_CHAT, {**flags, "isEnabled": "true", "messagingChannel": deployment.channel}))
    texts = {
        **dict.fromkeys(_FLAGS, "false"), "deploymentFeature": "EmbeddedMessaging",
        "deploymentType": deployment.type.metadata, "isEnabled": "true", "masterLabel": label_of(deployment),
    }  # fmt: skip
    for name, text in texts.items():
        xml.set_text(root, name, text)
    return root


def deployment_files(estate: Estate, api_version: str) -> dict[tuple[MetadataType, str], etree._Element]:
    """Return what metadata carries of the declared deployments: custom clients, mobile apps, and origins."""
    kind, found = MetadataType.CORS_ORIGIN, {}
    for deployment in estate.deployments.values():
        if deployment.create is not None and deployment.type not in (None, DeploymentType.WEB):
            found[MetadataType.DEPLOYMENT, deployment.name] = new_deployment(deployment, api_version)
        for origin in deployment.origins:
            known = {name for each, name in found if each is kind}
            if not any(same_origin(origin, xml.text_of(found[kind, name], "urlPattern") or "") for name in known):
                found[kind, cors_name(origin, known)] = new_cors_origin(origin)
    return found


def _block(name: str, texts: Mapping[str, str]) -> etree._Element:
    block = etree.Element(qualified(name))
    for each, text in texts.items():
        xml.set_text(block, each, text)
    return block
