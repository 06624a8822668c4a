"""``init``: the files of a commented starting config, and the next steps."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from provisioner.errors import RefusedError
from provisioner.localorg.serving import missing_packages
from provisioner.project import install_command
from provisioner.words import enumerated
from provisioner.workflows.new_files import PUBLIC, NewFiles
from provisioner.workflows.schema_files import SchemaFiles


def write_starting_config(directory: Path, templates: Traversable) -> list[str]:
    """Write the files of ``templates`` and the schemas that are missing; return the paths of the new ones.

    A run that was cut off is completed. Raises :class:`RefusedError` if somebody else wrote one of the files.
    """
    contents = {directory / path: text for path, text in _texts(templates, PurePosixPath())}
    missing = {path: text for path, text in contents.items() if not path.exists()}
    missing |= SchemaFiles(directory).missing()
    there = [path for path, text in contents.items() if path not in missing and (not missing or not _holds(path, text))]
    if there:
        names = enumerated([str(path) for path in there])
        raise RefusedError(
            f"{names} {'is' if len(there) == 1 else 'are'} already there, and provisioner never overwrites files.",
            next="Name another directory: provisioner init DIR.",
            code="already-there",
        )
    with NewFiles() as files:
        for path, content in missing.items():
            files.write(path, content.encode(), PUBLIC)
    return sorted(map(str, missing))


def next_steps(directory: Path, config: str) -> list[str]:
    """Return the lines to follow; ``config`` is the value of ``--config``, empty if no command needs it."""
    option = f"--config {shlex.quote(config)} " if config else ""
    local_org = [f"provisioner {option}plan --env local   (starts a local org on this machine)"]
    if missing_packages():
        local_org = [f"{install_command('localorg')}   (installs the local org, which is missing)", *local_org]
    return [
        f"provisioner {option}validate           (the starting config is valid)",
        *local_org,
        f"Write your keys, keysets and channels into {directory / 'user-verification.yaml'}: its comments show how.",
        f"Write your orgs into {directory / 'environments'}; keep .localorg/ out of git.",
    ]


def _texts(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield the path below ``folder`` and the text of each file."""
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            yield from _texts(each, path / each.name)
        else:
            yield path / each.name, each.read_text(encoding="utf-8")


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False
