"""The values of a rotation: a keyset as declaration and org have it, what is known of tokens, and the step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

#: The default of a channel's expiration for verified users (Salesforce Help, user verification setup).
DEFAULT_VERIFIED_MINUTES = 60


class DeclaredState(StrEnum):
    """A key of this keyset in the declaration. ``REMOVED``: it is listed under ``removed``."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    REMOVED = "removed"
    UNDECLARED = "not declared"


class OrgState(StrEnum):
    """A key in the org: ``ACTIVE`` and ``INACTIVE`` are in the keyset, ``UNREFERENCED`` is not."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNREFERENCED = "not in the keyset"
    MISSING = "not there"


@dataclass(frozen=True, slots=True)
class RotatingKey:
    """A key of the keyset (of an endpoint: a served one, ``name`` being its kid).

    ``begins`` and ``ends`` are its certificate's; ``thumbprint`` is RFC 7638's. ``replaced``: the org has another
    public key or kid under this name. ``elsewhere`` are the other keysets that list it.
    """

    name: str
    kid: str
    algorithm: str
    declared: DeclaredState
    held: OrgState
    begins: datetime | None = None
    ends: datetime | None = None
    replaced: bool = False
    elsewhere: frozenset[str] = frozenset()
    thumbprint: str | None = None


@dataclass(frozen=True, slots=True)
class UsingChannel:
    """A channel of the org that verifies customers by the keyset. ``deployment`` is None if none is known."""

    name: str
    verified_minutes: int = DEFAULT_VERIFIED_MINUTES
    deployment: str | None = None


@dataclass(frozen=True, slots=True)
class RotatingKeyset:
    """The state of a keyset. ``unreadable`` are sentences about unread parts; ``taken`` are all names of keys."""

    keyset: str
    issuer: str
    endpoint: str | None
    in_org: bool
    keys: tuple[RotatingKey, ...]
    channels: tuple[UsingChannel, ...] = ()
    unreadable: tuple[str, ...] = ()
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Proven:
    """Since when tokens of a kid are known to verify; ``now``: proven in this very run, not remembered."""

    since: datetime
    now: bool


@dataclass(frozen=True, slots=True)
class TokenEvidence:
    """The evidence about tokens, by kid. ``seen``: the last time that a valid token was given.

    ``signer_kid`` is the kid of such a token in this run. ``switched_at`` is given by the person.
    """

    proofs: Mapping[str, Proven] = field(default_factory=dict)
    seen: Mapping[str, datetime] = field(default_factory=dict)
    signer_kid: str | None = None
    token_life: timedelta | None = None
    switched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The person's choice of the old and the new key, by name; of an endpoint, by kid."""

    new: str | None = None
    old: str | None = None


class StepKind(StrEnum):
    """``GENERATE``: there is no second key yet. ``SWITCH``: it is the signer's turn. ``BLOCKED``: nothing is safe."""

    GENERATE = "generate"
    PUBLISH = "publish"
    PROVE = "prove"
    SWITCH = "switch"
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class StepRefusal:
    """The reason why a step is not done."""

    code: str
    sentence: str
    next: str


@dataclass(frozen=True, slots=True)
class RotationStep:
    """The next step. ``refused`` are reasons against retiring ``old`` now; of ``BLOCKED``, against any step.

    ``old`` is the key that signs now if there is no other yet. ``publish`` are the keys that are not active in the
    org's keyset. ``until`` is the time from which no old token can be valid, as far as is known.
    """

    kind: StepKind
    new: RotatingKey | None = None
    old: RotatingKey | None = None
    publish: tuple[RotatingKey, ...] = ()
    refused: tuple[StepRefusal, ...] = ()
    until: datetime | None = None
