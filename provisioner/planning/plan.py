"""The plan: what would change in an org, why, what it means to customers, and what stands against it.

One Plan is printed, saved and applied. It holds no secret and no private key; a public key is shown by kid,
algorithm, thumbprint and certificate dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from provisioner.components.metadata import MetadataType
from provisioner.components.snapshot import OrgFacts, Unreadable
from provisioner.diagnostics import Diagnostic, Location
from provisioner.errors import ExitStatus
from provisioner.model.types import Risk
from provisioner.planning.values import FieldValue


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Reason(StrEnum):
    """Why there is a change at all."""

    NOT_IN_ORG = "not-in-org"
    DIFFERS = "differs"
    TOMBSTONE = "tombstone"
    RESTORED = "restored"
    REPLACED = "replaced"
    NOT_IN_BASE = "not-in-base"
    DIFFERS_FROM_BASE = "differs-from-base"
    REMOVED_FROM_BASE = "removed-from-base"


#: The field of a channel that is in its record, and in no deployment.
ACTIVE = "active"
#: Begins the path of the mode that a deployment shows to visitors, which publishing brings up to date.
PUBLISHED = "published_verification."
_FLAGS = {Risk.DESTRUCTIVE: "--allow-destroy", Risk.PERMANENT: "--allow-permanent"}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, named as in YAML (``label``, ``user_verification.configurations.NAME.keyset``).

    None stands for "not there". ``risk`` is this field's own share of the change's risk;
    ``declared_at`` the YAML place of the new value.
    """

    path: str
    before: FieldValue
    after: FieldValue
    risk: Risk = Risk.NONE
    declared_at: Location | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one component. ``removals`` says in words what goes; ``impact`` what customers would feel."""

    type: MetadataType
    full_name: str
    action: Action
    reason: Reason
    fields: tuple[FieldChange, ...] = ()
    removals: tuple[str, ...] = ()
    impact: tuple[str, ...] = ()
    risk: Risk = Risk.NONE
    declared_at: Location | None = None

    @property
    def address(self) -> str:
        return self.type.address(self.full_name)

    @property
    def is_deployed(self) -> bool:
        """Whether a deployment carries it; what is in a channel's record alone is set by itself."""
        in_record = self.type is MetadataType.CHANNEL and self.action is Action.UPDATE
        return not in_record or any(
            field.path != ACTIVE and not field.path.startswith(PUBLISHED) for field in self.fields
        )

    @property
    def publishes(self) -> tuple[tuple[str, bool], ...]:
        """The deployments to publish, with the mode that visitors then get: whether verification is on."""
        found = (each for each in self.fields if each.path.startswith(PUBLISHED))
        return tuple((each.path.removeprefix(PUBLISHED), bool(each.after)) for each in found)

    @property
    def activates(self) -> bool:
        """Whether a channel is to be activated."""
        return any(field.path == ACTIVE and field.after is True for field in self.fields) and (
            self.type is MetadataType.CHANNEL
        )


@dataclass(frozen=True, slots=True)
class Blocked:
    """A guard that says no, or an error that only the org could show. ``exit_status`` is apply's exit status.

    ``unread`` marks a guard that says no because something could not be read.
    """

    guard: str
    message: str
    next: str
    address: str | None = None
    exit_status: ExitStatus = ExitStatus.REFUSED
    declared_at: Location | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """A component of the org that the declaration does not name; left alone."""

    type: MetadataType
    full_name: str

    @property
    def address(self) -> str:
        return self.type.address(self.full_name)


@dataclass(frozen=True, slots=True)
class OwnedElsewhere:
    """A component of the org that is external, or a key that only external keysets hold; never changed."""

    type: MetadataType
    full_name: str

    @property
    def address(self) -> str:
        return self.type.address(self.full_name)


@dataclass(frozen=True, slots=True)
class Preserved:
    """Something of ours-to-manage that is kept as it is, and why (configurations of another type, say)."""

    address: str
    what: str


@dataclass(frozen=True, slots=True)
class NotInForce:
    """A declared value that has no effect in the mode that the channel has after the plan.

    It is sent whenever the channel is written, and is no difference by itself. ``takes_effect`` says when it has an
    effect, and reads on from "takes effect".
    """

    address: str
    path: str
    value: int
    takes_effect: str
    declared_at: Location | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole estate's plan under one environment.

    ``narrowed`` is True if targets narrowed it. ``compared_with``: no org was read, but the declaration in that folder
    stands for one. ``unchanged`` holds addresses. ``unreadable`` maps an address (or a
    type's word) to why it could not be read. ``warnings`` are findings of rules and of the org.
    """

    environment: str
    org: OrgFacts
    api_version: str
    newest_api_version: str
    declaration_digest: str
    narrowed: bool = False
    compared_with: str | None = None
    changes: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    external: tuple[OwnedElsewhere, ...] = ()
    preserved: tuple[Preserved, ...] = ()
    not_in_force: tuple[NotInForce, ...] = ()
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.changes

    @property
    def unread(self) -> tuple[Blocked, ...]:
        """The guards that say no because something that the plan needs could not be read."""
        return tuple(each for each in self.blocked if each.unread)

    @property
    def complete(self) -> bool:
        """Return whether the plan covers the whole declaration and everything that it needs was read."""
        return not self.narrowed and not self.unread and self.compared_with is None

    @property
    def risk(self) -> Risk:
        """The highest risk of its changes."""
        return max((change.risk for change in self.changes), key=lambda risk: risk.weight, default=Risk.NONE)

    @property
    def flags(self) -> tuple[str, ...]:
        """The options without which the plan is not applied."""
        risks = {change.risk for change in self.changes}
        return tuple(flag for risk, flag in _FLAGS.items() if risk in risks)

    @property
    def has_errors(self) -> bool:
        """Whether something is wrong that no flag allows: a missing channel, say."""
        return any(blocked.exit_status is ExitStatus.WRONG_INPUT for blocked in self.blocked)

    def count(self, action: Action) -> int:
        return sum(change.action is action for change in self.changes)

    @property
    def summary(self) -> dict[str, int]:
        """create, update, delete, unchanged, unmanaged."""
        return {
            "create": self.count(Action.CREATE),
            "update": self.count(Action.UPDATE),
            "delete": self.count(Action.DELETE),
            "unchanged": len(self.unchanged),
            "unmanaged": len(self.unmanaged),
        }
