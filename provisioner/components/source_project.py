"""Components as a project of the official CLI: a project file, manifests, and a file for each in source format.

Source: Salesforce DX Developer Guide, "Project Structure and Source Format": a component of a type without
children is the file of the Metadata API, with ``-meta.xml`` behind its name.
"""

from __future__ import annotations

import json

from provisioner.components import xml
from provisioner.components.metadata import MetadataType
from provisioner.components.package import Package, manifest

MANIFEST, DELETIONS = "manifest/package.xml", "manifest/destructiveChangesPost.xml"
_SOURCE = "force-app/main/default"


def project_files(package: Package, api_version: str) -> dict[str, bytes]:
    """Return the project's files by path. Raises :class:`ValueError` for a name that no file can have."""
    described = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "namespace": "",
        "sourceApiVersion": api_version,
    }
    files = {
        "sfdx-project.json": (json.dumps(described, indent=2) + "\n").encode(),
        MANIFEST: manifest(package.components, api_version),
    }
    if package.deletions:
        files[DELETIONS] = manifest(package.deletions, None, last_first=True)
    for (kind, name), element in package.components.items():
        files[_path(kind, name)] = xml.to_file(element)
    return files


def _path(kind: MetadataType, name: str) -> str:
    if not name or name.startswith(".") or any(each in "/\\:" or not each.isprintable() for each in name):
        raise ValueError(name)
    return f"{_SOURCE}/{kind.path(name)}-meta.xml"
