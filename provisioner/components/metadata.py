"""The three metadata types that we provision, as the Metadata API spells them.

Source: Metadata API Developer Guide, PublicKeyCertificate, PublicKeyCertificateSet, MessagingChannel.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

#: The XML namespace of every metadata component and of the SOAP operations.
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"

#: The namespace map of a root element that has it as default; lxml's stubs know no default namespace.
NSMAP: Any = {None: NAMESPACE}


def qualified(name: str) -> str:
    """``name`` in the metadata namespace, as lxml writes it."""
    return f"{{{NAMESPACE}}}{name}"


class MetadataType(Enum):
    """A metadata type: its XML name, its directory in a package, its file suffix, and the word of an address.

    The order is the order of dependency: keys before keysets before channels.
    """

    KEY = ("PublicKeyCertificate", "PublicKeyCertificate", "PublicKeyCertificate", "key")
    KEYSET = ("PublicKeyCertificateSet", "PublicKeyCertificateSet", "PublicKeyCertificateSet", "keyset")
    CHANNEL = ("MessagingChannel", "messagingChannels", "messagingChannel", "channel")

    def __init__(self, xml_name: str, directory: str, suffix: str, word: str) -> None:
        self.xml_name = xml_name
        self.directory = directory
        self.suffix = suffix
        self.word = word

    def address(self, full_name: str) -> str:
        """``key.NAME``, ``keyset.NAME`` or ``channel.NAME``."""
        return f"{self.word}.{full_name}"

    def path(self, full_name: str) -> str:
        """The component's file in a package, relative to the package's root."""
        return f"{self.directory}/{full_name}.{self.suffix}"

    @classmethod
    def of_xml_name(cls, xml_name: str) -> MetadataType:
        """The type of that XML name; raises KeyError where we know none."""
        return _BY_XML_NAME[xml_name]


_BY_XML_NAME = {kind.xml_name: kind for kind in MetadataType}
