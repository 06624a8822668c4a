"""Minting for a person: from the words to the private key that signs, tied to the declaration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.errors import InputError
from provisioner.model.estate import Keyset, UploadedKeys
from provisioner.secrets import Reference, ReferenceKind, Resolver, Secret, redactor
from provisioner.workflows.console import Console
from provisioner.workflows.declared_keyset import declared_keyset
from provisioner.workflows.key_material import read_bounded, shown
from provisioner.workflows.signing import Asked, Declared, UnusableError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from provisioner.tokens.minted import Signing

#: So many names are listed in a message.
_MOST_LISTED = 10


def signing(console: Console, environment: str, asked: Asked) -> Signing:
    """The private key of the file, tied to the declared key that it belongs to. No secret but its own is resolved.

    Raises :class:`InputError` where the file holds no such key or the declaration no such keyset, UsageError where
    too little was said, UnreachableError where an endpoint that was to be asked gives no JWKS.
    """
    from provisioner.workflows.signing_keys import Search, of_endpoint, of_uploaded

    declared = _declared(console, environment)
    keyset = _keyset(declared, asked.keyset)
    address = f"keyset.{keyset.name}"
    errors = declared.errors(address)
    if errors or keyset.source is None or keyset.issuer is None or keyset.issuer.value is None:
        raise UnusableError(address, environment, errors)
    search = Search(declared, keyset, keyset.issuer.value, _private_key(asked), asked)
    if isinstance(keyset.source, UploadedKeys):
        found = of_uploaded(search, keyset.source.names)
        if errors := declared.errors(f"key.{found.key}"):
            raise UnusableError(f"key.{found.key}", environment, errors)
    else:
        found = of_endpoint(console, search, keyset.source.url)
    if declared.has_errors:
        console.say(f"The declaration has errors elsewhere: `provisioner validate --env {environment}` lists them.")
    return found


def read_secret(path: str, option: str) -> str:
    """The text of a file that holds a secret, which is masked from then on. Raises :class:`InputError`."""
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


def expanded(path: str) -> str:
    """A path with ~ for the home folder filled in, where there is one."""
    try:
        return str(Path(path).expanduser())
    except RuntimeError:  # ~somebody, who has no home here
        return path


def _declared(console: Console, environment: str) -> Declared:
    from provisioner.rules.check import check

    loaded = console.config.load(environment)
    assert loaded.environment is not None
    return Declared(loaded, check(loaded, now=console.now), loaded.environment)


def _keyset(declared: Declared, name: str) -> Keyset:
    keysets = declared.loaded.estate.keysets
    if name in keysets:
        return keysets[name]
    errors = declared.errors(f"keyset.{name}")
    if errors:
        raise UnusableError(f"keyset.{name}", declared.environment.name, errors)
    return declared_keyset(declared.loaded.estate, name)


def _private_key(asked: Asked) -> RSAPrivateKey:
    from provisioner.jose.private_key import explain_bytes
    from provisioner.tokens.minting import about_signing, load_signing_key

    passphrase = None
    if asked.passphrase_variable is not None:
        found = Resolver(Path()).resolve(Reference(ReferenceKind.ENV, asked.passphrase_variable)).reveal()
        passphrase = Secret(found.rstrip("\r\n"))
    content = read_bounded(expanded(asked.key_file))
    problem = explain_bytes(content)
    if problem is not None:
        raise about_signing(problem, shown(asked.key_file))
    text = content.decode("utf-8-sig")
    redactor.keep(text)
    unlock = "Give its passphrase in a variable: --passphrase-env NAME."
    return load_signing_key(Secret(text), shown(asked.key_file), passphrase, unlock=unlock)
