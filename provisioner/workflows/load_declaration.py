"""Loads the declaration, or only the environment's file, and raises the errors in them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from provisioner.declaration.load import Loaded
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.errors import InputError
from provisioner.jose.certificates import DATE_RULES
from provisioner.model.environment import Environment
from provisioner.model.names import OF_TARGET_ORG
from provisioner.rules.check import Checked, check
from provisioner.words import counted
from provisioner.workflows.console import Console


class FindingsError(InputError):
    """The declaration has errors. ``findings`` are shown with the message.

    ``subject`` is the part that has them. ``needs_org``: the command would have contacted an org next. ``config`` is
    the config directory, if it is not that of the command.
    """

    code = "invalid-declaration"

    def __init__(
        self,
        environment: str | None,
        findings: Sequence[Diagnostic],
        *,
        subject: str = "The declaration",
        needs_org: bool = True,
        code: str | None = None,
        config: Path | None = None,
    ) -> None:
        under, further = _under(environment, f" --config {shlex.quote(str(config))}" if config is not None else "")
        errors = counted(sum(finding.is_error for finding in findings), "error")
        org = "; the org was not contacted" if needs_org else ""
        super().__init__(f"{subject} has {errors}{under}{org}.", next=f"Correct the listed errors{further}", code=code)
        self.findings = tuple(findings)


def _under(environment: str | None, config: str) -> tuple[str, str]:
    """Return the words for the environment of a check, and the end of the sentence about the next step."""
    if environment is None:
        return "", f"; `provisioner validate{config}` lists them again."
    if environment.startswith(OF_TARGET_ORG):
        alias = environment.removeprefix(OF_TARGET_ORG)
        return f" with --target-org {alias}", (
            f". --target-org brings no variables and no overrides: `provisioner init --from-sf {alias}` writes an "
            f"environment file for them."
        )
    return (
        f" under environment {environment}",
        f"; `provisioner validate{config} --env {environment}` lists them again.",
    )


def blocking(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the errors other than certificate dates.

    The plan judges certificate dates, because only a key that is sent needs a valid certificate.
    """
    return [finding for finding in findings if finding.is_error and finding.rule not in DATE_RULES]


def load_checked(console: Console, name: str | None) -> tuple[Loaded, Checked]:
    """Return the declaration and its checked keys, for commands that need no org and no secret.

    Findings of rules are in the result. Raises :class:`FindingsError` if the declaration cannot be read.
    """
    loaded = console.config.load(name)
    errors = [finding for finding in loaded.findings if finding.is_error]
    if errors:
        raise FindingsError(name, errors, needs_org=False)
    return loaded, check(loaded, now=console.now)


def environment_alone(console: Console, name: str) -> Environment:
    """Return an environment without reading the declaration. Raises :class:`FindingsError` if its file has errors."""
    file = console.config.environment_file(name)
    if has_errors(file.findings):
        subject = f"The environment file {file.environment.file}"
        raise FindingsError(name, file.findings, subject=subject, code="invalid-environment")
    return file.environment
