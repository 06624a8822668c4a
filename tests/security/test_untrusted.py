"""An untrusted run resolves, asks, starts and writes nothing, whatever the command is."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from provisioner import untrusted
from provisioner.cli.main import VERBS, main
from provisioner.execution.state_directory import state_directory
from tests.cli.every_verb import LINES, ORG
from tests.localorg import material
from tests.report import samples

#: What works without any of that.
WORKS = {
    "validate", "show", "render", "envs", "doctor", "rules", "schema", "version", "completion", "keys inspect",
    "keys jwks", "keys expiring", "diagnose key", "diagnose paste", "token explain",
}  # fmt: skip
SECRET = "the-runners-own-secret-80c1"
DECLARATION = """\
version: 1
keys:
  signer: {certificate: keys/signer.crt, kid: signer}
keysets:
  shop: {issuer: https://id.example.com, keys: [signer]}
channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations: {shop_login: {keyset: shop, active: true}}
"""
REAL = """\
login_url: https://acme--uat.sandbox.my.salesforce.com
username: ci@acme.com.uat
consumer_key: ${env:PR_SECRET}
private_key: ${file:../../secret.txt}
org_id: 00D5g000000ABCd
chat_url: https://acme--uat.sandbox.my.salesforce-scrt.com
verify: {Web_Chat: {deployment: Shop_Web, key_file: "${command:touch ran}"}}
"""
#: Events of the interpreter that reach outside of it.
_REACHES_OUT = (
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto",
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
    "os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink", "os.chmod", "os.truncate", "os.utime",
)  # fmt: skip
_SEEN: list[str] = []
_WATCHING = threading.Event()


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _WATCHING.is_set():
        return
    if event in _REACHES_OUT and arguments[1:] != (("::1", 0),):  # urllib3 looks for IPv6 when it is imported
        _SEEN.append(f"{event} {arguments!r}")
    elif event == "open":
        path, _, flags = arguments
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        if writes and path != os.devnull and not str(path).endswith((".pyc", ".lock")) and isinstance(path, str):
            _SEEN.append(f"open {path}")
        elif str(path).endswith("secret.txt"):
            _SEEN.append(f"read {path}")


@pytest.fixture(scope="module", autouse=True)
def _hook() -> None:
    sys.addaudithook(_watch)


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a stranger's pull request makes it, on a runner with secrets."""
    (tmp_path / "config/environments").mkdir(parents=True)
    (tmp_path / "config/keys").mkdir()
    (tmp_path / "config/user-verification.yaml").write_text(DECLARATION)
    for name in ("real", "second"):
        (tmp_path / f"config/environments/{name}.yaml").write_text(REAL)
    (tmp_path / "config/environments/local.yaml").write_text("embedded_org: ../../.localorg\n")
    (tmp_path / "config/keys/signer.crt").write_bytes(material.certificate().public_bytes(Encoding.PEM))
    (tmp_path / "config/keys/größe.jwk.json").write_text(material.jwk(kid="signer"))
    (tmp_path / "signer.key").write_bytes(material.private_pem())
    (tmp_path / "plan.json").write_text(json.dumps(samples.saved(samples.FULL)))
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "token.txt").write_text("eyJhbGciOiJSUzI1NiIsImtpZCI6InNpZ25lciJ9.eyJzdWIiOiJ4In0.c2ln")
    monkeypatch.setenv("PR_SECRET", SECRET)
    monkeypatch.setenv("PROVISIONER_ALLOW_COMMANDS", "1")
    monkeypatch.chdir(tmp_path)
    _SEEN.clear()
    return tmp_path


def run(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    _WATCHING.set()
    try:
        status = main([*words])
    finally:
        _WATCHING.clear()
    out, err = capfd.readouterr()
    return status, out + err


def test_every_command_has_a_line() -> None:
    assert set(LINES) == set(VERBS)
    assert set(VERBS) >= WORKS


@pytest.mark.parametrize("environment", ["real", "local"])
@pytest.mark.parametrize("verb", LINES)
def test_every_command(stranger: Path, capfd: pytest.CaptureFixture[str], verb: str, environment: str) -> None:
    given = [word.replace(ORG, ".localorg") for word in LINES[verb].words]
    words = [environment if word == "local" else word for word in given]
    before = {path: path.read_bytes() for path in stranger.rglob("*") if path.is_file()}
    status, said = run(capfd, *verb.split(), *words, "--untrusted")
    assert SECRET not in said
    assert _SEEN == []
    assert {path: path.read_bytes() for path in stranger.rglob("*") if path.is_file()} == before
    if verb in WORKS:
        assert status in (0, 1, 2), said
        assert "this run is untrusted" not in said
    else:
        assert status == 3, said
        assert "this run is untrusted" in " ".join(said.split())


def test_the_checks_need_no_secret(
    stranger: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PR_SECRET")
    status, said = run(capfd, "validate", "--env", "real", "--untrusted")
    assert status == 0, said
    assert run(capfd, "validate", "--env", "real")[0] == 1, "the option is what keeps the check of references back"


@pytest.mark.parametrize(
    ("value", "on"), [("1", True), ("true", True), ("yes", True), ("0", False), ("", False), ("false", False)]
)
def test_the_variable(
    stranger: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: str, on: bool
) -> None:
    monkeypatch.setenv(untrusted.VARIABLE, value)
    status, said = run(capfd, "plan", "--env", "real")
    assert ("this run is untrusted" in " ".join(said.split())) is on
    assert (status == 3) is on


def test_a_refusal_is_json_too(stranger: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, said = run(capfd, "plan", "--env", "real", "--untrusted", "--format", "json", "-q")
    assert status == 3
    assert json.loads(said)["error"]["code"] == "untrusted"


def test_the_run_after_it_is_trusted_again(stranger: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(capfd, "plan", "--env", "real", "--untrusted")
    assert not untrusted.is_untrusted()
    assert state_directory() is not None
    with untrusted.running(True):
        assert state_directory() is None
