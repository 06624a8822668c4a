"""The elements that a component may have, by API version.

The types are those of the newest published WSDL and typings: ``schema.json``, which names its sources and which
``bench/org_schema.py`` renews. A type that it lacks is read from the WSDL (version 63.0) in simple-salesforce.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from provisioner.errors import InputError
from provisioner.localorg.records import MetadataType
from provisioner.localorg.xmltree import Node

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_EVER = 1000


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type. ``type`` is an XSD simple type's name, an enumeration, or another complex type."""

    name: str
    type: str
    required: bool = False
    repeated: bool = False
    since: int = 0
    until: int = _EVER

    def known_at(self, version: int) -> bool:
        return self.since <= version <= self.until


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """A problem of an element, and its place."""

    text: str
    line: int
    column: int


_CHANNEL = "MessagingChannel"
_GLOBAL, _OAUTH_POLICY = "ExtlClntAppGlobalOauthSettings", "ExtlClntAppOauthConfigurablePolicies"
_POLICY, _CONFIG = "ExtlClntAppConfigurablePolicies", "ConnectedAppOauthConfig"
#: The first versions of elements, if a better source than the versions of the schema sources gives them.
_BEGAN = {
    (_CHANNEL, "channelUsages"): 62,
    (_CHANNEL, "embeddedConfig"): 62,
    (_GLOBAL, "certificate"): 60,
    (_GLOBAL, "isClientCredentialsFlowEnabled"): 60,
    (_GLOBAL, "isCodeCredFlowEnabled"): 61,
    (_GLOBAL, "isCodeCredPostOnly"): 61,
    (_GLOBAL, "isDeviceFlowEnabled"): 60,
    (_GLOBAL, "isNamedUserJwtEnabled"): 61,
    (_GLOBAL, "isRefreshTokenRotationEnabled"): 60,
    (_GLOBAL, "isSecretRequiredForTokenExchange"): 60,
    (_GLOBAL, "isTokenExchangeEnabled"): 60,
    (_OAUTH_POLICY, "commaSeparatedCustomScopes"): 61,
    (_OAUTH_POLICY, "executeHandlerAs"): 61,
    (_OAUTH_POLICY, "isClientCredentialsFlowEnabled"): 60,
    (_OAUTH_POLICY, "isGuestCodeCredFlowEnabled"): 61,
    (_OAUTH_POLICY, "isNamedUserJwtEnabled"): 61,
    (_OAUTH_POLICY, "isTokenExchangeFlowEnabled"): 60,
    (_OAUTH_POLICY, "namedUserJwtSessionTimeoutType"): 65,
    (_POLICY, "isMobilePluginEnabled"): 63,
    (_POLICY, "isNotificationPluginEnabled"): 63,
    (_POLICY, "isPushPluginEnabled"): 63,
    (_POLICY, "isSamlPluginEnabled"): 63,
    (_POLICY, "startPage"): 63,
    ("ConnectedApp", "oauthPolicy"): 49,
    ("ConnectedApp", "sessionPolicy"): 49,
    ("ConnectedApp", "permissionSetName"): 46,
    ("ConnectedApp", "profileName"): 46,
    (_CONFIG, "isAdminApproved"): 46,
    (_CONFIG, "isNamedUserJwtEnabled"): 59,
    (_CONFIG, "isPkceRequired"): 59,
}
#: The last versions of elements, if a better source than the versions of the schema sources gives them.
_ENDED = {(_OAUTH_POLICY, "isNamedUserJwtEnabled"): 63}
_CHECKS = {
    "boolean": re.compile(r"true|false|1|0"),
    "int": re.compile(r"[+-]?\d{1,10}"),
    "double": re.compile(r"[+-]?\d+(\.\d*)?"),
}


@dataclass(frozen=True, slots=True)
class Schema:
    """``types`` maps a complex type to its elements by name; ``enums`` an enumeration to its values."""

    types: dict[str, dict[str, Element]]
    enums: dict[str, frozenset[str]]
    _by_version: dict[tuple[str, int], dict[str, Element]] = field(default_factory=dict, repr=False)

    def elements(self, type_name: str, version: int) -> dict[str, Element]:
        """Return the elements of a type at a version; they must not be changed."""
        known = self._by_version.get((type_name, version))
        if known is None:
            known = {name: found for name, found in self.types[type_name].items() if found.known_at(version)}
            self._by_version[type_name, version] = known
        return known

    def check(self, node: Node, type_name: str, version: int) -> list[SchemaProblem]:
        """Return every violation of the type in ``node`` and below; the order of elements is free."""
        problems: list[SchemaProblem] = []
        known = self.elements(type_name, version)
        seen: set[str] = set()
        for child in node.children:
            element = known.get(child.name)
            where = f"Element {{{child.namespace}}}{child.name}"
            if element is None:
                problems.append(
                    problem_at(child, f"Error parsing file: {where} invalid at this location in type {type_name}")
                )
            elif child.name in seen and not element.repeated:
                problems.append(
                    problem_at(child, f"Error parsing file: {where} is duplicated at this location in type {type_name}")
                )
            else:
                problems += self._check_value(child, element, version)
            seen.add(child.name)
        missing = (
            element for name, element in known.items() if element.required and not (node.value(name) or node.all(name))
        )
        problems += [problem_at(node, f"Required field is missing: {element.name}") for element in missing]
        return problems

    def _check_value(self, node: Node, element: Element, version: int) -> list[SchemaProblem]:
        if element.type in self.types:
            return self.check(node, element.type, version)
        text = node.text.strip()
        if node.children:
            return [problem_at(node, f"Error parsing file: Element {node.name} must not have child elements")]
        if element.required and not text:
            return [problem_at(node, f"Required field is missing: {node.name}")]
        values = self.enums.get(element.type)
        if values and text not in values:
            return [problem_at(node, f"'{text}' is not a valid value for the enum '{element.type}'")]
        check = _CHECKS.get(element.type)
        if check and text and not check.fullmatch(text):
            return [
                problem_at(node, f"Error parsing file: '{text}' is not a valid value for the type xsd:{element.type}")
            ]
        return []


def problem_at(node: Node, text: str) -> SchemaProblem:
    """Return a problem at the place of an element."""
    return SchemaProblem(text, node.line, node.column)


@cache
def schema() -> Schema:
    """Return the types that can be reached from the ones that the org holds. Read once in a process."""
    found = _published()
    others = [kind.root_name for kind in MetadataType if kind.root_name not in found.types]
    if others:
        _add_wsdl(found, others)
    return found


def _published() -> Schema:
    """Return the types of ``schema.json``."""
    data = json.loads((resources.files("provisioner.localorg") / "schema.json").read_text(encoding="utf-8"))
    types = {
        owner: {name: _corrected(owner, Element(name, **row)) for name, row in rows.items()}
        for owner, rows in data["types"].items()
    }
    return Schema(types, {name: frozenset(values) for name, values in data["enums"].items()})


def _add_wsdl(known: Schema, wanted: list[str]) -> None:
    """Add the types of these names, and those that they refer to, from the WSDL."""
    declared = {
        found.get("name", ""): found
        for block in etree.parse(_wsdl()).getroot().iter(f"{_XSD}schema")
        for found in block.iterchildren(f"{_XSD}complexType", f"{_XSD}simpleType")
    }
    while wanted:
        name = wanted.pop()
        found = declared.get(name)
        if found is None or name in known.types or name in known.enums:
            continue
        if found.tag == f"{_XSD}simpleType":
            values = [value.get("value", "") for value in found.iter(f"{_XSD}enumeration")]
            known.enums[name] = frozenset(values)
            continue
        elements = [_element(name, item) for item in found.iter(f"{_XSD}element")]
        known.types[name] = {element.name: element for element in elements}
        wanted += [element.type for element in elements]


def _element(owner: str, item: etree._Element) -> Element:
    found = Element(
        item.get("name", ""),
        item.get("type", "").rpartition(":")[2],
        required=item.get("minOccurs") != "0",
        repeated=item.get("maxOccurs") == "unbounded",
    )
    return _corrected(owner, found)


def _corrected(owner: str, element: Element) -> Element:
    key = (owner, element.name)
    return replace(element, since=_BEGAN.get(key, element.since), until=_ENDED.get(key, element.until))


def _wsdl() -> Path:
    spec = find_spec("simple_salesforce")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / "metadata.wsdl"
        if path.is_file():
            return path
    raise InputError(
        "The Metadata API's WSDL, which simple-salesforce brings along, is not to be found.",
        next="Install this package again with `pip install --force-reinstall simple-salesforce`.",
    )
