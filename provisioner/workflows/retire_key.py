"""The edit that retires a key: made in memory, checked for every environment, written atomically."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from provisioner.declaration.load import DECLARATION_FILE, ConfigDirectory
from provisioner.declaration.text_edits import NotEditable
from provisioner.diagnostics import Diagnostic
from provisioner.errors import InputError
from provisioner.rules.check import check
from provisioner.workflows.console import Console
from provisioner.workflows.new_files import NewFiles


@dataclass(frozen=True)
class KeyRetirement:
    """An edited text before it is written. ``config`` is the config directory with it."""

    console: Console
    before: bytes
    after: bytes

    @cached_property
    def config(self) -> ConfigDirectory:
        return ConfigDirectory(self.console.config.directory, self.after)

    def others(self, environment: str) -> tuple[str, ...]:
        """Return the other environments that the edit affects."""
        names = [name for name in self.console.config.environment_names() if name != environment]
        return tuple(name for name in names if self.console.config.load(name).estate != self.config.load(name).estate)

    def judge(self) -> None:
        """Raises :class:`InputError` with the first error that the declaration would have with the edit alone."""
        for name in (None, *self.console.config.environment_names()):
            known = Counter(map(_said, self._errors(self.console.config, name)))
            for finding in self._errors(self.config, name):
                if not known[_said(finding)]:
                    under = f" (environment {name})" if name is not None else ""
                    raise InputError(
                        f"This change would make the declaration invalid{under}: {finding.message} Nothing was done.",
                        next=finding.fix,
                        code=finding.rule,
                    )
                known[_said(finding)] -= 1

    def write(self) -> None:
        """Replace the old text. Raises :class:`InputError` if the file was changed in the meantime."""
        with NewFiles() as files:
            files.replace(self.console.config.directory / DECLARATION_FILE, self.before, self.after)

    def _errors(self, config: ConfigDirectory, name: str | None) -> Iterator[Diagnostic]:
        yield from (finding for finding in check(config.load(name), now=self.console.now).findings if finding.is_error)


def edited(console: Console, edit: Callable[[bytes], bytes], by_hand: str) -> KeyRetirement:
    """Return the declaration after ``edit``. Raises :class:`InputError` with the text to write by hand."""
    before = console.config.content
    try:
        return KeyRetirement(console, before, edit(before))
    except NotEditable as error:
        raise InputError(
            f"{console.config.declaration_file} cannot be edited automatically: {error}. Nothing was done.",
            next=f"{by_hand} Then run the command again.",
            code="declaration-not-editable",
        ) from None


def _said(finding: Diagnostic) -> tuple[str, str | None, str]:
    return finding.rule, finding.address, finding.message
