"""Finds the declared key of a private key: an uploaded one by its numbers, one of an endpoint by its kid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provisioner.errors import InputError, ProvisionerError, UsageError
from provisioner.model.estate import DEFAULT_ALGORITHM, Keyset
from provisioner.names import unknown
from provisioner.tokens.minted import Signing
from provisioner.tokens.verification_state import ServedKeys, VerificationState, declared
from provisioner.workflows.console import Console
from provisioner.workflows.endpoints import served_keys
from provisioner.workflows.key_material import shown
from provisioner.workflows.signing import CheckedDeclaration, SigningRequest, UnusableError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from provisioner.model.jwk import Jwk

#: So many keys are listed in a message.
_MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Search:
    """A private key, and the keyset that must have its public key."""

    declared: CheckedDeclaration
    keyset: Keyset
    issuer: str
    private: RSAPrivateKey
    asked: SigningRequest

    def belonging(self, jwks: Iterable[Jwk]) -> list[Jwk]:
        """Those with the private key's numbers."""
        numbers = self.private.public_key().public_numbers()
        return [jwk for jwk in jwks if (jwk.n, jwk.e) == (numbers.n, numbers.e)]

    def ground(self, jwks: Mapping[str, Jwk]) -> VerificationState:
        """Return the state with only this keyset and these keys."""
        whole = declared(self.declared.loaded.estate, jwks, self.declared.environment.name)
        only = replace(whole.keysets[self.keyset.name], keys=tuple(jwks))
        return replace(whole, keys={name: whole.keys[name] for name in jwks}, keysets={only.name: only})

    def mismatch(self, others: str, fix: str) -> InputError:
        return InputError(
            f"The private key {shown(self.asked.key_file)} does not belong to {others}, so nothing was signed with it.",
            next=fix,
            code="private-key-mismatch",
        )


def of_uploaded(search: Search, names: tuple[str, ...]) -> Signing:
    """Return the keyset's key of the private key, an active one before others. Raises as ``signing`` does."""
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
    ground = search.ground({name: jwk})
    return Signing(search.private, keyset.name, name, jwk.kid, jwk.alg, search.issuer, ground)


def _not_found(
    search: Search, names: tuple[str, ...], known: Mapping[str, Jwk | None], readable: Mapping[str, Jwk]
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


def of_endpoint(console: Console, search: Search, url: str) -> Signing:
    """Return the private key under the given kid; with --check-endpoint, compared with the served keys."""
    asked, keyset = search.asked, search.keyset
    if asked.kid is None:
        beside = "its keys have no names here" if asked.key is not None else "a private key has no kid"
        raise UsageError(
            f"keyset.{keyset.name} has an endpoint, and {beside}.",
            next=f"Give --kid K, as in the JWK that {url} serves; --check-endpoint compares the two.",
        )
    algorithm, ground = asked.algorithm or DEFAULT_ALGORITHM, search.ground({})
    if asked.check_endpoint:
        served = served_keys(console, keyset.name, url, ca_bundle=search.declared.environment.ca_bundle)
        named = [jwk for jwk in served if jwk.kid == asked.kid]
        mine = search.belonging(named)
        if named and not mine:
            raise search.mismatch(
                f"the key that {url} serves under the kid {asked.kid!r}",
                "Give the private key of the served key, or the kid under which the endpoint serves this key.",
            )
        algorithm = asked.algorithm or next((jwk.alg for jwk in mine if jwk.alg), algorithm)
        ground = replace(ground, served={url: ServedKeys(served)})
    return Signing(
        search.private,
        keyset.name,
        None,
        asked.kid,
        algorithm,
        search.issuer,
        ground,
        endpoint=url,
        endpoint_asked=asked.check_endpoint,
    )
