"""``keys generate``: the options of a person, checked together, become an order, and the order a key pair."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import InputError, UsageError
from provisioner.files import UnreadableError, expand_home
from provisioner.jose.generation import Generated
from provisioner.secrets import Reference, ReferenceKind, Resolver
from provisioner.workflows.console import Console
from provisioner.workflows.generate_key import KeyOrder, login_pair, returned_certificate, signing_pair
from provisioner.workflows.held_key import HeldKey, held_key

#: OpenSSL takes no longer ones.
_LONGEST_PASSPHRASE = 1023


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """The options of ``keys generate``; None for one that was not given.

    ``source`` is the file of a private key that exists, ``certificate`` that of an issued certificate.
    ``passphrase_variable`` names an environment variable. Raises :class:`UsageError` for options that exclude each
    other, and for a name that no file can have.
    """

    name: str
    default_days: int
    login: bool = False
    kid: str | None = None
    keyset: str | None = None
    algorithm: str | None = None
    source: str | None = None
    private_key: str | None = None
    bits: int | None = None
    days: int | None = None
    passphrase_variable: str | None = None
    request_only: bool = False
    certificate: str | None = None

    def __post_init__(self) -> None:
        excluded, why = self._excluded()
        if self.source is not None:
            self._refuse(("--private-key", "--bits"), "--from, because its private key already exists")
            self._refuse(("--certificate",), "--from")
        self._refuse(excluded, why)
        if not _is_file_name(self.name):
            raise UsageError(
                f"{self.name[:80]!r} cannot be the name of a key.", next="Give a name such as storefront_2026_11."
            )

    def _excluded(self) -> tuple[tuple[str, ...], str]:
        """The options that the chosen way of working excludes, and the reason."""
        if self.login:
            excluded: tuple[str, ...] = ("--kid", "--keyset", "--algorithm", "--certificate")
            return excluded, "--login, because the key of a login is not declared"
        if self.certificate is not None:
            excluded = ("--csr", "--bits", "--days", "--private-key", "--passphrase-env")
            return excluded, "--certificate, because its private key already exists"
        if self.request_only:
            return ("--days",), "--csr, because the authority sets the validity of the certificate"
        return (), ""

    def _refuse(self, excluded: tuple[str, ...], why: str) -> None:
        given = {
            "--kid": self.kid,
            "--keyset": self.keyset,
            "--algorithm": self.algorithm,
            "--certificate": self.certificate,
            "--csr": self.request_only,
            "--bits": self.bits,
            "--days": self.days,
            "--private-key": self.private_key,
            "--passphrase-env": self.passphrase_variable,
        }
        wrong = [option for option in excluded if given[option]]
        if wrong:
            raise UsageError(f"{wrong[0]} cannot be combined with {why}.", next=f"Omit {wrong[0]}.")

    def order(self, held: HeldKey | None) -> KeyOrder:
        """Return the order; ``held`` is the private key of ``source``. Raises :class:`InputError`."""
        return KeyOrder(
            name=self.name,
            kid=self.kid if self.kid is not None else (held and held.kid) or self.name.replace("_", "-"),
            algorithm=self.algorithm or "RS256",
            bits=self.bits or 2048,
            days=self.days or self.default_days,
            keyset=self.keyset,
            request_only=self.request_only,
            private_key=_path(self.private_key) if self.private_key is not None else None,
            certificate=self.certificate,
            passphrase=_passphrase(self.passphrase_variable) if held is None else None,
            passphrase_variable=self.passphrase_variable,
            held=held,
        )


def generate(console: Console, options: GenerateOptions) -> Generated:
    """Make the key pair, or declare an issued certificate. Raises :class:`InputError`, and writes nothing then."""
    held = (
        held_key(console, options.source, options.passphrase_variable, for_login=options.login)
        if options.source is not None
        else None
    )
    order = options.order(held)
    if options.login:
        return login_pair(order, console)
    if order.certificate is not None:
        return returned_certificate(order, console)
    return signing_pair(order, console)


def _is_file_name(name: str) -> bool:
    """Tell if a name can be that of a file; the rules judge it as an API name."""
    return bool(name) and not name.startswith(".") and not any(each in name for each in "/\\\0") and len(name) <= 200


def _passphrase(variable: str | None) -> bytes | None:
    """Return the content of the variable; it is masked from then on. Raises :class:`InputError`."""
    if variable is None:
        return None
    value = Resolver(Path()).resolve(Reference(ReferenceKind.ENV, variable)).reveal().rstrip("\r\n")
    encoded = os.fsencode(value)
    if not encoded or len(encoded) > _LONGEST_PASSPHRASE:
        raise InputError(
            f"The passphrase in {variable} is {'too long' if encoded else 'empty'}.",
            next=f"Give one of 1 to {_LONGEST_PASSPHRASE} octets.",
            code="passphrase",
        )
    return encoded


def _path(given: str) -> Path:
    try:
        return expand_home(given)
    except UnreadableError as error:
        raise InputError(f"--private-key {given} {error.problem}.", next=error.remedy, code="no-home-folder") from None
