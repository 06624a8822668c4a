"""Which files belong to a config directory, and which are kept out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioner.declaration.key_files import LARGEST_KEY_FILE, KeyFiles
from provisioner.declaration.load import ConfigDirectory
from provisioner.errors import InputError, UsageError
from tests.declaration.configs import LOCAL, config


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "config"
    (inside / "keys").mkdir(parents=True)
    (inside / "keys" / "a.crt").write_bytes(b"a")
    (tmp_path / "outside.crt").write_bytes(b"outside")
    return inside


def read(folder: Path, path: str) -> tuple[bytes | None, str | None]:
    file = KeyFiles(folder, "config").read(path)
    return file.content, file.problem[0] if file.problem is not None else None


def test_a_key_file_is_read_and_shown_as_its_directory_is(folder: Path) -> None:
    assert read(folder, "keys/a.crt") == (b"a", None)
    assert read(folder, "keys/../keys/a.crt") == (b"a", None)
    assert KeyFiles(folder, "config").read("keys/a.crt").shown_path == os.path.join("config", "keys", "a.crt")


def test_a_path_may_not_lead_outside(folder: Path) -> None:
    assert read(folder, "../outside.crt") == (None, "key-file-outside")
    assert read(folder, str(folder.parent / "outside.crt")) == (None, "key-file-outside")


def test_a_link_may_not_lead_outside_but_may_stay_inside(folder: Path) -> None:
    (folder / "keys" / "out.crt").symlink_to(folder.parent / "outside.crt")
    (folder / "keys" / "in.crt").symlink_to("a.crt")
    (folder / "up").symlink_to(folder.parent)
    assert read(folder, "keys/out.crt") == (None, "key-file-outside")
    assert read(folder, "up/outside.crt") == (None, "key-file-outside")
    assert read(folder, "keys/in.crt") == (b"a", None)


def test_a_directory_that_is_a_link_itself_is_its_own_inside(folder: Path) -> None:
    link = folder.parent / "linked"
    link.symlink_to(folder)
    assert read(link, "keys/a.crt") == (b"a", None)


@pytest.mark.parametrize("path", ["keys/none.crt", "keys", "keys/a.crt/b", "", " ", "a\0b", "x" * 5000])
def test_what_cannot_be_read_is_a_problem_with_a_way_out(folder: Path, path: str) -> None:
    file = KeyFiles(folder, "config").read(path)
    assert file.content is None
    assert file.problem is not None
    rule, message, fix = file.problem
    assert rule == "key-file-missing"
    assert message.endswith(".")
    assert fix.endswith(".")


@pytest.mark.parametrize(
    "path", ["keys/a.cert", "keys/A.crt", "keys\\a.crt", "config/keys/a.crt", "keys/../keys/a.cer"]
)
def test_a_missing_file_with_a_similar_one_names_it(folder: Path, path: str) -> None:
    problem = KeyFiles(folder, "config").read(path).problem
    assert problem is not None
    assert "Did you mean keys/" in problem[1].replace("keys/../", "")
    assert "a.crt?" in problem[1]


@pytest.mark.parametrize(
    "path", ["keys/quite-different.pem", "elsewhere/b.pem", "x", f"{'x' * 5000}/a.crt", ".", "a/.."]
)
def test_a_missing_file_without_a_similar_one_gets_no_hint(folder: Path, path: str) -> None:
    problem = KeyFiles(folder, "config").read(path).problem
    assert problem is not None
    assert "Did you mean" not in problem[1]


def test_many_missing_files_get_a_limited_number_of_hints(folder: Path) -> None:
    files = KeyFiles(folder, "config")
    problems = [files.read(f"keys/a{'x' if number else ''}.{number}").problem for number in range(100)]
    assert sum("Did you mean" in problem[1] for problem in problems if problem is not None) <= 20


def test_no_name_outside_the_directory_is_a_hint(folder: Path) -> None:
    (folder / "out").symlink_to(folder.parent)
    problem = KeyFiles(folder, "config").read("out/outside.cr").problem
    assert problem is not None
    assert "Did you mean" not in problem[1]


def test_a_directory_in_place_of_an_environment_is_an_error(tmp_path: Path) -> None:
    loaded = config(tmp_path, "version: 1\n")
    (loaded.directory / "environments" / "uat.yaml").mkdir()
    assert loaded.environment_names() == ["uat"]
    with pytest.raises(InputError, match="is a directory"):
        loaded.environment_file("uat")


def test_a_file_in_place_of_the_environments_is_an_error(tmp_path: Path) -> None:
    loaded = config(tmp_path, "version: 1\n")
    (loaded.directory / "environments").rmdir()
    (loaded.directory / "environments").write_text("login_url: x\n")
    with pytest.raises(InputError, match="environments cannot be read: not a directory"):
        loaded.environment_names()


def test_unreadable_environments_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = config(tmp_path, "version: 1\n", uat=LOCAL)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match="environments cannot be read: permission denied"):
        loaded.environment_names()


def test_a_link_to_itself_is_a_problem_and_no_endless_loop(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    assert read(folder, "loop")[1] == "key-file-missing"


def test_no_key_file_is_that_large(folder: Path) -> None:
    (folder / "big").write_bytes(b"x" * (LARGEST_KEY_FILE + 1))
    assert read(folder, "big") == (None, "key-file-missing")


def test_a_missing_declaration_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        ConfigDirectory(tmp_path)
    assert "provisioner init" in caught.value.next


@pytest.mark.parametrize("name", ["user-verification", "logins"])
def test_a_file_with_the_suffix_yml_is_to_be_renamed(tmp_path: Path, name: str) -> None:
    config(tmp_path, "version: 1\n")
    directory = tmp_path / "config"
    (directory / f"{name}.yaml").unlink(missing_ok=True)
    (directory / f"{name}.yml").write_text("version: 1\n")
    with pytest.raises(InputError) as caught:
        ConfigDirectory(directory).logins(None)
    assert caught.value.next == f"Rename {name}.yml to {name}.yaml."


def test_an_unknown_environment_names_the_known_ones(tmp_path: Path) -> None:
    directory = config(tmp_path, "version: 1\n", sandbox=LOCAL, production=LOCAL)
    assert directory.environment_names() == ["production", "sandbox"]
    with pytest.raises(UsageError) as caught:
        directory.load("sandbix")
    assert "Did you mean sandbox?" in caught.value.message
    assert "production, sandbox" in caught.value.next


def test_two_files_of_one_environment_are_not_chosen_between(tmp_path: Path) -> None:
    directory = config(tmp_path, "version: 1\n", sandbox=LOCAL)
    (directory.directory / "environments" / "sandbox.yml").write_text(LOCAL)
    assert directory.environment_names() == ["sandbox"]
    with pytest.raises(InputError) as caught:
        directory.load("sandbox")
    assert "sandbox.yml" in caught.value.message


def test_paths_in_an_environment_are_relative_to_its_file(tmp_path: Path) -> None:
    directory = config(tmp_path, "version: 1\n", a="embedded_org: ../../org\nca_bundle: ca.pem\n")
    environment = directory.load("a").environment
    assert environment is not None
    assert environment.ca_bundle == directory.directory / "environments" / "ca.pem"
    assert environment.folder == directory.directory / "environments"
    assert environment.login is None
