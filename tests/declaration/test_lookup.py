"""A command that names no config directory finds the one of the project that it is run in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioner.declaration.lookup import find_config


def config(folder: Path, file: str = "user-verification.yaml") -> Path:
    path = folder / "config" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("version: 1\n")
    return folder / "config"


@pytest.mark.parametrize(
    ("where", "found"),
    [(".", "config"), ("force-app", "../config"), ("force-app/main/default", "../../../config"),
     ("config", "../config"), ("config/keys", "../../config")],
)  # fmt: skip
def test_from_here_upwards(tmp_path: Path, where: str, found: str) -> None:
    config(tmp_path)
    here = tmp_path / where
    here.mkdir(parents=True, exist_ok=True)
    lookup = find_config(here)
    assert lookup.found == Path(found)
    assert (here / found / "user-verification.yaml").is_file()
    assert lookup.last == tmp_path


def test_the_nearest_is_taken(tmp_path: Path) -> None:
    config(tmp_path)
    config(tmp_path / "shop")
    (tmp_path / "shop/src").mkdir()
    assert find_config(tmp_path / "shop/src").found == Path("../config")


def test_a_config_of_another_program_is_passed_over(tmp_path: Path) -> None:
    config(tmp_path)
    config(tmp_path / "force", "project-scratch-def.json")
    config(tmp_path / "force", "environments/production.rb")
    assert find_config(tmp_path / "force").found == Path("../config")


def test_environment_files_alone_are_a_config(tmp_path: Path) -> None:
    config(tmp_path, "environments/sandbox.yaml")
    assert find_config(tmp_path).found == Path("config")


@pytest.mark.parametrize("linked", [False, True])
def test_no_further_than_the_git_work_tree(tmp_path: Path, linked: bool) -> None:
    config(tmp_path)
    tree = tmp_path / "tree"
    (tree / "src").mkdir(parents=True)
    if linked:
        (tree / ".git").write_text("gitdir: elsewhere\n")
    else:
        (tree / ".git").mkdir()
    lookup = find_config(tree / "src")
    assert (lookup.found, lookup.last) == (None, tree)


def test_the_root_of_a_work_tree_is_looked_in(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    config(tmp_path)
    assert find_config(tmp_path / "src").found == Path("../config")


def test_nothing_as_far_as_the_root_of_the_file_system() -> None:
    lookup = find_config(Path("/proc/self"))
    assert (lookup.found, lookup.last) == (None, Path("/"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_passed_over(tmp_path: Path) -> None:
    planted = config(tmp_path)
    os.chown(planted, 4242, 4242)
    mine = tmp_path / "mine"
    mine.mkdir()
    lookup = find_config(mine)
    assert (lookup.found, lookup.foreign) == (None, (planted,))
    os.chown(mine, 4242, 4242)  # a mounted project: all of it is theirs
    assert find_config(mine).found == Path("../config")
