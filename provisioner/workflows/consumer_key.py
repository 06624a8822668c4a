"""The consumer key of an environment: the place that its file names, and the writing of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from provisioner.errors import InputError, RefusedError
from provisioner.files import UnreadableError, expand_home
from provisioner.model.environment import Environment
from provisioner.model.reference_values import described
from provisioner.secrets import Reference, ReferenceKind
from provisioner.workflows.console import Console
from provisioner.workflows.key_paths import display_path, is_ignored, work_tree
from provisioner.workflows.new_files import PRIVATE, NewFiles, present_content

#: A name with the number of its generation, such as ``Provisioner_CI_2``.
GENERATION = re.compile(r"^(.*?)_([0-9]+)$")


class KeyForm(StrEnum):
    """The way in which the environment file gives its consumer key."""

    FILE = "file"
    VARIABLE = "variable"
    COMMAND = "command"
    LITERAL = "literal"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """The place of an environment's consumer key. ``value`` is the present one, None if there is none yet."""

    environment: Environment
    form: KeyForm
    target: str = ""
    path: Path | None = None
    value: str | None = None

    def advice(self, key: str) -> str:
        """Return the step of a person that gives the environment the key."""
        where = described(self.environment, "consumer_key")
        match self.form:
            case KeyForm.FILE:
                assert self.path is not None
                return f"Write {key} into {display_path(self.path)}."
            case KeyForm.VARIABLE:
                return f"Set the variable {self.target} to {key}, for {where}."
            case KeyForm.COMMAND:
                return f"Store {key} where `{self.target}` reads it, for {where}."
            case KeyForm.LITERAL | KeyForm.NOWHERE:
                return f"Write {key} as {where}."
            case _:
                assert_never(self.form)


def key_place(console: Console, environment: Environment) -> KeyPlace:
    """Return the place of the environment's consumer key. Raises :class:`InputError` for a file without a path."""
    written = environment.login.consumer_key if environment.login is not None else None
    if isinstance(written, str):
        return KeyPlace(environment, KeyForm.LITERAL, value=written.strip())
    if not isinstance(written, Reference):
        return KeyPlace(environment, KeyForm.NOWHERE)
    kinds = {
        ReferenceKind.FILE: KeyForm.FILE,
        ReferenceKind.ENV: KeyForm.VARIABLE,
        ReferenceKind.COMMAND: KeyForm.COMMAND,
    }
    path = _path(environment, written) if written.kind is ReferenceKind.FILE else None
    value = None
    if written.kind is not ReferenceKind.COMMAND:
        try:
            value = console.resolver(environment.folder).read(written).reveal().strip()
        except InputError:
            value = None
    return KeyPlace(environment, kinds[written.kind], written.target, path, value)


def _path(environment: Environment, written: Reference) -> Path:
    try:
        return environment.folder / expand_home(written.target)
    except UnreadableError as error:
        what = f"The file {written.target}, which {written} names, {error.problem}."
        raise InputError(what, next=error.remedy, code="reference-unset") from None


def check_place(place: KeyPlace, config: Path) -> None:
    """Raise :class:`RefusedError` if the key must not be written to the file that the environment names."""
    if place.path is None:
        return
    real = Path(os.path.realpath(place.path.parent)) / place.path.name
    if not real.is_relative_to(os.path.realpath(config)):
        return
    tree = work_tree(real)
    if tree is None or not is_ignored(real, tree):
        raise RefusedError(
            f"{described(place.environment, 'consumer_key')} names {place.path}, which is in the config directory and "
            f"not ignored by git, so provisioner does not write the consumer key there. Nothing was changed.",
            next="Name a file outside the config directory, such as ${file:~/.secrets/NAME.consumer_key}, or add it to "
            ".gitignore.",
            code="consumer-key-in-config",
        )


def write_key(place: KeyPlace, key: str) -> Path | None:
    """Write the key into the file that the environment refers to, and return it; None if there is nothing to write."""
    if place.path is None or place.value == key:
        return None
    content = f"{key}\n".encode()
    with NewFiles() as files:
        if os.path.lexists(place.path):
            files.replace(place.path, present_content(place.path), content, PRIVATE)
        else:
            files.write(place.path, content, PRIVATE)
    return place.path


# The files of a rotation


def stem_of(name: str) -> str:
    """Return a name without the number of its generation."""
    found = GENERATION.fullmatch(name)
    return found[1] if found is not None else name


def absolute(path: Path) -> Path:
    """Return a path from the root, without ``..``; links stay."""
    return Path(os.path.normpath(Path.cwd() / path))


def new_place(place: KeyPlace, app: str) -> KeyPlace:
    """Return the file for the consumer key of an app: beside the present one, with the app's number in its name."""
    assert place.path is not None
    number = GENERATION.fullmatch(app)
    stem = stem_of(Path(place.target).stem)
    name = f"{stem}{f'_{number[2]}' if number is not None else ''}{Path(place.target).suffix}"
    target = str(Path(place.target).parent / name)
    return KeyPlace(place.environment, KeyForm.FILE, target, place.path.with_name(name))
