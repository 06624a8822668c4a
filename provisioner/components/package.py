"""A deployable package: a zip with a manifest, component files, and deletions that come last.

Source: Metadata API Developer Guide, package.xml and "Deleting Components": destructiveChangesPost.xml is processed
after everything else, so that what refers to a deleted component has already let go of it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from provisioner.components import xml
from provisioner.components.metadata import NSMAP, qualified
from provisioner.model.types import TYPES, MetadataType

_EPOCH = (1980, 1, 1, 0, 0, 0)
Name = tuple[MetadataType, str]
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)

#: What one deploy or retrieve carries: files, the manifests among them, and bytes of its zip. 39 MB are read as
#: 39,000,000: in base64 those fit into the 50 MB of a SOAP message, and 39 * 1024 * 1024 do not.
FILES_AT_MOST = 10_000
ZIP_BYTES_AT_MOST = 39_000_000


class Rendered(Mapping[Name, etree._Element]):
    """Components that are kept as the text of their files, and parsed at each access.

    A tree takes more memory than its text, and the package, the journal and the read-back share one text.
    """

    def __init__(self, texts: Mapping[Name, str]) -> None:
        self._texts = texts

    @classmethod
    def of(cls, components: Iterable[tuple[Name, etree._Element]]) -> Rendered:
        """Return components, of which each tree is needed only until the next one is made."""
        return cls({name: xml.to_file(element).decode("utf-8") for name, element in components})

    def text(self, name: Name) -> str:
        """Return the text of a component's file."""
        return self._texts[name]

    def __getitem__(self, name: Name) -> etree._Element:
        return etree.fromstring(self._texts[name].encode("utf-8"), _PARSER)

    def __iter__(self) -> Iterator[Name]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, name: object) -> bool:
        return name in self._texts


@dataclass(frozen=True, slots=True)
class Package:
    """The content of one deployment: components by type and full name, and the names that it deletes."""

    components: Mapping[Name, etree._Element] = field(default_factory=dict)
    deletions: Sequence[Name] = ()

    def text(self, name: Name) -> str:
        """Return the text of a component's file."""
        if isinstance(self.components, Rendered):
            return self.components.text(name)
        return xml.to_file(self.components[name]).decode("utf-8")

    def files(self, api_version: str) -> dict[str, bytes]:
        """Return the package's files by path; order and bytes depend only on its content."""
        return dict(self._files(api_version))

    def _files(self, api_version: str) -> Iterator[tuple[str, bytes]]:
        yield "package.xml", manifest(self.components, api_version)
        if self.deletions:
            yield "destructiveChangesPost.xml", manifest(self.deletions, None, last_first=True)
        for kind in _types(self.components):
            for name in sorted(name for each, name in self.components if each is kind):
                yield kind.path(name), self.text((kind, name)).encode("utf-8")

    def to_zip(self, api_version: str) -> bytes:
        """Return the package as the bytes of a zip file."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in self._files(api_version):
                entry = zipfile.ZipInfo(path, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
        return buffer.getvalue()


def names_by_type(names: Iterable[Name]) -> dict[MetadataType, list[str]]:
    """Return the full names of components by type, in their order."""
    found: dict[MetadataType, list[str]] = {}
    for kind, full_name in names:
        found.setdefault(kind, []).append(full_name)
    return found


def _types(names: Sequence[Name] | Mapping[Name, object]) -> list[MetadataType]:
    """Return the types of ``names``: managed types in the order of dependency, then others in the order of names."""
    found = list(dict.fromkeys(kind for kind, _ in names))
    return sorted(found, key=lambda kind: TYPES.index(kind) if kind in TYPES else len(TYPES))


def manifest(
    names: Sequence[Name] | Mapping[Name, object], api_version: str | None, *, last_first: bool = False
) -> bytes:
    """Return a package.xml or, without a version, a destructiveChangesPost.xml.

    ``last_first`` is the order of deletions: a component that refers to others goes first, a keyset before its keys.
    """
    root = etree.Element(qualified("Package"), nsmap=NSMAP)
    for kind in reversed(_types(names)) if last_first else _types(names):
        members = sorted(name for each, name in names if each is kind)
        if members:
            types = etree.SubElement(root, qualified("types"))
            for member in members:
                etree.SubElement(types, qualified("members")).text = member
            etree.SubElement(types, qualified("name")).text = kind.xml_name
    if api_version is not None:
        etree.SubElement(root, qualified("version")).text = api_version
    return xml.to_file(root)
