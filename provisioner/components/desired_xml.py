"""The component to send to an org: its present XML with the declared values in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from provisioner.components.channel import edit_channel
from provisioner.components.deployments import new_deployment
from provisioner.components.key import edit_key
from provisioner.components.keyset import edit_keyset
from provisioner.components.new_channel import new_channel
from provisioner.components.package import Name
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType

_Editor = Callable[[etree._Element | None, Any, Jwk | None, str], etree._Element]


def _edit_key(present: etree._Element | None, key: Any, jwk: Jwk | None, api_version: str) -> etree._Element:
    assert jwk is not None  # a plan changes only keys with a JWK
    return edit_key(present, key, jwk)


def _edit_channel(present: etree._Element | None, channel: Any, jwk: Jwk | None, api_version: str) -> etree._Element:
    if present is None:
        assert channel.create is not None  # else the planner saw the channel, and it has not moved
        present = new_channel(channel, channel.create, api_version)
    return edit_channel(present, channel)


def _edit_deployment(
    present: etree._Element | None, deployment: Any, jwk: Jwk | None, api_version: str
) -> etree._Element:
    assert present is None  # an existing deployment is never edited
    return new_deployment(deployment, api_version)


_EDITORS: Mapping[MetadataType, _Editor] = {
    MetadataType.KEY: _edit_key,
    MetadataType.KEYSET: lambda present, keyset, jwk, api_version: edit_keyset(present, keyset),
    MetadataType.CHANNEL: _edit_channel,
    MetadataType.DEPLOYMENT: _edit_deployment,
}


def desired_xml(
    estate: Estate, jwks: Mapping[str, Jwk], name: Name, present: etree._Element | None, api_version: str
) -> etree._Element:
    """Return ``present`` (None: a new component) with the values that ``estate`` declares; nothing else differs."""
    kind, full_name = name
    return _EDITORS[kind](present, estate.components(kind)[full_name], jwks.get(full_name), api_version)
