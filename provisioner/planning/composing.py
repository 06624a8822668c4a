"""A planned change to the component that an org would be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from lxml import etree

from provisioner.components.channel import edit_channel
from provisioner.components.key import edit_key
from provisioner.components.keyset import edit_keyset
from provisioner.components.metadata import MetadataType
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.planning.plan import Change


def edited(estate: Estate, jwks: Mapping[str, Jwk], change: Change, present: etree._Element | None) -> etree._Element:
    """``present`` (None: a new component) such that it is what ``estate`` declares; for creations and updates."""
    match change.type:
        case MetadataType.KEY:
            return edit_key(present, estate.keys[change.full_name], jwks[change.full_name])
        case MetadataType.KEYSET:
            return edit_keyset(present, estate.keysets[change.full_name])
        case MetadataType.CHANNEL:
            assert present is not None  # a channel is never created: the planner saw it, and it has not moved
            return edit_channel(present, estate.channels[change.full_name])
        case _:
            assert_never(change.type)
