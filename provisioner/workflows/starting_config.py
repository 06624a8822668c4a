"""The files of ``init``: a commented starting config, or an example with two local orgs and a signing key."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from provisioner.errors import RefusedError
from provisioner.jose import generation
from provisioner.jose.certificates import SMALLEST_KEY_BITS
from provisioner.localorg.serving import missing_packages
from provisioner.project import install_command
from provisioner.words import enumerated
from provisioner.workflows.new_files import PRIVATE, PUBLIC, NewFiles
from provisioner.workflows.schema_files import SchemaFiles

#: Beside the config directory of the example: its local orgs, and the private key that signs identity tokens.
EXAMPLE_FOLDER = ".example"
_EXAMPLE_KEY = "storefront_1"
_EXAMPLE_DAYS = 365


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to write. ``is_fixed``: every run writes the same content."""

    content: bytes
    mode: int = PUBLIC
    is_fixed: bool = False


def write_starting_config(directory: Path, now: datetime, *, is_example: bool) -> list[str]:
    """Write the files that are missing; return their paths. Raises :class:`RefusedError` if others have their names.

    After an interrupted run, only the missing files are written; files of the user stay as they are.
    """
    contents = _example(directory, now) if is_example else _starting_config(directory)
    missing = {path: file for path, file in contents.items() if not path.exists()}
    missing |= {path: NewFile(text.encode()) for path, text in SchemaFiles(directory).missing().items()}
    there = [path for path, file in contents.items() if path not in missing and (not missing or not _holds(path, file))]
    if there:
        names = enumerated([str(path) for path in there])
        raise RefusedError(
            f"{names} already {'exists' if len(there) == 1 else 'exist'}, and provisioner never overwrites files.",
            next="Name another directory: provisioner init DIR.",
            code="already-there",
        )
    with NewFiles() as files:
        for path, file in missing.items():
            files.write(path, file.content, file.mode)
    return sorted(map(str, missing))


def next_steps(directory: Path, config: str, *, is_example: bool) -> list[str]:
    """Return the lines to follow; ``config`` is the value of ``--config``, empty if no command needs it."""
    option = f"--config {shlex.quote(config)} " if config else ""
    install = f"{install_command('localorg')}   (installs the local org, which is missing)"
    installing = [install] if missing_packages() else []
    if is_example:
        return [
            *installing,
            f"provisioner {option}plan --env sandbox     (starts a local org on this machine)",
            f"provisioner {option}apply --env sandbox",
            f"provisioner {option}verify --env sandbox   (proves that customers are verified)",
            f"At the end, remove {directory} and {directory.parent / EXAMPLE_FOLDER}.",
        ]
    return [
        f"provisioner {option}validate           (the starting config is valid)",
        *installing,
        f"provisioner {option}plan --env local   (starts a local org on this machine)",
        f"Write your keys, keysets and channels into {directory / 'user-verification.yaml'}: its comments show how.",
        f"Write your orgs into {directory / 'environments'}.",
    ]


def _starting_config(directory: Path) -> dict[Path, NewFile]:
    """Return the files of a commented starting config."""
    return _templates(directory, "starting_config")


def _example(directory: Path, now: datetime) -> dict[Path, NewFile]:
    """Return the files of the example, with a new key pair. The folder beside the config is ignored by git."""
    key = generation.new_key(SMALLEST_KEY_BITS)
    pair = generation.pair(key, _EXAMPLE_KEY, now=now, days=_EXAMPLE_DAYS, serial_number=1)
    beside = directory.parent / EXAMPLE_FOLDER
    return {
        **_templates(directory, "starting_example"),
        directory / "keys/storefront-1.crt": NewFile(pair.public_pem),
        beside / ".gitignore": NewFile(b"*\n", is_fixed=True),
        beside / "signer.key": NewFile(generation.private_pem(key, None), PRIVATE),
    }


def _templates(directory: Path, folder: str) -> dict[Path, NewFile]:
    def below(entry: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
        for each in sorted(entry.iterdir(), key=lambda child: child.name):
            if each.is_dir():
                yield from below(each, path / each.name)
            else:
                yield path / each.name, each.read_text(encoding="utf-8")

    found = below(resources.files("provisioner.cli") / folder, PurePosixPath())
    return {directory / path: NewFile(text.encode(), is_fixed=True) for path, text in found}


def _holds(path: Path, file: NewFile) -> bool:
    try:
        return file.is_fixed and path.read_bytes() == file.content
    except OSError:
        return False
