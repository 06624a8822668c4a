"""An edit of the declaration: made in memory, judged under every environment, and written atomically."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from provisioner.declaration.edit_keys import NewKey, add_key
from provisioner.declaration.load import DECLARATION_FILE, ConfigDirectory
from provisioner.declaration.text_edits import NotEditable
from provisioner.diagnostics import Diagnostic
from provisioner.errors import InputError, RefusedError
from provisioner.model.estate import Endpoint, UploadedKeys
from provisioner.report.visible import without_credentials
from provisioner.rules.check import check
from provisioner.workflows.console import Console
from provisioner.workflows.declared_keyset import declared_keyset
from provisioner.workflows.new_files import NewFiles

#: The identity of a finding: without its line, because an edit moves the lines below it.
_Identity = tuple[str, str | None, str]


@dataclass(frozen=True)
class DeclarationEdit:
    """The text of the declaration before and after an edit."""

    console: Console
    before: bytes
    after: bytes

    @cached_property
    def config(self) -> ConfigDirectory:
        """Return the config directory with the edited declaration."""
        return ConfigDirectory(self.console.config.directory, self.after)

    def others(self, environment: str) -> tuple[str, ...]:
        """Return the other environments that the edit affects."""
        names = [name for name in self.console.config.environment_names() if name != environment]
        return tuple(name for name in names if self.console.config.load(name).estate != self.config.load(name).estate)

    def new_findings(self) -> Iterator[tuple[str | None, Diagnostic]]:
        """Yield each finding that only the edited declaration has, with its environment; None: without one."""
        for name in _names(self.console):
            known = Counter(map(_identity, _findings(self.console, self.console.config, name)))
            for finding in _findings(self.console, self.config, name):
                if known[_identity(finding)]:
                    known[_identity(finding)] -= 1
                else:
                    yield name, finding

    def judge(self) -> None:
        """Raise :class:`InputError` with the first new error."""
        for name, finding in self.new_findings():
            if finding.is_error:
                under = f" (environment {name})" if name is not None else ""
                raise InputError(
                    f"This change would make the declaration invalid{under}: {finding.message} Nothing was done.",
                    next=finding.fix,
                    code=finding.rule,
                )

    def write(self, files: NewFiles) -> None:
        """Replace the old text. Raises :class:`InputError` if the file was changed in the meantime."""
        files.replace(self.console.config.directory / DECLARATION_FILE, self.before, self.after)


def edited(console: Console, edit: Callable[[bytes], bytes], by_hand: str) -> DeclarationEdit:
    """Return the edit. Raises :class:`InputError` with the text to write by hand."""
    before = console.config.content
    try:
        return DeclarationEdit(console, before, edit(before))
    except NotEditable as error:
        raise InputError(
            f"{console.config.declaration_file} cannot be edited automatically: {error}. Nothing was done.",
            next=f"{by_hand} Then run the command again.",
            code="declaration-not-editable",
        ) from None


# A new key


def key_addition(console: Console, key: NewKey) -> DeclarationEdit:
    """Return the edit that declares a key.

    Raises :class:`RefusedError` if the key is declared already, :class:`InputError` if there is no such keyset or the
    text cannot be edited.
    """
    for name in _names(console):
        _require_new(console, name, key)
    if key.keyset is not None:
        _require_uploaded(console, key.keyset)
    before = console.config.content
    try:
        return DeclarationEdit(console, before, add_key(before, key))
    except NotEditable as error:
        where = f" and {key.name} in the list of keysets.{key.keyset}" if key.keyset else ""
        raise InputError(
            f"{console.config.declaration_file} cannot be edited automatically: {error}. Nothing was written.",
            next="Run `provisioner validate`. If that finds nothing, add this entry by hand after you create the "
            f"files (choose the path of the certificate){where}:\n" + key.as_lines(),
            code="declaration-not-editable",
        ) from None


def warnings_of(edit: DeclarationEdit, not_yet: Collection[str] = ()) -> list[Diagnostic]:
    """Return the new warnings of a declaration with another key; the key's file must exist.

    Raises :class:`InputError` with the first error. ``not_yet`` are rules that are not checked yet.
    """
    new: dict[_Identity, Diagnostic] = {}
    for _, finding in edit.new_findings():
        if finding.rule not in not_yet:
            new.setdefault(_identity(finding), finding)
    for finding in new.values():
        if finding.is_error:
            raise InputError(f"{finding.message} Nothing was written.", next=finding.fix, code=finding.rule)
    return list(new.values())


def without_the_key(edit: DeclarationEdit, key: NewKey) -> list[str]:
    """Return the environments with overrides that keep a new key out of its keyset."""
    found = []
    for name in edit.console.config.environment_names() if key.keyset is not None else ():
        keyset = edit.config.load(name).estate.keysets.get(key.keyset or "")
        source = keyset.source if keyset is not None else None
        if not isinstance(source, UploadedKeys) or key.name not in source.names:
            found.append(name)
    return found


def _require_new(console: Console, environment: str | None, key: NewKey) -> None:
    loaded = console.config.load(environment)
    if key.name in loaded.estate.keys:
        place = loaded.estate.keys[key.name].places.own or console.config.declaration_file
        raise RefusedError(
            f"The key {key.name} is already declared ({place}), and provisioner never overwrites entries.",
            next="Choose another name, for example one with the month in it.",
            code="already-there",
        )
    kid = key.fields["kid"]
    for name, each in check(loaded, now=console.now).derivations.items():
        if each.jwk is not None and each.jwk.kid == kid:
            raise RefusedError(
                f"The key {name} has the kid {kid} already, and systems that look keys up by kid would confuse "
                "the two.",
                next="Choose another with --kid; a kid is never used again.",
                code="kid-in-use",
            )


def _require_uploaded(console: Console, name: str) -> None:
    estate = console.config.load(None).estate
    keyset = declared_keyset(estate, name, advice="Omit --keyset to declare only the key.")
    if isinstance(keyset.source, Endpoint):
        url = without_credentials(keyset.source.url)
        raise InputError(
            f"The keyset {name} takes its keys from {url}, so no key can be added to it here.",
            next="Omit --keyset, or publish the key at that endpoint.",
            code="keyset-is-endpoint",
        )


# Paths


def shown_in_config(console: Console, declared: str) -> str:
    """Return a declared path for messages."""
    return os.path.normpath(Path(console.config.declaration_file).parent / declared)


def declared_path(config: Path, file: Path) -> str | None:
    """Return the path of a file as the declaration names it; None if it is outside of the config directory."""
    real, base = Path(os.path.realpath(file)), Path(os.path.realpath(config))
    return real.relative_to(base).as_posix() if real.is_relative_to(base) else None


def _names(console: Console) -> list[str | None]:
    return [None, *console.config.environment_names()]


def _findings(console: Console, config: ConfigDirectory, name: str | None) -> tuple[Diagnostic, ...]:
    return tuple(check(config.load(name), now=console.now).findings)


def _identity(finding: Diagnostic) -> _Identity:
    return finding.rule, finding.address, finding.message
