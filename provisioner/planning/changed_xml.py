"""The component that a change sends."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from provisioner.components.desired_xml import desired_xml
from provisioner.components.metadata import MetadataType
from provisioner.components.origins import new_cors_origin
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.planning.plan import Change


def changed_xml(
    estate: Estate, jwks: Mapping[str, Jwk], change: Change, present: etree._Element | None, api_version: str
) -> etree._Element:
    """Return ``present`` (None: a new component) as the change makes it. An origin has no name in a declaration."""
    if change.type is MetadataType.CORS_ORIGIN:
        return new_cors_origin(str(change.fields[0].after))
    return desired_xml(estate, jwks, (change.type, change.full_name), present, api_version)
