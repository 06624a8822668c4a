"""The key that signs a token: a private key, and its declared key: by its numbers, or by its kid for an endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provisioner.diagnostics import Diagnostic
from provisioner.errors import InputError, ProvisionerError, UsageError
from provisioner.jose.certificates import DATE_RULES
from provisioner.model.estate import DEFAULT_ALGORITHM, Keyset, UploadedKeys
from provisioner.names import unknown
from provisioner.report.visible import without_credentials
from provisioner.rules.check import Checked, check
from provisioner.tokens.minted import Signing
from provisioner.tokens.verification_state import ServedKeys, VerificationState, declared
from provisioner.workflows.console import Console
from provisioner.workflows.declared_keyset import declared_keyset, refuse_external_keys
from provisioner.workflows.endpoints import served_keys
from provisioner.workflows.held_key import read_private_key
from provisioner.workflows.key_material import shown

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from provisioner.declaration.load import Loaded
    from provisioner.model.environment import Environment
    from provisioner.model.jwk import Jwk

#: So many keys are listed in a message.
_MOST_LISTED = 10


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


def signing(console: Console, environment: str, asked: SigningRequest) -> Signing:
    """Return the private key of the file with its declared key. No other secret is resolved.

    Raises :class:`InputError` if the file holds no such key or the declaration no such keyset, UsageError if an option
    is missing, UnreachableError if an endpoint that must be requested gives no JWKS.
    """
    loaded = console.config.load(environment)
    assert loaded.environment is not None
    known = _CheckedDeclaration(loaded, check(loaded, now=console.now), loaded.environment)
    keyset = _keyset(known, asked.keyset)
    address = f"keyset.{keyset.name}"
    errors = known.errors(address)
    if errors or keyset.source is None or keyset.issuer is None or keyset.issuer.value is None:
        raise UnusableError(address, environment, errors)
    private, _ = read_private_key(console, asked.key_file, asked.passphrase_variable, for_login=False)
    search = _Search(known, keyset, keyset.issuer.value, private, asked)
    if isinstance(keyset.source, UploadedKeys):
        if not known.loaded.estate.keys.keys() & {*keyset.source.names}:
            refuse_external_keys(known.loaded.estate, keyset)
        found = _of_uploaded(search, keyset.source.names)
        if errors := known.errors(f"key.{found.key}"):
            raise UnusableError(f"key.{found.key}", environment, errors)
    else:
        found = _of_endpoint(console, search, keyset.source.url)
    if known.has_errors:
        validate = f"provisioner validate --env {environment}"
        console.say(f"The declaration has errors elsewhere: `{validate}` lists them.")
    return found


def _keyset(known: _CheckedDeclaration, name: str) -> Keyset:
    keysets = known.loaded.estate.keysets
    if name in keysets:
        return keysets[name]
    errors = known.errors(f"keyset.{name}")
    if errors:
        raise UnusableError(f"keyset.{name}", known.environment.name, errors)
    return declared_keyset(known.loaded.estate, name)


@dataclass(frozen=True, slots=True)
class _CheckedDeclaration:
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


@dataclass(frozen=True, slots=True)
class _Search:
    """A private key, and the keyset that must have its public key."""

    declared: _CheckedDeclaration
    keyset: Keyset
    issuer: str
    private: RSAPrivateKey
    asked: SigningRequest

    def belonging(self, jwks: Iterable[Jwk]) -> list[Jwk]:
        """Return those of the private key."""
        numbers = self.private.public_key().public_numbers()
        return [jwk for jwk in jwks if (jwk.n, jwk.e) == (numbers.n, numbers.e)]

    def state_with(self, jwks: Mapping[str, Jwk]) -> VerificationState:
        """Return the state with only this keyset and these keys."""
        whole = declared(self.declared.loaded.estate, jwks, self.declared.environment.name)
        only = replace(whole.keysets[self.keyset.name], keys=tuple(jwks))
        return replace(whole, keys={name: whole.keys[name] for name in jwks}, keysets={only.name: only})

    def mismatch(self, others: str, fix: str) -> InputError:
        """Return the error that the private key belongs to none of ``others``."""
        return InputError(
            f"The private key {shown(self.asked.key_file)} does not belong to {others}, so nothing was signed with it.",
            next=fix,
            code="private-key-mismatch",
        )


def _of_uploaded(search: _Search, names: tuple[str, ...]) -> Signing:
    """Return the keyset's key of the private key, an active one before others. Raises as :func:`signing` does."""
    keys, asked, keyset = search.declared.loaded.estate.keys, search.asked, search.keyset
    known = {name: search.declared.jwk(name) for name in names if name in keys and asked.key in (None, name)}
    readable = {name: jwk for name, jwk in known.items() if jwk is not None and asked.kid in (None, jwk.kid)}
    mine = {name: jwk for name, jwk in readable.items() if search.belonging([jwk])}
    if not mine:
        raise _not_found(search, names, known, readable)
    name = min(mine, key=lambda each: not keys[each].active)
    jwk = mine[name]
    if asked.algorithm not in (None, jwk.alg):
        raise UsageError(
            f"key.{name} is declared with {jwk.alg}, and --algorithm says {asked.algorithm}.",
            next="Omit --algorithm: it is for keysets with an endpoint.",
        )
    state = search.state_with({name: jwk})
    return Signing(search.private, keyset.name, name, jwk.kid, jwk.alg, search.issuer, state)


def _not_found(
    search: _Search, names: tuple[str, ...], known: Mapping[str, Jwk | None], readable: Mapping[str, Jwk]
) -> ProvisionerError:
    keyset, asked = search.keyset, search.asked
    unread = [f"key.{name}" for name, jwk in known.items() if jwk is None]
    errors = search.declared.errors(*unread) if unread else ()
    if errors:
        return UnusableError(f"keyset.{keyset.name}", search.declared.environment.name, errors)
    if readable:
        listed = ", ".join(f"key.{name} (kid {jwk.kid})" for name, jwk in list(readable.items())[:_MOST_LISTED])
        return search.mismatch(
            f"{'any of ' if len(readable) > 1 else ''}{listed} of keyset.{keyset.name}",
            "Give the private key of the declared certificate, or declare the certificate of this key.",
        )
    place = f"keyset.{keyset.name}"
    advice = "Omit --key and --kid: the private key identifies its key."
    if asked.key is not None:
        return unknown("key", asked.key, names, place=place, advice=advice)
    jwks = (search.declared.jwk(name) for name in names)
    return unknown("kid", str(asked.kid), [jwk.kid for jwk in jwks if jwk is not None], place=place, advice=advice)


def _of_endpoint(console: Console, search: _Search, url: str) -> Signing:
    """Return the private key under the given kid; with --check-endpoint, compared with the served keys."""
    asked, keyset, shown_url = search.asked, search.keyset, without_credentials(url)
    if asked.kid is None:
        beside = "its keys have no names here" if asked.key is not None else "a private key has no kid"
        raise UsageError(
            f"keyset.{keyset.name} has an endpoint, and {beside}.",
            next=f"Give --kid K, as in the JWK that {shown_url} serves; --check-endpoint compares the two.",
        )
    algorithm, state = asked.algorithm or DEFAULT_ALGORITHM, search.state_with({})
    if asked.check_endpoint:
        served = served_keys(console, keyset.name, url, ca_bundle=search.declared.environment.ca_bundle)
        named = [jwk for jwk in served if jwk.kid == asked.kid]
        mine = search.belonging(named)
        if named and not mine:
            raise search.mismatch(
                f"the key that {shown_url} serves under the kid {asked.kid!r}",
                "Give the private key of the served key, or the kid under which the endpoint serves this key.",
            )
        algorithm = asked.algorithm or next((jwk.alg for jwk in mine if jwk.alg), algorithm)
        state = replace(state, served={url: ServedKeys(served)})
    return Signing(
        search.private,
        keyset.name,
        None,
        asked.kid,
        algorithm,
        search.issuer,
        state,
        endpoint=url,
        endpoint_asked=asked.check_endpoint,
    )
