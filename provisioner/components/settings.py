"""The settings that switch Messaging on for the whole org.

Source: Metadata API Developer Guide, LiveMessageSettings: the type in a package is ``Settings``, the member
``LiveMessage``. Everything else of the file is sent back as it is.
"""

from __future__ import annotations

from lxml import etree

from provisioner.components import xml

_MESSAGING = "enableLiveMessage"


def has_messaging(settings: etree._Element) -> bool:
    """Return whether Messaging is on."""
    return xml.flag_of(settings, _MESSAGING)


def with_messaging(settings: etree._Element) -> etree._Element:
    """Return a copy of the settings with Messaging on."""
    edited = xml.copy(settings)
    xml.set_text(edited, _MESSAGING, value=True)
    return edited
