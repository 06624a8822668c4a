"""The halves of an environment's login: their texts in the file, their settings, and their sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provisioner.declaration.edit_login import Half
from provisioner.errors import InputError
from provisioner.jose.certificates import numbers_of, read_der
from provisioner.jose.defects import Findings
from provisioner.jose.private_key import load_private_key
from provisioner.model.environment import Environment, Fallback, Login
from provisioner.planning.login_rotation_state import Side
from provisioner.workflows.connect import jwt_settings
from provisioner.workflows.console import Console

if TYPE_CHECKING:
    from provisioner.salesforce import LoginSettings

#: The numbers of an RSA public key.
Numbers = tuple[int, int]


@dataclass(frozen=True, slots=True)
class HeldHalf:
    """One half: the texts of the file, and the settings that they give. None: it cannot be read."""

    text: Half
    settings: LoginSettings | None


@dataclass(frozen=True, slots=True)
class Sides:
    """The public keys of both sides, and their consumer keys as far as they are known."""

    new: Numbers | None
    old: Numbers | None = None
    new_key: str | None = None
    old_key: str | None = None

    def of(self, half: HeldHalf | None) -> Side:
        """Return the side of a half of a login."""
        if half is None:
            return Side.NONE
        if half.settings is None:
            return Side.OTHER
        by_private = self.of_private(half.settings)
        known = {self.new_key: Side.NEW, self.old_key: Side.OLD}
        if self.new_key is None or self.old_key is None or self.new_key == self.old_key:
            return by_private
        by_consumer = known.get(half.settings.consumer_key)
        if by_private is Side.OTHER:
            return Side.OTHER
        return by_private if by_consumer is by_private else Side.MIXED

    def of_private(self, settings: LoginSettings) -> Side:
        """Return the side of a private key alone."""
        found = numbers_of_key(settings)
        if found is not None and found == self.new:
            return Side.NEW
        return Side.OLD if found is not None and found == self.old else Side.OTHER


def numbers_of_der(der: bytes | None) -> Numbers | None:
    """Return the public key of a certificate in DER; None if it cannot be read."""
    called = "the certificate of the app"
    return numbers_of(read_der(der, called, called, Findings())) if der is not None else None


def numbers_of_key(settings: LoginSettings) -> Numbers | None:
    """Return the public key of a private key; None if it cannot be read."""
    try:
        key = load_private_key(settings.private_key, settings.passphrase, given=settings.key_input)
    except InputError:
        return None
    numbers = key.public_key().public_numbers()
    return numbers.n, numbers.e


def held_halves(console: Console, environment: Environment) -> tuple[HeldHalf, HeldHalf | None]:
    """Return both halves of an environment's login. Raises :class:`InputError` if the first cannot be read."""
    settings = jwt_settings(console, environment)
    login = environment.login
    assert login is not None  # jwt_settings raises without one
    first = HeldHalf(half_text(login), replace(settings, fallback=None))
    if login.fallback is None:
        return first, None
    return first, HeldHalf(half_text(login.fallback), settings.fallback)


def half_text(login: Login | Fallback) -> Half:
    """Return a half as the file writes it."""
    texts = [None if each is None else str(each) for each in (login.consumer_key, login.private_key_passphrase)]
    return Half(texts[0], str(login.private_key), texts[1])
