"""An existing project of the official CLI: finds it, reads it, and writes to it if the person agrees."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from provisioner.components.source_project import OWN_DELETIONS, OWN_MANIFEST, PROJECT_FILE, Layout
from provisioner.errors import InputError, RefusedError
from provisioner.files import UnreadableError, read_regular
from provisioner.model.types import OTHER_TYPES, TYPES
from provisioner.words import counted
from provisioner.workflows.console import Console
from provisioner.workflows.new_files import PUBLIC, NewFiles

_LARGEST = 1024 * 1024
_LARGEST_COMPONENT = 64 * 1024 * 1024
FORCEIGNORE = ".forceignore"


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its root, its package directories, and the one that new components go to."""

    root: Path
    packages: tuple[str, ...]
    target: str

    def layout(self) -> Layout:
        """Return where this project keeps components. Raises :class:`InputError` for a component in two places."""
        present: dict[str, str] = {}
        for path in self._component_files():
            name = path.name
            shown = path.relative_to(self.root).as_posix()
            if name in present:
                raise InputError(
                    f"{shown} and {present[name]} are files of one component. Nothing was written.",
                    next="Keep one of the two: the Salesforce CLI refuses both.",
                    code="component-twice",
                )
            present[name] = shown
        return Layout(f"{self.target}/main/default", OWN_MANIFEST, OWN_DELETIONS, present)

    def _component_files(self) -> Iterator[Path]:
        endings = tuple(f".{kind.suffix}-meta.xml" for kind in (*TYPES, *OTHER_TYPES))
        for package in self.packages:
            for folder, _, names in os.walk(self.root / package):
                yield from (Path(folder, name) for name in sorted(names) if name.endswith(endings))


def find_project(directory: Path) -> Project | None:
    """Return the project that an existing directory is in; None for a directory that is new, or in no project.

    Raises :class:`InputError` for a project file that cannot be used.
    """
    if not directory.is_dir():
        return None
    here = Path(os.path.realpath(directory))
    root = next((each for each in (here, *here.parents) if (each / PROJECT_FILE).is_file()), None)
    if root is None or (root != here and not any(here.iterdir())):
        return None  # an empty folder inside a project can become a project of its own
    described = _described(root / PROJECT_FILE)
    packages = tuple(_inside(root, each) for each in described)
    default = next((_inside(root, each) for each in described if each.get("default") is True), packages[0])
    around = [each for each in packages if here.is_relative_to(root / each)]
    return Project(root, packages, max(around, key=len) if around else default)


def _described(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(read_regular(path, _LARGEST))["packageDirectories"]
        if found and all(isinstance(each["path"], str) and "\0" not in each["path"] for each in found):
            return list(found)
    except UnreadableError as error:
        raise InputError(f"{path} {error.problem}.", next=error.remedy, code="no-project") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise InputError(
        f"{path} names no package directories.",
        next='Write them: {"packageDirectories": [{"path": "force-app", "default": true}]}; or name a new directory.',
        code="no-project",
    )


def _inside(root: Path, described: Mapping[str, Any]) -> str:
    path = PurePosixPath(described["path"].replace("\\", "/"))
    real = Path(os.path.realpath(root / path))
    if not real.is_relative_to(root) or path.is_absolute():
        raise InputError(
            f"The package directory {path} of {root / PROJECT_FILE} is outside the project. Nothing was written.",
            next="Correct the path, or export to a new directory.",
            code="no-project",
        )
    return real.relative_to(root).as_posix()


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were made, replaced and left as they are."""

    made: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]


def write_into(
    console: Console, root: Path, files: Mapping[str, bytes], *, agreed: Mapping[str, bytes] = MappingProxyType({})
) -> Written:
    """Write files into a project. Files with another content are replaced only if the person agrees.

    The files of ``agreed`` need no question, and are not in the result. Raises :class:`RefusedError` if the person does
    not agree, or cannot be asked and did not agree in advance.
    """
    every = {**files, **agreed}
    before = {path: _content(root, path) for path in sorted(every)}
    made = [path for path, old in before.items() if old is None]
    differing = {path: old for path, old in before.items() if old is not None and old != every[path]}
    if asked := [path for path in differing if path in files]:
        _agree(console, root, asked)
    with NewFiles() as new:
        for path in made:
            new.write(root / path, every[path], PUBLIC)
        for path, old in differing.items():
            new.replace(root / path, old, every[path])
    unchanged = [path for path in files if path not in made and path not in differing]
    return Written(
        tuple(path for path in made if path in files),
        tuple(path for path in differing if path in files),
        tuple(unchanged),
    )


def _content(root: Path, path: str) -> bytes | None:
    """Return what a file of the project holds; None if there is none. Links must stay inside the project."""
    file = root / path
    if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(root)):
        raise InputError(
            f"{file} leads outside the project. Nothing was written.",
            next="Replace the link by a file or a folder.",
            code="not-writable",
        )
    if not os.path.lexists(file):
        return None
    try:
        return read_regular(file, _LARGEST_COMPONENT)
    except UnreadableError as error:
        said = f"{file} {error.problem}. Nothing was written."
        raise InputError(said, next=error.remedy, code="not-writable") from None


def _agree(console: Console, root: Path, paths: list[str]) -> None:
    if console.given.yes:
        return
    said = f"{counted(len(paths), 'file')} of the project would be replaced: {', '.join(paths)}."
    if not console.is_interactive:
        raise RefusedError(
            f"{said} Nothing was written.",
            next=f"Commit the project in {root}, run the command again with --yes, and compare with git.",
            code="already-there",
        )
    console.say(said)
    if console.ask("Replace them? Type `yes` to write: ") != "yes":
        raise RefusedError("Nothing was written.", next="Name a new directory to look at the files first.")


def with_lines(root: Path, lines: list[str]) -> bytes | None:
    """Return the project's ``.forceignore`` with the lines that it lacks; None if it has them all."""
    old = (_content(root, FORCEIGNORE) or b"").decode("utf-8", "surrogateescape")
    missing = [each for each in lines if each not in old.splitlines()]
    if not missing:
        return None
    end = "\r\n" if "\r\n" in old else "\n"
    head = old if not old or old.endswith("\n") else f"{old}{end}"
    text = head + "".join(f"{each}{end}" for each in ["# provisioner deploys these", *missing])
    return text.encode("utf-8", "surrogateescape")
