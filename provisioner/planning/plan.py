"""The plan: the changes in an org, their reasons, their effect on customers, and the reasons to refuse them.

One Plan is printed, saved and applied. It holds no secret and no private key; a public key is shown by kid,
algorithm, thumbprint and certificate dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from provisioner.components.snapshot import OrgFacts, Unreadable
from provisioner.diagnostics import Diagnostic, Location
from provisioner.errors import ExitStatus
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.values import FieldValue


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Reason(StrEnum):
    """The reason of a change."""

    NOT_IN_ORG = "not-in-org"
    DIFFERS = "differs"
    TOMBSTONE = "tombstone"
    RESTORED = "restored"
    REPLACED = "replaced"
    NOT_IN_BASE = "not-in-base"
    DIFFERS_FROM_BASE = "differs-from-base"
    REMOVED_FROM_BASE = "removed-from-base"


#: The field of a channel that only its record has; no deployment carries it.
ACTIVE = "active"
#: Begins the path of the mode that a deployment shows to visitors, which publishing brings up to date.
PUBLISHED = "published_verification."
#: Begins the path of an origin that the site of a web deployment must trust.
FRAME = "trusted_frames."
_FLAGS = {Risk.DESTRUCTIVE: "--allow-destroy", Risk.PERMANENT: "--allow-permanent"}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, named as in YAML (``label``, ``user_verification.configurations.NAME.keyset``).

    None: the field is missing. ``risk`` is that of this field alone, ``declared_at`` the YAML place of the new value.
    """

    path: str
    before: FieldValue
    after: FieldValue
    risk: Risk = Risk.NONE
    declared_at: Location | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one component. ``removals`` and ``impact`` are sentences: removed parts, effects on customers."""

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
        """Tell if a package carries the change; some fields of channels and deployments are in no metadata."""
        if self.type is MetadataType.DEPLOYMENT:
            return self.action is Action.CREATE and not self.sets_up
        in_record = self.type is MetadataType.CHANNEL and self.action is Action.UPDATE
        return not in_record or any(
            field.path != ACTIVE and not field.path.startswith(PUBLISHED) for field in self.fields
        )

    @property
    def sets_up(self) -> bool:
        """Tell if the change creates a web deployment, which needs a separate request."""
        return any(field.path == "type" and field.after == "web" for field in self.fields)

    @property
    def frames(self) -> tuple[str, ...]:
        """Return the origins that the site of a web deployment must trust as frames."""
        return tuple(each.path.removeprefix(FRAME) for each in self.fields if each.path.startswith(FRAME))

    @property
    def publishes(self) -> tuple[tuple[str, bool], ...]:
        """Return the deployments to publish, each with the mode that it then has: True if verification is on."""
        found = (each for each in self.fields if each.path.startswith(PUBLISHED))
        return tuple((each.path.removeprefix(PUBLISHED), bool(each.after)) for each in found)

    @property
    def activates(self) -> bool:
        """Tell if the change activates a channel."""
        return any(field.path == ACTIVE and field.after is True for field in self.fields) and (
            self.type is MetadataType.CHANNEL
        )


@dataclass(frozen=True, slots=True)
class Blocked:
    """The refusal of a guard, or an error that only the org shows. ``exit_status`` is that of apply.

    ``unread``: the guard refuses because something could not be read.
    """

    guard: str
    message: str
    next: str
    address: str | None = None
    exit_status: ExitStatus = ExitStatus.REFUSED
    declared_at: Location | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class _OrgComponent:
    """A component that the org has and the plan leaves alone."""

    type: MetadataType
    full_name: str

    @property
    def address(self) -> str:
        return self.type.address(self.full_name)


class Unmanaged(_OrgComponent):
    """A component of the org that the declaration does not name."""

    __slots__ = ()


class OwnedElsewhere(_OrgComponent):
    """A component of the org that is external, or a key that only external keysets hold."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Preserved:
    """A part of a managed component that stays unchanged, and the reason (such as another type of configuration)."""

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
    """The plan of a whole declaration under one environment.

    ``narrowed`` is True if targets narrowed it. ``compared_with``: no org was read, but the declaration in that folder
    replaces it. ``unchanged`` holds addresses. ``unreadable`` maps an address (or a type's word) to the reason why it
    could not be read. ``warnings`` are findings of rules and of the org.
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
        """Return the refusals because of something that could not be read."""
        return tuple(each for each in self.blocked if each.unread)

    @property
    def complete(self) -> bool:
        """Return whether the plan covers the whole declaration and everything that it needs was read."""
        return not self.narrowed and not self.unread and self.compared_with is None

    @property
    def risk(self) -> Risk:
        """Return the highest risk of the changes."""
        return max((change.risk for change in self.changes), key=lambda risk: risk.weight, default=Risk.NONE)

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the options that apply needs for this plan."""
        risks = {change.risk for change in self.changes}
        return tuple(flag for risk, flag in _FLAGS.items() if risk in risks)

    @property
    def has_errors(self) -> bool:
        """Tell if there is an error that no option allows, such as a missing channel."""
        return any(blocked.exit_status is ExitStatus.WRONG_INPUT for blocked in self.blocked)

    def exit_status(self, *, detailed: bool) -> ExitStatus:
        """Return the worst that is true: an unread part is never "no changes". ``detailed`` tells changes from none."""
        if self.unread:
            return ExitStatus.REFUSED
        if self.has_errors:
            return ExitStatus.WRONG_INPUT
        return ExitStatus.CHANGES_PENDING if detailed and not self.is_empty else ExitStatus.DONE

    def count(self, action: Action) -> int:
        return sum(change.action is action for change in self.changes)

    @property
    def summary(self) -> dict[str, int]:
        """Return the numbers of changes by action, of unchanged and of unmanaged components."""
        return {
            "create": self.count(Action.CREATE),
            "update": self.count(Action.UPDATE),
            "delete": self.count(Action.DELETE),
            "unchanged": len(self.unchanged),
            "unmanaged": len(self.unmanaged),
        }
