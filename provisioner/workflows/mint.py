"""Minting for a person: from the options to the signing private key and its declared key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provisioner.errors import InputError
from provisioner.jose.cures import Input
from provisioner.model.estate import Keyset, UploadedKeys
from provisioner.secrets import redactor
from provisioner.workflows.console import Console
from provisioner.workflows.declared_keyset import declared_keyset, refuse_external_keys
from provisioner.workflows.key_material import (
    UNLOCK,
    expanded,
    passphrase_in,
    read_bounded,
    read_key,
    say_repairs,
    shown,
)
from provisioner.workflows.signing import CheckedDeclaration, SigningRequest, UnusableError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from provisioner.tokens.minted import Signing

#: So many names are listed in a message.
_MOST_LISTED = 10


def signing(console: Console, environment: str, asked: SigningRequest) -> Signing:
    """Return the private key of the file with its declared key. No other secret is resolved.

    Raises :class:`InputError` if the file holds no such key or the declaration no such keyset, UsageError if an option
    is missing, UnreachableError if an endpoint that must be requested gives no JWKS.
    """
    from provisioner.workflows.signing_keys import Search, of_endpoint, of_uploaded

    declared = _declared(console, environment)
    keyset = _keyset(declared, asked.keyset)
    address = f"keyset.{keyset.name}"
    errors = declared.errors(address)
    if errors or keyset.source is None or keyset.issuer is None or keyset.issuer.value is None:
        raise UnusableError(address, environment, errors)
    search = Search(declared, keyset, keyset.issuer.value, _private_key(console, asked), asked)
    if isinstance(keyset.source, UploadedKeys):
        if not declared.loaded.estate.keys.keys() & {*keyset.source.names}:
            refuse_external_keys(declared.loaded.estate, keyset)
        found = of_uploaded(search, keyset.source.names)
        if errors := declared.errors(f"key.{found.key}"):
            raise UnusableError(f"key.{found.key}", environment, errors)
    else:
        found = of_endpoint(console, search, keyset.source.url)
    if declared.has_errors:
        console.say(f"The declaration has errors elsewhere: `provisioner validate --env {environment}` lists them.")
    return found


def read_secret(path: str, option: str) -> str:
    """Return the text of a file that holds a secret, which is masked from then on. Raises :class:`InputError`."""
    content = read_bounded(expanded(path))
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise InputError(
            f"{shown(path)}, which {option} names, is not text in UTF-8.",
            next="Save it as plain text in UTF-8.",
            code="file-unreadable",
        ) from None
    redactor.keep(text)
    return text


def _declared(console: Console, environment: str) -> CheckedDeclaration:
    from provisioner.rules.check import check

    loaded = console.config.load(environment)
    assert loaded.environment is not None
    return CheckedDeclaration(loaded, check(loaded, now=console.now), loaded.environment)


def _keyset(declared: CheckedDeclaration, name: str) -> Keyset:
    keysets = declared.loaded.estate.keysets
    if name in keysets:
        return keysets[name]
    errors = declared.errors(f"keyset.{name}")
    if errors:
        raise UnusableError(f"keyset.{name}", declared.environment.name, errors)
    return declared_keyset(declared.loaded.estate, name)


def _private_key(console: Console, asked: SigningRequest) -> RSAPrivateKey:
    from provisioner.tokens.minting import load_signing_key

    passphrase = passphrase_in(asked.passphrase_variable)
    key, called = read_key(asked.key_file), shown(asked.key_file)
    say_repairs(console, key, f"The private key {called}")
    return load_signing_key(key, called, passphrase, unlock=UNLOCK, given=Input.of_file(asked.key_file))
