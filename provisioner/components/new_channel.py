"""Makes a new MessagingChannel, as Setup would make it.

Source: channel files that were retrieved after Setup had made the channels; they agree in these values. Elements that
began with API version 66.0 are left out below it.
"""

from __future__ import annotations

from lxml import etree

from provisioner.components import xml
from provisioner.components.metadata import qualified
from provisioner.model.estate import Channel, Creation
from provisioner.model.expirations import Expiration, in_force
from provisioner.model.types import AUTH_MODE, MetadataType, default_label

LONGEST_LABEL = 40
_LANGUAGE = "en_US"
_FIRST_WITH_NEW_ELEMENTS = 66
_RESPONSES = {
    "OptOutConfirmation": "You've opted out of receiving messages from us, so we won't contact you again.",
    "HelpResponse": "Text STOP to opt out of further messages.",
}
_KEYWORDS = {"OptOut": ("cancel", "end", "quit", "stop", "stopall", "unsubscribe"), "Help": ("help",)}
_FILE_TYPES = "bmp,csv,doc,docx,gif,jpg,pdf,png,tiff,txt,xls,xlsx,xml"
_FILE_MEGABYTES = 5
#: Minutes until a session must be renewed.
_MINUTES = {Expiration.VERIFIED: 60, Expiration.UNVERIFIED: 360}


def new_channel(channel: Channel, creation: Creation, api_version: str) -> etree._Element:
    """Return the channel without its configurations; it has the mode that is declared from the first moment."""
    newer = int(api_version.partition(".")[0]) >= _FIRST_WITH_NEW_ELEMENTS
    root = xml.new_component(MetadataType.CHANNEL)
    for kind, response in _RESPONSES.items():
        texts = {"autoResponseContentType": "TextResponse", "language": _LANGUAGE, "response": response, "type": kind}
        root.append(_block("automatedResponses", texts))
    if creation.description is not None:
        xml.set_text(root, "description", creation.description)
    root.append(_embedded(channel, creation, newer=newer))
    if newer:
        xml.set_text(root, "isSynchronousChatEnabled", value=False)
    xml.set_text(root, "masterLabel", label_of(channel.name, creation))
    xml.set_text(root, "messagingChannelType", "EmbeddedMessaging")
    for kind, keywords in _KEYWORDS.items():
        block = etree.Element(qualified("messagingKeywords"))
        for word in keywords:
            etree.SubElement(block, qualified("keyword")).text = word
        xml.set_text(block, "keywordType", kind)
        xml.set_text(block, "language", _LANGUAGE)
        root.append(block)
    if creation.flow is not None:
        xml.set_text(root, "sessionHandlerFlow", creation.flow)
    xml.set_text(root, "sessionHandlerQueue", creation.routes_to or "")
    xml.set_text(root, "sessionHandlerType", "Queue" if creation.flow is None else "Flow")
    return root


def label_of(name: str, creation: Creation) -> str:
    """Return the label of a new channel."""
    return default_label(name) if creation.label is None else creation.label


def _embedded(channel: Channel, creation: Creation, *, newer: bool) -> etree._Element:
    expiration = in_force(bool(channel.enabled))
    row = next(each for each in MetadataType.CHANNEL.fields if each.path == expiration.path)
    files = {"allowedFileTypes": _FILE_TYPES, "maxFileSize": str(_FILE_MEGABYTES)} if newer else {}
    texts = {
        "authMode": AUTH_MODE.encode(channel.enabled),
        row.xml[-1]: row.codec.encode(_MINUTES[expiration]),
        "isAttachmentUploadEnabled": "true" if creation.attachments else "false",
        "isEstimatedWaitTimeEnabled": "false",
        "isFallbackMessageEnabled": "false",
        "isSaveTranscriptEnabled": "false",
        **files,
    }
    return _block("embeddedConfig", texts)


def _block(name: str, texts: dict[str, str]) -> etree._Element:
    block = etree.Element(qualified(name))
    for each, text in sorted(texts.items()):
        xml.set_text(block, each, text)
    return block
