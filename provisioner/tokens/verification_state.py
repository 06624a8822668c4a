"""The keys, keysets and channels that a token is checked against, as declared or as an org has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.components.verification import snapshot_verification
from provisioner.jose.material import validity_of
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType
from provisioner.model.verification import KnownChannel, KnownKey, KnownKeyset, Verification


@dataclass(frozen=True, slots=True)
class ServedKeys:
    """An endpoint's answer. ``problem``: why there are no keys; ``certain``: Salesforce would also fail.

    ``unusable`` gives by kid the reason why a key cannot be used.
    """

    keys: tuple[Jwk, ...] = ()
    problem: str | None = None
    fix: str | None = None
    certain: bool = True
    unusable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VerificationState:
    """The known keys, keysets and channels. ``source`` follows "in": ``the declaration under local``, ``the org``.

    ``unreadable`` gives the reason why a part of an org cannot be read. ``complete``: there are no others, as in an org
    that was read completely; a declaration lists only the components that it manages.
    """

    source: str
    keys: Mapping[str, KnownKey]
    keysets: Mapping[str, KnownKeyset]
    channels: Mapping[str, KnownChannel]
    served: Mapping[str, ServedKeys] = field(default_factory=dict)
    unreadable: Mapping[MetadataType, Unreadable] = field(default_factory=dict)
    complete: bool = False

    @property
    def is_unknown(self) -> bool:
        """Return whether nothing is known of any org: no declaration and no org was named."""
        return self is NO_DECLARATION

    def endpoints(self) -> tuple[str, ...]:
        """Return the distinct URLs of all keysets that have an endpoint."""
        return tuple(dict.fromkeys(keyset.endpoint for keyset in self.keysets.values() if keyset.endpoint is not None))

    def all_keys(self) -> tuple[tuple[str, Jwk], ...]:
        """Return every known public key, each with its name for messages."""
        uploaded = [(f"key.{key.name}", key.jwk) for key in self.keys.values() if key.jwk is not None]
        served = [(f"a key of {url}", jwk) for url, answer in self.served.items() for jwk in answer.keys]
        return (*uploaded, *served)


#: The state without an environment: only what holds in every org can be checked.
NO_DECLARATION = VerificationState("the rules of every org", {}, {}, {})


def declared(estate: Estate, jwks: Mapping[str, Jwk], environment: str) -> VerificationState:
    """Return the state that a declaration describes; an external keyset has no issuer.

    ``jwks`` are the derived JWKs by key name.
    """
    known = Verification.of_estate(estate, jwks, validity_of)
    external = {name: KnownKeyset(name, None) for name in estate.external.keysets}
    return VerificationState(
        f"the declaration under {environment}", known.keys, {**external, **known.keysets}, known.channels
    )


def observed(snapshot: Snapshot) -> VerificationState:
    """Return the state of an org."""
    known = snapshot_verification(snapshot)
    hidden = {kind: found for kind in snapshot.types if (found := _hidden(snapshot, kind)) is not None}
    return VerificationState("the org", known.keys, known.keysets, known.channels, unreadable=hidden, complete=True)


def _hidden(snapshot: Snapshot, kind: MetadataType) -> Unreadable | None:
    """Return the reason why a type cannot be read: then none of its components may be called missing."""
    found = snapshot.types[kind]
    parts = [found] if isinstance(found, Unreadable) else found.values()
    return next((part for part in parts if isinstance(part, Unreadable)), None)
