"""The files of key material that a declaration refers to: read once, and only inside its directory."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from pathlib import Path, PurePosixPath

from provisioner.files import OutsideError, UnreadableError, git_damage, read_all
from provisioner.model.estate import KeyFile
from provisioner.names import Nearest, nearest

#: No certificate or JWK is near this size.
LARGEST_KEY_FILE = 1024 * 1024
#: The most files of a folder that are compared with a misspelt name.
MOST_NEIGHBOURS = 1_000


class KeyFiles:
    """Reads key files below ``directory``. ``shown`` is how the directory is written in messages.

    ``planned`` holds files by declared path that do not exist yet.
    """

    def __init__(self, directory: Path, shown: str, planned: Mapping[str, bytes] | None = None) -> None:
        self._directory = directory
        self._shown = shown
        self._hints_left = Nearest.MOST_HINTS
        self._known = {
            declared: KeyFile(declared, self._shown_path(declared), content)
            for declared, content in (planned or {}).items()
        }

    @property
    def known(self) -> Collection[KeyFile]:
        """Return the files that were read so far."""
        return self._known.values()

    def read(self, declared_path: str) -> KeyFile:
        """Return the file at a declared path. An unreadable one has a problem instead of content."""
        self.read_ahead([declared_path])
        return self._known[declared_path]

    def read_ahead(self, declared_paths: Iterable[str]) -> None:
        """Read the files that are not known yet, in one pass."""
        new = [each for each in dict.fromkeys(declared_paths) if each not in self._known]
        paths = [each for each in new if "\0" not in each and each.strip()]
        contents = read_all([self._directory / each for each in paths], LARGEST_KEY_FILE, within=self._directory)
        found = dict(zip(paths, contents, strict=True))
        self._known.update({each: self._file(each, found.get(each)) for each in new})

    def _shown_path(self, declared: str) -> str:
        return os.path.normpath(os.path.join(self._shown, declared))

    def _file(self, declared: str, content: bytes | UnreadableError | None) -> KeyFile:
        """Return the file with its content, or with its problem; ``content`` is None for an invalid path."""
        shown = self._shown_path(declared)

        def problem(rule: str, message: str, fix: str) -> KeyFile:
            return KeyFile(declared, shown, None, (rule, message, fix))

        if content is None:
            return problem("key-file-missing", "The path is empty or invalid.", "Write the file's path.")
        if isinstance(content, OutsideError):
            return problem(
                "key-file-outside",
                f"{declared} leads outside the declaration's directory {self._shown}.",
                f"Copy the public key into the directory, and write its path relative to {self._shown}. Private keys "
                "never belong there.",
            )
        if isinstance(content, UnreadableError):
            return problem(
                "key-file-missing",
                f"The file {shown} {content.problem}.{self._near(declared)}",
                f"{content.remedy} The path is relative to {self._shown}.",
            )
        if (damage := git_damage(content)) is not None:
            return problem("key-file-missing", f"{shown}:{damage.line}: The file {damage.problem}.", damage.remedy)
        return KeyFile(declared, shown, content)

    def _near(self, declared: str) -> str:
        """Return `` Did you mean PATH?`` for a missing file with a similar one in the directory, else an empty text."""
        if os.path.lexists(self._directory / declared) or self._hints_left == 0:
            return ""
        self._hints_left -= 1
        path = PurePosixPath(declared.replace("\\", "/"))
        for meant in (path, path.relative_to(*path.parts[:1])):  # the second: a path from the folder above
            files = self._files_beside(meant)
            near = nearest(meant.stem, files) if files else None
            if near is not None:
                return f" Did you mean {meant.with_name(files[near])}?"
        return ""

    def _files_beside(self, path: PurePosixPath) -> Mapping[str, str]:
        """Return the names of the files in the path's folder by their stems; none outside the directory."""
        try:
            folder = Path(os.path.realpath(self._directory / path.parent))
            if not folder.is_relative_to(os.path.realpath(self._directory)):
                return {}
            # Of several files with one stem, that with the path's suffix counts.
            found = sorted(islice(folder.iterdir(), MOST_NEIGHBOURS), key=lambda each: each.suffix == path.suffix)
        except OSError:
            return {}
        return {each.stem: each.name for each in found}
