"""The file of a consumer key."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.model.environment import Environment
from provisioner.workflows.consumer_key import KeyForm, KeyPlace, write_key


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
