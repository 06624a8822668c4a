"""Export, as a person types it; that the official CLI deploys it is held in tests/conformance."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from tests.cli.conftest import Person

SOURCE = "force-app/main/default"
WEB_CHAT = f"{SOURCE}/messagingChannels/Web_Chat.messagingChannel-meta.xml"


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("applied", [False, True])
def test_everything_that_is_declared_is_in_the_project(person: Person, applied: bool) -> None:
    """Whatever of it the org has already: the project is complete."""
    if applied:
        person.apply()
    ran = person.run("export", "--env", "local", "--format", "sfdx", "project")
    assert ran.status == 0
    project = person.folder / "project"
    assert files(project) == [
        f"{SOURCE}/PublicKeyCertificate/legacy.PublicKeyCertificate-meta.xml",
        f"{SOURCE}/PublicKeyCertificate/storefront_2026_11.PublicKeyCertificate-meta.xml",
        f"{SOURCE}/PublicKeyCertificateSet/storefront.PublicKeyCertificateSet-meta.xml",
        WEB_CHAT,
        "manifest/package.xml",
        "sfdx-project.json",
    ]
    described = json.loads((project / "sfdx-project.json").read_text())
    assert described["sourceApiVersion"] == "67.0"
    assert described["packageDirectories"] == [{"path": "force-app", "default": True}]
    channel = etree.parse(project / WEB_CHAT)
    assert channel.findtext(".//{*}authMode") == "Auth"
    assert channel.findtext(".//{*}sessionHandlerFlow") == "Route_Messaging"
    assert ran.out.rstrip().splitlines()[-1] == (
        "Next: cd project && sf project deploy start --manifest manifest/package.xml --target-org ALIAS"
    )


def test_what_is_said_as_json(person: Person) -> None:
    ran = person.run("export", "--env", "local", "--format", "json", "a project")
    assert ran.json["written"] == files(person.folder / "a project")
    assert ran.json["components"] == ["key.storefront_2026_11", "key.legacy", "keyset.storefront", "channel.Web_Chat"]
    assert ran.json["next"].startswith("cd 'a project' && sf project deploy start ")


def test_tombstones_are_deletions_that_come_last(person: Person) -> None:
    with person.declaration.open("a") as file:
        file.write("\nremoved:\n  keys: [old_one]\n  keysets: [old_set]\n")
    ran = person.run("export", "--env", "local", "--format", "json", "project")
    assert ran.json["deletions"] == ["keyset.old_set", "key.old_one"]
    assert "--post-destructive-changes manifest/destructiveChangesPost.xml" in ran.json["next"]
    deletions = etree.parse(person.folder / "project/manifest/destructiveChangesPost.xml")
    assert [each.text for each in deletions.iterfind(".//{*}members")] == ["old_set", "old_one"]


def test_the_org_is_only_read(person: Person) -> None:
    person.run("export", "--env", "local", "project")
    assert person.plan()["summary"]["create"] == 3


def test_nothing_is_overwritten(person: Person) -> None:
    folder = person.folder / "project"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    ran = person.run("export", "--env", "local", "project")
    assert (ran.status, files(folder)) == (3, ["notes.txt"])
    (folder / "notes.txt").unlink()
    assert person.run("export", "--env", "local", "project").status == 0
    file = person.folder / "file"
    file.write_text("mine")
    assert person.run("export", "--env", "local", "file").status == 1
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("old", "new", "status", "word"),
    [
        ("  Web_Chat:\n", "  Web_Chatt:\n", 1, "Did you mean Web_Chat?"),
        ("verified: 60", "verified: 0", 1, ""),
    ],
)
def test_what_apply_would_not_send_is_not_exported(person: Person, old: str, new: str, status: int, word: str) -> None:
    person.edit(old, new)
    ran = person.run("export", "--env", "local", "project")
    assert ran.status == status
    assert word in ran.err
    assert not (person.folder / "project").exists()


def test_what_cannot_be_read_is_not_absent(person: Person) -> None:
    person.breaks("type-missing")
    ran = person.run("export", "--env", "local", "project")
    assert ran.status == 3
    assert not (person.folder / "project").exists()
