"""``config/`` is found from any folder of a project, and every path that is printed is right from there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from provisioner.cli.output import Output
from tests.cli.offline import Desk

BROKEN = "version: 1\nkeysets:\n  shop: {isuer: https://id.example.com}\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("PROVISIONER_CONFIG", raising=False)
    (tmp_path / "force-app/main").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path / "force-app/main")
    desk = Desk(tmp_path, capsys)
    desk.write("user-verification.yaml", "version: 1\n")
    desk.write("environments/local.yaml", "embedded_org: ../../.localorg\n")
    return desk


def test_below_the_project(desk: Desk) -> None:
    said = desk.run("envs", "--format", "json")
    assert [each["name"] for each in said.json["environments"]] == ["local"]
    assert desk.run("validate").status == 0


def test_paths_are_right_from_here(desk: Desk) -> None:
    desk.write("user-verification.yaml", BROKEN)
    said = desk.run("validate", "--format", "json")
    files = {each["file"] for each in said.json["findings"]}
    assert files == {"../../config/user-verification.yaml"}
    assert all(Path(file).is_file() for file in files)


def test_annotations_are_relative_to_the_repository(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    desk.write("user-verification.yaml", BROKEN)
    assert "::error file=config/user-verification.yaml,line=3," in desk.run("validate", "--format", "github").out
    sarif = json.loads(desk.run("validate", "--format", "sarif").out)
    uris = {
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in sarif["runs"][0]["results"]
        for place in result["locations"]
    }
    assert uris == {"config/user-verification.yaml"}


def test_the_option_wins_then_the_variable(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("first", "second"):
        other = desk.folder / name
        (other / "environments").mkdir(parents=True)
        (other / "user-verification.yaml").write_text("version: 1\n")
        (other / f"environments/{name}.yaml").write_text("embedded_org: ../../.localorg\n")
    monkeypatch.setenv("PROVISIONER_CONFIG", str(desk.folder / "first"))
    assert desk.run("envs", "--format", "json").json["environments"][0]["name"] == "first"
    said = desk.run("envs", "--config", "../../second", "--format", "json")
    assert said.json["environments"][0]["name"] == "second"
    monkeypatch.setenv("PROVISIONER_CONFIG", "")
    assert desk.run("envs", "--format", "json").json["environments"][0]["name"] == "local"


@pytest.mark.parametrize("name", ["elsewhere", "else where", 'it"s'])
@pytest.mark.parametrize("output", ["human", "json"])
def test_a_recommended_command_finds_this_config(desk: Desk, name: str, output: str) -> None:
    other = desk.folder / name
    (other / "environments").mkdir(parents=True)
    (other / "user-verification.yaml").write_text(BROKEN)
    (other / "environments/uat.yaml").write_text("embedded_org: ../../.localorg\n")
    said = desk.run("plan", "--env", "uat", "--config", f"../../{name}", "--format", output)
    told = said.json["error"]["next"] if output == "json" else said.err
    (command,) = [shlex.split(each) for each in re.findall("`(provisioner validate [^`]*)`", " ".join(told.split()))]
    assert command[1:] == ["validate", "--env", "uat", "--config", f"../../{name}"]
    assert "keyset.shop" in desk.run(*command[1:]).out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Next: provisioner plan --env uat", "Next: provisioner plan --env uat --config other"),
        (
            "Run `provisioner apply --env 'uat,prod*' --yes`.",
            "Run `provisioner apply --env 'uat,prod*' --config other --yes`.",
        ),
        ("`provisioner plan --env uat`, `provisioner apply --env uat`", None),
        ("provisioner keys generate k --keyset s", "provisioner keys generate k --keyset s --config other"),
        ("`provisioner plan --env uat --config x`", "`provisioner plan --env uat --config x`"),
        ("`provisioner keys inspect FILE`, then --env uat", "`provisioner keys inspect FILE`, then --env uat"),
    ],
)
def test_where_the_option_is_put(text: str, shown: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.config_option = " --config other"
    output.result(text)
    expected = text.replace("uat`", "uat --config other`") if shown is None else shown
    assert capsys.readouterr().out == f"{expected}\n"


def test_what_was_looked_for_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.folder / "config/user-verification.yaml").unlink()
    (desk.folder / "config/environments/local.yaml").unlink()
    error = desk.run("validate", "--format", "json").json["error"]
    assert error["code"] == "no-declaration"
    assert error["message"] == (
        "There is no declaration: config/user-verification.yaml is missing in this folder and above it, up to "
        f"{desk.folder}."
    )
    assert "PROVISIONER_CONFIG" in error["next"]
    assert "provisioner init" in error["next"]


@pytest.mark.parametrize("named", ["../../config/user-verification.yaml", "../.."])
def test_the_directory_beside_the_named_one_is_meant(desk: Desk, named: str) -> None:
    error = desk.run("validate", "--config", named, "--format", "json").json["error"]
    assert error["next"] == "Name the directory that holds the declaration: --config ../../config"


def test_a_variable_that_leads_nowhere_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONER_CONFIG", "nowhere")
    said = desk.run("validate")
    assert said.status == 1
    assert "nowhere/user-verification.yaml" in said.err


def test_init_does_not_nest_a_second_config(desk: Desk) -> None:
    said = desk.run("init", "--format", "json")
    assert (said.status, said.json["error"]["code"]) == (3, "already-there")
    assert "../../config" in said.json["error"]["message"]
    assert not Path("config").exists()
    assert desk.run("init", "own").status == 0
    assert Path("own/user-verification.yaml").is_file()


def test_commands_that_are_printed_work_from_here(desk: Desk) -> None:
    said = desk.run(
        "keys", "generate", "shop", "--private-key", str(desk.folder.parent / "shop.key"), "--format", "json"
    )
    assert said.status == 0, said.err
    assert (desk.folder / "config/keys").is_dir()
    steps = " ".join(said.json["next"])
    assert "provisioner plan --env ENV" in steps
    assert "--config" not in steps
