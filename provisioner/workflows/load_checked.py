"""The declared keys under an environment, for commands that need no org and no secret."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.declaration.load import Loaded
from provisioner.diagnostics import Diagnostic
from provisioner.errors import InputError
from provisioner.rules.check import Checked, check
from provisioner.words import counted
from provisioner.workflows.console import Console


class DefectsError(InputError):
    """The declaration has errors, which are ``findings``."""

    code = "invalid-declaration"

    def __init__(self, what: str, environment: str | None, findings: Sequence[Diagnostic]) -> None:
        under = f" under environment {environment}" if environment is not None else ""
        option = f" --env {environment}" if environment is not None else ""
        super().__init__(
            f"{what} has {counted(len(findings), 'error')}{under}.",
            next=f"Correct the listed errors; `provisioner validate{option}` lists them again.",
        )
        self.findings = tuple(findings)


def load_checked(console: Console, name: str | None) -> tuple[Loaded, Checked]:
    """Return the declaration and its checked keys. Raises :class:`DefectsError` if it cannot be read.

    Findings of rules raise nothing: they are in the result.
    """
    loaded = console.config.load(name)
    errors = [finding for finding in loaded.findings if finding.is_error]
    if errors:
        raise DefectsError("The declaration", name, errors)
    return loaded, check(loaded, now=console.now)
