"""Channels as real orgs keep them: imported, verification switched on and off, and then the same bytes again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from lxml import etree

from provisioner import localorg
from provisioner.components.meaning import meaning
from provisioner.salesforce import read_org
from tests.cli.conftest import Person
from tests.corpus import channels
from tests.localorg import material
from tests.localorg.client import Client

RETRIEVED, TEMPLATES, NEWEST = (channels(folder) for folder in ("retrieved", "templates", "newest"))
EVERYTHING = {**RETRIEVED, **TEMPLATES}
KEYSET = "Corpus_Keys"
LOGIN = {"corpus_login": {"keyset": KEYSET, "active": True}}
#: Session-based chat excludes verification; and a configuration must not be taken from the channel that has no other.
LEFT_ALONE = {"Session_Desk", "Agent_Skeleton"}
_EMBEDDED = re.compile(r"    <embeddedConfig>.*?</embeddedConfig>\n", re.S)


@pytest.fixture
def client(person: Person) -> Iterator[Client]:
    client = Client(localorg.start(person.org), person.org)
    yield client.login()
    client.close()


@pytest.fixture(params=["read", "retrieve"])
def reading(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the org by readMetadata, or by one retrieve, as for an org with many components."""
    if request.param == "retrieve":
        monkeypatch.setattr(read_org, "READS_OF_AN_OBSERVATION", 0)
        monkeypatch.setattr(read_org, "READS_OF_TOUCHED", 0)


def deployed(client: Client, files: Mapping[str, str], version: str = "67.0") -> dict[str, str]:
    """The files as the org gives them back after somebody deployed them, with a keyset that they may name."""
    components = {
        "PublicKeyCertificate/Corpus_Key": material.key_file(),
        f"PublicKeyCertificateSet/{KEYSET}": material.keyset_file(["Corpus_Key"]),
        **{f"MessagingChannel/{name}": text for name, text in files.items()},
    }
    result = client.deploy(components, version=version)
    assert result["success"], result["details"]["componentFailures"]
    return held(client, files, version)


def held(client: Client, names: Mapping[str, str], version: str = "67.0") -> dict[str, str]:
    found = client.retrieve({"MessagingChannel": [*names]}, version)["files"]
    return {name: found[material.path("MessagingChannel", name)] for name in names}


def imported(person: Person) -> dict[str, Any]:
    """The declaration that an import writes; its own plan is empty."""
    person.declaration.unlink()
    ran = person.run("import", "--env", "local", "--format", "json")
    assert (ran.status, ran.json["left_out"], ran.json["still_different"]) == (0, [], [])
    assert person.plan()["changes"] == []
    declaration = yaml.safe_load(person.declaration.read_text())
    assert isinstance(declaration, dict)
    for name in ran.json["unmanaged_channels"]:
        declaration.setdefault("channels", {})[name] = {"user_verification": {"enabled": False}}
    return declaration


def applied(person: Person, declaration: Mapping[str, Any]) -> None:
    person.declaration.write_text(yaml.safe_dump(declaration, sort_keys=False))
    ran = person.apply("--allow-destroy")
    assert (ran.status, ran.json.get("outcome")) == (0, "applied"), ran.out + ran.err
    assert person.plan()["changes"] == []


def all_on(off: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    on = yaml.safe_load(yaml.safe_dump(off))
    for name in names:
        verification = on["channels"][name]["user_verification"]
        verification |= {"enabled": True, "configurations": {**verification.get("configurations", {}), **LOGIN}}
    assert isinstance(on, dict)
    return on


def all_off(declaration: Mapping[str, Any], before: Mapping[str, str]) -> dict[str, Any]:
    """The declaration with everything that the org held: no configuration, and the expiration that was in force."""
    off = yaml.safe_load(yaml.safe_dump(declaration))
    for name, channel in off["channels"].items():
        channel["user_verification"].setdefault("configurations", {})
        minutes = re.search(r"<anonymousUserJwtExpirationTime>(\d+)<", before[name]) if name in before else None
        if minutes is not None:
            channel["token_expiration_minutes"] = {"unverified": int(minutes[1])}
    assert isinstance(off, dict)
    return off


def test_an_org_keeps_the_retrieved_files_byte_for_byte(client: Client) -> None:
    assert deployed(client, RETRIEVED) == RETRIEVED


def test_an_org_keeps_the_meaning_of_written_files(client: Client) -> None:
    for name, text in deployed(client, TEMPLATES).items():
        kept, written = (meaning(etree.fromstring(each.encode())) for each in (text, TEMPLATES[name]))
        assert kept == written, name


@pytest.mark.usefixtures("reading")
def test_on_and_off_leave_every_byte(person: Person, client: Client) -> None:
    before = deployed(client, EVERYTHING)
    declaration = imported(person)
    web = {name for name, text in EVERYTHING.items() if ">EmbeddedMessaging<" in text}
    assert web < set(declaration["channels"])
    off = all_off(declaration, before)
    applied(person, all_on(off, web - LEFT_ALONE))
    for name, text in held(client, EVERYTHING).items():
        assert _EMBEDDED.sub("", text) == _EMBEDDED.sub("", before[name]), name
        assert ("<authIdentifier>corpus_login<" in text) is (name in web - LEFT_ALONE), name
    applied(person, off)
    for name, text in held(client, EVERYTHING).items():
        if "<embeddedConfig>" in before[name]:
            assert text == before[name], name
        else:  # an org keeps the block that verification needed
            assert _EMBEDDED.sub("", text) == before[name], name


def test_the_elements_of_a_newer_version_stay(person: Person, client: Client) -> None:
    person.breaks("new-api")
    before = deployed(client, NEWEST, "68.0")
    assert before == NEWEST
    off = all_off(imported(person), before)
    applied(person, all_on(off, set(NEWEST)))
    applied(person, off)
    assert held(client, NEWEST, "68.0") == before
