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


class TestExistingProject:
    """The project that a team has already."""

    @pytest.fixture
    def project(self, person: Person) -> Path:
        root = person.folder / "shop"
        packages = [{"path": "core"}, {"path": "chat-app", "default": True}]
        for path, text in {
            "sfdx-project.json": json.dumps({"packageDirectories": packages, "sourceApiVersion": "62.0"}),
            "manifest/package.xml": "<mine/>",
            "core/chat/messagingChannels/Web_Chat.messagingChannel-meta.xml": "<old/>",
            "chat-app/main/default/classes/A.cls": "class A {}",
            ".forceignore": "**/jsconfig.json",
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return root

    def test_each_component_goes_where_the_project_has_it(self, person: Person, project: Path) -> None:
        before = {name: (project / name).read_bytes() for name in files(project)}
        refused = person.run("export", "--env", "local", "shop")
        assert refused.status == 3
        assert "core/chat/messagingChannels/Web_Chat.messagingChannel-meta.xml" in refused.err
        assert {name: (project / name).read_bytes() for name in files(project)} == before
        ran = person.run("export", "--env", "local", "--yes", "--format", "json", "shop")
        assert ran.status == 0, ran.err
        channel = "core/chat/messagingChannels/Web_Chat.messagingChannel-meta.xml"
        keyset = "chat-app/main/default/PublicKeyCertificateSet/storefront.PublicKeyCertificateSet-meta.xml"
        assert {channel, keyset, "manifest/user-verification.xml"} <= set(ran.json["written"])
        assert b"authMode" in (project / channel).read_bytes()
        for name in set(before) - {channel}:
            assert (project / name).read_bytes() == before[name], name
        assert ran.json["next"].startswith(
            "cd shop && sf project deploy start --manifest manifest/user-verification.xml"
        )
        again = person.run("export", "--env", "local", "--format", "json", "shop")
        assert (again.status, again.json["written"], len(again.json["unchanged"])) == (0, [], 5)

    def test_from_a_folder_inside(self, person: Person, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (project / "config").symlink_to(person.folder / "config")
        monkeypatch.chdir(project / "core/chat")
        ran = person.run("export", "--env", "local", "--yes", "--config", "../../config", "--format", "json", ".")
        assert ran.status == 0, ran.err
        assert "core/main/default/PublicKeyCertificate/legacy.PublicKeyCertificate-meta.xml" in ran.json["written"]
        assert ran.json["next"].startswith("cd ../.. && sf project deploy start")

    def test_lines_of_forceignore_are_offered_and_written(self, person: Person, project: Path) -> None:
        offered = person.run("export", "--env", "local", "--yes", "shop")
        line = "**/messagingChannels/Web_Chat.messagingChannel-meta.xml"
        assert line in offered.out.split()
        assert (project / ".forceignore").read_text() == "**/jsconfig.json"
        done = person.run("export", "--env", "local", "--forceignore", "--format", "json", "shop")
        assert done.status == 0, done.err
        assert (done.json["forceignore"], done.json["next"]) == ([], "provisioner apply --env local")
        lines = (project / ".forceignore").read_text().splitlines()
        assert lines[:2] == ["**/jsconfig.json", "# provisioner deploys these"]
        assert line in lines
        person.run("export", "--env", "local", "--forceignore", "shop")
        assert (project / ".forceignore").read_text().splitlines() == lines

    def test_a_forceignore_that_leads_outside_stops_all(self, person: Person, project: Path, tmp_path: Path) -> None:
        (project / ".forceignore").unlink()
        (project / ".forceignore").symlink_to(tmp_path / "outside")
        before = files(project)
        ran = person.run("export", "--env", "local", "--yes", "--forceignore", "shop")
        assert (ran.status, "Nothing was written." in " ".join(ran.err.split())) == (1, True)
        assert files(project) == before
        assert not (tmp_path / "outside").exists()

    def test_nothing_is_written_through_a_link(self, person: Person, project: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside.xml"
        outside.write_text("<theirs/>")
        path = project / "core/chat/messagingChannels/Web_Chat.messagingChannel-meta.xml"
        path.unlink()
        path.symlink_to(outside)
        ran = person.run("export", "--env", "local", "--yes", "shop")
        assert (ran.status, "outside the project" in ran.err) == (1, True)
        assert outside.read_text() == "<theirs/>"

    @pytest.mark.parametrize(
        ("described", "said"),
        [
            ("{}", "names no package directories"),
            ("nope", "names no package directories"),
            ('{"packageDirectories": [{"path": "../x"}]}', "is outside the project"),
            ('{"packageDirectories": [{"path": "a\\u0000b"}]}', "names no package directories"),
        ],
    )
    def test_a_project_file_that_cannot_be_used(self, person: Person, project: Path, described: str, said: str) -> None:
        (project / "sfdx-project.json").write_text(described)
        ran = person.run("export", "--env", "local", "--yes", "shop")
        assert (ran.status, said in " ".join(ran.err.split())) == (1, True)

    def test_a_component_in_two_places(self, person: Person, project: Path) -> None:
        other = project / "chat-app/main/default/messagingChannels/Web_Chat.messagingChannel-meta.xml"
        other.parent.mkdir(parents=True)
        other.write_text("<two/>")
        ran = person.run("export", "--env", "local", "--yes", "shop")
        assert (ran.status, "are files of one component" in " ".join(ran.err.split())) == (1, True)
