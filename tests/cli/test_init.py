"""``provisioner init`` and ``schema``: a start that is right as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from provisioner.report.editor_schema import FILE_SCHEMAS
from provisioner.workflows.schema_files import schema_name
from tests.cli.offline import Desk

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def uncommented(text: str) -> str:
    """The declaration with its examples in force: in each block of comments, what follows the empty one."""
    blocks = text[text.index("version: 1") :].split("\n\n")
    shown = []
    for block in blocks:
        _, is_example, example = block.partition("\n#\n")
        shown.append(re.sub(r"^# ", "", example, flags=re.M) if is_example else block)
    return "\n".join(shown) + "\n"


def test_what_it_writes_validates(desk: Desk) -> None:
    said = desk.run("init")
    assert said.status == 0
    assert "config/user-verification.yaml" in said.out
    found = desk.run("validate", "--format", "json").json
    assert found["summary"]["errors"] == 0
    assert [each["rule"] for each in found["findings"]] == ["production-without-org-id"]


def test_what_it_writes_fits_the_schema_that_it_writes_beside_it(desk: Desk) -> None:
    desk.run("init", "infra/chat")
    files = sorted((desk.folder / "infra/chat").rglob("*.yaml"))
    assert [file.name for file in files] == ["local.yaml", "production.yaml", "sandbox.yaml", "user-verification.yaml"]
    for file in files:
        named = re.search(r"\$schema=(\S+)", file.read_text("utf-8"))
        assert named is not None
        schema = json.loads((file.parent / named[1]).read_text("utf-8"))
        Draft202012Validator(schema).validate(yaml.safe_load(file.read_text("utf-8")))
        assert ("environment" in schema["$id"]) == (file.parent.name == "environments")


def test_its_examples_are_right_when_they_are_uncommented(desk: Desk) -> None:
    desk.run("init")
    declaration = desk.folder / "config/user-verification.yaml"
    declaration.write_text(uncommented(declaration.read_text("utf-8")), encoding="utf-8")
    written = yaml.safe_load(declaration.read_text("utf-8"))
    assert set(written) == {
        "version",
        "issuers",
        "keys",
        "keysets",
        "channels",
        "deployments",
        "external",
        "removed",
        "ignore",
    }
    errors = [
        found for found in desk.run("validate", "--format", "json").json["findings"] if found["severity"] == "error"
    ]
    assert {found["rule"] for found in errors} == {"key-file-missing"}


def test_its_local_environment_works_at_once(desk: Desk) -> None:
    desk.run("init")
    listed = desk.run("envs", "--format", "json").json["environments"]
    assert [each["name"] for each in listed if each["embedded"]] == ["local"]
    assert desk.run("render", "--env", "local").status == 0


@pytest.mark.parametrize("path", ["user-verification.yaml", "environments/local.yaml", "keys/README.md"])
def test_nothing_is_overwritten_and_nothing_is_written_then(desk: Desk, path: str) -> None:
    desk.write(path, "mine")
    said = desk.run("init", "--format", "json")
    assert said.status == 3
    assert path in said.json["error"]["message"]
    assert [file.read_text() for file in desk.folder.rglob("*") if file.is_file()] == ["mine"]


def test_a_schema_that_is_there_is_left_as_it_is(desk: Desk) -> None:
    (desk.folder / "provisioner.schema.json").write_text("{}")
    said = desk.run("init", "--format", "json")
    assert said.status == 0
    assert "provisioner.schema.json" not in said.json["written"]
    assert (desk.folder / "provisioner.schema.json").read_text() == "{}"


def test_other_files_of_the_directory_are_no_hindrance(desk: Desk) -> None:
    desk.write("notes.txt", "mine")
    assert desk.run("init").status == 0
    assert (desk.folder / "config/notes.txt").read_text() == "mine"


def test_the_next_steps_can_be_typed_as_they_stand(desk: Desk) -> None:
    steps = desk.run("init", "my-config", "--format", "json").json["next"]
    command = steps[0].split("  ")[0]
    assert command == "provisioner --config my-config validate"
    assert desk.run(*command.split()[1:]).status == 0


def test_the_directory_that_config_names_is_the_default(desk: Desk) -> None:
    assert desk.run("--config", "other", "init").status == 0
    assert (desk.folder / "other/user-verification.yaml").is_file()


def test_where_nothing_can_be_written_is_said(desk: Desk) -> None:
    (desk.folder / "config").write_text("a file")
    said = desk.run("init")
    assert said.status == 1
    assert "Next: " in said.err


@pytest.mark.parametrize("kind", ["declaration", "environment"])
def test_the_checked_in_schema_is_what_the_command_prints(desk: Desk, kind: str) -> None:
    printed = desk.run("schema", "--kind", kind).out
    assert (REPOSITORY / schema_name(kind)).read_text("utf-8") == printed
    Draft202012Validator.check_schema(json.loads(printed))


@pytest.mark.parametrize("kind", ["declaration", "environment"])
def test_the_schema_it_writes_is_what_the_command_prints(desk: Desk, kind: str) -> None:
    desk.run("init")
    assert (desk.folder / schema_name(kind)).read_text("utf-8") == desk.run("schema", "--kind", kind).out


def test_one_schema_of_all_files_without_a_kind(desk: Desk) -> None:
    assert set(desk.run("schema").json["$defs"]) == set(FILE_SCHEMAS)


def test_an_unknown_kind_is_wrong_usage(desk: Desk) -> None:
    said = desk.run("schema", "--kind", "declaratoin")
    assert said.status == 64
    assert "declaration" in said.err


def test_a_missing_local_org_is_said_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioner.localorg.serving.find_spec", lambda name: None)
    steps = desk.run("init", "--format", "json").json["next"]
    assert "-m pip install" in steps[1]
    assert "[localorg]" in steps[1]
    assert "which is missing" in steps[1]
    refused = desk.run("plan", "--env", "local", "--format", "json").json["error"]
    assert refused["code"] == "localorg-not-installed"
    assert steps[1].startswith(refused["next"].removeprefix("Install them: "))


def test_an_installed_local_org_needs_no_step(desk: Desk) -> None:
    steps = desk.run("init", "--format", "json").json["next"]
    assert [each for each in steps if "pip install" in each] == []


def test_the_example_validates_and_brings_a_key(desk: Desk) -> None:
    said = desk.run("init", "--example")
    assert said.status == 0
    found = desk.run("validate", "--format", "json").json
    assert found["findings"] == []
    key = desk.folder / ".example/signer.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert (desk.folder / ".example/.gitignore").read_text() == "*\n"
    signer = ("--keyset", "storefront", "--key-file", ".example/signer.key", "--sub", "u1")
    (desk.folder / "token").write_text(desk.run("token", "mint", *signer, "--env", "sandbox").out)
    explained = desk.run("token", "explain", "token", "--env", "sandbox", "--format", "json")
    checks = {each["check"]: each["status"] for each in explained.json["checks"]}
    assert checks["signature"] == "ok"


def test_a_second_example_leaves_the_first_alone(desk: Desk) -> None:
    desk.run("init", "--example")
    before = (desk.folder / ".example/signer.key").read_bytes()
    (desk.folder / "config/environments/production.yaml").unlink()
    said = desk.run("init", "--example")
    assert said.status == 3
    assert "storefront-1.crt and .example/signer.key already exist" in " ".join(said.err.split())
    assert (desk.folder / ".example/signer.key").read_bytes() == before
    assert not (desk.folder / "config/environments/production.yaml").exists()


def test_localorg_takes_the_environment(desk: Desk) -> None:
    desk.run("init", "--example")
    said = desk.run("localorg", "status", "--env", "sandbox")
    assert ".example/sandbox" in said.err
    (desk.folder / "config/environments/real.yaml").write_text("sf_org: acme\n")
    assert "real is no local org" in desk.run("localorg", "status", "--env", "real").err
    (desk.folder / "config/environments/far.yaml").write_text("embedded_org: /var/elsewhere\n")
    assert desk.run("localorg", "start", "--env", "far").status == 1
