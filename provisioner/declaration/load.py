"""A config directory: one declaration, its key files, and one file an environment; merged on request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.declaration.build import build_estate
from provisioner.declaration.environments import EnvironmentFile, read_environment
from provisioner.declaration.key_files import KeyFiles
from provisioner.declaration.schema import DECLARATION
from provisioner.declaration.shape import check_shape
from provisioner.declaration.tree import Branch, Node, merge
from provisioner.declaration.variables import Substitution
from provisioner.declaration.yaml_text import parse, read_file
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.errors import InputError
from provisioner.model.environment import Environment
from provisioner.model.estate import Estate
from provisioner.names import unknown

DECLARATION_FILE = "user-verification.yaml"
ENVIRONMENTS_FOLDER = "environments"
SUFFIXES = (".yaml", ".yml")


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

    ``declaration`` is what the declaration's file would hold, where that is not what it holds; ``key_files`` are files
    by declared path that would be there.
    """

    def __init__(
        self, directory: Path, declaration: bytes | None = None, key_files: Mapping[str, bytes] | None = None
    ) -> None:
        self.directory = directory
        self._shown = os.path.relpath(directory) if not directory.is_absolute() else str(directory)
        self._files = KeyFiles(directory, self._shown, key_files)
        self._environments: dict[str, EnvironmentFile] = {}
        path = directory / DECLARATION_FILE
        shown = self._path(DECLARATION_FILE)
        try:
            self._tree, findings = read_file(path, shown) if declaration is None else parse(declaration, shown)
        except OSError as error:
            reason = (error.strerror or "error").lower()
            raise InputError(
                f"The declaration {shown} cannot be read: {reason}.",
                next="Run `provisioner init` for a commented starting config, or name the directory with --config DIR.",
                code="no-declaration",
            ) from None
        self._text_findings = tuple(findings)
        # Found before merging, because an override could hide them.
        shape = check_shape(self._tree, DECLARATION) if isinstance(self._tree, Branch) else []
        self._nulls = [found for found in shape if found.rule == "yaml-null"]

    def _path(self, *parts: str) -> str:
        return os.path.normpath(os.path.join(self._shown, *parts))

    @property
    def declaration_file(self) -> str:
        """The declaration's path, as it is shown in messages."""
        return self._path(DECLARATION_FILE)

    def environment_names(self) -> list[str]:
        """Return the names of the environments, in alphabetical order.

        Raises :class:`InputError` if a name has characters that do not show: it could pass for other output.
        """
        folder = self.directory / ENVIRONMENTS_FOLDER
        if not folder.is_dir():
            return []
        names = sorted({path.stem for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file()})
        for name in names:
            if not name.isprintable():
                raise InputError(
                    f"The environment {name!r} in {self._path(ENVIRONMENTS_FOLDER)} has characters in its name that do "
                    "not show.",
                    next="Rename the file: letters, digits, hyphens and underscores are enough.",
                    code="environment-name",
                )
        return names

    def environment_file(self, name: str) -> EnvironmentFile:
        """The environment of that name; raises UsageError where there is none, InputError where it is unreadable."""
        if name not in self._environments:
            self._environments[name] = self._read_environment(name)
        return self._environments[name]

    def _read_environment(self, name: str) -> EnvironmentFile:
        known = self.environment_names()
        if name not in known:
            advice = "" if known else "Run `provisioner init`."
            raise unknown("environment", name, known, place=self._path(ENVIRONMENTS_FOLDER), advice=advice)
        folder = self.directory / ENVIRONMENTS_FOLDER
        path, *others = (folder / (name + suffix) for suffix in SUFFIXES if (folder / (name + suffix)).is_file())
        shown = self._path(ENVIRONMENTS_FOLDER, path.name)
        if others:
            raise InputError(
                f"The environment {name} has two files: {shown} and {others[0].name}.",
                next="Keep one of the two.",
                code="ambiguous-environment",
            )
        try:
            return read_environment(path, shown)
        except OSError as error:
            raise InputError(
                f"The environment file {shown} cannot be read: {(error.strerror or 'error').lower()}.",
                next="Check the file's permissions.",
                code="unreadable-environment",
            ) from None

    def load(self, name: str | None, *, settled: bool = False) -> Loaded:
        """The declaration under an environment; ``None`` checks it under none, with ``${var:}`` left as it is.

        ``settled``: under none that has a variable either, as in an environment file that says nothing of them.
        """
        findings = [*self._text_findings]
        if name is None:
            file, environment = None, None
        else:
            file = self.environment_file(name)
            environment = file.environment
            findings += file.findings
        tree = self._tree
        if tree is None:
            return Loaded(Estate(), environment, None, tuple(findings))
        if not isinstance(tree, Branch):
            wrong = Diagnostic(
                "yaml-wrong-type",
                Severity.ERROR,
                "The declaration is a mapping.",
                "Write `version: 1` and sections such as `keys:` at the left margin.",
                tree.location,
            )
            return Loaded(Estate(), environment, None, (*findings, wrong))
        findings += self._nulls
        merged: Node = tree
        if file is not None and file.overrides is not None:
            merged = merge(tree, file.overrides) or tree
        substitution = Substitution(file.variables if file is not None else {} if settled else None)
        merged = substitution.apply(merged)
        findings += substitution.findings
        shape = check_shape(merged, DECLARATION, substitution.unresolved)
        findings += shape
        return Loaded(build_estate(merged, self._files), environment, merged, tuple(dict.fromkeys(findings)))
