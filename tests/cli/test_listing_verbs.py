"""``envs``, ``render``, ``rules`` and ``version``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from provisioner import __version__
from tests.cli.offline import Desk

DECLARATION = """\
version: 1
issuers: {shop: "${var:issuer}"}
keysets:
  shop: {issuer: shop, endpoint: https://id.example.com/jwks}
channels:
  Web_Chat: {token_expiration_minutes: {verified: 60}}
"""
SANDBOX = """\
login_url: https://acme--uat.sandbox.my.salesforce.com
username: ci@acme.com.uat
consumer_key: ${env:PROVISIONER_TEST_CONSUMER_KEY}
private_key: ${file:uat.key}
variables: {issuer: https://uat.id.example.com}
overrides: {channels: {Web_Chat: {token_expiration_minutes: {verified: 30}}}}
"""


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    desk = Desk(tmp_path, capsys)
    desk.write("user-verification.yaml", DECLARATION)
    desk.write("environments/local.yaml", "embedded_org: ../../.localorg\n")
    desk.write("environments/sandbox.yaml", SANDBOX)
    desk.write("environments/production.yaml", SANDBOX.replace("--uat.sandbox", "") + "production: true\n")
    return desk


class TestEnvs:
    def test_all_of_them(self, desk: Desk) -> None:
        said = desk.run("envs")
        assert said.status == 0
        assert [line.split()[0] for line in said.out.splitlines()[1:]] == ["local", "production", "sandbox"]

    @pytest.mark.parametrize(
        ("given", "names"),
        [("prod*", ["production"]), ("sandbox,local", ["sandbox", "local"]), ("*", ["local", "production", "sandbox"])],
    )
    def test_lists_and_globs_choose(self, desk: Desk, given: str, names: list[str]) -> None:
        listed = desk.run("envs", "--env", given, "--format", "json").json["environments"]
        assert [each["name"] for each in listed] == names

    def test_a_glob_that_matches_nothing_is_wrong_usage(self, desk: Desk) -> None:
        assert desk.run("envs", "--env", "x*").status == 64

    def test_a_matrix_is_one_line_that_a_workflow_can_take(self, desk: Desk) -> None:
        said = desk.run("envs", "--format", "github-matrix")
        assert said.out.count("\n") == 1
        assert said.json == {
            "include": [
                {"environment": "local", "production": False},
                {"environment": "production", "production": True},
                {"environment": "sandbox", "production": False},
            ]
        }

    def test_a_matrix_holds_what_was_chosen_in_the_order_given(self, desk: Desk) -> None:
        said = desk.run("envs", "--format", "github-matrix", "--env", "sand*,production")
        assert said.out == (
            '{"include": [{"environment": "sandbox", "production": false}, '
            '{"environment": "production", "production": true}]}\n'
        )

    @pytest.mark.parametrize("broken", ["production: maybe\n", "production: [\n", "- a list\n"])
    def test_what_cannot_be_understood_is_not_called_harmless(self, desk: Desk, broken: str) -> None:
        desk.write("environments/production.yaml", broken)
        said = desk.run("envs", "--format", "github-matrix")
        assert (said.status, said.out) == (1, "")
        assert "config/environments/production.yaml" in said.err
        assert desk.run("envs", "--format", "github-matrix", "--env", "sandbox").status == 0

    def test_a_matrix_is_refused_with_the_place_of_the_error(self, desk: Desk) -> None:
        desk.write("environments/production.yaml", "production: maybe\n")
        assert "config/environments/production.yaml:1:1" in desk.run("envs", "--format", "github-matrix").err

    @pytest.mark.parametrize(
        ("broken", "place", "rule"),
        [
            ("production: [\n", "2:1", "yaml-syntax"),
            ("- a list\n", "1:1", "yaml-wrong-type"),
            ("embedded_org: o\nproduction: maybe\n", "2:13", "yaml-wrong-type"),
            ("", "1:1", "yaml-wrong-type"),
        ],
    )
    def test_a_list_shows_a_broken_file(self, desk: Desk, broken: str, place: str, rule: str) -> None:
        desk.write("environments/production.yaml", broken)
        said = desk.run("envs")
        assert said.status == 1
        [row] = [line for line in said.out.splitlines() if line.startswith("production ")]
        assert row.split()[1:] == ["unknown", "its", "file", "has", "errors"]
        assert f"error {rule}  config/environments/production.yaml:{place}" in said.out
        assert "(no login_url)" not in said.out
        assert "https://acme--uat.sandbox.my.salesforce.com" in said.out
        document = desk.run("envs", "--format", "json").json
        assert {each["name"]: each["valid"] for each in document["environments"]} == {
            "local": True, "production": False, "sandbox": True,
        }  # fmt: skip
        assert {each["name"]: each["production"] for each in document["environments"]}["production"] is None
        assert document["findings"][0]["environments"] == ["production"]
        assert desk.run("envs", "--env", "sandbox").status == 0

    def test_a_broken_file_that_says_production_is_production(self, desk: Desk) -> None:
        desk.write("environments/production.yaml", "production: true\nlogin_ulr: https://login.salesforce.com\n")
        said = desk.run("envs", "--env", "production", "--format", "json")
        assert said.status == 1
        assert said.json["environments"][0]["production"] is True


class TestRender:
    def test_yaml_that_is_a_declaration_again(self, desk: Desk) -> None:
        said = desk.run("render", "--env", "sandbox")
        assert said.status == 0
        assert yaml.safe_load(said.out)["issuers"] == {"shop": "https://uat.id.example.com"}
        assert yaml.safe_load(said.out)["channels"]["Web_Chat"]["token_expiration_minutes"] == {"verified": 30}
        [line] = [line for line in said.out.splitlines() if "verified" in line]
        assert line.endswith("# config/environments/sandbox.yaml:6")

    def test_json(self, desk: Desk) -> None:
        document = desk.run("render", "--env", "sandbox", "--format", "json").json
        assert document["environment"] == "sandbox"
        origin = document["origins"]["/channels/Web_Chat/token_expiration_minutes/verified"]
        assert origin.startswith("config/environments/sandbox.yaml:6:")

    def test_no_environment_is_wrong_usage_and_says_which_there_are(self, desk: Desk) -> None:
        said = desk.run("render")
        assert said.status == 64
        assert "local, production, sandbox" in said.err

    def test_several_environments_are_wrong_usage(self, desk: Desk) -> None:
        assert desk.run("render", "--env", "*").status == 64

    def test_what_cannot_be_merged_is_not_rendered(self, desk: Desk) -> None:
        said = desk.run("render", "--env", "local", "--format", "json")  # lacks the variable
        assert said.status == 1
        assert [found["rule"] for found in said.json["findings"]] == ["variable-unresolved"]
        said = desk.run("render", "--env", "local")
        assert said.out == ""
        assert "variable-unresolved" in said.err


class TestRules:
    def test_every_rule_has_a_page(self, desk: Desk) -> None:
        rules = desk.run("rules", "--format", "json").json["rules"]
        assert len(rules) > 50
        for rule in rules:
            said = desk.run("rules", rule["id"])
            assert said.status == 0
            assert said.out.startswith(f"{rule['id']}  {rule['severity']}\n")
            assert desk.run("rules", rule["id"], "--format", "json").json["rule"] == rule

    def test_the_list_names_each_once(self, desk: Desk) -> None:
        listed = desk.run("rules").out
        ids = [rule["id"] for rule in desk.run("rules", "--format", "json").json["rules"]]
        assert [line.split()[0] for line in listed.splitlines() if line[:2] == "  " and line[2] != " "] == ids

    def test_an_unknown_rule_names_the_nearest(self, desk: Desk) -> None:
        said = desk.run("rules", "yaml-tabs")
        assert said.status == 64
        assert "Did you mean yaml-tab?" in said.err

    def test_no_config_is_needed(self, desk: Desk) -> None:
        assert desk.run("--config", "nowhere", "rules").status == 0


class TestVersion:
    def test_as_command_and_as_option(self, desk: Desk) -> None:
        assert desk.run("version").out == desk.run("--version").out == f"provisioner {__version__}\n"

    def test_for_programs(self, desk: Desk) -> None:
        assert json.loads(desk.run("version", "--format", "json").out)["version"] == __version__


@pytest.mark.parametrize(
    "words",
    [
        ("envs",),
        ("envs", "--format", "json"),
        ("validate",),
        ("validate", "--format", "json"),
        ("render", "--env", "sandbox"),
    ],
)
def test_a_password_in_a_url_is_masked(desk: Desk, words: tuple[str, ...]) -> None:
    desk.write("user-verification.yaml", DECLARATION.replace("https://id", "https://ada:hunter-one@id"))
    desk.write("environments/sandbox.yaml", SANDBOX.replace("https://acme", "https://ada:hunter-two@acme"))
    said = desk.run(*words)
    assert "hunter-" not in said.out + said.err
