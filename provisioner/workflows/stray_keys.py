"""Private keys that lie beside the declared ones: nothing names them, and git takes them along all the same."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from provisioner.declaration.load import ConfigDirectory
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.files import UnreadableError, read_regular
from provisioner.jose.defects import Findings
from provisioner.jose.file_kinds import LARGEST_FILE, call_private, take

FOLDER = "keys"
_RULE = "certificate-is-private-key"
#: A declaration has at most some dozens of keys.
_MOST_FILES = 500


def stray_keys(config: ConfigDirectory, found: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """A finding for each private file in the folder of public keys that none of the findings ``found`` is about."""
    said = [finding.message for finding in found if finding.rule in (_RULE, "jwk-private-member")]
    for shown, content in _files(config):
        taken = take(content)
        if not taken.is_private or any(message.startswith((f"{shown} ", f"{shown}:")) for message in said):
            continue
        defects = Findings()
        call_private(taken, shown, defects)
        (defect,) = defects.defects
        # Without a place in the file: views print the line that a place is in.
        yield Diagnostic(_RULE, Severity.ERROR, defect.message, defect.fix)


def _files(config: ConfigDirectory) -> Iterator[tuple[str, bytes]]:
    """The regular files of the folder, each with its path as it is shown; links are left alone."""
    folder = config.directory / FOLDER
    paths = sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else []
    for path in paths[:_MOST_FILES]:
        if path.is_symlink() or not path.is_file():
            continue
        try:
            content = read_regular(path, LARGEST_FILE, within=config.directory)
        except UnreadableError:
            continue
        yield os.path.normpath(Path(config.declaration_file).parent / FOLDER / path.name), content
