"""Every command where Python lacks what Windows lacks: done as elsewhere, or refused in one sentence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from provisioner import localorg
from provisioner.cli.main import VERBS
from tests.ci.runner import ROOT
from tests.cli.every_verb import DECLARATION, LOGINS, _pem
from tests.localorg import material

ENV = ("--env", "sandbox")
WEB = ("--channel", "Web_Chat", "--deployment", "Shop_Web")
Line = tuple[str, tuple[str, ...], int]

#: A line for each command: the command, its words, its exit status. Lines that need the result of an earlier one are
#: one journey, so that each test finds what it needs in any order and on any worker.
JOURNEYS: tuple[tuple[Line, ...], ...] = (
    (("version", (), 0),),
    (("completion", ("powershell",), 0),),
    (("init", ("other",), 0),),
    (("validate", ENV, 0), ("envs", (), 0), ("rules", (), 0), ("schema", (), 0), ("render", ENV, 0)),
    (("doctor", ENV, 0),),
    (
        ("plan", (*ENV, "--out", "plan.json"), 0),
        ("show", ("plan.json",), 0),
        ("apply", (*ENV, "plan.json"), 0),
        ("drift", ENV, 0),
        ("status", (*ENV, "--format", "html", "--out", "status.html"), 0),
        ("verify", (*ENV, *WEB, "--key-file", "signer.key"), 0),
        ("diagnose chat", (*ENV, *WEB), 0),
        ("keys rotate", ("shop", *ENV, "--status"), 0),
        ("import", (*ENV, "--out", "imported"), 0),
        ("restore", (), 0),
    ),
    (("guests", ENV, 0),),
    (("diagnose login", ENV, 0),),
    (("diagnose key", ("config/keys/signer.jwk.json",), 0),),
    (("diagnose paste", ("token.txt",), 1),),
    (("diagnose endpoint", ("https://localhost:9/x",), 1),),
    (("token mint", (*ENV, "--keyset", "shop", "--key-file", "signer.key", "--sub", "x"), 0),),
    (("token explain", ("token.txt", *ENV), 1),),
    (("export", (*ENV, "project"), 0),),
    (("keys generate", ("neu", "--bits", "2048"), 0),),
    (("keys inspect", ("config/keys/signer.jwk.json",), 0), ("keys expiring", (), 0), ("keys jwks", ("shop",), 0)),
    (("probe", (*ENV, "--yes", "--only", "x5c"), 0),),
    (("promote", ("--from", "sandbox", "--to", "second", "--yes", "--out", "record.json"), 64),),
    (
        ("login plan", (*ENV, "--admin-env", "sandbox"), 0),
        ("login apply", (*ENV, "--admin-env", "sandbox", "--yes"), 0),
        ("login status", (*ENV, "--admin-env", "sandbox"), 0),
        ("login rotate", (*ENV, "--admin-env", "sandbox", "--status"), 0),
        ("login retire", (*ENV, "--admin-env", "sandbox", "--yes"), 0),
    ),
    *(((f"localorg {each}", (), 64),) for each in ("start", "stop", "reset", "status", "mend")),
    (("localorg break", ("wrong-certificate",), 64),),
)


@dataclass
class Machine:
    """A folder with a project, on a system without POSIX, and an org elsewhere."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
            "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent), str(ROOT))),
            "HOME": str(self.folder / "home"),
            "PROVISIONER_STATE_DIR": str(self.folder / "state"),
        }

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "provisioner", *words], cwd=self.folder, env={**self.environment, **variables},
            capture_output=True, stdin=subprocess.DEVNULL, timeout=100,
        )  # fmt: skip

    @cached_property
    def program(self) -> subprocess.Popen[str]:
        """A process for all journeys, because its start takes longer than most commands."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.windows.program"], cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def command(self, *words: str) -> tuple[int, str]:
        """The exit status of a command, and what it printed."""
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(f"{json.dumps(words)}\n")
        self.program.stdin.flush()
        status, out, err = json.loads(self.program.stdout.readline())
        return status, out + err


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder, org = tmp_path_factory.mktemp("machine"), tmp_path_factory.mktemp("org")
    served = localorg.start(org)
    (folder / "home").mkdir()
    for name, text in {
        "user-verification.yaml": DECLARATION,
        "logins.yaml": LOGINS.replace("größe:", "ci:\n    self_managed: true"),
        "keys/signer.jwk.json": material.jwk(name="signer", kid="größe-1"),
        "keys/login.crt": (org / "login.crt").read_text(),
        "environments/sandbox.yaml": (
            f"login_url: {served.url}\naudience: {served.audience or served.url}\nusername: {served.username}\n"
            f"consumer_key: {served.consumer_key}\nprivate_key: ${{file:{org / served.private_key_file}}}\n"
            f"ca_bundle: {org / served.ca_bundle}\nchat_url: {served.chat_url}\n"
        ),
        "environments/second.yaml": "embedded_org: .localorg\n",
    }.items():
        path = folder / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # As an editor on Windows writes them.
        path.write_bytes(text.replace("\n", "\r\n").encode() if path.suffix == ".yaml" else text.encode())
    (folder / "signer.key").write_text(_pem("signer"))
    (folder / "token.txt").write_text("a.b.c")
    made = Machine(folder)
    yield made
    made.program.communicate(timeout=60)
    localorg.stop(org)


def test_the_simulation_takes_away(machine: Machine) -> None:
    code = "import os, signal, importlib.util as u; print(u.find_spec('fcntl'), hasattr(os, 'fork'), signal.SIGTERM)"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["None", "False", "15"], done.stderr


def test_every_command_has_a_line() -> None:
    assert {verb for journey in JOURNEYS for verb, _, _ in journey} == set(VERBS)


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: ", ".join(verb for verb, _, _ in journey))
def test_a_journey(machine: Machine, journey: tuple[Line, ...]) -> None:
    for verb, words, status in journey:
        ended, said = machine.command(*verb.split(), *words)
        assert "defect of this program" not in said, said
        assert "Traceback" not in said
        assert ended == status, f"{verb}: {said[-1500:]}"


def test_an_environment_of_the_local_org(machine: Machine) -> None:
    done = machine.run("plan", "--env", "second")
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, lines[0]) == (64, "Error: The local org runs on Linux, macOS and WSL, not on this system.")
    assert lines[1].lstrip().startswith("Next: Run the command in WSL")
    checks = json.loads(machine.run("doctor", "--offline", "--format", "json").stdout)["checks"]
    assert {each["check"]: each["status"] for each in checks}["local org"] == "warn"


def test_a_console_of_one_byte_characters(machine: Machine) -> None:
    whole = machine.run("render", "--env", "sandbox", PYTHONIOENCODING="utf-8")
    narrow = machine.run("render", "--env", "sandbox", PYTHONIOENCODING="cp1252")
    assert narrow.returncode == 0
    assert narrow.stdout.decode("cp1252").count("\n") == whole.stdout.decode().count("\n")


def test_new_files_have_the_line_ends_of_the_program(machine: Machine) -> None:
    """O_BINARY is set where there is one; a PEM and a plan are the same bytes on every system."""
    shutil.rmtree(machine.folder / "other2", ignore_errors=True)
    assert machine.run("init", "other2").returncode == 0
    for path in (machine.folder / "other2").rglob("*.yaml"):
        assert b"\r" not in path.read_bytes()


def test_state_is_where_the_variable_says_and_nowhere_else(machine: Machine) -> None:
    """The lines above and this apply left journal, locks, results of probes and moments of rotations."""
    assert machine.run("apply", *ENV, "--yes").returncode == 0
    assert (machine.folder / "state/locks").is_dir()
    left = {path.relative_to(machine.folder / "home").parts[:2] for path in (machine.folder / "home").rglob("*")}
    assert left <= {(".config",), (".config", "provisioner")}, "keys generate alone writes there"
