"""A person in an empty folder, for commands that ask no org."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provisioner.cli.main import main
from tests.report.output import require_fit


@dataclass(frozen=True)
class Said:
    """What a command ended with and printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """A folder that commands run in."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> Said:
        self.capsys.readouterr()
        status = main([*words])
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        require_fit(words, out)
        return Said(status, out, err)

    def write(self, path: str, text: str) -> None:
        """A file below the config directory."""
        target = self.folder / "config" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
