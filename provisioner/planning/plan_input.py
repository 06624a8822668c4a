"""The input of the planner: the declaration, the derived JWKs and the org, before and after an apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from provisioner.components.channel import ObservedChannel, read_channel
from provisioner.components.key import ObservedKey, read_key
from provisioner.components.keyset import ObservedKeyset, read_keyset
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.components.verification import observed_verification
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType
from provisioner.model.verification import Verification


@dataclass(frozen=True)
class PlanInput:
    """The input of a plan. ``jwks`` maps declared key names to the JWK that would be sent."""

    estate: Estate
    jwks: Mapping[str, Jwk]
    snapshot: Snapshot
    now: datetime

    @cached_property
    def keys(self) -> dict[str, ObservedKey]:
        present = self.snapshot.present(MetadataType.KEY)
        return {name: read_key(found.xml, self.jwks.get(name)) for name, found in present.items()}

    @cached_property
    def keysets(self) -> dict[str, ObservedKeyset]:
        return {name: read_keyset(found.xml) for name, found in self.snapshot.present(MetadataType.KEYSET).items()}

    @cached_property
    def channels(self) -> dict[str, ObservedChannel]:
        return {name: read_channel(found.xml) for name, found in self.snapshot.present(MetadataType.CHANNEL).items()}

    @cached_property
    def usage_is_known(self) -> bool:
        """Tell if all keysets and channels were read: an unread one may use any key."""
        return not any(
            isinstance(observed, Unreadable) or any(isinstance(found, Unreadable) for found in observed.values())
            for kind, observed in self.snapshot.types.items()
            if kind is not MetadataType.KEY
        )

    @cached_property
    def before(self) -> Verification:
        """Return the state of the org."""
        return observed_verification(self.keys, self.keysets, self.channels)

    @cached_property
    def after(self) -> Verification:
        """Return the state of the org after an apply of the declaration."""
        return self.before.after(self.estate, self.jwks)
