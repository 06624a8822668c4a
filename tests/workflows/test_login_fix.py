"""The reasons against another certificate: a login that worked, or a history that may hide one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provisioner.salesforce.login_records import LoginRow
from provisioner.workflows.login_fix import against_certificate

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ADMIN, PIPELINE = "005000000000001AAA", "005000000000002AAA"


def row(user_id: str, status: str = "Success", application: str = "Other") -> LoginRow:
    return LoginRow(AT, application, user_id, status)


def against(*rows: LoginRow, session_user: str = ADMIN) -> str | None:
    blocked = against_certificate(rows, "Provisioner", "The provisioner", session_user)
    if blocked is not None:
        assert "--allow-destroy" in blocked.next
        assert blocked.address == "app.Provisioner"
    return blocked.message if blocked is not None else None


@pytest.mark.parametrize("application", ["Provisioner", "The provisioner"])
@pytest.mark.parametrize("status", ["Success", "SUCCESS"])
def test_a_login_that_worked(application: str, status: str) -> None:
    found = against(row(PIPELINE, "Failed: Signature Invalid", application), row(PIPELINE, status, application))
    assert found is not None
    assert "the last one at 2026-11-20 12:00 UTC" in found


def test_a_history_of_all_users_without_one() -> None:
    assert against(row(ADMIN), row(PIPELINE, "Failed: Signature Invalid", "Provisioner")) is None
    assert against(row(PIPELINE)) is None


@pytest.mark.parametrize("rows", [(), (row(ADMIN),), (row(ADMIN), row(ADMIN[:15])), (row(""),)])
def test_own_logins_do_not_prove_that_others_are_absent(rows: tuple[LoginRow, ...]) -> None:
    found = against(*rows)
    assert found is not None
    assert "shows no login of another user" in found


def test_an_unknown_session_user_needs_two_users() -> None:
    assert against(row(ADMIN), session_user="") is not None
    assert against(row(ADMIN), row(PIPELINE), session_user="") is None


def test_an_unreadable_history() -> None:
    blocked = against_certificate("no access to LoginHistory.", "Provisioner", "Provisioner", ADMIN)
    assert blocked is not None
    assert blocked.message == (
        "The login history of the org could not be read (no access to LoginHistory), so logins through Provisioner may "
        "work with the present certificate."
    )
