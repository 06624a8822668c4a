"""An existing private key: read from its file, and never copied."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provisioner.errors import RefusedError, UsageError
from provisioner.jose.cures import Input
from provisioner.jose.file_kinds import take
from provisioner.jose.private_key import load_private_key
from provisioner.jose.recognition import Form
from provisioner.secrets import Secret
from provisioner.tokens.minting import load_signing_key
from provisioner.workflows.console import Console
from provisioner.workflows.key_material import STDIN, UNLOCK, expanded, passphrase_in, read_key, say_repairs, shown


@dataclass(frozen=True, slots=True)
class HeldKey:
    """``path`` is as it was named; ``kid`` is that of a private JWK, None for other forms."""

    key: RSAPrivateKey = field(repr=False)
    path: str
    kid: str | None = None


def held_key(console: Console, path: str, passphrase_variable: str | None, *, for_login: bool) -> HeldKey:
    """Read the key of a file. Raises :class:`InputError`, and :class:`RefusedError` for one in the config directory."""
    if for_login and path == STDIN:
        raise UsageError(
            "Standard input has no folder, and the certificate of a login is beside its private key.",
            next="Name the file of the private key.",
        )
    config = os.path.realpath(console.config_path)
    if path != STDIN and Path(os.path.realpath(expanded(path))).is_relative_to(config):
        raise RefusedError(
            f"{path} is in the config directory, where only public key material belongs.",
            next="Move the private key out of it first, for example to ~/.secrets.",
            code="private-key-in-config",
        )
    key, secret = read_private_key(console, path, passphrase_variable, for_login=for_login)
    taken = take(secret.octets())
    kid = taken.owners[0] if taken.form is Form.PRIVATE_JWK and taken.owners else None
    return HeldKey(key, path, kid)


def read_private_key(
    console: Console, path: str, passphrase_variable: str | None, *, for_login: bool
) -> tuple[RSAPrivateKey, Secret]:
    """Return the private key of a file, for a login or for identity tokens, and the text, which is masked.

    Raises :class:`InputError` if the file holds no such key. A form that other programs may refuse gets a warning.
    """
    secret, called = read_key(path), f"The private key {shown(path)}"
    passphrase, given = passphrase_in(passphrase_variable), Input.of_file(path)
    if for_login:
        key = load_private_key(secret, passphrase, called=called, given=given)
    else:
        key = load_signing_key(secret, shown(path), passphrase, unlock=UNLOCK, given=given)
    say_repairs(console, secret, called)
    return key, secret
