"""keys rotate, as a person types it: the whole way, from anywhere on it, what is refused, and the way back.

Whatever a run does, the tokens of whoever signs just then verify before it and after it (``Shop.rotate``).
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Person
from tests.cli.rotations import LOCAL, Shop, ago, codes, errors, jwk, open_shop
from tests.cli.test_terminal import ROOT, at_a_terminal
from tests.salesforce.certificates import make_authority
from tests.salesforce.test_jwks_endpoint import Endpoint, reply


@pytest.fixture
def shop(person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("PROVISIONER_STATE_DIR", str(tmp_path / "state/provisioner"))
    return open_shop(person, tmp_path / "state")


@pytest.fixture
def published(shop: Shop) -> Shop:
    """The new key is in the org beside the old, and not proven."""
    shop.declare_new()
    assert shop.step()[0] == "prove"
    return shop


@pytest.fixture
def switched(published: Shop) -> Shop:
    """The new key is proven, signs, and did so for long."""
    assert published.step("--key-file", str(published.key("new")))[0] == "switch"
    published.signs = ("new", "new")
    published.hours_pass()
    return published


# The whole way


def test_from_old_to_new_without_an_outage(shop: Shop) -> None:
    rest = shop.rotate()
    assert (rest.status, rest.json["step"], rest.json["old"]) == (0, "generate", "old")
    assert any("provisioner keys generate shop_" in step and "--keyset shop" in step for step in rest.json["next"])
    shop.declare_new()
    publishing = shop.rotate()
    assert (publishing.status, publishing.json["step"]) == (0, "prove")
    assert [each["outcome"] for each in publishing.json["outcomes"]] == ["applied"]
    assert {each["address"] for each in publishing.json["outcomes"][0]["changes"]} == {"key.new", "keyset.shop"}
    assert shop.verifies("new"), "published: it could be used from now on"

    proving = shop.rotate("--key-file", str(shop.key("new")))
    assert (proving.status, proving.json["step"], proving.json["outcomes"]) == (0, "switch", [])
    assert [(each["channel"], each["verified"]) for each in proving.json["proofs"]] == [("Web_Chat", True)]
    assert any("sign with the private key of new" in step for step in proving.json["next"])

    shop.signs = ("new", "new")
    early = shop.rotate("--retire", "--token", str(shop.token("new")))
    assert (early.status, codes(early)) == (3, {"too-early"})
    shop.hours_pass()
    off = shop.rotate("--retire", "--token", str(shop.token("new")))
    assert (off.status, off.json["step"], off.json["outcomes"][0]["outcome"]) == (0, "delete", "applied"), off.out
    assert "    jwk: keys/old.jwk.json   # in use\n    active: false\n" in shop.text
    assert not shop.verifies("old")

    gone = shop.rotate("--retire", "--token", str(shop.token("new")))
    assert (gone.status, gone.json["step"], gone.json["old"]) == (0, "generate", "new"), gone.out
    assert "# What our shop signs with." in shop.text
    assert "    keys: [new]\n" in shop.text
    assert "removed:\n  keys: [old]\n" in shop.text
    assert [each["name"] for each in gone.json["keys"]] == ["new"]
    assert shop.person.plan()["changes"] == []
    assert shop.person.run("validate", *LOCAL).status == 0


def test_a_third_key_is_no_leftover_of_a_rotation(shop: Shop) -> None:
    """When the named old key is gone, another active one is not the next to go, however often the command runs."""
    shop.declare_new("partner", begins_in=-2)
    shop.declare_new("new")
    shop.person.apply()
    shop.signs = ("new", "new")
    which = ("--new", "new", "--old", "old")
    retire = (*which, "--retire", "--token", str(shop.token("new")), "--switched-at", ago(2))
    assert shop.rotate(*retire).json["step"] == "delete"
    gone = shop.rotate(*retire)
    assert (gone.status, gone.json["step"]) == (0, "generate"), gone.out
    assert "Also active: partner" in gone.json["title"]
    assert any("--old partner" in step for step in gone.json["next"])
    assert shop.rotate(*retire).status == 3
    assert shop.verifies("partner")


def test_a_proof_without_a_known_deployment_says_how_to_name_one(shop: Shop) -> None:
    (shop.person.folder / "config/environments/local.yaml").write_text(f"embedded_org: {shop.person.org}\n")
    shop.declare_new()
    shop.person.apply()
    token = ("--token", str(shop.token("new")))
    named = ("--channel", "Web_Chat", "--deployment", "Shop_Web")
    unproven = shop.rotate("--retire", *token)
    assert (unproven.status, codes(unproven)) == (3, {"unproven"})
    assert "name a deployment of Web_Chat" in unproven.json["refused"][0]["next"]
    assert any("--channel Web_Chat --deployment DEPLOYMENT --key-file" in step for step in unproven.json["next"])
    proven = shop.rotate(*token, *named)
    assert proven.json["step"] == "switch"
    assert any("--retire --channel Web_Chat --deployment Shop_Web --token" in step for step in proven.json["next"])


def test_each_step_can_be_gone_on_with_from_another_machine(shop: Shop) -> None:
    """Nothing is remembered between any two runs: only what the person says replaces that."""
    said = ("--switched-at", ago(2))
    shop.declare_new()
    assert shop.step() == ("prove", "new", "old")
    shop.forget()
    assert shop.step("--token", str(shop.token("new")))[0] == "switch"
    shop.forget()
    assert shop.step()[0] == "prove"
    shop.signs = ("new", "new")
    retire = ("--retire", "--token", str(shop.token("new")))
    assert codes(shop.rotate(*retire)) == {"too-early"}
    shop.forget()
    assert shop.rotate(*retire, *said).status == 0
    shop.forget()
    assert shop.step() == ("delete", "new", "old")
    assert shop.rotate(*retire).status == 0
    assert shop.step() == ("generate", None, "new")


def test_in_a_process_of_its_own(published: Shop) -> None:
    words = ["keys", "rotate", "shop", *LOCAL, "--no-color", "--token", str(published.token("new"))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "provisioner", *words], cwd=published.person.folder, env=environment,
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("keyset.shop in local: switch the signer\n")
    assert "eyJ" not in done.stdout + done.stderr
    assert published.rotate().json["step"] == "switch"


def test_a_step_that_was_written_and_not_applied_is_gone_on_with(switched: Shop) -> None:
    retire = ("--retire", "--token", str(switched.token("new")))
    for written, step in (("active: false", "deactivate"), ("removed:", "delete")):
        switched.person.breaks("deploy-error")
        failed = switched.rotate(*retire)
        assert (failed.status, failed.json["outcomes"][0]["outcome"]) == (5, "failed")
        assert written in switched.text
        switched.person.mends()
        assert switched.step() == (step, "new", "old")
        assert switched.rotate(*retire).status == 0
    assert switched.step() == ("generate", None, "new")


def test_an_org_that_publishes_in_phases(shop: Shop) -> None:
    shop.person.breaks("key-same-package")
    shop.declare_new()
    assert shop.step()[0] == "prove"
    assert shop.verifies("new")


def test_an_org_that_does_not_switch_off_a_key_in_use_says_so(switched: Shop) -> None:
    switched.person.breaks("inactive-key-in-use-refused")
    ran = switched.rotate("--retire", "--token", str(switched.token("new")))
    assert (ran.status, ran.json["outcomes"][0]["outcome"]) == (5, "failed")
    assert switched.verifies("old")


# What is refused


def test_an_unproven_key_takes_nobody_s_place(published: Shop) -> None:
    for words in ((), ("--switched-at", ago(9))):
        ran = published.rotate("--retire", *words)
        assert (ran.status, codes(ran), ran.json["outcomes"]) == (3, {"unproven"}, [])
    other = published.rotate("--retire", "--key-file", str(published.key("old")))
    assert (other.status, errors(other)) == (1, "private-key-mismatch")
    assert "active: false" not in published.text


def test_what_is_remembered_is_no_proof(switched: Shop) -> None:
    ran = switched.rotate("--retire")
    assert (ran.status, codes(ran)) == (3, {"not-proven-now"})


def test_a_signer_that_still_uses_the_old_key(switched: Shop) -> None:
    switched.signs = ("old", "old")
    ran = switched.rotate("--retire", "--token", str(switched.token("old")))
    assert (ran.status, ran.json["step"]) == (3, "switch")
    assert codes(ran) == {"signer-uses-old", "not-proven-now", "too-early"}
    assert ran.json["proofs"] == [], "a token of the old key proves nothing"
    switched.signs = ("new", "new")
    retire = ("--retire", "--token", str(switched.token("new")))
    assert codes(switched.rotate(*retire)) == {"too-early"}, "the old key was seen just now"
    switched.hours_pass()
    assert switched.rotate(*retire).status == 0


def test_a_customers_token_is_read_and_never_sent(switched: Shop) -> None:
    file = switched.token("old", sub="ada@example.com")
    ran = switched.person.run("keys", "rotate", "shop", *LOCAL, "--format", "json", "--retire", "--token", str(file))
    assert "signer-uses-old" in codes(ran)
    customer = switched.token("new", sub="ada@example.com")
    ran = switched.rotate("--retire", "--token", str(customer))
    assert (ran.status, errors(ran)) == (3, "not-a-probe")


def test_an_expired_token_tells_nothing_of_now(switched: Shop) -> None:
    expired = switched.token("old", exp=1_700_000_000)
    ran = switched.rotate("--retire", "--token", str(expired))
    assert codes(ran) == {"not-proven-now"}
    assert any("expired" in note for note in ran.json["notes"])


def test_a_token_of_a_third_key(switched: Shop) -> None:
    ran = switched.rotate("--retire", "--token", str(switched.token("new", "third")))
    assert codes(ran) == {"signer-uses-another", "not-proven-now"}


def test_the_longest_life_that_is_known_is_waited_for(switched: Shop) -> None:
    import time

    retire = ("--retire", "--token", str(switched.token("new")))
    assert codes(switched.rotate(*retire, "--token-life", "180")) == {"too-early"}
    now = int(time.time())
    long = switched.token("new", iat=now, exp=now + 6 * 3600)
    assert codes(switched.rotate("--retire", "--token", str(long))) == {"too-early"}
    assert codes(switched.rotate(*retire, "--switched-at", ago(2))) == {"too-early"}, (
        "it was seen to live for six hours"
    )
    assert switched.rotate("--retire", "--token", str(switched.token("new")), "--switched-at", ago(7)).status == 0


def test_there_is_nothing_to_retire_before_there_is_a_second_key(shop: Shop) -> None:
    assert codes(shop.rotate("--retire")) == {"nothing-to-retire"}
    shop.declare_new()
    ran = shop.rotate("--retire")
    assert (ran.status, codes(ran), ran.json["outcomes"]) == (3, {"nothing-to-retire"}, [])
    assert not shop.verifies("new")


def test_a_proof_that_fails_is_the_end_of_it(published: Shop) -> None:
    from tests.cli.test_diagnose_chat import alter

    alter(published.person, "PublicKeyCertificateSet", "shop", "https://id.example.com<", "https://id.example.com/<")
    ran = published.person.run(
        "keys", "rotate", "shop", *LOCAL, "--yes", "--format", "json", "--retire", "--key-file",
        str(published.key("new")),
    )  # fmt: skip
    assert (ran.status, ran.json["step"], ran.json["proofs"][0]["verified"]) == (1, "prove", False)
    human = published.person.run("keys", "rotate", "shop", *LOCAL, "--key-file", str(published.key("new")))
    assert human.status == 1
    assert "Not verified:" in human.out


def test_every_channel_with_a_deployment_must_prove_it(published: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    published.person.edit(
        "channels:\n",
        "channels:\n  App_Chat:\n    user_verification: {enabled: true, configurations: {app: {keyset: shop}}}\n",
    )
    assert published.person.apply().status == 0
    file = published.person.folder / "config/environments/local.yaml"
    file.write_text(file.read_text() + "  App_Chat: {deployment: Shop_App}\n")
    text = published.token("new").read_text()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    ran = published.rotate("--token", "-")
    assert (ran.status, ran.json["step"]) == (0, "switch"), ran.out
    assert [each["subject"] for each in ran.json["proofs"]] == [
        f"v2/iamessage/AUTH/{name}/uid:uv-probe-by-hand" for name in ("app", "storefront_login")
    ]
    published.forget()
    file.write_text(file.read_text().replace("Shop_App", "No_Such"))
    failed = published.rotate("--token", str(published.token("new")))
    assert (failed.status, failed.json["step"]) == (1, "prove")
    assert [each["verified"] for each in failed.json["proofs"]] == [False, True]


def test_without_a_deployment_it_is_asked_for(published: Shop) -> None:
    file = published.person.folder / "config/environments/local.yaml"
    file.write_text(f"embedded_org: {published.person.org}\n")
    key = ("--key-file", str(published.key("new")))
    ran = published.person.run("keys", "rotate", "shop", *LOCAL, "--format", "json", *key)
    assert (ran.json["step"], ran.json["proofs"]) == ("prove", [])
    assert any("--channel Web_Chat --deployment DEPLOYMENT" in step for step in ran.json["next"])
    assert published.rotate(*key, "--deployment", "Shop_Api").json["proofs"][0]["endpoint"] == "v2"


def test_the_old_private_key_does_not_prove_the_new_key(published: Shop) -> None:
    file = published.person.folder / "config/environments/local.yaml"
    target = f"{{deployment: Shop_Web, key_file: '${{file:{published.key('old')}}}'}}"
    file.write_text(f"embedded_org: {published.person.org}\nverify:\n  Web_Chat: {target}\n")
    ran = published.rotate()
    assert (ran.status, ran.json["step"], ran.json["proofs"]) == (0, "prove", [])
    file.write_text(file.read_text().replace(str(published.key("old")), str(published.key("new"))))
    assert published.rotate().json["step"] == "switch"


def test_an_error_after_a_step_says_what_was_applied(shop: Shop) -> None:
    shop.declare_new()
    ran = shop.rotate("--key-file", str(shop.key("third")))
    assert (ran.status, errors(ran)) == (1, "private-key-mismatch")
    assert "Applied before this error: key.new and keyset.shop." in ran.err


def test_a_key_is_never_exchanged_under_its_name(shop: Shop) -> None:
    (shop.person.folder / "config/keys/old.jwk.json").write_text(json.dumps(jwk("new", "new", -1)))
    ran = shop.rotate()
    assert (ran.status, ran.json["step"], codes(ran)) == (3, "blocked", {"replaced-in-place"})


def test_an_org_that_was_never_provisioned_or_cannot_be_read(shop: Shop) -> None:
    shop.person.edit("channels:", "  other: {issuer: https://x.example.com, keys: [old]}\nchannels:")
    ran = shop.rotate(keyset="other")
    assert (ran.status, codes(ran)) == (3, {"not-in-org"})
    shop.person.breaks("channel-unreadable")
    ran = shop.person.run("keys", "rotate", "shop", *LOCAL, "--format", "json")
    assert (ran.status, codes(ran)) == (3, {"unreadable"})
    assert "Configure Messaging" in ran.json["refused"][0]["message"]


def test_only_the_rotation_s_own_changes_are_made(switched: Shop) -> None:
    retire = ("--retire", "--token", str(switched.token("new")))
    switched.person.edit("{verified: 60,", "{verified: 90,")
    assert switched.rotate(*retire).status == 0
    switched.person.edit(
        "    issuer: https://id.example.com", "    label: Our shop\n    issuer: https://id.example.com"
    )
    ran = switched.rotate(*retire)
    assert (ran.status, errors(ran)) == (3, "more-than-rotation")
    assert "removed:" not in switched.text
    assert {each["address"] for each in switched.person.plan()["changes"]} == {"keyset.shop", "channel.Web_Chat"}


def test_a_key_of_two_keysets_is_not_deactivated(switched: Shop) -> None:
    switched.person.edit("channels:", "  other: {issuer: https://x.example.com, keys: [old]}\nchannels:")
    assert switched.person.apply().status == 0
    retire = ("--retire", "--token", str(switched.token("new")))
    assert codes(switched.rotate(*retire)) == {"shared"}
    switched.person.edit("https://x.example.com, keys: [old]", "https://x.example.com, keys: [old, new]")
    assert switched.person.apply().status == 0
    assert switched.rotate(*retire).status == 0
    assert switched.rotate(*retire).status == 0
    assert switched.step() == ("generate", None, "new")


def test_three_keys_need_the_person_s_word(published: Shop) -> None:
    published.declare_new("third", begins_in=-40)
    ran = published.rotate()
    assert (ran.status, codes(ran)) == (3, {"which-is-old"})
    assert [each["outcome"] for each in ran.json["outcomes"]] == ["applied"], "published all the same"
    assert published.step("--old", "old") == ("prove", "new", "old")
    assert published.step("--new", "third", "--old", "old") == ("prove", "third", "old")
    told = published.rotate("--old", "old").json
    assert all("--old old" in step for step in told["next"] if "provisioner keys rotate" in step)


# Other environments, overrides, questions


def test_an_edit_for_several_environments_needs_consent(switched: Shop) -> None:
    other = switched.person.folder / "config/environments/sandbox.yaml"
    other.write_text("login_url: https://acme--uat.sandbox.my.salesforce.com\n")
    retire = ("--retire", "--token", str(switched.token("new")))
    ran = switched.rotate(*retire)
    assert (ran.status, errors(ran)) == (3, "shared-declaration")
    assert "active: false" not in switched.text
    other.write_text(other.read_text() + "overrides: {keys: {old: {active: true}}}\n")
    assert switched.rotate(*retire).status == 0, "there it stays as it is"
    assert "active: false" in switched.text
    other.write_text("login_url: https://acme--uat.sandbox.my.salesforce.com\n")
    assert errors(switched.rotate(*retire)) == "shared-declaration"
    assert switched.rotate(*retire, "--shared").status == 0


def test_overrides_that_keep_a_key_are_said(switched: Shop) -> None:
    file = switched.person.folder / "config/environments/local.yaml"
    file.write_text(file.read_text() + "overrides: {keys: {old: {active: true}}}\n")
    ran = switched.rotate("--retire", "--token", str(switched.token("new")))
    assert (ran.status, errors(ran)) == (1, "overridden")
    assert "active: false" not in switched.text


def test_what_would_make_the_declaration_wrong_is_not_written(switched: Shop) -> None:
    retire = ("--retire", "--token", str(switched.token("new")))
    assert switched.rotate(*retire).status == 0
    before = switched.text
    file = switched.person.folder / "config/environments/local.yaml"
    file.write_text(file.read_text() + "overrides: {keys: {old: {description: gone}}}\n")
    ran = switched.rotate(*retire)
    assert ran.status == 1
    assert "would make the declaration invalid" in ran.json["error"]["message"]
    assert switched.text == before


def test_nothing_happens_unasked(switched: Shop) -> None:
    ran = switched.person.run(
        "keys", "rotate", "shop", *LOCAL, "--format", "json", "--retire", "--token", str(switched.token("new"))
    )
    assert (ran.status, ran.json["outcomes"][0]["outcome"]) == (3, "refused")
    assert "active: false" not in switched.text
    assert switched.verifies("old")


def test_production_is_asked_for_by_its_name(shop: Shop) -> None:
    file = shop.person.folder / "config/environments/local.yaml"
    file.write_text(file.read_text() + "production: true\n")
    shop.declare_new()
    alone = shop.rotate()
    assert (alone.status, alone.json["step"]) == (3, "publish")
    words = ("keys", "rotate", "shop", *LOCAL, "--yes")
    question = "Type the environment name"
    ended, screen = at_a_terminal(shop.person, *words, answers={question: "yes"}, environment={})
    assert ended == 3, screen
    ended, screen = at_a_terminal(shop.person, *words, answers={question: "local"}, environment={})
    assert ended == 0, screen
    assert "prove the new key" in screen
    assert shop.verifies("new")


# The way back


def test_back_from_each_step(switched: Shop) -> None:
    switched.signs = ("old", "old")
    assert switched.rotate().status == 0, "the signer alone goes back"
    switched.signs = ("new", "new")
    retire = ("--retire", "--token", str(switched.token("new")))
    off = switched.rotate(*retire)
    assert "remove `active: false` from keys.old" in off.json["back"]
    switched.person.edit("    active: false\n", "")
    assert switched.person.apply().status == 0
    assert switched.verifies("old")
    assert switched.step() == ("deactivate", "new", "old"), "as before it was switched off"
    switched.signs = ("old", "old")
    switched.person.edit("    jwk: keys/new.jwk.json\n", "    jwk: keys/new.jwk.json\n    active: false\n")
    assert switched.person.apply().status == 0, "the new one is taken back"
    assert not switched.verifies("new")
    assert switched.step() == ("generate", None, "old")


def test_a_key_that_was_taken_back_must_be_proven_anew(switched: Shop) -> None:
    switched.signs = ("old", "old")
    switched.person.edit("    jwk: keys/new.jwk.json\n", "    jwk: keys/new.jwk.json\n    active: false\n")
    assert switched.person.apply().status == 0
    switched.rotate("--token", str(switched.token("old")))
    switched.person.edit("    active: false\n", "")
    assert switched.step() == ("prove", "new", "old")


def test_a_retired_key_comes_back_from_history(switched: Shop) -> None:
    retire = ("--retire", "--token", str(switched.token("new")))
    assert switched.rotate(*retire).status == 0
    off = switched.text
    assert switched.rotate(*retire).status == 0
    switched.person.declaration.write_text(off.replace("    active: false\n", ""))
    ran = switched.rotate()
    assert (ran.status, [each["outcome"] for each in ran.json["outcomes"]]) == (0, ["applied"])
    assert ran.json["step"] == "deactivate"
    assert switched.verifies("old")


# Where it stands


def test_status_shows_every_keyset_and_changes_nothing(published: Shop) -> None:
    published.person.edit("channels:", "  other: {issuer: https://x.example.com, keys: [old]}\nchannels:")
    ran = published.person.run("keys", "rotate", "--status", *LOCAL, "--format", "json")
    assert ran.status == 0
    assert [(each["keyset"], each["step"]) for each in ran.json["keysets"]] == [("shop", "prove"), ("other", "blocked")]
    assert set(ran.json) == {"format_version", "environment", "keysets"}
    one = published.person.run("keys", "rotate", "shop", "--status", *LOCAL)
    assert one.out.startswith("Rotations in local\n")
    assert "not proven" in one.out
    assert published.person.plan()["changes"][0]["address"] == "keyset.other"


def test_a_record_that_is_broken_or_cannot_be_kept_stops_nobody(published: Shop) -> None:
    token = ("--token", str(published.token("new")))
    assert published.step(*token)[0] == "switch"
    (file,) = (published.state / "provisioner/rotations").iterdir()
    for content in ("", "{}", "[]", '{"format_version": "1", "proofs": {"new": 1}, "seen": {}}'):
        file.write_text(content)
        assert published.step()[0] == "prove"
        assert published.step(*token)[0] == "switch"
    file.unlink()
    file.mkdir()
    ran = published.rotate(*token)
    assert (ran.status, ran.json["step"]) == (0, "switch")
    assert any("could not be recorded" in note for note in ran.json["notes"])


# An endpoint's keyset


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    authority = make_authority(tmp_path, "endpoint")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))
    serving = Endpoint(authority.server_chain)
    yield serving
    serving.stop()


def serves(endpoint: Endpoint, *keys: dict[str, object]) -> None:
    body = json.dumps({"keys": keys}).encode()
    endpoint.answer = lambda request: reply(request, body, Content_Type="application/json")


def test_an_endpoint_s_keys_are_rotated_where_they_are_served(shop: Shop, endpoint: Endpoint) -> None:
    old, new = jwk("old", "old", -90), jwk("new", "new", -1)
    shop.options = ("--allow-private",)
    serves(endpoint, old)
    shop.person.edit("keys: [old]", f"endpoint: {endpoint.url}")
    assert shop.person.apply("--allow-destroy").status == 0
    assert shop.step() == ("generate", None, "old")
    waiting = shop.rotate("--new", "new")
    assert (waiting.json["step"], waiting.json["outcomes"]) == ("publish", [])
    look = f"provisioner diagnose endpoint {endpoint.url} --kid new --allow-private"
    assert any(look in step for step in waiting.json["next"])
    assert all(" --allow-private" in step for step in waiting.json["next"] if "provisioner keys rotate" in step)
    serves(endpoint, old, new)
    assert shop.step() == ("prove", "new", "old")
    assert shop.step("--key-file", str(shop.key("new"))) == ("switch", "new", "old")
    shop.signs = ("new", "new")
    retire = ("--retire", "--token", str(shop.token("new")))
    assert codes(shop.rotate(*retire)) == {"too-early"}
    shop.hours_pass()
    before = shop.text
    ran = shop.rotate(*retire)
    assert (ran.status, ran.json["step"], ran.json["outcomes"]) == (0, "deactivate", [])
    assert any("Remove its JWK from" in step for step in ran.json["next"])
    assert shop.text == before
    serves(endpoint, new)
    assert shop.step() == ("generate", None, "new")


def test_an_endpoint_that_serves_nothing_is_no_ground_to_step_on(shop: Shop, endpoint: Endpoint) -> None:
    shop.person.edit("keys: [old]", f"endpoint: {endpoint.url}")
    endpoint.answer = lambda request: reply(request, b"no", 503)
    assert shop.person.apply("--allow-destroy").status == 0
    ran = shop.person.run("keys", "rotate", "shop", *LOCAL, "--format", "json", "--allow-private")
    assert (ran.status, codes(ran)) == (3, {"unreadable"})
    assert "HTTP 503" in ran.json["refused"][0]["message"]


# Typed wrongly


@pytest.mark.parametrize(
    "words",
    [
        ("shop", "--status", "--yes"),
        ("shop", "--key-file", "a", "--token", "b"),
        ("shop", "--switched-at", "yesterday"),
        ("shop", "--token-life", "0"),
        ("shop", "--token", "eyJhbGciOiJub25lIn0.e30."),
    ],
)
def test_wrong_usage(person: Person, words: tuple[str, ...]) -> None:
    ran = person.run("keys", "rotate", *words, *LOCAL, "--format", "json")
    assert (ran.status, errors(ran)) == (64, "usage"), ran.out
    assert ran.json["error"]["next"]
