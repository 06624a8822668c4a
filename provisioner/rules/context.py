"""The input of a check: the merged declaration of one environment, and the results for its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from provisioner.declaration.load import Loaded
from provisioner.declaration.schema import DECLARATION
from provisioner.declaration.shape import lacks
from provisioner.declaration.tree import Branch, branch_at, text
from provisioner.diagnostics import Location
from provisioner.jose.material import Derivation, jwks_of, validity_of
from provisioner.model.environment import Environment
from provisioner.model.estate import CertificateSource, Estate, Key
from provisioner.model.places import Path
from provisioner.model.verification import Verification


@dataclass(frozen=True, slots=True)
class RuleInput:
    """The input of a check. ``derivations`` are by key name; a key with an unknown file has none.

    ``now`` is aware of its zone. ``resolve_references``: ``${env:}`` and ``${file:}`` are resolved. ``has_logins``: the
    file of the consumer key may be missing, because ``login apply`` writes it.
    """

    loaded: Loaded
    derivations: Mapping[str, Derivation]
    now: datetime
    resolve_references: bool
    has_logins: bool = False

    @property
    def estate(self) -> Estate:
        return self.loaded.estate

    @property
    def environment(self) -> Environment | None:
        return self.loaded.environment

    @property
    def verification(self) -> Verification:
        """Return the state that the declaration describes; a key with an unknown file has no JWK in it."""
        return Verification.of_estate(self.estate, jwks_of(self.derivations), validity_of)

    def written(self, *path: str) -> Branch | None:
        """Return the mapping at a path as written, ill-shaped fields included."""
        return branch_at(self.loaded.tree, *path)

    def lacks(self, path: Path, *fields: str) -> bool:
        """Return whether a mapping has none of the fields, and no mistake in it may be one of them."""
        return lacks(self.loaded.tree, DECLARATION, path, *fields)

    def names(self, section: str) -> frozenset[str] | None:
        """Return all names under a section, ill-shaped entries included; None if the section itself is not known."""
        if self.lacks((), section):
            return frozenset()
        branch = self.written(section)
        return frozenset(branch.entries) if branch is not None and not branch.is_partial else None

    def referable(self, section: str) -> frozenset[str] | None:
        """Return the names that may be referenced: the declared and the external ones; None if they are not known."""
        declared = self.names(section)
        external = self.written("external")
        is_read = external is not None and external.items(section) is not None
        if declared is None or not (is_read or self.lacks(("external",), section)):
            return None
        listed: tuple[str, ...] = getattr(self.estate.external, section)
        return None if any(map(is_open, listed)) else declared | frozenset(listed)

    def removed(self, section: str) -> Iterator[tuple[str, Location]]:
        """Yield the names that a section of ``removed`` lists, each with its place."""
        branch = self.written("removed")
        for item in (branch.items(section) if branch is not None else None) or ():
            name = text(item)
            if name is not None:
                yield name, item.location

    def kid(self, key: Key) -> str | None:
        """Return the key id that the key will be sent with, as far as it is known."""
        derivation = self.derivations.get(key.name)
        if derivation is not None and derivation.jwk is not None:
            return derivation.jwk.kid
        return key.source.kid if isinstance(key.source, CertificateSource) else None


def is_open(value: str) -> bool:
    """Return whether the text still has a reference: under no environment, or because a variable is missing."""
    return "${" in value
