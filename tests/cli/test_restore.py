"""Taking an apply back: planned, guarded, confirmed and read back as every other change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.components.channel import edit_channel, read_channel
from provisioner.components.keyset import edit_keyset, read_keyset
from provisioner.components.xml import new_component, set_text
from provisioner.model.estate import Channel, Configuration, Endpoint, Issuer, Keyset, UploadedKeys
from provisioner.model.types import MetadataType
from provisioner.planning.rollback_estate import restored
from tests.cli.conftest import Person

RESTORE = ("--env", "local", "--yes", "--format", "json")


def export(person: Person) -> Mapping[str, Any]:
    """What a plan shows of the org, against the declaration as it is now."""
    plan = person.plan()
    return {each["address"]: each["fields"] for each in plan["changes"]}


def test_created_components_are_removed_if_allowed(person: Person) -> None:
    before = export(person)
    assert person.apply().status == 0
    refused = person.run("restore", "latest", *RESTORE)
    assert refused.status == 3
    assert any("--allow-destroy" in each["meaning"] for each in refused.json["problems"])
    again = refused.json["next"].removeprefix("To do this, run: provisioner ")
    assert again.endswith(" --env local --allow-destroy")
    done = person.run(*again.split(), "--yes", "--format", "json")
    assert (done.status, done.json["outcome"], done.json["converged"]) == (0, "applied", True)
    assert export(person) == before


def test_an_update_goes_back_and_forth(person: Person) -> None:
    assert person.apply().status == 0
    person.edit("label: Storefront November 2026", "label: Another label")
    assert person.apply().status == 0
    done = person.run("restore", "latest", *RESTORE)
    assert done.status == 0, done.out
    assert [each["address"] for each in done.json["changes"]] == ["key.storefront_2026_11"]
    assert [each["address"] for each in person.plan()["changes"]] == ["key.storefront_2026_11"]
    assert person.run("restore", "latest", *RESTORE).status == 0, "a restore can be taken back, too"
    assert person.plan()["changes"] == []


def test_what_was_deleted_is_made_again_as_it_was(person: Person) -> None:
    assert person.apply().status == 0
    whole = person.declaration.read_text()
    first = person.run("restore", "--format", "json").json["entries"][0]["id"]
    assert person.run("restore", first, *RESTORE, "--allow-destroy").status == 0
    done = person.run("restore", "latest", *RESTORE)
    assert done.status == 0, done.out
    assert person.declaration.read_text() == whole
    assert person.plan()["changes"] == []


def test_without_a_confirmation_nothing_happens(person: Person) -> None:
    assert person.apply().status == 0
    ran = person.run("restore", "latest", "--env", "local", "--allow-destroy")
    assert ran.status == 3
    assert "it did not exist before that apply" in ran.out
    assert "listed under `removed`" not in ran.out
    assert person.plan()["changes"] == []


def test_production_without_a_terminal(person: Person) -> None:
    """The name stands for typing it, as for a revoked key; the name of another environment is a mistake."""
    assert person.apply().status == 0
    path = person.declaration.parent / "environments/local.yaml"
    path.write_text(f"{path.read_text()}production: true\n")
    restore = ("restore", "latest", "--env", "local", "--allow-destroy")
    refused = person.run(*restore, "--yes", "--format", "json")
    assert refused.status == 3
    assert refused.json["next"].endswith("--env local --confirm local")
    wrong = person.run(*restore, "--confirm", "sandbox")
    assert (wrong.status, "--confirm names sandbox" in wrong.err) == (64, True)
    done = person.run(*restore, "--confirm", "local", "--format", "json")
    assert (done.status, done.json["outcome"]) == (0, "applied")


def test_a_broken_declaration_does_not_stand_in_the_way(person: Person) -> None:
    assert person.apply().status == 0
    person.declaration.write_text("version: 1\nkeys: {broken: {}}\n")
    assert person.run("restore", "latest", *RESTORE, "--allow-destroy").status == 0


@pytest.mark.parametrize("words", [("restore", "latest"), ("import",), ("probe", "--yes")])
def test_the_errors_of_an_environment_file_are_listed(person: Person, words: tuple[str, ...]) -> None:
    path = person.folder / "config/environments/local.yaml"
    path.write_text(f"{path.read_text()}nonsense: 1\n")
    ran = person.run(*words, "--env", "local")
    assert ran.status == 1
    assert "config/environments/local.yaml:" in ran.err
    assert "The environment file config/environments/local.yaml has 1 error" in " ".join(ran.err.split())


def test_an_unreadable_declaration_hides_who_owns_what(person: Person) -> None:
    assert person.apply().status == 0
    person.declaration.write_text("keys: [\n")
    ran = person.run("restore", "latest", *RESTORE, "--allow-destroy")
    assert ran.status == 0
    assert any("another team" in note for note in ran.json["notes"])


def test_an_empty_journal_is_no_error(person: Person) -> None:
    ran = person.run("restore")
    assert (ran.status, ran.out.strip()) == (0, "This machine has applied nothing yet.")


names = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}", fullmatch=True)
configurations = st.dictionaries(names, st.tuples(names, st.booleans()), max_size=3)


def _channel(parts: dict[str, tuple[str, bool]], enabled: bool, verified: int, unverified: int) -> Channel:
    entries = {name: Configuration(name, keyset, active) for name, (keyset, active) in parts.items()}
    return Channel("Web", enabled, entries, verified, unverified)


@given(configurations, configurations, st.booleans(), st.booleans(), st.integers(1, 4320), st.integers(1, 4320))
def test_a_channels_own_part_goes_back_whatever_it_was(
    was: dict[str, tuple[str, bool]],
    became: dict[str, tuple[str, bool]],
    enabled: bool,
    after: bool,
    verified: int,
    unverified: int,
) -> None:
    element = new_component(MetadataType.CHANNEL)
    set_text(element, "masterLabel", "not ours")
    before = edit_channel(element, _channel(was, enabled, verified, unverified))
    changed = edit_channel(before, _channel(became, after, 60, 360))
    found = restored({(MetadataType.CHANNEL, "Web"): before})
    assert not found.left_out
    again = read_channel(edit_channel(changed, found.channels["Web"]))
    assert again.ours == read_channel(before).ours
    for part in ("auth_mode", "verified_minutes", "unverified_minutes", "label"):
        assert getattr(again, part) == getattr(read_channel(before), part)


sources = st.one_of(
    st.lists(names, unique=True, max_size=4).map(lambda each: UploadedKeys(tuple(each))),
    names.map(lambda name: Endpoint(f"https://{name}.example.com/jwks")),
)


@given(sources, sources, names, names)
def test_a_keyset_goes_back_whatever_it_was(
    was: UploadedKeys | Endpoint, became: UploadedKeys | Endpoint, issuer: str, other: str
) -> None:
    before = edit_keyset(None, Keyset("shop", Issuer(issuer), was, "Shop"))
    changed = edit_keyset(before, Keyset("shop", Issuer(other), became, "Other", "described"))
    found = restored({(MetadataType.KEYSET, "shop"): before})
    again, first = (read_keyset(each) for each in (edit_keyset(changed, found.keysets["shop"]), before))
    assert (again.issuer, again.type, set(again.keys), again.endpoint, again.label, again.description) == (
        first.issuer, first.type, set(first.keys), first.endpoint, first.label, first.description
    )  # fmt: skip


def test_who_applied_is_kept_and_listed(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"GITLAB_CI": "true", "GITLAB_USER_LOGIN": "grace", "CI_JOB_URL": "https://ci.example.com/7",
                        "PROVISIONER_APPROVER": "ada"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    applied = person.apply().json["by"]
    assert (applied["ci"], applied["actor"], applied["approver"], applied["run"]) == (
        "GitLab", "grace", "ada", "https://ci.example.com/7",
    )  # fmt: skip
    assert person.run("restore", "--format", "json").json["entries"][0]["by"] == applied
    assert "grace" in person.run("restore").out
    assert person.run("plan", "--env", "local", "--out", "plan.json").status == 0
    assert json.loads((person.folder / "plan.json").read_text())["saved_by"] == applied
