"""The command as a person types it: run in this process, against a local org over real HTTPS."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from provisioner import localorg
from provisioner.cli.main import main
from tests.report.output import require_fit

if TYPE_CHECKING:
    from tests.cli.logging_in import Applicant, Ground

EXAMPLE = Path(__file__).parents[2] / "config"


@dataclass(frozen=True)
class Ran:
    """What a command ended with and printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Person:
    """Somebody in a folder with a config, and a local org that only they use."""

    folder: Path
    org: Path
    capsys: pytest.CaptureFixture[str]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def declaration(self) -> Path:
        return self.folder / "config" / "user-verification.yaml"

    def edit(self, old: str, new: str) -> None:
        """Change the declaration; what is replaced must be there."""
        text = self.declaration.read_text()
        assert old in text
        self.declaration.write_text(text.replace(old, new))

    def run(self, *words: str) -> Ran:
        self.capsys.readouterr()
        status = main([*words])
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        require_fit(words, out)
        return Ran(status, out, err)

    def plan(self, *words: str) -> Any:
        """The plan as JSON; the command must have made one."""
        ran = self.run("plan", "--env", "local", "--format", "json", *words)
        assert "changes" in ran.json, ran.out
        return ran.json

    def apply(self, *words: str) -> Ran:
        return self.run("apply", "--env", "local", "--yes", "--format", "json", *words)

    def breaks(self, fault: str) -> None:
        localorg.break_(self.org, fault)

    def mends(self, fault: str | None = None) -> None:
        localorg.mend(self.org, fault)


@pytest.fixture(scope="session")
def ground(bare_org: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    from tests.cli.logging_in import Ground  # it needs this module

    made = Ground(tmp_path_factory.mktemp("ground"), bare_org)
    yield made
    for content in made.contents.values():
        content.close()


@pytest.fixture
def established(ground: Ground, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Applicant:
    """Somebody whose login works."""
    return ground.established(capsys, monkeypatch)


@pytest.fixture
def person(
    shared_org: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Person:
    """A person with the example's config and a newborn org with nothing broken."""
    localorg.mend(shared_org, None)
    localorg.reset(shared_org)
    shutil.copytree(EXAMPLE, tmp_path / "config")
    (tmp_path / "config/environments/local.yaml").write_text(
        f"embedded_org: {shared_org}\nvariables:\n  storefront_issuer: https://id.example.com\n"
    )
    monkeypatch.chdir(tmp_path)
    return Person(tmp_path, shared_org, capsys)
