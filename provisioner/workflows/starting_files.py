"""The files of ``init``: a commented starting config, or an example with two local orgs and a signing key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from provisioner.jose import generation
from provisioner.workflows.new_files import PRIVATE, PUBLIC

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


def starting_config(directory: Path) -> dict[Path, NewFile]:
    """Return the files of a commented starting config."""
    return _templates(directory, "starting_config")


def example(directory: Path, now: datetime) -> dict[Path, NewFile]:
    """Return the files of the example, with a new key pair. The folder beside the config is ignored by git."""
    key = generation.new_key(generation.SMALLEST_BITS)
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
