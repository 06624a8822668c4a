"""The org's records about a login: its user, the assignments of permission sets, and the administrator's rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.components.snapshot import Unreadable


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user of the org."""

    id: str
    username: str
    is_active: bool
    is_frozen: bool = False


@dataclass(frozen=True, slots=True)
class AssignmentRecord:
    """A user who has a permission set."""

    user_id: str
    username: str
    permission_set: str


@dataclass(frozen=True, slots=True)
class LoginRecords:
    """The records. ``users`` are by lower-cased username; one that was asked for and is missing is None.

    ``set_ids`` maps the names of permission sets to their ids. ``rights`` are API names of user permissions of the
    session's user, None if the org does not say. ``app_users`` are the usernames that use an app, by the app's name,
    as far as the org shows them.
    """

    users: Mapping[str, UserRecord | None] | Unreadable = field(default_factory=dict)
    set_ids: Mapping[str, str] | Unreadable = field(default_factory=dict)
    assignments: tuple[AssignmentRecord, ...] | Unreadable = ()
    rights: frozenset[str] | None = None
    app_users: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    session_user: str = ""
    session_app: str = ""

    @property
    def set_names(self) -> dict[str, str]:
        """Return the names of permission sets by the first 15 characters of their ids."""
        if isinstance(self.set_ids, Unreadable):
            return {}
        return {found[:15]: name for name, found in self.set_ids.items()}

    def has(self, user_id: str, permission_set: str) -> bool:
        """Return whether the user has the permission set."""
        if isinstance(self.assignments, Unreadable):
            return False
        return any(
            each.user_id[:15] == user_id[:15] and each.permission_set == permission_set for each in self.assignments
        )

    def holders(self, permission_set: str) -> tuple[str, ...]:
        """Return the usernames of all users with the permission set."""
        if isinstance(self.assignments, Unreadable):
            return ()
        return tuple(sorted(each.username for each in self.assignments if each.permission_set == permission_set))
