"""Apps and permission sets as components: a bare org is taken from nothing to a login, and refuses what orgs refuse."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.localorg import reset
from tests.localorg.conftest import ServedOrg
from tests.localorg.logins import KEY, Administrator


@pytest.fixture(scope="module")
def bare_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedOrg]:
    org = ServedOrg(tmp_path_factory.mktemp("bare") / "org", bare=True)
    yield org
    org.stop()


@pytest.fixture
def admin(bare_org: ServedOrg) -> Iterator[Administrator]:
    """A newborn bare org, and its administrator."""
    reset(bare_org.directory)
    client = Administrator(bare_org.connection, bare_org.directory)
    yield client
    client.close()


def test_from_nothing_to_a_login(admin: Administrator) -> None:
    assert admin.log_in() == (400, "invalid_client_id", "client identifier invalid")
    admin.made()
    assert admin.log_in() == (200, "", "")
    assert admin.read("ExtlClntAppGlobalOauthSettings")["consumerKey"] == KEY


def test_a_bare_org_has_an_administrator_and_no_app(admin: Administrator) -> None:
    said = admin.connection.as_dict()
    assert "consumer_key" not in said
    assert said["username"] == "integration@localorg.example"
    assert stat.S_IMODE(Path(said["admin_token_file"]).stat().st_mode) == 0o600
    assert admin.query("SELECT Id FROM ExternalClientApplication") == []
    assert admin.query("SELECT Id FROM ConnectedApplication") == []
    [held] = admin.query(
        "SELECT PermissionsModifyMetadata, PermissionsExternalClientAppAdmin FROM UserPermissionAccess"
    )
    assert held == {"PermissionsModifyMetadata": True, "PermissionsExternalClientAppAdmin": True}
