"""``provisioner validate``, as a person and as a pipeline run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from provisioner.cli.sources import relative_to, source_root
from provisioner.files import UnreadableError, read_all
from tests.cli.offline import Desk
from tests.jose.key_files import every_file
from tests.jose.making import PEM, private_pem, shop

SARIF = Path(__file__).parents[1] / "vectors/sarif/sarif-schema-2.1.0.json"
GOOD = """\
version: 1
issuers: {shop: "${var:issuer}"}
keysets:
  mobile: {issuer: shop, endpoint: https://id.example.com/jwks}
"""
#: One error under every environment, and one warning.
BAD = """\
version: 1
issuers: {shop: https://id.example.com}
keysets:
  mobile: {issuer: shop, endpoint: "http://id.example.com/jwks"}
  other: {issuer: shop, endpoint: https://localhost/jwks}
"""
SANDBOX = """\
login_url: https://acme--uat.sandbox.my.salesforce.com
username: ci@acme.com.uat
consumer_key: ${env:PROVISIONER_TEST_CONSUMER_KEY}
private_key: ${file:~/nowhere/uat.key}
variables: {issuer: https://uat.id.example.com}
"""


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    desk = Desk(tmp_path, capsys)
    desk.write("user-verification.yaml", GOOD)
    desk.write(
        "environments/local.yaml", "embedded_org: ../../.localorg\nvariables: {issuer: https://id.example.com}\n"
    )
    desk.write("environments/sandbox.yaml", SANDBOX)
    return desk


def test_a_right_declaration_needs_no_secret(desk: Desk) -> None:
    said = desk.run("validate")
    assert (said.status, said.out) == (0, "No findings.\n")
    assert said.err == "Checked config/user-verification.yaml under local, sandbox.\n"


def test_quiet_says_only_the_result(desk: Desk) -> None:
    assert desk.run("validate", "-q").err == ""


def test_with_an_environment_its_references_must_be_there(desk: Desk) -> None:
    said = desk.run("validate", "--env", "sandbox", "--format", "json")
    assert said.status == 1
    assert {found["rule"] for found in said.json["findings"]} == {"reference-unset"}


@pytest.mark.parametrize("choose", ["--env", "PROVISIONER_ENV"])
def test_environments_are_chosen_by_option_or_by_variable(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, choose: str
) -> None:
    desk.write("user-verification.yaml", BAD)
    if choose == "--env":
        said = desk.run("validate", "--format", "json", "--env", "l*")
    else:
        monkeypatch.setenv("PROVISIONER_ENV", "local")
        said = desk.run("validate", "--format", "json")
    assert {tuple(found["environments"]) for found in said.json["findings"]} == {("local",)}


def test_an_unknown_environment_names_the_nearest(desk: Desk) -> None:
    said = desk.run("validate", "--env", "sandbx")
    assert said.status == 64
    assert "Did you mean sandbox?" in said.err


def test_each_finding_stands_once_with_its_environments(desk: Desk) -> None:
    desk.write("user-verification.yaml", BAD)
    said = desk.run("validate", "--format", "json")
    assert said.status == 1
    error, warning = said.json["findings"]
    assert error == {
        "rule": "keyset-endpoint-not-https",
        "severity": "error",
        "address": "keyset.mobile",
        "file": "config/user-verification.yaml",
        "line": 4,
        "column": 36,
        "message": error["message"],
        "fix": error["fix"],
        "page": error["page"],
        "environments": ["local", "sandbox"],
    }
    assert error["page"].endswith("reference/rules.md#keyset-endpoint-not-https")
    assert (warning["severity"], warning["line"]) == ("warning", 5)
    assert said.json["summary"] == {"errors": 1, "warnings": 1}
    assert said.json["format_version"] == "1"


def test_warnings_alone_are_no_failure_unless_strict(desk: Desk) -> None:
    desk.write("user-verification.yaml", BAD.replace("http://", "https://"))
    assert desk.run("validate").status == 0
    assert desk.run("validate", "--strict").status == 1
    assert desk.run("validate", "--strict").out.endswith("\n1 warning.\n")


def test_a_person_sees_the_line_itself(desk: Desk) -> None:
    desk.write("user-verification.yaml", BAD)
    words = [sys.executable, "-c", "from provisioner.cli.main import entry; entry()", "validate"]
    ran = subprocess.run(words, capture_output=True, text=True, cwd=desk.folder)
    assert ran.returncode == 1
    assert '4 |   mobile: {issuer: shop, endpoint: "http://id.example.com/jwks"}\n' in ran.stdout
    assert ran.stdout.splitlines()[-1] == "1 error, 1 warning."


def test_no_declaration_is_one_json_document(desk: Desk) -> None:
    said = desk.run("--config", "nowhere", "validate", "--format", "json")
    assert said.status == 1
    assert said.json["error"]["code"] == "no-declaration"
    assert "provisioner init" in said.json["error"]["next"]


def test_a_secret_written_into_yaml_is_found_and_never_printed(desk: Desk) -> None:
    desk.write("environments/sandbox.yaml", SANDBOX + "private_key_passphrase: hunter2hunter2\n")
    for form in ("human", "json", "github", "sarif"):
        said = desk.run("validate", "--format", form)
        assert said.status == 1
        assert "environment-secret-literal" in said.out
        assert "hunter2" not in said.out + said.err


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("private_key: ~/.secrets/provisioner.key", "private_key: ~/.secrets/provisioner.key"),
        ("private_key: '~/.secrets/uat signer.key'  # mine", "~/.secrets/uat signer.key'  # mine"),
        ("private_key: op://CI/sf/key", "op://CI/sf/key"),
        ("private_key: hunter2", "private_key: ***"),
        ("private_key_passphrase: ~/hunter2", "private_key_passphrase: ***"),
        ("verify: {Web_Chat: {deployment: D, key_file: ~/.secrets/s.key}}", "key_file: ~/.secrets/s.key}}"),
        ("verify: {Web_Chat: {key_file: ~/x.key, deployment: hunter2}}", "key_file: ***"),
    ],
)
def test_a_path_is_shown_and_a_secret_is_not(desk: Desk, line: str, shown: str) -> None:
    text = "".join(each for each in SANDBOX.splitlines(keepends=True) if not each.startswith("private_key:"))
    key = "" if "private_key:" in line else "private_key: ${file:k}\n"
    desk.write("environments/sandbox.yaml", f"{text}{key}{line}\n")
    said = desk.run("validate", "--no-color")
    assert said.status == 1
    assert shown in said.out
    assert "hunter2" not in said.out


class TestForPipelines:
    def test_annotations_name_files_from_the_repositorys_root(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (desk.folder / ".git").mkdir()
        (desk.folder / "infra").mkdir()
        desk.write("user-verification.yaml", BAD)
        (desk.folder / "config").rename(desk.folder / "infra/config")
        monkeypatch.chdir(desk.folder / "infra")
        said = desk.run("validate", "--format", "github")
        assert said.status == 1
        first, second = said.out.splitlines()
        assert first.startswith("::error file=infra/config/user-verification.yaml,line=4,")
        assert second.startswith("::warning file=infra/config/user-verification.yaml,line=5,")

    def test_no_findings_are_no_annotations(self, desk: Desk) -> None:
        assert desk.run("validate", "--format", "github").out == ""

    def test_sarif_holds_the_findings_and_every_rule(self, desk: Desk) -> None:
        desk.write("user-verification.yaml", BAD)
        said = desk.run("validate", "--format", "sarif")
        assert said.status == 1
        Draft4Validator(json.loads(SARIF.read_text("utf-8"))).validate(said.json)
        run = said.json["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
            "keyset-endpoint-not-https",
            "keyset-endpoint-private-host",
        ]
        listed = desk.run("rules", "--format", "json").json["rules"]
        assert [rule["id"] for rule in rules] == [rule["id"] for rule in listed]

    def test_the_workspace_of_a_workflow_is_the_root(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        inside = desk.folder / "checkout" / "infra"
        inside.mkdir(parents=True)
        (desk.folder / "checkout" / "infra" / ".git").mkdir()
        monkeypatch.setenv("GITHUB_WORKSPACE", str(desk.folder / "checkout"))
        monkeypatch.chdir(inside)
        assert relative_to(source_root())("config/a.yaml") == "infra/config/a.yaml"

    def test_a_file_outside_of_the_root_is_absolute(self, desk: Desk) -> None:
        assert relative_to(desk.folder)("../elsewhere/a.yaml") == (desk.folder.parent / "elsewhere/a.yaml").as_posix()


PRIVATE = {name: file for name, file in every_file().items() if file.private}


@pytest.mark.parametrize("name", PRIVATE)
def test_a_private_key_beside_the_declared_ones_is_found(desk: Desk, name: str) -> None:
    desk.write("keys/shop.crt", shop().public_bytes(PEM).decode())
    assert desk.run("validate").status == 0
    content = PRIVATE[name].content
    (desk.folder / "config/keys/left behind").write_bytes(content)
    for words in (("--format", "json"), ("--format", "github"), ("--format", "sarif"), ()):
        said = desk.run("validate", *words)
        assert said.status == 1
        assert "certificate-is-private-key" in said.out
        parts = [part for part in content.decode("latin-1").split() if len(part) > 24 and "PRIVATE" not in part]
        assert not any(part in said.out + said.err for part in parts)
    (finding,) = desk.run("validate", "--format", "json").json["findings"]
    assert finding["message"].startswith("config/keys/left behind holds ")


def test_a_declared_private_key_is_found_once(desk: Desk) -> None:
    desk.write("keys/shop.crt", private_pem().decode())
    desk.write("user-verification.yaml", GOOD + "keys: {shop: {certificate: keys/shop.crt, kid: shop}}\n")
    rules = [finding["rule"] for finding in desk.run("validate", "--format", "json").json["findings"]]
    assert rules.count("certificate-is-private-key") == 1


@pytest.mark.parametrize(
    "content", [private_pem() + b"\n" * 2**20, b"<<<<<<< a\n%b=======\n>>>>>>> b\n" % private_pem()]
)
def test_a_private_key_in_no_key_file_is_found(desk: Desk, content: bytes) -> None:
    (desk.folder / "config/keys").mkdir()
    (desk.folder / "config/keys/left behind").write_bytes(content)
    rules = [finding["rule"] for finding in desk.run("validate", "--format", "json").json["findings"]]
    assert rules == ["certificate-is-private-key"]


def test_a_folder_of_keys_that_cannot_be_listed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refuse(folder: Any) -> Any:
        if Path(folder).name == "keys":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    (desk.folder / "config/keys").mkdir()
    monkeypatch.setattr("provisioner.workflows.validate.os.scandir", refuse)
    assert desk.run("validate").status == 0


def test_a_declared_file_is_read_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("keys/shop.crt", shop().public_bytes(PEM).decode())
    desk.write("user-verification.yaml", GOOD + "keys: {shop: {certificate: keys/shop.crt, kid: shop}}\n")
    read: list[Path] = []

    def reading(paths: Sequence[Path], *words: Any, **more: Any) -> list[bytes | UnreadableError]:
        read.extend(paths)
        return read_all(paths, *words, **more)

    monkeypatch.setattr("provisioner.declaration.key_files.read_all", reading)
    monkeypatch.setattr("provisioner.workflows.validate.read_all", reading)
    assert desk.run("validate").status == 0
    assert [path.name for path in read] == ["shop.crt"]


def test_a_link_in_the_folder_of_keys_is_left_alone(desk: Desk) -> None:
    (desk.folder / "elsewhere.key").write_bytes(private_pem())
    (desk.folder / "config/keys").mkdir()
    (desk.folder / "config/keys/link.key").symlink_to(desk.folder / "elsewhere.key")
    assert desk.run("validate").status == 0
