"""Renew the schema of the local org from what Salesforce publishes: ``python -m bench.org_schema VERSION NAME FILE…``.

VERSION is the API version of the files, NAME the source as people know it. A FILE is a WSDL, a WSDL segment of
``forcedotcom/sf-skills`` (JSON), or ``lib/metadata.d.ts`` of ``@salesforce/types``. The oldest version comes
first::

    python -m bench.org_schema 63 "simple-salesforce 1.12.10, metadata.wsdl" metadata.wsdl
    python -m bench.org_schema 66 "@salesforce/types 1.7.1" metadata.d.ts
    python -m bench.org_schema 67 "forcedotcom/sf-skills@2476476d, WSDL segments" MessagingChannel.json ...
    python -m bench.org_schema 68 "@salesforce/types 1.9.0" metadata.d.ts

What a version has and no earlier one had begins with it; what it no longer has ended with the version before. Values of
enumerations are added and never removed; an enumeration without values takes any text.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

DATA = Path(__file__).parent.parent / "provisioner/localorg/schema.json"
#: The types that components are made of; everything that they refer to comes along.
ROOTS = (
    "PublicKeyCertificate", "PublicKeyCertificateSet", "MessagingChannel", "CorsWhitelistOrigin", "PermissionSet",
    "ExternalClientApplication", "ExtlClntAppOauthSettings", "ExtlClntAppGlobalOauthSettings",
    "ExtlClntAppOauthConfigurablePolicies", "ExtlClntAppConfigurablePolicies", "ConnectedApp", "EmbeddedServiceConfig",
    "LiveMessageSettings",
)  # fmt: skip

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_TYPE = re.compile(r"^export type (\w+) = (?:Metadata & )?\{\n(.*?)^\};", re.M | re.S)
_ENUM = re.compile(r"^export type (\w+) = (string|'[^\n]*);", re.M)
_FIELD = re.compile(r"^ +(\w+)(\??): (\w+)(\[\])?;", re.M)
#: Typings know one kind of number. Every number of these types is a whole one in the WSDL.
_PRIMITIVES = {"number": "int", "string": "string", "boolean": "boolean"}

Element = dict[str, Any]


@dataclass(slots=True)
class Published:
    """The types and the enumerations of one source, each with everything that it has."""

    types: dict[str, dict[str, Element]] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)

    def add(self, other: Published) -> None:
        """Take over another file of the same source."""
        self.types |= other.types
        self.enums |= other.enums


def read(path: Path) -> Published:
    """Return what a file declares, by its kind."""
    text = path.read_text(encoding="utf-8")
    if path.name.endswith(".d.ts"):
        return _typings(text)
    if path.suffix == ".json":
        segment = json.loads(text)["wsdl_segment"].strip().removeprefix("```xml").removesuffix("```")
        text = (
            f'<schema xmlns:xsd="{_XSD[1:-1]}" xmlns:tns="http://soap.sforce.com/2006/04/metadata">{segment}</schema>'
        )
    return _wsdl(etree.fromstring(text.encode()))


def _wsdl(root: etree._Element) -> Published:
    found = Published()
    for each in root.iter(f"{_XSD}complexType"):
        if name := each.get("name"):
            found.types[name] = {
                item.get("name", ""): _element(
                    item.get("type", "").rpartition(":")[2],
                    required=item.get("minOccurs") != "0",
                    repeated=item.get("maxOccurs") == "unbounded",
                )
                for item in each.iter(f"{_XSD}element")
            }
    for each in root.iter(f"{_XSD}simpleType"):
        found.enums[each.get("name", "")] = [value.get("value", "") for value in each.iter(f"{_XSD}enumeration")]
    return found


def _typings(text: str) -> Published:
    found = Published()
    for name, body in _TYPE.findall(text):
        found.types[name] = {
            element: _element(
                _PRIMITIVES.get(kind, kind), required=not optional and not repeated, repeated=bool(repeated)
            )
            for element, optional, kind, repeated in _FIELD.findall(body)
        }
    for name, values in _ENUM.findall(text):
        found.enums[name] = re.findall(r"'([^']+)'", values)
    return found


def _element(kind: str, *, required: bool, repeated: bool) -> Element:
    marks = {"required": required, "repeated": repeated}
    return {"type": kind, **{name: True for name, is_set in marks.items() if is_set}}


def merged(known: Mapping[str, Any], version: int, name: str, found: Published) -> dict[str, Any]:
    """Return the data with a newer version's types. Raises ValueError if the version is older than one in the data."""
    sources = dict(known.get("sources", {}))
    if any(int(each) > version for each in sources):
        raise ValueError(f"the data has a newer version than {version}: begin with the oldest, from an empty file")
    is_first = not sources or set(sources) == {str(version)}
    types: dict[str, dict[str, Element]] = {key: dict(value) for key, value in known.get("types", {}).items()}
    enums: dict[str, list[str]] = dict(known.get("enums", {}))
    for each in _reached(found):
        if each in found.types:
            types[each] = _renewed(types.get(each, {}), found.types[each], 0 if is_first else version)
        else:
            values = found.enums[each]
            enums[each] = list(dict.fromkeys((*enums.get(each, ()), *values))) if values else []
    sources[str(version)] = name
    return {"sources": sources, "types": dict(sorted(types.items())), "enums": dict(sorted(enums.items()))}


def _reached(found: Published) -> Iterator[str]:
    """Return the names of the declared types and enumerations that the roots lead to."""
    waiting, seen = list(ROOTS), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or (name not in found.types and name not in found.enums):
            continue
        seen.add(name)
        yield name
        waiting += [element["type"] for element in found.types.get(name, {}).values()]


def _renewed(known: Mapping[str, Element], found: Mapping[str, Element], version: int) -> dict[str, Element]:
    elements: dict[str, Element] = {}
    for name, element in found.items():
        since = known[name].get("since", 0) if name in known else version
        kind = _finer(known[name]["type"], element["type"]) if name in known else element["type"]
        elements[name] = {**element, "type": kind, **({"since": since} if since else {})}
    for name, element in known.items():
        if name not in found:
            elements[name] = {**element, "until": element.get("until", version - 1)}
    return dict(sorted(elements.items()))


def _finer(known: str, found: str) -> str:
    """Return the type of an element: of two simple ones the known one, because typings have only three."""
    return known if known[0].islower() and found[0].islower() else found


def main(arguments: list[str]) -> None:
    """Add the version that the command line names to the data file."""
    if len(arguments) < 3:
        sys.exit(__doc__)
    version, name, *files = arguments
    found = Published()
    for file in files:
        found.add(read(Path(file)))
    known = json.loads(DATA.read_text(encoding="utf-8")) if DATA.exists() else {}
    DATA.write_text(json.dumps(merged(known, int(version), name, found), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
