"""Every command, with success and with every kind of failure, at -vv: no secret in what it says or leaves behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioner import localorg
from provisioner.cli.main import VERBS
from provisioner.localorg import FAULTS
from tests.faults.stage import Ran
from tests.faults.wire import Wire, tapped
from tests.security.secrets_planted import Planted, plant

HERE = ("--env", "real")
SIGN = ("--channel", "Web_Chat", "--deployment", "Shop_Web")
SIGNER = ("--key-file", "secrets/signer.key")
#: What a person can type, in an order in which it makes sense; {token} and {entry} are filled in.
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("init", "fresh"),
    ("validate", *HERE),
    ("validate",),
    ("plan", *HERE),
    ("plan", *HERE, "--out", "plan.json"),
    ("show", "plan.json"),
    ("show", "plan.json", "--format", "json"),
    ("apply", *HERE, "plan.json"),
    ("apply", *HERE, "--yes"),
    ("restore",),
    ("restore", "latest", *HERE, "--yes", "--allow-destroy"),
    ("apply", *HERE, "--yes", "--format", "json"),
    ("drift", *HERE, "--unmanaged"),
    ("status", *HERE),
    ("status", *HERE, "--format", "html", "--out", "status.html"),
    ("guests", *HERE),
    ("promote", "--from", "real", "--to", "local", "--yes"),
    ("import", *HERE, "--out", "imported"),
    ("export", *HERE, "exported"),
    ("render", *HERE),
    ("envs",),
    ("rules",),
    ("schema",),
    ("doctor", "--offline"),
    ("doctor", *HERE),
    ("version",),
    ("completion", "bash"),
    ("keys", "generate", "third", "--private-key", "made/third.key", "--passphrase-env", "PLANTED_NEW"),
    ("keys", "generate", "--login", "tool", "--private-key", "made/tool.key"),
    ("keys", "inspect", "secrets/signer.key"),
    ("keys", "inspect", "secrets/signer.der"),
    ("keys", "inspect", "secrets/login.key"),
    ("keys", "inspect", "leaked.jwk.json"),
    ("keys", "expiring", *HERE),
    ("keys", "jwks", "shop", *HERE),
    ("keys", "rotate", "shop", *HERE, "--status"),
    ("keys", "rotate", "shop", *HERE, "--yes", "--key-file", "secrets/second.key", *SIGN),
    ("verify", *HERE, *SIGN, *SIGNER),
    ("verify", *HERE, *SIGN, "--token", "secrets/token"),
    ("token", "mint", *HERE, "--keyset", "shop", "--sub", "uv-probe-1", "--key-file", "secrets/signer.key"),
    ("token", "mint", *HERE, "--keyset", "shop", "--sub", "x", "--key-file", "secrets/second.key",
     "--preset", "intercom", "--intercom-secret-file", "secrets/intercom", "--user-id", "u1", "--app-id", "app1"),
    ("token", "explain", "secrets/token", *HERE, "--show-claims"),
    ("token", "explain", "secrets/token", *HERE, "--live"),
    ("diagnose", "login", *HERE, "--bundle", "bundle.zip"),
    ("diagnose", "login", "--error", "secrets/token", *HERE),
    ("diagnose", "paste", "secrets/token", "--details"),
    ("diagnose", "paste", "secrets/signer.key", "--details"),
    ("diagnose", "paste", "leaked.jwk.json", "--format", "json"),
    ("diagnose", "key", "secrets/signer.key"),
    ("diagnose", "key", "secrets/login.key"),
    ("diagnose", "key", "secrets/leaked.der"),
    ("diagnose", "key", "leaked.jwk.json"),
    ("diagnose", "key", "leaked.jwk.json", "--repair", "repaired.json"),
    ("diagnose", "endpoint", "https://user:intercom-identity-secret-5f1c0e9d77b3a2@localhost:1/jwks"),
    ("diagnose", "chat", *HERE, *SIGN),
    ("probe", *HERE, "--yes", "--only", "x5c", "--only", "delete-key-in-use", "--out", "probe.json"),
    ("login", "plan", *HERE, "--admin-env", "local"),
    ("login", "apply", *HERE, "--admin-env", "local", "--yes"),
    ("login", "apply", *HERE, "--admin-env", "local", "--yes", "--format", "json"),
    ("login", "status", *HERE, "--admin-env", "local"),
    ("login", "rotate", *HERE, "--admin-env", "local", "--key-file", "secrets/signer.key"),
    ("login", "retire", *HERE, "--admin-env", "local", "--yes"),
    ("localorg", "status", "--dir", "{org}"),
    ("keys", "rotate", "shop", *HERE, "--yes", "--revoke", "second", "--confirm", "second"),
)  # fmt: skip
#: What is broken, one at a time: each of these commands runs against it.
AGAINST_FAULTS: tuple[tuple[str, ...], ...] = (
    ("plan", *HERE),
    ("apply", *HERE, "--yes", "--format", "json"),
    ("diagnose", "login", *HERE),
    ("verify", *HERE, *SIGN, *SIGNER),
)
#: Mistakes that people make: words, and a file that then holds something else.
MISTAKES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("plan", *HERE), "config/keys/signer.jwk.json", "leaked.jwk.json"),
    (("plan", *HERE), "config/keys/signer.jwk.json", "secrets/signer.key"),
    (("plan", *HERE), "config/keys/signer.jwk.json", "secrets/signer.der"),
    (("plan", *HERE), "config/user-verification.yaml", "secrets/signer.key"),
    (("validate", "--format", "github"), "config/keys/signer.jwk.json", "leaked.jwk.json"),
    (("validate", "--format", "sarif"), "config/keys/signer.jwk.json", "leaked.jwk.json"),
    (("validate", "--format", "json"), "config/user-verification.yaml", "secrets/signer.key"),
    (("apply", *HERE, "plan.json", "--yes"), "plan.json", "secrets/signer.key"),
    (("plan", *HERE), "secrets/login.key", "secrets/token"),
    (("plan", *HERE), "secrets/login.key", "secrets/signer.key"),
    (("plan", *HERE), "secrets/login.key", "secrets/signer.der"),
    (("diagnose", "login", *HERE), "secrets/login.key", "secrets/signer.key"),
    (("verify", *HERE, *SIGN, *SIGNER), "secrets/signer.key", "secrets/second.key"),
    (("verify", *HERE, *SIGN, *SIGNER), "secrets/signer.key", "secrets/token"),
    (("verify", *HERE, *SIGN, "--token", "secrets/token"), "secrets/token", "secrets/signer.key"),
    (("token", "explain", "secrets/token", *HERE), "secrets/token", "secrets/signer.key"),
    (("token", "explain", "leaked.jwk.json", *HERE), "secrets/token", "secrets/signer.key"),
    (("token", "mint", *HERE, "--keyset", "shop", "--sub", "x", *SIGNER), "secrets/signer.key", "secrets/login.key"),
    (("keys", "inspect", "secrets/token"), "secrets/token", "secrets/token"),
    (("diagnose", "key", "secrets/token"), "secrets/token", "secrets/intercom"),
    (("import", *HERE), "config/keys/signer.jwk.json", "leaked.jwk.json"),
)


@pytest.fixture
def planted(shared_org: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    monkeypatch.delenv("PROVISIONER_STATE_DIR", raising=False)
    made = plant(tmp_path / "stage", shared_org)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    minted = run(made, "token", "mint", *HERE, "--keyset", "shop", "--sub", "uv-probe-2", "--ttl", "3000", *SIGNER)
    assert minted.status == 0, minted.err
    made.source("secrets/token", minted.out)
    made.secret(minted.out.strip(), "the chat token")
    made.secret(minted.out.strip().rpartition(".")[2], "the chat token's signature")
    return made


def run(planted: Planted, *words: str) -> Ran:
    with tapped(Wire()):
        return planted.stage.run(*(word.replace("{org}", str(planted.stage.org)) for word in words), "-vv")


def check(planted: Planted, ran: Ran) -> None:
    said = " ".join(ran.words)
    is_minted = ran.words[:2] == ("token", "mint")
    assert planted.found(ran.err.encode()) == [], said
    if not is_minted:
        assert planted.found(ran.out.encode()) == [], said
    else:  # the token alone is the result
        assert set(planted.found(ran.out.encode(), tokens_too=False)) <= set(), said
    assert "Traceback" not in ran.out + ran.err, said


def check_files(planted: Planted) -> None:
    for path, content in planted.files():
        if path.parent.name == "made":  # the private keys that were asked for
            assert b"PRIVATE KEY" in content or b"CERTIFICATE" in content
            continue
        # Support asks for the consumer key (an identifier, which no login is possible with), and gets it there alone.
        allowed = ["the consumer key"] if path.name == "summary.txt" else []
        assert planted.found(content) in ([], allowed), path


def test_every_command_in_turn(planted: Planted) -> None:
    ended = {}
    for words in COMMANDS:
        ran = run(planted, *words)
        check(planted, ran)
        check_files(planted)
        ended[" ".join(words)] = ran.status
    ran_verbs = {verb for verb in VERBS for words in COMMANDS if " ".join(words).startswith(verb)}
    assert set(VERBS) - ran_verbs == {
        "localorg start",
        "localorg stop",
        "localorg reset",
        "localorg break",
        "localorg mend",
    }
    assert [words for words, status in ended.items() if status not in (0, 1, 2, 3)] == []
    assert sum(status == 0 for status in ended.values()) > len(COMMANDS) * 0.6, ended


@pytest.mark.parametrize("share", range(4))
def test_every_fault_of_an_org(planted: Planted, share: int) -> None:
    for number, fault in enumerate(FAULTS):
        if number % 4 != share or fault.name in ("slow", "chat-slow"):
            continue
        localorg.break_(planted.stage.org, fault.name)
        try:
            for words in AGAINST_FAULTS:
                check(planted, run(planted, *words))
        finally:
            localorg.mend(planted.stage.org, None)
    check_files(planted)


@pytest.mark.parametrize(("words", "there", "instead"), MISTAKES)
def test_a_secret_in_the_wrong_place(planted: Planted, words: tuple[str, ...], there: str, instead: str) -> None:
    content = (planted.stage.here / instead).read_bytes()
    planted.source(there, content)
    check(planted, run(planted, *words))
    check_files(planted)


def test_a_defect_of_our_own_shows_nothing_either(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """-vv shows a traceback then; its values are masked."""
    from provisioner.salesforce import Org

    def broken(self: Org, *_: object) -> None:
        token = next(iter(planted.stage.tokens()))
        raise RuntimeError(f"session {token}, passphrase {os.environ['PLANTED_PASSPHRASE']}")

    monkeypatch.setattr(Org, "observe", broken)
    ran = run(planted, "plan", *HERE)
    assert ran.status == 1
    assert "RuntimeError" in ran.err
    assert planted.found((ran.out + ran.err).encode()) == []


def test_what_a_command_of_a_reference_is_given(planted: Planted) -> None:
    """Its argument list and its environment hold nothing that was resolved."""
    stage = planted.stage
    stage.write(
        "tell.sh",
        "#!/bin/sh\nenv > seen-environment\nps -ef > seen-processes 2>/dev/null || true\ncat secrets/login.key\n",
    )
    (stage.here / "tell.sh").chmod(0o755)
    path = stage.here / "config/environments/real.yaml"
    text = path.read_text()
    planted.source(
        "config/environments/real.yaml",
        text.replace("${file:../../secrets/login.key}", '"${command:' + str(stage.here / "tell.sh") + '}"'),
    )
    # What the person's own shell holds is not ours to hide.
    names = ["PLANTED_CONSUMER_KEY", "PLANTED_NEW", "PLANTED_PASSPHRASE"]
    assert run(planted, "plan", *HERE).status == 1  # refused without --allow-commands
    ran = run(planted, "plan", *HERE, "--allow-commands")
    assert ran.status == 0, ran.err
    check(planted, ran)
    seen = (stage.here / "seen-environment").read_text().splitlines()
    others = "\n".join(line for line in seen if line.partition("=")[0] not in names)
    assert planted.found(others.encode()) == []
    (stage.here / "seen-environment").unlink()
    check_files(planted)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_what_the_process_of_a_local_org_is_given(planted: Planted, tmp_path: Path) -> None:
    """It is started by a command that has secrets; its arguments and its environment have none."""
    directory = tmp_path / "own"
    started = localorg.start(directory)
    try:
        assert started.url
        processes = [
            path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if str(directory).encode() in _contents(path)
        ]
        assert processes
        for process in processes:
            seen = _contents(process / "cmdline") + _contents(process / "environ")
            assert planted.found(seen) == []
            assert b"PLANTED" not in seen
    finally:
        localorg.stop(directory)


def _contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended meanwhile
        return b""
