"""Two declarations over one org: one owns the keyset, the other one names it as external."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Person, Ran

TEAM = {
    "version": 1,
    "channels": {
        "App_Chat": {"user_verification": {"enabled": True, "configurations": {"app_login": {"keyset": "storefront"}}}}
    },
    "external": {"keysets": ["storefront"], "channels": ["Web_Chat"]},
}

MARKDOWN = ("--format", "markdown")


@pytest.fixture
def team(person: Person) -> Person:
    """Somebody with a second config directory, ``team``, over the same org, which has what the first one declares."""
    assert person.apply().status == 0
    (person.folder / "team/environments").mkdir(parents=True)
    shutil.copy(person.folder / "config/environments/local.yaml", person.folder / "team/environments/local.yaml")
    write(person, TEAM)
    return person


def write(team: Person, declaration: dict[str, object]) -> None:
    (team.folder / "team/user-verification.yaml").write_text(yaml.safe_dump(declaration, sort_keys=False))


def run(team: Person, *words: str) -> Ran:
    return team.run("--config", "team", *words)


def refused(ran: Ran) -> str:
    """Return the message of a refusal because of another owner."""
    error = json.loads(ran.out)["error"]
    assert (ran.status, error["code"], error["next"]) == (
        3, "external", "Run this command with the config directory of the owner: --config DIR.",
    )  # fmt: skip
    return str(error["message"])


def test_the_team_applies_its_channel_and_nothing_else(team: Person) -> None:
    done = run(team, "apply", "--env", "local", "--yes", "--format", "json")
    assert done.status == 0, done.out
    assert [each["address"] for each in done.json["changes"]] == ["channel.App_Chat"]
    plan = run(team, "plan", "--env", "local", "--format", "json").json
    owned = ["key.legacy", "key.storefront_2026_11", "keyset.storefront", "channel.Web_Chat"]
    assert (plan["changes"], [each["address"] for each in plan["external"]]) == ([], owned)
    drift = run(team, "drift", "--env", "local", "--unmanaged", "--format", "json")
    assert (drift.status, [each["address"] for each in drift.json["external"]]) == (0, owned)
    assert not set(owned) & {each["address"] for each in drift.json["unmanaged"]}
    assert all(each["last_modified_by_another"] is False for each in drift.json["external"])
    status = run(team, "status", "--env", "local", "--format", "json").json["environments"][0]
    assert [each["address"] for each in status["external"]] == owned
    assert team.plan()["changes"] == [], "the owner sees nothing of it"
    for words in (
        ("plan",),
        ("drift",),
        ("import",),
        ("status",),
        ("status", "--format", "markdown"),
        ("plan", "--format", "markdown"),
        ("drift", "--format", "markdown"),
    ):
        shown = run(team, *words, "--env", "local").out
        assert "Owned elsewhere (external" in shown
        assert all(address.replace("_", "") in shown.replace("\\", "").replace("_", "") for address in owned)


def test_the_owner_cannot_delete_what_the_team_uses(team: Person) -> None:
    assert run(team, "apply", "--env", "local", "--yes").status == 0
    text = team.declaration.read_text()
    team.declaration.write_text(text[: text.index("keysets:")] + "removed: {keysets: [storefront]}\n")
    (guard,) = [each for each in team.plan("--target", "keyset.storefront")["blocked"] if each["address"]][:1]
    assert (guard["guard"], guard["address"]) == ("still-referenced", "keyset.storefront")
    assert "channel.App_Chat" in guard["message"]


def test_what_the_org_lacks_is_an_error_of_the_plan_and_of_drift(team: Person) -> None:
    write(team, {**TEAM, "external": {"keysets": ["storefront", "store_front"]}})
    plan = run(team, "plan", "--env", "local", "--format", "json").json
    (blocked,) = plan["blocked"]
    assert (blocked["guard"], blocked["declared_at"]) == ("external-missing", "team/user-verification.yaml:12:5")
    assert "Did you mean storefront?" in blocked["message"]
    assert run(team, "apply", "--env", "local", "--yes").status == 1
    assert run(team, "drift", "--env", "local").status == 1


def test_import_does_not_take_them_over(team: Person) -> None:
    assert run(team, "apply", "--env", "local", "--yes").status == 0
    before = (team.folder / "team/user-verification.yaml").read_text()
    ran = run(team, "import", "--env", "local", "--format", "json")
    assert (ran.status, ran.json["declared"]) == (0, [])
    assert "keyset.storefront" in ran.json["external"]
    assert (team.folder / "team/user-verification.yaml").read_text() == before


def test_import_into_a_file_that_has_external_alone(team: Person) -> None:
    assert run(team, "apply", "--env", "local", "--yes").status == 0
    write(team, {"version": 1, "external": TEAM["external"]})
    ran = run(team, "import", "--env", "local", "--format", "json")
    declared = ["channel.App_Chat", "deployment.App_Api", "deployment.Shop_App"]
    assert (ran.status, ran.json["declared"], ran.json["left_out"]) == (0, declared, [])
    assert run(team, "plan", "--env", "local", "--format", "json").json["changes"] == []


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "rotate", "storefront", "--env", "local"),
        ("keys", "rotate", "storefront", "--env", "local", "--status"),
        ("keys", "rotate", "storefront", "--env", "local", "--revoke", "legacy", "--confirm", "legacy"),
        ("keys", "jwks", "storefront"),
        ("keys", "generate", "mine", "--keyset", "storefront", "--private-key", "mine.key"),
        ("token", "mint", "--env", "local", "--keyset", "storefront", "--key-file", "k.pem", "--sub", "me"),
    ],
)
def test_what_is_only_the_owner_s_is_refused(team: Person, words: tuple[str, ...]) -> None:
    (team.folder / "k.pem").write_text("no key")
    message = refused(run(team, *words, "--format", "json"))
    assert message.startswith("keyset.storefront is external (team/user-verification.yaml:")
    assert not (team.folder / "mine.key").exists()


def mixed(team: Person) -> None:
    """The team's own keyset holds one key of its own and one of the other team."""
    shutil.copytree(team.folder / "config/keys", team.folder / "team/keys")
    write(team, {
        "version": 1,
        "keys": {"mine": {"certificate": "keys/storefront-2026-11.crt", "kid": "mine"}},
        "keysets": {"shared": {"issuer": "https://shared.example.com", "keys": ["mine", "legacy"]}},
        "external": {"keys": ["legacy"]},
    })  # fmt: skip


def test_a_keyset_with_keys_of_two_owners(team: Person) -> None:
    mixed(team)
    assert run(team, "apply", "--env", "local", "--yes").status == 0
    rotate = ("keys", "rotate", "shared", "--env", "local", "--format", "json")
    assert refused(run(team, *rotate)).startswith("keyset.shared holds key.legacy, which is external (team/")
    assert refused(run(team, *rotate, "--revoke", "legacy")).startswith("key.legacy is external (team/")
    assert refused(run(team, "keys", "jwks", "shared", "--format", "json")).startswith("keyset.shared holds key.legacy")
    every = run(team, "keys", "rotate", "--status", "--env", "local", "--format", "json")
    assert (every.status, every.json["keysets"]) == (0, [])
    revoked = run(team, *rotate, "--revoke", "mine", "--confirm", "mine", "--yes")
    assert revoked.status == 0, revoked.out
    assert team.plan()["changes"] == [], "the other team's key is as it was"


def test_export_leaves_them_out_and_says_so(team: Person) -> None:
    ran = run(team, "export", "--env", "local", "--format", "json", "project")
    assert (ran.status, ran.json["components"]) == (0, ["channel.App_Chat"])
    assert ran.json["external"] == ["keyset.storefront", "channel.Web_Chat"]
    assert "keyset.storefront and channel.Web_Chat" in ran.err
    assert not list((team.folder / "project").rglob("*PublicKey*"))


def test_restore_leaves_alone_what_became_external(team: Person) -> None:
    """The apply that created the keyset is taken back after its ownership moved."""
    text = team.declaration.read_text()
    channels = text[text.index("channels:") :]
    team.declaration.write_text(f"version: 1\n{channels}external: {{keysets: [storefront]}}\n")
    words = ("restore", "latest", "--env", "local", "--yes", "--allow-destroy", "--format", "json")
    ran = team.run(*words)
    assert ran.status == 0, ran.out
    assert [each["address"] for each in ran.json["changes"]] == ["channel.Web_Chat"]
    assert "keyset.storefront is not restored: the declaration lists it as external now" in ran.err


def test_a_channel_that_verifies_by_it_cannot_be_proven_here(team: Person, tmp_path: Path) -> None:
    key = team.run("keys", "generate", "spare", "--private-key", "spare.key")
    assert key.status == 0, key.err
    words = ("verify", "--env", "local", "--channel", "App_Chat", "--deployment", "Shop_Web", "--format", "json")
    ran = run(team, *words, "--key-file", "spare.key")
    error = json.loads(ran.out)["error"]
    assert (ran.status, error["code"]) == (1, "external")
    assert error["message"].startswith("app_login of App_Chat verifies by keyset.storefront, which is external")


def test_a_component_that_two_directories_claim(team: Person) -> None:
    assert team.run("validate", "--also", "team", "--format", "json").json["findings"] == []
    write(team, {**TEAM, "external": {}, "removed": {"keysets": ["storefront"]}})
    ran = team.run("validate", "--also", "team", "--format", "json")
    (finding,) = ran.json["findings"]
    assert (ran.status, finding["rule"], finding["address"]) == (1, "component-claimed-twice", "keyset.storefront")
    assert "team/user-verification.yaml:12:5" in finding["message"]
    assert finding["environments"] == ["local"]


def test_a_directory_with_errors_is_not_one_without_claims(team: Person) -> None:
    (team.folder / "team/user-verification.yaml").write_text("version: 1\nkeysets: {storefront: {isuer: x}}\n")
    ran = team.run("validate", "--also", "team", "--format", "json")
    assert ran.status == 1
    assert "team/user-verification.yaml" in {each["file"] for each in ran.json["findings"]}, ran.out


@pytest.mark.parametrize("directory", ["config", "./config/../config"])
def test_a_directory_is_not_compared_with_itself(person: Person, directory: str) -> None:
    ran = person.run("validate", "--also", directory)
    assert ran.status == 64
    assert "names the config directory that is checked" in ran.err


def test_a_directory_without_a_declaration_is_named(person: Person) -> None:
    ran = person.run("validate", "--also", "nowhere")
    assert ran.status == 1
    assert "--also nowhere" in ran.err
    assert "provisioner init" not in ran.err


def test_directories_of_different_orgs_claim_nothing_twice(person: Person) -> None:
    shutil.copytree(person.folder / "config", person.folder / "team")
    (person.folder / "team/environments/local.yaml").write_text("embedded_org: ../../other\n")
    ran = person.run("validate", "--also", "team")
    assert ran.status == 0
    assert "no environment there is known to be an org of this directory" in ran.err


def test_restore_latest_is_of_this_config_directory(team: Person) -> None:
    """Both teams apply from one machine: the latest apply may be the other team's."""
    assert run(team, "apply", "--env", "local", "--yes").status == 0
    latest = ("restore", "latest", "--env", "local", "--yes", "--allow-destroy", "--format", "json")
    done = team.run(*latest)
    assert done.status == 3, "the keyset is still in use by the other team"
    assert "keyset.storefront" in json.dumps(done.json)
    assert [each["address"] for each in run(team, *latest).json["changes"]] == ["channel.App_Chat"]
    shutil.copytree(team.folder / "team", team.folder / "third")
    third = team.run("--config", "third", *latest)
    assert (third.status, third.json["error"]["code"]) == (1, "no-such-entry")
    assert str(team.folder / "team") in third.json["error"]["message"]


def test_a_token_of_an_external_keyset_is_not_called_wrong(team: Person) -> None:
    key = team.run("keys", "generate", "spare", "--private-key", "spare.key")
    assert key.status == 0, key.err
    shutil.copytree(team.folder / "config/keys", team.folder / "team/keys")
    mine = {"mine": {"issuer": "https://mine.example.com", "keys": ["spare"]}}
    certificate = next((team.folder / "team/keys").glob("spare*.crt")).name
    write(team, {**TEAM, "keys": {"spare": {"certificate": f"keys/{certificate}", "kid": "spare"}}, "keysets": mine})
    words = ("--env", "local", "--keyset", "mine", "--key-file", "spare.key", "--sub", "me", "--yes")
    token = run(team, "token", "mint", *words)
    assert token.status == 0, token.err
    (team.folder / "t.jwt").write_text(token.out)
    write(team, TEAM)
    checks = run(team, "token", "explain", "t.jwt", "--env", "local", "--format", "json").json["checks"]
    status = {each["check"]: each["status"] for each in checks}
    assert (status["iss-known"], status["kid-known"]) == ("unknown", "unknown")
    live = run(team, "token", "explain", "t.jwt", "--env", "local", "--live", "--format", "json").json["checks"]
    assert {each["check"]: each["status"] for each in live}["iss-known"] == "failed", "the org knows its keysets"


def test_no_token_is_minted_for_keys_of_the_owner(team: Person) -> None:
    keysets = {"theirs": {"issuer": "https://shared.example.com", "keys": ["legacy"]}}
    write(team, {"version": 1, "keysets": keysets, "external": {"keys": ["legacy"]}})
    key = team.run("keys", "generate", "spare", "--private-key", "spare.key")
    assert key.status == 0, key.err
    words = ("--env", "local", "--keyset", "theirs", "--key-file", "spare.key", "--sub", "me", "--format", "json")
    assert refused(run(team, "token", "mint", *words)).startswith("keyset.theirs holds key.legacy, which is external")
