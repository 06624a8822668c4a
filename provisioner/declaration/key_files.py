"""The files of key material that a declaration refers to: read once, and only inside its directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from provisioner.files import OutsideError, UnreadableError, git_damage, read_regular
from provisioner.model.estate import KeyFile

#: No certificate or JWK is near this size.
LARGEST_KEY_FILE = 1024 * 1024


class KeyFiles:
    """Reads key files below ``directory``. ``shown`` is how the directory is written in messages.

    ``planned`` holds files by declared path that are not there yet.
    """

    def __init__(self, directory: Path, shown: str, planned: Mapping[str, bytes] | None = None) -> None:
        self._directory = directory
        self._shown = shown
        self._known = {
            declared: KeyFile(declared, self._shown_path(declared), content)
            for declared, content in (planned or {}).items()
        }

    def read(self, declared_path: str) -> KeyFile:
        """Return the file at a declared path. An unreadable one has a problem instead of content."""
        if declared_path not in self._known:
            self._known[declared_path] = self._read(declared_path)
        return self._known[declared_path]

    def _shown_path(self, declared: str) -> str:
        return os.path.normpath(os.path.join(self._shown, declared))

    def _read(self, declared: str) -> KeyFile:
        shown = self._shown_path(declared)

        def problem(rule: str, message: str, fix: str) -> KeyFile:
            return KeyFile(declared, shown, None, (rule, message, fix))

        if "\0" in declared or not declared.strip():
            return problem("key-file-missing", "The path is empty or invalid.", "Write the file's path.")
        try:
            content = read_regular(self._directory / declared, LARGEST_KEY_FILE, within=self._directory)
        except OutsideError:
            return problem(
                "key-file-outside",
                f"{declared} leads outside the declaration's directory {self._shown}.",
                "Copy the public key material into the directory; private keys never belong there.",
            )
        except UnreadableError as error:
            return problem(
                "key-file-missing",
                f"The file {shown} {error.problem}.",
                f"{error.remedy} The path is relative to {self._shown}.",
            )
        if (damage := git_damage(content)) is not None:
            return problem("key-file-missing", f"{shown}:{damage.line}: The file {damage.problem}.", damage.remedy)
        return KeyFile(declared, shown, content)
