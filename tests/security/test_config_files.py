"""Declaration, environment and key files: regular files of the config directory, whatever links are in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Person

SECRET = "AKIAEXAMPLE0123456789"
OUTSIDE = f"[default]\naws_access_key_id = {SECRET}\n"
DECLARATION, ENVIRONMENT = "user-verification.yaml", "environments/local.yaml"
COMMANDS = (
    ("validate",),
    ("validate", "--env", "local"),
    ("validate", "--format", "sarif"),
    ("validate", "--format", "github"),
    ("validate", "--format", "json"),
    ("plan", "--env", "local"),
    ("plan", "--env", "local", "--format", "markdown"),
    ("render", "--env", "local"),
    ("drift", "--env", "local"),
    ("envs",),
    ("diagnose", "login", "--env", "local"),
    ("keys", "expiring"),
    ("import", "--env", "local"),
    ("export", "--env", "local", "out"),
)


@pytest.fixture
def outside(person: Person) -> Path:
    path = person.folder / "credentials"
    path.write_text(OUTSIDE)
    return path


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", [DECLARATION, ENVIRONMENT, "environments"])
def test_a_linked_file_shows_nothing_from_outside(
    person: Person, outside: Path, words: tuple[str, ...], name: str
) -> None:
    path = person.folder / "config" / name
    if name == "environments":
        path.rename(person.folder / "elsewhere")
        (person.folder / "elsewhere/local.yaml").write_text(OUTSIDE)
        path.symlink_to(person.folder / "elsewhere")
    else:
        path.unlink()
        path.symlink_to(outside)
    ran = person.run(*words)
    said = ran.out + ran.err
    assert SECRET not in said
    assert "aws_access" not in said
    assert "Internal error" not in said
    is_for_the_environment = name == DECLARATION and words[:2] == ("diagnose", "login")
    if not is_for_the_environment and words != ("render", "--env", "local"):
        assert ran.status == 1, said
        assert "leads outside" in " ".join(said.split())


@pytest.mark.parametrize("target", ["/proc/self/environ", "/etc/passwd", "pipe", "/dev/zero"])
@pytest.mark.parametrize("name", [DECLARATION, ENVIRONMENT, "keys/storefront-2026-11.crt"])
def test_a_special_file_is_neither_read_nor_waited_for(person: Person, name: str, target: str) -> None:
    os.mkfifo(person.folder / "pipe")
    path = person.folder / "config" / name
    path.unlink()
    path.symlink_to(person.folder / target)
    ran = person.run("validate")
    said = ran.out + ran.err
    assert ran.status == 1
    assert "PATH=" not in said
    assert "root:" not in said
    assert "leads outside" in " ".join(said.split())


@pytest.mark.parametrize("name", [DECLARATION, ENVIRONMENT, "keys/storefront-2026-11.crt"])
def test_a_pipe_of_its_own_is_not_waited_for(person: Person, name: str) -> None:
    path = person.folder / "config" / name
    path.unlink()
    os.mkfifo(path)
    ran = person.run("validate")
    assert ran.status == 1
    assert "not a regular file" in " ".join((ran.out + ran.err).split())


def test_links_inside_of_the_config_directory_are_followed(person: Person) -> None:
    config = person.folder / "config"
    (config / ENVIRONMENT).rename(config / "base.yaml")
    (config / ENVIRONMENT).symlink_to("../base.yaml")
    assert person.run("validate").status == 0


def test_the_config_directory_may_be_a_link(person: Person) -> None:
    (person.folder / "config").rename(person.folder / "real")
    (person.folder / "config").symlink_to("real")
    assert person.run("validate").status == 0
    assert person.run("plan", "--env", "local").status == 0


@pytest.mark.parametrize(
    "name",
    ["evil\n::error::pwned", "evil\x1b[2J", "a b", "a'b", "$(id)", "a,b", "a*", "\N{RIGHT-TO-LEFT OVERRIDE}x", "é"],
)  # fmt: skip
@pytest.mark.parametrize("format", ["human", "json", "github", "sarif"])
def test_a_name_of_an_environment_is_no_message(person: Person, name: str, format: str) -> None:
    (person.folder / f"config/environments/{name}.yaml").write_text("embedded_org: ../../.localorg\n")
    ran = person.run("validate", "--format", format)
    said = ran.out + ran.err
    assert ran.status == 1
    assert "environment-name-invalid" in said
    assert not any(line.lstrip().startswith("::error::pwned") for line in said.splitlines())
    assert not any(character in said for character in "\x1b\N{RIGHT-TO-LEFT OVERRIDE}")
    for words in (("plan", "--env", "local"), ("envs",), ("envs", "--format", "github-matrix")):
        refused = person.run(*words)
        assert refused.status == 1
        assert not any(line.lstrip().startswith("::") for line in (refused.out + refused.err).splitlines())
    assert person.run("plan", "--env", name).status in (1, 64)
