"""The environment files of a config directory. Only reading one loads the YAML parser, so listing them is quick."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.errors import InputError
from provisioner.files import UnreadableError
from provisioner.model.names import ENVIRONMENT_NAME
from provisioner.names import unknown

if TYPE_CHECKING:
    from provisioner.declaration.environments import EnvironmentFile

DECLARATION_FILE = "user-verification.yaml"
LOGINS_FILE = "logins.yaml"
ENVIRONMENTS_FOLDER = "environments"
SUFFIXES = (".yaml", ".yml")


def shown_directory(directory: Path) -> str:
    """Return a config directory for messages."""
    return str(directory) if directory.is_absolute() else os.path.relpath(directory)


def renaming(path: Path) -> str | None:
    """Return the fix for a file that has the suffix .yml instead of .yaml; None if there is no such file."""
    other = path.with_suffix(".yml")
    return f"Rename {other.name} to {path.name}." if os.path.lexists(other) else None


class EnvironmentFiles:
    """The environment files of a config directory, each read at most once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._folder = directory / ENVIRONMENTS_FOLDER
        self._shown = shown_directory(directory)
        self._read: dict[str, EnvironmentFile] = {}

    @cached_property
    def _files(self) -> tuple[list[Path], list[Diagnostic]]:
        """Return the files with the name of an environment, and a finding for each of the others."""
        files, findings, spelled = [], [], dict[str, str]()
        for path in self._entries():
            if path.suffix not in SUFFIXES:
                continue
            if not ENVIRONMENT_NAME.fullmatch(path.stem):
                findings.append(self._misnamed(path.name))
                continue
            first = spelled.setdefault(path.stem.casefold(), path.stem)
            if first != path.stem:
                findings.append(self._alike(first, path))
            files.append(path)
        return files, findings

    def _entries(self) -> list[Path]:
        """Return the entries of the folder in alphabetical order; none if there is no folder."""
        if not os.path.lexists(self._folder):
            return []
        try:
            return sorted(self._folder.iterdir())
        except OSError as error:
            problem = UnreadableError.of(error)
            raise InputError(
                f"The folder {self._path()} {problem.problem}.",
                next=f"{problem.remedy} It is the folder of the environment files.",
                code="unreadable-environment",
            ) from None

    def names(self) -> list[str]:
        """Return the names of the environments, in alphabetical order.

        Raises :class:`InputError` if their folder cannot be read.
        """
        return sorted({path.stem for path in self._files[0]})

    @property
    def findings(self) -> list[Diagnostic]:
        """Return the findings about the files' names."""
        return self._files[1]

    def read(self, name: str) -> EnvironmentFile:
        """Return the environment of that name. Raises UsageError if there is none, InputError if it is unreadable."""
        if name not in self._read:
            self._read[name] = self._file(name)
        return self._read[name]

    def admit(self, file: EnvironmentFile) -> None:
        """Let :meth:`read` know an environment that has no file."""
        self._read[file.environment.name] = file

    def _file(self, name: str) -> EnvironmentFile:
        found = [path for path in self._files[0] if path.stem == name]
        if not found:
            known = self.names()
            advice = "" if known else "Run `provisioner init`."
            raise unknown("environment", name, known, place=self._path(), advice=advice)
        path = found[0]
        shown = self._path(path.name)
        if len(found) > 1:
            raise InputError(
                f"The environment {name} has two files: {shown} and {found[1].name}.",
                next="Keep one of the two.",
                code="ambiguous-environment",
            )
        from provisioner.declaration.environments import read_environment

        try:
            return read_environment(path, shown, self._directory)
        except UnreadableError as error:
            raise InputError(
                f"The environment file {shown} {error.problem}.", next=error.remedy, code="unreadable-environment"
            ) from None

    def _alike(self, first: str, path: Path) -> Diagnostic:
        return Diagnostic(
            "name-differs-by-case",
            Severity.ERROR,
            f"The environments {first} and {path.stem} differ only by upper and lower case.",
            "Rename one of the files: many file systems do not tell them apart.",
            Location(self._path(path.name), 1, 1),
        )

    def _misnamed(self, name: str) -> Diagnostic:
        # Escaped, because the name is printed as it is: it could hold line breaks.
        escaped = name.encode("unicode_escape", "backslashreplace").decode()
        return Diagnostic(
            "environment-name-invalid",
            Severity.ERROR,
            f"{escaped} is not an environment file: its name may contain only the characters A-Z, a-z, 0-9, "
            "dot, underscore and hyphen.",
            "Rename the file, for example to sandbox.yaml.",
            Location(self._path(escaped), 1, 1),
        )

    def _path(self, *parts: str) -> str:
        return os.path.normpath(os.path.join(self._shown, ENVIRONMENTS_FOLDER, *parts))
