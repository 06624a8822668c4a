"""Runs the scripts of a CI's template here, each job in a clean checkout, with its variables and the files it takes.

The rest of a CI (which jobs run, secrets, artifacts) is in the readers `gitlab.py`, `azure.py`, `bitbucket.py` and
`jenkins.py`, as far as these templates need it. They refuse what they do not know.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests import forked
from tests.ci.runner import ROOT
from tests.ci.team import Team

TEMPLATES = ROOT / "docs/ci"


@dataclass(frozen=True, slots=True)
class Done:
    """How a job ended."""

    passed: bool
    log: str


@dataclass
class Bench:
    """A runner. ``artifacts`` has a folder for each thing that was kept; every job runs in one folder, made anew."""

    team: Team
    artifacts: Path = field(init=False)
    checkout: Path = field(init=False)

    def __post_init__(self) -> None:
        folder = self.team.folder / "bench"
        self.artifacts, self.checkout, self.temp = (folder / each for each in ("artifacts", "s", "temp"))
        for each in (self.artifacts, self.temp, folder / "home"):
            each.mkdir(parents=True, exist_ok=True)
        self.bin = folder / "bin"
        self.bin.mkdir(exist_ok=True)
        forked.program(self.bin / "provisioner")
        python = self.bin / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)

    def clean(self, takes: Iterable[str] = ()) -> None:
        """Check out, and take over what other jobs kept."""
        shutil.rmtree(self.checkout, ignore_errors=True)
        shutil.copytree(self.team.runner.workspace / "config", self.checkout / "config")
        for name in takes:
            self.take(name)

    def take(self, name: str, into: Path | None = None) -> None:
        source = self.artifacts / name
        if source.is_dir():
            shutil.copytree(source, into or self.checkout, dirs_exist_ok=True)

    def keep(self, name: str, paths: Iterable[str]) -> list[str]:
        """Keep files and folders of the checkout; return those that are missing."""
        target, missing = self.artifacts / name, []
        target.mkdir(exist_ok=True)
        for path in paths:
            source = self.checkout / path
            if source.is_dir():
                shutil.copytree(source, target / path, dirs_exist_ok=True)
            elif source.exists():
                shutil.copy(source, target / path)
            else:
                missing.append(path)
        return missing

    def shell(self, script: str, variables: Mapping[str, str], *, shell: tuple[str, ...]) -> Done:
        """Run a script as the CI's runner does."""
        environment = {
            **{name: value for name, value in os.environ.items() if name in ("LANG", "SSL_CERT_FILE")},
            "PATH": f"{self.bin}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.checkout.parent / "home"),
            "PYTHONPATH": str(ROOT),
            "CI": "true",
            **variables,
        }
        ran = subprocess.run(
            [*shell, "-c", script], cwd=self.checkout, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=100,
        )  # fmt: skip
        return Done(ran.returncode == 0, f"{ran.stdout}{ran.stderr}")

    def secrets(self, *environments: str) -> dict[str, str]:
        """What a CI gives to a job of these environments."""
        return {name: value for each in environments for name, value in self.team.runner.secrets[each].items()}
