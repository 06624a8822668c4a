"""The inputs of minting: the named key and the checked declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioner.diagnostics import Diagnostic
from provisioner.errors import InputError
from provisioner.jose.material import DATE_RULES

if TYPE_CHECKING:
    from provisioner.declaration.load import Loaded
    from provisioner.model.environment import Environment
    from provisioner.model.jwk import Jwk
    from provisioner.rules.check import Checked


class UnusableError(InputError):
    """The named component has errors in the declaration, which are ``findings``."""

    code = "invalid-declaration"

    def __init__(self, what: str, environment: str, findings: tuple[Diagnostic, ...]) -> None:
        super().__init__(
            f"{what} cannot be used as declared under environment {environment}; nothing was signed.",
            next=f"Correct the listed errors; `provisioner validate --env {environment}` lists them again.",
        )
        self.findings = findings


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """The keyset and key that the person named; None for options that were not given."""

    keyset: str
    key_file: str
    key: str | None = None
    kid: str | None = None
    algorithm: str | None = None
    passphrase_variable: str | None = None
    check_endpoint: bool = False


@dataclass(frozen=True, slots=True)
class CheckedDeclaration:
    """The declaration under its environment, checked."""

    loaded: Loaded
    checked: Checked
    environment: Environment

    def errors(self, *addresses: str) -> tuple[Diagnostic, ...]:
        """Return the errors that stop minting: those at these addresses, of the YAML text and of references.

        Errors about certificate dates are left out: a token is judged by them when it is made.
        """

        return tuple(
            finding
            for finding in self._errors()
            if finding.rule not in DATE_RULES
            and (finding.address in addresses or (finding.address is None and finding in self.loaded.findings))
        )

    @property
    def has_errors(self) -> bool:
        return bool(self._errors())

    def _errors(self) -> list[Diagnostic]:
        return [finding for finding in self.checked.findings if finding.is_error]

    def jwk(self, key: str) -> Jwk | None:
        derivation = self.checked.derivations.get(key)
        return derivation.jwk if derivation is not None else None
