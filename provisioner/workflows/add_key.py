"""Adds a key to the declaration, and judges the result before it writes a file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from provisioner.declaration.edit import NewKey, NotEditable, add_key
from provisioner.declaration.load import DECLARATION_FILE, ConfigDirectory
from provisioner.diagnostics import Diagnostic
from provisioner.errors import InputError, RefusedError
from provisioner.model.estate import Endpoint, Estate, UploadedKeys
from provisioner.report.visible import without_credentials
from provisioner.rules.check import check
from provisioner.workflows.console import Console
from provisioner.workflows.declared_keyset import declared_keyset

#: The identity of a finding without its line: an insertion moves the lines below it.
_Said = tuple[str, str | None, str]


class KeyAddition:
    """One key's way into the declaration. Begin with :meth:`prepare`, which refuses what cannot be."""

    def __init__(self, console: Console, key: NewKey) -> None:
        self._console = console
        self._key = key
        self._config = console.config
        self.file = self._config.directory / DECLARATION_FILE
        self.before = self._config.content
        self.after = self.before

    def prepare(self) -> None:
        """Edit the text in memory.

        Raises :class:`RefusedError` if the key is declared already, :class:`InputError` if there is no such
        keyset or the text cannot be edited.
        """
        for name in self._names():
            self._check_new(name)
        if self._key.keyset is not None:
            self._check_keyset(self._config.load(None).estate, self._key.keyset)
        try:
            self.after = add_key(self.before, self._key)
        except NotEditable as error:
            where = f" and {self._key.name} in the list of keysets.{self._key.keyset}" if self._key.keyset else ""
            raise InputError(
                f"{self._config.declaration_file} cannot be edited automatically: {error}. Nothing was written.",
                next="Run `provisioner validate`. If that finds nothing, add this entry by hand after you create the "
                f"files (choose the path of the certificate){where}:\n" + self._key.as_lines(),
                code="declaration-not-editable",
            ) from None

    def judge(self, *, not_yet: Collection[str] = ()) -> list[Diagnostic]:
        """Return the new warnings of a declaration with the key; the key's file must exist.

        Raises :class:`InputError` with the first error. ``not_yet`` are rules that are not checked yet.
        """
        edited = ConfigDirectory(self._config.directory, self.after)
        new: dict[_Said, Diagnostic] = {}
        for name in self._names():
            known = Counter(map(_said, self._findings(self._config, name)))
            for finding in self._findings(edited, name):
                if known[_said(finding)]:
                    known[_said(finding)] -= 1
                elif finding.rule not in not_yet:
                    new.setdefault(_said(finding), finding)
        for finding in new.values():
            if finding.is_error:
                raise InputError(f"{finding.message} Nothing was written.", next=finding.fix, code=finding.rule)
        return list(new.values())

    def overridden(self) -> list[str]:
        """Return the environments with overrides that keep the key out of its keyset."""
        edited = ConfigDirectory(self._config.directory, self.after)
        found = []
        for name in self._config.environment_names() if self._key.keyset else ():
            keyset = edited.load(name).estate.keysets.get(self._key.keyset or "")
            source = keyset.source if keyset is not None else None
            if not isinstance(source, UploadedKeys) or self._key.name not in source.names:
                found.append(name)
        return found

    def _check_new(self, environment: str | None) -> None:
        loaded = self._config.load(environment)
        if self._key.name in loaded.estate.keys:
            place = loaded.estate.keys[self._key.name].places.own or self._config.declaration_file
            raise RefusedError(
                f"The key {self._key.name} is already declared ({place}), and provisioner never overwrites entries.",
                next="Choose another name, for example one with the month in it.",
                code="already-there",
            )
        kid = self._key.fields["kid"]
        for name, each in check(loaded, now=self._console.now).derivations.items():
            if each.jwk is not None and each.jwk.kid == kid:
                raise RefusedError(
                    f"The key {name} has the kid {kid} already, and systems that look keys up by kid would confuse "
                    f"the two.",
                    next="Choose another with --kid; a kid is never used again.",
                    code="kid-in-use",
                )

    def _names(self) -> list[str | None]:
        return [None, *self._config.environment_names()]

    def _findings(self, config: ConfigDirectory, name: str | None) -> Iterator[Diagnostic]:
        yield from check(config.load(name), now=self._console.now).findings

    def _check_keyset(self, estate: Estate, name: str) -> None:
        advice = "Omit --keyset to declare only the key."
        keyset = declared_keyset(estate, name, advice=advice)
        if isinstance(keyset.source, Endpoint):
            url = without_credentials(keyset.source.url)
            raise InputError(
                f"The keyset {name} takes its keys from {url}, so no key can be added to it here.",
                next="Omit --keyset, or publish the key at that endpoint.",
                code="keyset-is-endpoint",
            )


def shown_in_config(console: Console, declared: str) -> str:
    """Return a declared path for messages."""
    return os.path.normpath(Path(console.config.declaration_file).parent / declared)


def declared_path(config: Path, file: Path) -> str | None:
    """Return the path of a file as the declaration names it; None if it is outside of the config directory."""
    real, base = Path(os.path.realpath(file)), Path(os.path.realpath(config))
    return real.relative_to(base).as_posix() if real.is_relative_to(base) else None


def _said(finding: Diagnostic) -> _Said:
    return finding.rule, finding.address, finding.message
