"""A deployment's zip: its manifest, its component files and its lists of deletions.

Source: Metadata API Developer Guide, "deploy()" and "Deploying and Retrieving Metadata".
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

from provisioner.localorg import versions
from provisioner.localorg.records import MetadataType
from provisioner.localorg.xmltree import METADATA_NAMESPACE, Node, XmlProblem, branch, file_text, leaf, parse

MANIFEST = "package.xml"
#: In the order of the org's processing; None is the place of the components themselves.
STEPS = ("destructiveChanges.xml", "destructiveChangesPre.xml", None, "destructiveChangesPost.xml")
LARGEST_CONTENT = 629_145_600
MOST_FILES = 10_000


class PackageProblem(Exception):
    """The zip is not a package. The file at fault is named, if there is one; ``line`` and ``column`` start at 1."""

    def __init__(self, text: str, *, file: str = MANIFEST, line: int | None = None, column: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.file = file
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Listed:
    """One component in a manifest. ``member`` may be ``*`` in package.xml."""

    type_name: str
    member: str


@dataclass(frozen=True, slots=True)
class Package:
    """A package. ``files`` are by path relative to the manifest; ``deletions`` by the list's file name."""

    version: int
    listed: tuple[Listed, ...]
    files: dict[str, bytes]
    deletions: dict[str, tuple[Listed, ...]]

    def component_files(self) -> dict[tuple[MetadataType, str], str]:
        """Return the path of each component file, by type and name. A file may also have its name in a project."""
        found = {}
        for path in self.files:
            directory, _, file = path.removesuffix("-meta.xml").rpartition("/")
            for kind in MetadataType:
                if directory == kind.directory and file.endswith(f".{kind.suffix}"):
                    found[kind, file.removesuffix(f".{kind.suffix}")] = path
        return found


def read(content: bytes, newest: int) -> Package:
    """Return the package; raises :class:`PackageProblem`."""
    files = _unzip(content)
    manifest = files.get(MANIFEST)
    if manifest is None:
        raise PackageProblem("No package.xml found")
    root = _manifest(MANIFEST, manifest)
    text = (root.value("version") or "").strip()
    version = versions.parse(text)
    if version is None or not versions.OLDEST <= version <= newest:
        place = root.find("version") or root
        problem = f"Invalid api version:{text}" if text else "Required field is missing: version"
        raise PackageProblem(problem, line=place.line, column=place.column)
    deletions = {
        name: _listed(name, _manifest(name, files[name])) for name in STEPS if name is not None and name in files
    }
    for name, listed in deletions.items():
        if any(entry.member == "*" for entry in listed):
            raise PackageProblem("Wildcards aren't supported in destructive changes", file=name)
    return Package(version, _listed(MANIFEST, root), files, deletions)


def _unzip(content: bytes) -> dict[str, bytes]:
    """Return file contents by path, without a folder that contains all of them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST_CONTENT:
                raise PackageProblem(
                    "Maximum size of request reached. Maximum size of request is 10000 files or 600 MB"
                )
            files = {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, RuntimeError):
        raise PackageProblem("The zip file can't be read", file="") from None
    tops = {name.partition("/")[0] for name in files if "/" in name}
    if MANIFEST not in files and len(tops) == 1 and f"{(top := tops.pop())}/{MANIFEST}" in files:
        return {name.removeprefix(f"{top}/"): content for name, content in files.items() if name.startswith(f"{top}/")}
    return files


def _manifest(name: str, text: bytes) -> Node:
    try:
        root = parse(text)
    except XmlProblem as problem:
        raise PackageProblem(
            f"Error parsing file: {problem.message}", file=name, line=problem.line, column=problem.column
        ) from None
    if (root.namespace, root.name) != (METADATA_NAMESPACE, "Package"):
        raise PackageProblem(f"Error parsing file: unexpected root element {root.name}", file=name, line=1, column=1)
    return root


def _listed(name: str, root: Node) -> tuple[Listed, ...]:
    found = []
    for types in root.all("types"):
        type_name = (types.value("name") or "").strip()
        if not type_name:
            raise PackageProblem("Required field is missing: name", file=name, line=types.line, column=types.column)
        found += [Listed(type_name, member.text.strip()) for member in types.all("members")]
    return tuple(dict.fromkeys(found))


def manifest(listed: dict[MetadataType, list[str]], version: int) -> str:
    """Return the text of a package.xml that names these components."""
    types = [
        branch("types", (*(leaf("members", name) for name in sorted(names)), leaf("name", kind.xml_name)))
        for kind, names in listed.items()
        if names
    ]
    return file_text(branch("Package", (*types, leaf("version", f"{version}.0"))))
