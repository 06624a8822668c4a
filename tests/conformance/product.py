"""The product as a person runs it: its command line, in a folder, against a local org."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROVISIONER = Path(sys.executable).with_name("provisioner")
RUN_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Done:
    """What one run of the product ended with."""

    command: str
    status: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON document on stdout."""
        found = json.loads(self.stdout)
        assert isinstance(found, dict)
        return found

    def expect(self, status: int) -> Done:
        """This run, if it ended with ``status``."""
        shown = f"{self.command} ended with {self.status}, not {status}:\n{self.stdout[-4000:]}{self.stderr[-4000:]}"
        assert self.status == status, shown
        return self


def run(words: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float) -> subprocess.CompletedProcess[str]:
    """Run the installed program. The tests replace this function (conftest.py)."""
    return subprocess.run(
        [PROVISIONER, *words], cwd=cwd, env=env, timeout=timeout, stdin=subprocess.DEVNULL, capture_output=True,
        text=True,
    )  # fmt: skip


def provisioner(*words: str | Path, cwd: Path, environment: Mapping[str, str] | None = None) -> Done:
    """Run the product with nothing of the machine's own settings but PATH."""
    surroundings = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(cwd), **(environment or {})}
    typed = [*map(str, words)]
    done = run(typed, cwd=cwd, env=surroundings, timeout=RUN_SECONDS)
    return Done(" ".join(("provisioner", *typed)), done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True)
class LocalOrg:
    """A running local org. All but ``folder`` are the words of ``provisioner localorg start``."""

    folder: Path
    url: str
    chat_url: str
    ca_bundle: Path
    org_id: str
    username: str
    consumer_key: str
    private_key_file: Path
    admin_token_file: Path

    @classmethod
    def start(cls, folder: Path, *words: str) -> LocalOrg:
        """Start the org that lives in ``folder``, newborn if there is none."""
        started = provisioner("localorg", "start", *words, "--dir", folder, cwd=folder.parent).expect(0).document
        return cls(
            folder,
            url=started["url"],
            chat_url=started["chat_url"],
            ca_bundle=Path(started["ca_bundle"]),
            org_id=started["org_id"],
            username=started["username"],
            consumer_key=started.get("consumer_key", ""),
            private_key_file=Path(started["private_key_file"]),
            admin_token_file=Path(started["admin_token_file"]),
        )

    def _do(self, part: str, *words: str) -> None:
        provisioner("localorg", part, *words, "--dir", self.folder, cwd=self.folder.parent).expect(0)

    def stop(self) -> None:
        self._do("stop")

    def break_(self, name: str) -> None:
        self._do("break", name)

    def mend(self) -> None:
        self._do("mend")


def login_to(org: LocalOrg) -> dict[str, str]:
    """The login's fields, as for any org: what is tried and measured is the way to a real one."""
    return {
        "login_url": org.url,
        "username": org.username,
        "consumer_key": org.consumer_key,
        "private_key": f"${{file:{org.private_key_file}}}",
        "ca_bundle": str(org.ca_bundle),
    }


class Configuration:
    """A folder with a ``config`` whose environment ``local`` is a local org."""

    def __init__(self, folder: Path, org: LocalOrg) -> None:
        self.folder = folder
        self.keys = folder / "config" / "keys"
        self.keys.mkdir(parents=True)
        (folder / "config" / "environments").mkdir()
        (folder / "config" / "environments" / "local.yaml").write_text(json.dumps(login_to(org)), encoding="utf-8")

    def declare(self, yaml: str) -> None:
        (self.folder / "config" / "user-verification.yaml").write_text(yaml, encoding="utf-8")

    def run(self, *words: str | Path) -> Done:
        """Run the product here, with ``--env local``."""
        return provisioner(*words, "--env", "local", cwd=self.folder)
