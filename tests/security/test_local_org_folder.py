"""``embedded_org: DIR``: whatever lies in DIR, and wherever it leads, no code runs and no file elsewhere is touched."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from provisioner import localorg
from provisioner.errors import InputError
from provisioner.localorg.layout import Layout
from tests.cli.conftest import Person

PRECIOUS = b"precious\n"
OWN_FILES = sorted(Layout(Path("/x")).names())
WITNESS = "import os; open({witness!r}, 'w').write(str(os.environ)); raise SystemExit(7)\n"
#: What an interpreter would import from the folder that it starts in, or that PYTHONPATH or a home names.
CODE = (
    "provisioner/__init__.py", "provisioner/localorg/serve.py", "sitecustomize.py", "usercustomize.py", "uvicorn.py",
    "encodings/__init__.py", "sqlite3.py", "x.pth", "pyvenv.cfg", ".env",
)  # fmt: skip


def environment(person: Person, folder: str) -> None:
    (person.folder / "config/environments/pr.yaml").write_text(
        f'embedded_org: "{folder}"\nvariables: {{storefront_issuer: "https://id.example.com"}}\n'
    )


def planned(person: Person, folder: str) -> str:
    """What a plan says that must be refused, and stops whatever it started."""
    environment(person, folder)
    ran = person.run("plan", "--env", "pr")
    assert ran.status == 1, ran.out
    assert "Internal error" not in ran.err
    assert "Traceback" not in ran.err
    return " ".join(ran.err.split())


def database(folder: Path) -> None:
    """A file that looks like an org's database."""
    with closing(sqlite3.connect(folder / "org.sqlite3")) as made, made:
        made.execute("PRAGMA user_version=0")


@pytest.fixture
def precious(person: Person) -> Path:
    path = person.folder / "precious"
    path.write_bytes(PRECIOUS)
    return path


@pytest.mark.parametrize("with_database", [True, False])
@pytest.mark.parametrize("name", CODE)
def test_code_in_the_folder_is_refused(person: Person, name: str, with_database: bool) -> None:
    folder, witness = person.folder / "evil", person.folder / "it-ran"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text(WITNESS.format(witness=str(witness)))
    if with_database:
        database(folder)
    before = sorted(folder.iterdir())
    assert "holds other files" in planned(person, "../../evil")
    assert not witness.exists()
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("name", CODE[:6])
def test_code_beside_a_served_org_does_not_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even past the refusal: the org's process does not look for code in its folder."""
    folder, witness = tmp_path / "evil", tmp_path / "it-ran"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text(WITNESS.format(witness=str(witness)))
    monkeypatch.setattr("provisioner.localorg.folder.require_no_strangers", lambda layout: None)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(("", ".", str(folder))))
    monkeypatch.chdir(tmp_path)
    try:
        assert localorg.start(folder).url
    finally:
        localorg.stop(folder)
    assert not witness.exists()


@pytest.mark.parametrize("target", ["file", "missing"])
@pytest.mark.parametrize("name", [*OWN_FILES, "login.key.new", "org.sqlite3.new"])
def test_a_link_in_the_folder_is_not_followed(person: Person, precious: Path, name: str, target: str) -> None:
    folder, missing = person.folder / "linked", person.folder / "created"
    folder.mkdir()
    (folder / name).symlink_to(precious if target == "file" else missing)
    said = planned(person, "../../linked")
    assert f"{folder / name} is a link" in said
    assert precious.read_bytes() == PRECIOUS
    assert not missing.exists()
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.fixture(scope="module")
def stopped_org(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An org that ran once, to be copied."""
    folder = tmp_path_factory.mktemp("stopped") / "org"
    localorg.start(folder)
    localorg.stop(folder)
    return folder


@pytest.mark.parametrize("name", OWN_FILES)
def test_a_link_in_a_made_org_is_not_followed(stopped_org: Path, tmp_path: Path, name: str) -> None:
    """Each way in: start, stop, reset, status, break, mend, and the administrator."""
    folder, precious = tmp_path / "org", tmp_path / "precious"
    shutil.copytree(stopped_org, folder)
    precious.write_bytes(PRECIOUS)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(precious)
    ways = (
        localorg.start, localorg.running, localorg.stop, localorg.reset, localorg.status, localorg.exists,
        lambda each: localorg.break_(each, "key-unreadable"), localorg.mend, localorg.administrator,
    )  # fmt: skip
    for way in ways:
        with pytest.raises(InputError):
            way(folder)
    assert precious.read_bytes() == PRECIOUS


@pytest.mark.parametrize("name", ["serving.lock", "change.lock", "log", "org.sqlite3"])
def test_a_pipe_in_the_folder_does_not_hang(person: Person, name: str) -> None:
    folder = person.folder / "piped"
    folder.mkdir()
    os.mkfifo(folder / name)
    assert "not a regular file" in planned(person, "../../piped")


def test_a_link_in_place_of_the_folder_is_not_followed(person: Person, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (person.folder / "link").symlink_to(elsewhere)
    (person.folder / "dangling").symlink_to(tmp_path / "not-there")
    for name in ("link", "dangling"):
        assert "is a link, and no link is followed" in planned(person, f"../../{name}")
    assert list(elsewhere.iterdir()) == []
    assert not (tmp_path / "not-there").exists()


def test_nothing_is_made_in_a_strangers_folder(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    home = person.folder / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o755)
    (home / ".ssh/id_rsa").write_text("x")
    monkeypatch.setenv("HOME", str(home))
    mode = (home / ".ssh").stat().st_mode
    assert "holds other files (id_rsa)" in planned(person, "~/.ssh")
    assert [path.name for path in (home / ".ssh").iterdir()] == ["id_rsa"]
    assert (home / ".ssh").stat().st_mode == mode


def test_no_folder_is_made_elsewhere(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the config directory it is; anywhere else a person makes it."""
    outside, temporary = person.folder / "outside", person.folder / "temporary"
    project = person.folder / "project"
    for each in (outside, temporary, project):
        each.mkdir()
    (person.folder / "config").rename(project / "config")
    (project / "way").symlink_to(outside)
    monkeypatch.chdir(project)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(temporary))
    for name in (str(outside / "org"), str(outside), "../../../outside/org", "../../way/org"):
        (project / "config/environments/pr.yaml").write_text(
            f'embedded_org: "{name}"\nvariables: {{storefront_issuer: "https://id.example.com"}}\n'
        )
        ran = person.run("drift", "--env", "pr", "--format", "json")
        assert (ran.status, ran.json["error"]["code"]) == (1, "directory-outside"), ran.out
        assert "provisioner localorg start --dir" in ran.json["error"]["next"]
    assert list(outside.iterdir()) == []
    localorg.start(outside / "org")
    try:
        (project / "config/environments/pr.yaml").write_text(
            f'embedded_org: "{outside / "org"}"\nvariables: {{storefront_issuer: "https://id.example.com"}}\n'
        )
        assert person.run("plan", "--env", "pr").status == 0
    finally:
        localorg.stop(outside / "org")


@pytest.mark.parametrize("name", ["~no-such-user-here", "a\\0b", "x" * 300, "a/" * 3000])
def test_what_is_no_folder_is_a_plain_message(person: Person, name: str) -> None:
    environment(person, name)
    for words in (("validate",), ("plan",), ("diagnose", "login"), ("envs",)):
        ran = person.run(*words, "--env", "pr")
        assert "Internal error" not in ran.err, (words, ran.err)
        assert ran.status in (0, 1)


@pytest.mark.parametrize("port", ["443@evil.example", "1/x", None, 1.5, True, [1]])
def test_an_identity_leads_to_no_other_host(person: Person, stopped_org: Path, port: object) -> None:
    """The database is what git brings, too: the port in it becomes part of a URL."""
    folder = person.folder / "made"
    shutil.copytree(stopped_org, folder)
    with closing(sqlite3.connect(folder / "org.sqlite3")) as opened, opened:
        identity = json.loads(opened.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()[0])
        text = json.dumps({**identity, "port": port})
        opened.execute("UPDATE meta SET value = ? WHERE key = 'identity'", (text,))
    if port is None:  # a newborn org has none
        assert localorg.start(folder).url.startswith("https://localhost:")
        localorg.stop(folder)
    else:
        assert "holds no identity of an org" in planned(person, "../../made")
