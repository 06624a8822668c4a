"""What was asked for, and the declaration that it is looked for in: the values that minting hands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioner.diagnostics import Diagnostic
from provisioner.errors import InputError

if TYPE_CHECKING:
    from provisioner.declaration.load import Loaded
    from provisioner.model.environment import Environment
    from provisioner.model.jwk import Jwk
    from provisioner.rules.check import Checked


class UnusableError(InputError):
    """What was asked for stands in the declaration with errors, which are ``findings``."""

    code = "invalid-declaration"

    def __init__(self, what: str, environment: str, findings: tuple[Diagnostic, ...]) -> None:
        super().__init__(
            f"{what} cannot be used as declared under environment {environment}; nothing was signed.",
            next=f"Correct the listed errors; `provisioner validate --env {environment}` lists them again.",
        )
        self.findings = findings


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """What the person said about keyset and key; None where they said nothing."""

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
        """What stops minting: errors at these addresses, and of the text and its references wherever they stand.

        Without those about a certificate's dates: a token is judged by them when it is made.
        """
        from provisioner.jose.material import DATE_RULES

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
