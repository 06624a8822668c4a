"""The logins of an org since some time, from LoginHistory.

Source: Object Reference, LoginHistory: Application is the label of the app, and neither it nor Status can be filtered.
A user without Manage Users may see only a part, so a missing login proves nothing by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from provisioner.errors import ProvisionerError

if TYPE_CHECKING:
    from provisioner.salesforce.client import Org


@dataclass(frozen=True, slots=True)
class LoginRow:
    """A login, or an attempt. ``application`` is the label of the app."""

    at: datetime
    application: str
    user_id: str
    status: str


def read_login_history(org: Org, since: datetime) -> tuple[LoginRow, ...] | str:
    """Return all logins since then, the newest first; a text with the reason if they cannot be read."""
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        rows = org.query(
            f"SELECT Application, LoginTime, UserId, Status FROM LoginHistory WHERE LoginTime >= {moment} "  # noqa: S608
            "ORDER BY LoginTime DESC"
        )
        return tuple(
            LoginRow(
                datetime.fromisoformat(str(row["LoginTime"])),
                str(row.get("Application") or ""),
                str(row.get("UserId") or ""),
                str(row.get("Status") or ""),
            )
            for row in rows
        )
    except ProvisionerError as error:
        return error.message
    except (KeyError, ValueError):
        return "a row has no time that can be read"
