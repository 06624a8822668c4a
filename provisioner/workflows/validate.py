"""``validate``: the findings of the rules, of stray private keys, and of components that another team claims, too."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.diagnostics import Diagnostic
from provisioner.rules.check import by_place, validate
from provisioner.untrusted import is_untrusted
from provisioner.workflows.console import Console
from provisioner.workflows.stray_keys import stray_keys


def validate_declaration(
    console: Console, environments: Sequence[str] | None, also: Sequence[str] = ()
) -> list[Diagnostic]:
    """Return the findings under the environments, by place; None: under all, and references are not looked up.

    ``also`` are the config directories of other teams.
    """
    config = console.config
    looks_up = environments is not None and not is_untrusted()
    findings = list(validate(config, environments, now=console.now, with_references=looks_up))
    findings += stray_keys(config, findings)
    if also:
        from provisioner.workflows.claims import claims

        findings += claims(console, config, environments, also)
    return list(by_place(findings))
