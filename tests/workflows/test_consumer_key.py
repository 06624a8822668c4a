"""The file of a consumer key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provisioner.errors import InputError
from provisioner.model.environment import Environment, Login
from provisioner.secrets import Reference, ReferenceKind
from provisioner.workflows.certificate_inventory import _beside_private_key
from provisioner.workflows.consumer_key import KeyForm, KeyPlace, key_place, write_key

NO_HOME = Reference(ReferenceKind.FILE, "~nobody-has-this-name/uat.key")


def place(path: Path) -> KeyPlace:
    return KeyPlace(Environment("uat", "config/environments/uat.yaml", path.parent), KeyForm.FILE, str(path), path)


@pytest.mark.parametrize("kind", ["folder", "link to nothing"])
def test_a_file_that_cannot_be_replaced_is_an_error(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "uat.consumer_key"
    if kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "missing")
    with pytest.raises(InputError, match="cannot be read"):
        write_key(place(path), "3MVG9.key")


def test_a_replaced_key_is_private(tmp_path: Path) -> None:
    path = tmp_path / "uat.consumer_key"
    path.write_text("3MVG9.earlier\n")
    path.chmod(0o644)
    assert write_key(place(path), "3MVG9.key") == path
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("3MVG9.key\n", 0o600)


def test_a_file_below_a_home_that_is_missing_is_an_error(tmp_path: Path) -> None:
    login = Login("https://uat.my.salesforce.com", None, "ci@acme.com", NO_HOME, NO_HOME, None)
    environment = Environment("uat", "config/environments/uat.yaml", tmp_path, login)
    console: Any = None  # it is not asked
    with pytest.raises(InputError, match="no such home folder") as raised:
        key_place(console, environment)
    assert str(NO_HOME) in raised.value.message
    assert list(_beside_private_key(environment, [])) == []
