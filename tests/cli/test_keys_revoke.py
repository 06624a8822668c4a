"""keys rotate --revoke: a leaked key is off at once, what breaks is said first, and nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.errors import UnreachableError
from tests.cli.conftest import Person, Ran
from tests.cli.rotations import LOCAL, Shop, errors, open_shop
from tests.cli.test_diagnose_chat import alter
from tests.cli.test_terminal import at_a_terminal


@pytest.fixture
def shop(person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return open_shop(person, tmp_path / "state")


def revoke(shop: Shop, *words: str, key: str = "old") -> Ran:
    return shop.person.run("keys", "rotate", "shop", *LOCAL, "--format", "json", "--revoke", key, *words)


CONFIRMED = ("--confirm", "old")


def test_the_last_key_is_revoked_at_once_with_a_warning(shop: Shop) -> None:
    assert shop.verifies("old")
    ran = revoke(shop, *CONFIRMED)
    assert (ran.status, ran.json["outcome"]["outcome"]) == (0, "applied"), ran.out
    assert ran.json["outcome"]["changes"] == [{"address": "key.old", "action": "update", "risk": "disruptive"}]
    assert (ran.json["nobody_can_chat_on"], ran.json["access_tokens_live_minutes"]) == (["Web_Chat"], 60)
    assert not shop.verifies("old")
    assert "    jwk: keys/old.jwk.json   # in use\n    active: false\n" in shop.text
    assert shop.person.plan()["changes"] == [], "the next apply does not switch it on again"
    again = revoke(shop, *CONFIRMED)
    assert (again.status, again.json["outcome"]["outcome"], again.json["was_active"]) == (0, "unchanged", False)


def test_an_error_after_the_declaration_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise UnreachableError("The org does not answer.", next="Run the command again.")

    monkeypatch.setattr("provisioner.workflows.send.PlanSender.run", unreachable)
    ran = revoke(shop, *CONFIRMED)
    assert ran.status == 4
    assert "declares keys.old inactive now" in ran.err
    assert "active: false" in shop.text
    monkeypatch.undo()
    monkeypatch.chdir(shop.person.folder)
    assert revoke(shop, *CONFIRMED).status == 0
    assert not shop.verifies("old")


def test_plain_apply_would_not_do_it(shop: Shop) -> None:
    shop.person.edit("   # in use\n", "\n    active: false\n")
    ran = shop.person.apply("--allow-destroy")
    assert (ran.status, ran.json["outcome"]) == (3, "refused")
    assert shop.verifies("old")
    assert revoke(shop, *CONFIRMED).status == 0
    assert not shop.verifies("old")


def test_a_key_with_a_tombstone_is_revoked_too(shop: Shop) -> None:
    """Another environment is further with the rotation: the declaration deletes the key, and this org still uses it."""
    shop.declare_new()
    text = shop.text.replace("  old:\n    jwk: keys/old.jwk.json   # in use\n", "")
    text = text.replace("    keys: [new, old]", "    keys: [new]")
    assert "jwk: keys/old" not in text
    shop.person.declaration.write_text(f"{text}removed:\n  keys: [old]\n")
    ran = revoke(shop, *CONFIRMED)
    assert (ran.status, ran.json["outcome"]["outcome"]) == (0, "applied"), ran.out
    assert ran.json["outcome"]["changes"] == [{"address": "key.old", "action": "update", "risk": "disruptive"}]
    assert not shop.verifies("old")


def test_what_breaks_is_said_before_anything_is_asked(shop: Shop) -> None:
    shop.declare_new()
    shop.person.apply()
    ended, screen = at_a_terminal(
        shop.person, "keys", "rotate", "shop", *LOCAL, "--revoke", "old", "--confirm", "old",
        answers={"Type `yes` to apply": "yes"}, environment={"COLUMNS": "200"},
    )  # fmt: skip
    assert ended == 0, screen
    order = [
        "Revoking old (kid old) in local",
        "Every token with kid old stops verifying on Web_Chat",
        "On Web_Chat, new (kid new) keeps verifying",
        "stay valid for up to 60 minutes",
        "Plan: 0 to create, 1 to update",
        "Type `yes` to apply",
        "Applied and read back",
        "provisioner keys generate",
    ]
    places = [screen.find(each) for each in order]
    assert -1 not in places, screen
    assert places == sorted(places)
    assert shop.verifies("new")


@pytest.mark.parametrize("words", [(), ("--yes",), ("--confirm", "new", "--yes"), ("--confirm", "local", "--yes")])
def test_it_takes_the_key_s_name_once_more(shop: Shop, words: tuple[str, ...]) -> None:
    ran = revoke(shop, *words)
    assert (ran.status, ran.json["exit_status"]) == (3, 3)
    assert ran.json["refused"]["next"].endswith("--env local --revoke old --confirm old")
    assert ran.json["breaks"], "said all the same"
    assert "active: false" not in shop.text
    assert shop.verifies("old")


def test_production_wants_its_name_typed_here_or_there(shop: Shop) -> None:
    file = shop.person.folder / "config/environments/local.yaml"
    file.write_text(file.read_text() + "production: true\n")
    alone = revoke(shop, *CONFIRMED)
    assert alone.status == 3
    pasted = "provisioner keys rotate shop --env local --revoke old --confirm old --confirm local"
    assert alone.json["refused"]["next"] == f"Run it at a terminal, or name the environment as well: {pasted}"
    words = ("keys", "rotate", "shop", *LOCAL, "--revoke", "old", *CONFIRMED)
    ended, _ = at_a_terminal(shop.person, *words, answers={"Type the environment name": "old"}, environment={})
    assert ended == 3
    assert shop.verifies("old")
    assert revoke(shop, *CONFIRMED, "--confirm", "local").status == 0
    assert not shop.verifies("old")


def test_nothing_else_that_differs_goes_along(shop: Shop) -> None:
    shop.declare_new()
    shop.person.edit("   # in use\n", "\n    label: Another\n")
    shop.person.edit("{verified: 60,", "{verified: 90,")
    assert revoke(shop, *CONFIRMED).status == 0
    left = {each["address"]: [field["path"] for field in each["fields"]] for each in shop.person.plan()["changes"]}
    assert set(left) == {"key.old", "key.new", "keyset.shop", "channel.Web_Chat"}
    assert left["key.old"] == ["label"]


def test_the_orgs_own_key_is_deactivated(shop: Shop) -> None:
    import json

    from tests.cli.rotations import jwk

    (shop.person.folder / "config/keys/old.jwk.json").write_text(json.dumps(jwk("new", "new", -1)))
    ran = revoke(shop, *CONFIRMED)
    assert (ran.status, ran.json["kid"]) == (0, "old")
    assert not shop.verifies("old")
    assert not shop.verifies("new")


def test_a_key_that_only_the_org_s_keyset_has(shop: Shop) -> None:
    shop.declare_new()
    shop.person.apply()
    shop.person.edit("keys: [new, old]", "keys: [new]")
    shop.person.edit("  # made when the shop opened\n  old:\n    jwk: keys/old.jwk.json   # in use\n", "")
    ran = revoke(shop, *CONFIRMED)
    assert (ran.status, ran.json["declaration_written"], ran.json["by_hand"]) == (0, None, None)
    assert not shop.verifies("old")
    assert shop.verifies("new")


def test_overrides_that_would_switch_it_on_again_are_said(shop: Shop) -> None:
    file = shop.person.folder / "config/environments/local.yaml"
    file.write_text(file.read_text() + "overrides: {keys: {old: {active: true}}}\n")
    ran = revoke(shop, *CONFIRMED)
    assert ran.status == 0
    assert not shop.verifies("old")
    assert "overrides" in ran.json["by_hand"]


def test_a_declaration_that_cannot_be_edited_does_not_hold_it_up(shop: Shop) -> None:
    written = "  spare: &same {jwk: keys/old.jwk.json}\n  old: *same\n"
    shop.person.edit("  old:\n    jwk: keys/old.jwk.json   # in use\n", written)
    ran = revoke(shop, *CONFIRMED)
    assert (ran.status, ran.json["declaration_written"]) == (0, None), ran.out
    assert "Write `active: false` to keys.old by hand" in ran.json["by_hand"]
    assert written in shop.text
    assert not shop.verifies("old")


def test_a_refusal_is_reported_and_kept_in_the_declaration(shop: Shop) -> None:
    shop.person.breaks("inactive-key-in-use-refused")
    ran = revoke(shop, *CONFIRMED)
    assert (ran.status, ran.json["outcome"]["outcome"]) == (5, "failed")
    assert "Setup > Enhanced Chat User Verification" in ran.json["next"][0]
    assert "active: false" in shop.text
    assert shop.verifies("old")


def test_the_other_guards_stand(shop: Shop) -> None:
    shop.person.breaks("channel-unreadable")
    ran = revoke(shop, *CONFIRMED)
    assert (ran.status, ran.json["outcome"]["outcome"]) == (3, "refused")
    assert "could not be read" in ran.json["refused"]["message"]


def test_keys_that_are_not_there(shop: Shop) -> None:
    assert errors(revoke(shop, "--confirm", "x", "--yes", key="x")) == "unknown-key"
    alter(shop.person, "PublicKeyCertificate", "old", "<isActive>true", "<isActive>false")
    ran = revoke(shop, *CONFIRMED)
    assert ran.json["breaks"] == ["The org has old inactive already: no token is verified by it."]
    assert "active: false" in shop.text


def test_a_key_that_the_org_does_not_have_verifies_nothing(shop: Shop) -> None:
    shop.declare_new()
    assert errors(revoke(shop, "--confirm", "new", "--yes", key="new")) == "not-revocable"


def test_an_endpoint_s_key_is_taken_out_there(shop: Shop) -> None:
    shop.person.edit("keys: [old]", "endpoint: https://id.example.com/jwks.json")
    ran = revoke(shop, *CONFIRMED)
    assert (ran.status, errors(ran)) == (1, "keyset-is-endpoint")
    assert "https://id.example.com/jwks.json" in ran.json["error"]["next"]
