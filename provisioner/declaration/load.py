"""A config directory: one declaration, its key files, and a file for each environment; merged on request."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.declaration.build import build_estate
from provisioner.declaration.environment_files import (
    DECLARATION_FILE,
    ENVIRONMENTS_FOLDER,
    LOGINS_FILE,
    EnvironmentFiles,
    renaming,
    shown_directory,
)
from provisioner.declaration.environments import EnvironmentFile
from provisioner.declaration.key_files import KeyFiles
from provisioner.declaration.overrides import matching
from provisioner.declaration.requires import written_for_another
from provisioner.declaration.schema import DECLARATION
from provisioner.declaration.shape import check_shape, read_mapping
from provisioner.declaration.tree import Node, merge
from provisioner.declaration.variables import Substitution
from provisioner.declaration.yaml_text import read_file
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.errors import InputError
from provisioner.files import UnreadableError
from provisioner.model.environment import Environment
from provisioner.model.estate import Estate, KeyFile

if TYPE_CHECKING:
    from provisioner.declaration.logins import LoadedLogins

__all__ = [
    "DECLARATION_FILE",
    "ENVIRONMENTS_FOLDER",
    "ConfigDirectory",
    "EnvironmentFiles",
    "Loaded",
    "read_declaration",
]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A declaration under one environment (or, with ``environment`` None, under none).

    ``tree`` is the merged declaration; ``findings`` is what was wrong with the text, the shape and the references.
    """

    estate: Estate
    environment: Environment | None
    tree: Node | None
    findings: tuple[Diagnostic, ...]


class ConfigDirectory:
    """The files of a config directory, each read at most once.

    ``declaration`` replaces the content of the declaration's file; ``key_files`` are additional files by declared path.
    ``content`` is the declaration's text.
    """

    def __init__(
        self, directory: Path, declaration: bytes | None = None, key_files: Mapping[str, bytes] | None = None
    ) -> None:
        self.directory = directory
        self._shown = shown_directory(directory)
        self._files = KeyFiles(directory, self._shown, key_files)
        self._environments = EnvironmentFiles(directory)
        self.content = self._read() if declaration is None else declaration
        begin = "Write `version: 1` and sections such as `keys:` at the left margin."
        self._tree, findings = read_mapping(self.content, self.declaration_file, "The declaration", begin)
        self._text_findings = tuple(findings)
        # Found before merging, because an override could hide them.
        shape = check_shape(self._tree, DECLARATION) if self._tree is not None else []
        self._nulls = [found for found in shape if found.rule == "yaml-null"]

    def _read(self) -> bytes:
        try:
            return read_declaration(self.directory)
        except UnreadableError as error:
            there = os.path.lexists(self.directory / DECLARATION_FILE)
            raise InputError(
                f"The declaration {self.declaration_file} {error.problem}.",
                next=error.remedy if there else renaming(self.directory / DECLARATION_FILE) or self._meant(),
                code="no-declaration",
            ) from None

    def _meant(self) -> str:
        """Return the next step if the directory has no declaration: the directory beside or below it that has one."""
        named = Path(self._shown)
        meant = named.parent if self.directory.is_file() else named / "config"
        below = self.directory.parent if self.directory.is_file() else self.directory / "config"
        if os.path.lexists(below / DECLARATION_FILE):
            return f"Name the directory that holds the declaration: --config {shlex.quote(str(meant))}"
        return "Run `provisioner init` for a commented starting config, or name the directory with --config DIR."

    @property
    def declaration_file(self) -> str:
        """Return the declaration's path for messages."""
        return os.path.normpath(os.path.join(self._shown, DECLARATION_FILE))

    def environment_names(self) -> list[str]:
        """Return the names of the environments, in alphabetical order."""
        return self._environments.names()

    @property
    def key_files(self) -> Collection[KeyFile]:
        """Return the key files that were read so far: those that the loaded declarations name."""
        return self._files.known

    @property
    def misnamed(self) -> tuple[Diagnostic, ...]:
        """Return a finding for each environment file with an invalid name."""
        return tuple(self._environments.findings)

    def environment_file(self, name: str) -> EnvironmentFile:
        """Return the environment of that name. Raises UsageError if there is none, InputError if it is unreadable."""
        return self._environments.read(name)

    @property
    def has_logins(self) -> bool:
        """Return whether the directory declares logins."""
        return os.path.lexists(self.directory / LOGINS_FILE)

    @property
    def ignored_logins(self) -> tuple[Diagnostic, ...]:
        """Return a finding if a file of logins has the suffix .yml: no command reads it."""
        path = self.directory / LOGINS_FILE
        fix = renaming(path)
        if fix is None:
            return ()
        ignored = path.with_suffix(".yml").name
        if self.has_logins:
            fix = f"Move its logins to {LOGINS_FILE}, and remove {ignored}."
        place = Location(os.path.normpath(os.path.join(self._shown, ignored)), 1, 1)
        message = f"{ignored} is not read: the file of the logins is {LOGINS_FILE}."
        return (Diagnostic("logins-file-ignored", Severity.ERROR, message, fix, place),)

    def logins(self, name: str | None) -> LoadedLogins:
        """Return the logins under an environment. Raises :class:`InputError` if their file cannot be read."""
        from provisioner.declaration.logins import read_logins  # most directories declare none

        return read_logins(self.directory, self._shown, self.environment_file(name) if name is not None else None)

    def admit(self, file: EnvironmentFile) -> None:
        """Add an environment that has no file."""
        self._environments.admit(file)

    def load(self, name: str | None, *, settled: bool = False) -> Loaded:
        """Return the declaration under an environment; ``None``: under none, with ``${var:}`` unresolved.

        ``settled``: under an environment without variables.
        """
        findings = [*self._text_findings, *self._environments.findings]
        if name is None:
            file, environment = None, None
        else:
            file = self.environment_file(name)
            environment = file.environment
            findings += file.findings
        tree = self._tree
        if tree is None:
            return Loaded(Estate(), environment, None, tuple(findings))
        refused = written_for_another(tree)
        if refused is not None:
            return Loaded(Estate(), environment, None, (refused,))
        findings += self._nulls
        merged: Node = tree
        if file is not None and file.overrides is not None:
            overrides, unmatched = matching(tree, file.overrides, DECLARATION)
            findings += unmatched
            merged = merge(tree, overrides) or tree
        substitution = Substitution(file.variables if file is not None else {} if settled else None)
        merged = substitution.apply(merged)
        findings += substitution.findings
        shape = check_shape(merged, DECLARATION, substitution.unresolved)
        findings += shape
        return Loaded(build_estate(merged, self._files), environment, merged, tuple(dict.fromkeys(findings)))


def read_declaration(directory: Path) -> bytes:
    """Return the text of a config directory's declaration. Raises :class:`UnreadableError`."""
    return read_file(directory / DECLARATION_FILE, directory)
