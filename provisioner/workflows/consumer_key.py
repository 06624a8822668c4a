"""The consumer key of an environment: where its file refers to, and how it gets there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from provisioner.errors import InputError, RefusedError
from provisioner.files import expand_home
from provisioner.model.environment import Environment
from provisioner.model.reference_values import described
from provisioner.secrets import Reference, ReferenceKind
from provisioner.workflows.console import Console
from provisioner.workflows.key_paths import display_path, is_ignored, work_tree
from provisioner.workflows.new_files import PRIVATE, NewFiles


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
    kept: KeyForm
    target: str = ""
    path: Path | None = None
    value: str | None = None

    def advice(self, key: str) -> str:
        """Return the step of a person that gives the environment the key."""
        where = described(self.environment, "consumer_key")
        match self.kept:
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
                assert_never(self.kept)


def key_place(console: Console, environment: Environment) -> KeyPlace:
    """Return the place of the environment's consumer key."""
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
    path = environment.folder / expand_home(written.target) if written.kind is ReferenceKind.FILE else None
    value = None
    if written.kind is not ReferenceKind.COMMAND:
        try:
            value = console.resolver(environment.folder).read(written).reveal().strip()
        except InputError:
            value = None
    return KeyPlace(environment, kinds[written.kind], written.target, path, value)


def check_place(place: KeyPlace, config: Path) -> None:
    """Raises :class:`RefusedError` if the key must not be written to the file that the environment names."""
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
    """Write the key into the file that the environment refers to; None if it refers to no file, or has the key."""
    if place.path is None or place.value == key:
        return None
    content = f"{key}\n".encode()
    with NewFiles() as files:
        if os.path.lexists(place.path):
            files.replace(place.path, place.path.read_bytes(), content)
            place.path.chmod(PRIVATE)
        else:
            files.write(place.path, content, PRIVATE)
    return place.path
