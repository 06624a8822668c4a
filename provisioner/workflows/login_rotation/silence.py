"""The login history about an earlier app: the last login through it, and a sign that the history is complete."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from provisioner.errors import ProvisionerError
from provisioner.planning.login_rotation_state import Heard, RotatingLogin
from provisioner.salesforce.login_history import read_login_history

if TYPE_CHECKING:
    from provisioner.salesforce import Org


def heard(org: Org, view: RotatingLogin, now: datetime, silence: timedelta) -> Heard:
    """Logins through both apps in the time that must be silent. Attempts that failed count: somebody tries."""

    since = now - silence
    rows = read_login_history(org, since)
    if isinstance(rows, str):
        return Heard(since, problem=rows)
    old = view.old
    names_old = {old.label, old.name} if old is not None else set()
    names_new = {view.new.label, view.new.name} - names_old
    through_old = [row for row in rows if row.application in names_old]
    through_new = [row for row in rows if row.application in names_new]
    return Heard(
        since=since,
        old=max((row.at for row in through_old), default=None),
        new=max((row.at for row in through_new), default=None),
        users=_usernames(org, sorted({row.user_id for row in through_old if row.user_id})),
    )


def _usernames(org: Org, ids: list[str]) -> tuple[str, ...]:

    from simple_salesforce.format import format_soql

    if not ids:
        return ()
    try:
        rows = org.query(format_soql("SELECT Id, Username FROM User WHERE Id IN {}", ids))
    except ProvisionerError:
        return tuple(ids)
    return tuple(sorted(str(row["Username"]) for row in rows)) or tuple(ids)
