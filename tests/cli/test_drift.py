"""Drift, as a person types it: what the org has otherwise than declared, who changed it last, and not one write."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from provisioner.localorg.layout import Layout
from provisioner.localorg.records import Component, MetadataType
from provisioner.localorg.store import Store
from tests.cli.conftest import Person, Ran

READS = {"describeMetadata", "listMetadata", "readMetadata", "retrieve", "checkRetrieveStatus"}
#: A request without a body is one line; the next line is another record.
REQUEST = re.compile(
    r"^D provisioner\.wire: \d+ > (GET|POST|PUT|PATCH|DELETE) https://[^/]+(/\S*)(?:\n(?!D provisioner)(.*))?", re.M
)


def drift(person: Person, *words: str) -> tuple[int, Any]:
    ran = person.run("drift", "--env", "local", "--format", "json", *words)
    return ran.status, ran.json


def behind_the_back(person: Person, old: str, new: str) -> None:
    """Somebody applies another declaration; ours is then as it was."""
    before = person.declaration.read_text()
    person.edit(old, new)
    assert person.apply("--allow-destroy").status == 0
    person.declaration.write_text(before)


def held(person: Person) -> dict[tuple[MetadataType, str], Component]:
    """What the org holds, without asking it."""
    store = Store(Layout.of(person.org).database)
    try:
        return store.components()
    finally:
        store.close()


def hold(person: Person, component: Component) -> None:
    store = Store(Layout.of(person.org).database)
    try:
        store.put_components([component])
    finally:
        store.close()


def test_an_org_as_declared_has_none(person: Person) -> None:
    person.apply()
    status, document = drift(person)
    assert (status, document["drift"], document["errors"], document["unreadable"]) == (0, [], [], [])
    assert document["summary"] == {"missing": 0, "differs": 0, "left_over": 0, "as_declared": 4, "unmanaged": 4}
    human = person.run("drift", "--env", "local")
    assert human.status == 0
    assert human.out.rstrip().splitlines()[-1] == "No drift."


def test_changes_are_shown_by_field_with_user_and_time(person: Person) -> None:
    person.apply()
    behind_the_back(person, "verified: 60", "verified: 90")
    status, document = drift(person)
    assert status == 2
    (drifted,) = document["drift"]
    assert (drifted["address"], drifted["difference"]) == ("channel.Web_Chat", "differs")
    (field,) = drifted["fields"]
    assert (field["path"], field["org"], field["declared"]) == ("token_expiration_minutes.verified", 90, 60)
    _, line, _ = field["declared_at"].rsplit(":", 2)
    assert "verified: 60" in person.declaration.read_text().splitlines()[int(line) - 1]
    assert drifted["last_modified_by"]
    assert drifted["last_modified_date"].startswith("20")
    human = person.run("drift", "--env", "local").out
    assert f"last changed by {drifted['last_modified_by']}, " in human
    assert "Which side changed is unknown" in " ".join(human.split())


def test_an_org_that_does_not_say_who_is_not_spoken_for(person: Person) -> None:
    person.apply()
    behind_the_back(person, "verified: 60", "verified: 90")
    channel = held(person)[MetadataType.CHANNEL, "Web_Chat"]
    hold(person, replace(channel, modified_by="005000000000000AAA"))
    _, document = drift(person)
    assert document["drift"][0]["last_modified_by"] is None
    human = " ".join(person.run("drift", "--env", "local").out.split())
    assert "last changed by an unknown user (not this login), " in human


def test_before_the_first_apply_everything_is_missing_or_differs(person: Person) -> None:
    status, document = drift(person)
    assert status == 2
    assert Counter(each["difference"] for each in document["drift"]) == {"missing": 3, "differs": 1}
    (missing, *_) = document["drift"]
    assert (missing["last_modified_by"], missing["last_modified_date"]) == (None, None)
    assert "last changed: not known" in person.run("drift", "--env", "local").out


def test_a_tombstone_that_the_org_still_has_is_left_over(person: Person) -> None:
    person.apply()
    text = person.declaration.read_text()
    start, end = text.index("  legacy:"), text.index("keysets:")
    person.declaration.write_text(
        text[:start]
        + text[end:].replace("[storefront_2026_11, legacy]", "[storefront_2026_11]")
        + "removed:\n  keys: [legacy]\n"
    )
    status, document = drift(person)
    assert status == 2
    assert {each["address"]: each["difference"] for each in document["drift"]} == {
        "keyset.storefront": "differs",
        "key.legacy": "left-over",
    }
    assert "left over: it is listed under `removed`" in person.run("drift", "--env", "local").out


def test_what_nobody_declared_is_no_drift_and_shown_on_demand(person: Person) -> None:
    person.apply()
    assert drift(person)[1]["unmanaged"] is None
    status, document = drift(person, "--unmanaged")
    assert status == 0
    last = {"last_modified_by", "last_modified_date", "last_modified_by_another"}
    assert {"address", "type", "full_name", *last} == set(document["unmanaged"][0])
    assert "channel.App_Chat" in [each["address"] for each in document["unmanaged"]]
    assert "channel.App_Chat" not in person.run("drift", "--env", "local").out
    assert "channel.App_Chat" in person.run("drift", "--env", "local", "--unmanaged").out


@pytest.mark.parametrize("fault", ["type-missing", "channel-unreadable", "type-missing=PublicKeyCertificateSet"])
def test_what_could_not_be_read_may_have_drifted_and_is_said(person: Person, fault: str) -> None:
    person.apply()
    person.breaks(fault)
    status, document = drift(person)
    assert (status, document["drift"]) == (2, [])
    assert document["unreadable"]
    assert all(each["permission"] for each in document["unreadable"])
    human = person.run("drift", "--env", "local").out
    assert "whether it drifted is not known" in human
    assert "No drift." not in human.splitlines()[-1]


def test_what_does_not_go_together_with_the_org_is_an_error(person: Person) -> None:
    person.apply()
    person.edit("  Web_Chat:", "  Web_Chta:")
    status, document = drift(person)
    assert status == 1
    (error,) = document["errors"]
    assert "Did you mean Web_Chat?" in error["message"]


def test_an_invalid_declaration_asks_no_org(person: Person) -> None:
    person.edit("keys: [storefront_2026_11, legacy]", "keys: [storefront_2026_11, nobody]")
    ran = person.run("drift", "--env", "local", "--format", "json")
    assert (ran.status, ran.json["error"]["code"]) == (1, "invalid-declaration")
    assert "Reading" not in ran.err


@pytest.mark.parametrize("fault", ["elements-reordered", "jwk-reserialised-otherwise", "jwk-verbatim"])
def test_other_words_for_the_same_are_no_drift(person: Person, fault: str) -> None:
    person.breaks(fault)
    person.apply()
    assert drift(person)[0] == 0


@pytest.mark.parametrize("fault", [None, "channel-unreadable", "session-ends=3", "server-error=1"])
def test_nothing_is_ever_written(person: Person, fault: str | None) -> None:
    person.apply()
    behind_the_back(person, "verified: 60", "verified: 90")
    if fault is not None:
        person.breaks(fault)
    before = held(person)
    ran = person.run("drift", "--env", "local", "--unmanaged", "-vv")
    assert ran.status == 2
    calls = calls_of(ran)
    assert calls["login"] >= 1
    assert calls["listMetadata"] >= 1
    assert set(calls) <= READS | {"GET", "login"}, calls
    assert held(person) == before


def test_a_write_would_be_seen(person: Person) -> None:
    assert calls_of(person.run("apply", "--env", "local", "--yes", "-vv"))["deploy"] == 1


def calls_of(ran: Ran) -> Counter[str]:
    """What a run asked of the org, by its wire log."""
    return Counter(map(_what, REQUEST.findall(_joined(ran))))


def _joined(ran: Ran) -> str:
    """The wire log with each body on the line after its request."""
    return re.sub(r"\?>\n", "?>", ran.err)


def _what(request: tuple[str, str, str]) -> str:
    """What a request does: ``GET``, ``login``, or the name of the SOAP call."""
    method, path, body = request
    if method == "GET":
        return method
    if path == "/services/oauth2/token":
        return "login"
    assert (method, path.split("/")[2]) == ("POST", "Soap"), request
    envelope = etree.fromstring(body.encode())
    (call,) = envelope[-1]
    return str(etree.QName(call).localname)


def test_an_issue_is_written_by_one_command(person: Person) -> None:
    person.apply()
    channel = held(person)[MetadataType.KEYSET, "storefront"]
    label = "|`</details>` @everyone [click](https://evil.example) #1"
    escaped = label.replace("<", "&lt;").replace(">", "&gt;")
    assert "Storefront<" in channel.xml
    hold(person, replace(channel, xml=channel.xml.replace("Storefront<", f"{escaped}<")))
    ran = person.run("drift", "--env", "local", "--format", "markdown")
    assert ran.status == 2
    assert "### Drift of `local`" in ran.out
    (row,) = [line for line in ran.out.splitlines() if line.startswith("| `label`")]
    assert row.replace("\\|", "").count("|") == 5, "a bar in a value ends no cell"
    assert f'``"{label.replace("|", chr(92) + "|")}"``' in row, "all of it stands in a code span"


def test_additional_parts_of_declared_components_are_shown(person: Person) -> None:
    person.apply()
    login = "storefront_login: {keyset: storefront, active: true}"
    behind_the_back(person, login, f"{login}\n        other_login: {{keyset: storefront, active: false}}")
    _, document = drift(person)
    (channel,) = document["drift"]
    assert {field["path"]: (field["org"], field["declared"]) for field in channel["fields"]} == {
        "user_verification.configurations.other_login.keyset": ("storefront", None),
        "user_verification.configurations.other_login.active": (False, None),
    }
    person.edit("keys: [storefront_2026_11, legacy]", "keys: [storefront_2026_11]")
    _, document = drift(person)
    (keyset, _) = document["drift"]
    (field,) = keyset["fields"]
    assert (keyset["address"], field["path"]) == ("keyset.storefront", "keys")
    assert (set(field["org"]), field["declared"]) == ({"storefront_2026_11", "legacy"}, ["storefront_2026_11"])


def test_a_last_change_by_another_user_is_said(person: Person) -> None:
    """Another team's deployment, or a person in Setup: the org keeps only the user."""
    assert person.apply().status == 0
    assert drift(person)[1]["changed_by_another"] == []
    found = held(person)[MetadataType.KEYSET, "storefront"]
    hold(person, replace(found, modified_by="0055g000009XyzAAA4"))
    status, document = drift(person)
    assert (status, document["changed_by_another"]) == (0, ["keyset.storefront"])
    said = "As declared, and changed last by another user than this login: keyset.storefront."
    assert said in " ".join(person.run("drift", "--env", "local").out.split())
    assert "changed last by another user" in person.run("drift", "--env", "local", "--format", "markdown").out
    person.edit("    label: Storefront\n", "    label: Other\n")
    (differing,) = drift(person)[1]["drift"]
    assert differing["last_modified_by_another"] is True
    assert "(not this login)" in person.run("drift", "--env", "local").out
