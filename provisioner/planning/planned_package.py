"""The deployment package of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from lxml import etree

from provisioner.components.desired_xml import desired_xml
from provisioner.components.origins import new_cors_origin
from provisioner.components.package import Name, Package, Rendered
from provisioner.components.settings import with_messaging
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Action, Change


def planned_package(
    estate: Estate,
    jwks: Mapping[str, Jwk],
    changes: Sequence[Change],
    present: Callable[[Name], etree._Element | None],
    api_version: str,
) -> Package:
    """Return the package that carries ``changes``; ``present`` returns the element that a component is edited into."""
    sent = [change for change in changes if change.action is not Action.DELETE]
    deleted = [(change.type, change.full_name) for change in changes if change.action is Action.DELETE]

    def components() -> Iterator[tuple[Name, etree._Element]]:
        for change in sent:
            name = (change.type, change.full_name)
            yield name, _component(estate, jwks, change, present(name), api_version)

    return Package(Rendered.of(components()), deleted)


def _component(
    estate: Estate, jwks: Mapping[str, Jwk], change: Change, present: etree._Element | None, api_version: str
) -> etree._Element:
    """Return the component that the change sends. An origin has no name in a declaration."""
    if change.type is MetadataType.SETTINGS:
        assert present is not None  # else the planner could not read them
        return with_messaging(present)
    if change.type is MetadataType.CORS_ORIGIN:
        return new_cors_origin(str(change.fields[0].after))
    return desired_xml(estate, jwks, (change.type, change.full_name), present, api_version)
