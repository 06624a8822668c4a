"""Components as a project of the official CLI: a project file, manifests, and a file for each in source format.

Source: Salesforce DX Developer Guide, "Project Structure and Source Format": a component of a type without
children is the file of the Metadata API, with ``-meta.xml`` behind its name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.components import xml
from provisioner.components.package import Package, manifest
from provisioner.model.types import MetadataType

PROJECT_FILE = "sfdx-project.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of components and manifests in a project. ``present`` maps names of component files to paths."""

    source: str = "force-app/main/default"
    manifest: str = "manifest/package.xml"
    deletions: str = "manifest/destructiveChangesPost.xml"
    present: Mapping[str, str] = field(default_factory=dict)


#: A project that has manifests of its own keeps them.
OWN_MANIFEST, OWN_DELETIONS = "manifest/user-verification.xml", "manifest/user-verification-destructiveChangesPost.xml"


def project_file(api_version: str) -> bytes:
    """Return the file that makes a folder a project."""
    described = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "namespace": "",
        "sourceApiVersion": api_version,
    }
    return (json.dumps(described, indent=2) + "\n").encode()


def component_files(package: Package, api_version: str, layout: Layout) -> dict[str, bytes]:
    """Return the components and manifests by path. Raises :class:`ValueError` for a name that no file can have."""
    files = {layout.manifest: manifest(package.components, api_version)}
    if package.deletions:
        files[layout.deletions] = manifest(package.deletions, None, last_first=True)
    for (kind, name), element in package.components.items():
        files[_path(kind, name, layout)] = xml.to_file(element)
    return files


def ignore_lines(package: Package) -> list[str]:
    """Return the lines of ``.forceignore`` for the components of a package."""
    return [f"**/{kind.path(name)}-meta.xml" for kind, name in (*package.components, *package.deletions)]


def _path(kind: MetadataType, name: str, layout: Layout) -> str:
    if not name or name.startswith(".") or any(each in "/\\:" or not each.isprintable() for each in name):
        raise ValueError(name)
    path = f"{kind.path(name)}-meta.xml"
    return layout.present.get(path.rpartition("/")[2], f"{layout.source}/{path}")
