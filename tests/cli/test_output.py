"""Output on streams that are full, closed, or of a legacy locale; and commands that strangers write into it."""

from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from provisioner.cli.main import main
from provisioner.cli.output import Output, Sink
from provisioner.salesforce.wirelog import shown
from tests.cli.conftest import Person

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "provisioner"]
LOST = "Error: The output is incomplete: standard output could not be written"


def run(person: Person, *words: str, **streams: object) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **streams.pop("env", {})}  # type: ignore[dict-item]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.run(
        [*PROGRAM, *words], cwd=person.folder, env=environment, stdin=subprocess.DEVNULL, timeout=60, **streams
    )  # type: ignore[call-overload,no-any-return]


def label(person: Person, text: str) -> None:
    person.edit("label: Storefront\n", f'label: "{text}"\n')


@pytest.mark.parametrize(
    "words",
    [("--version",), ("--help",), ("plan", "--help"), ("keys", "--help"), ("completion", "bash"), ("version",),
     ("plan", "--env", "local"), ("plan", "--env", "local", "--format", "json"),
     ("plan", "--env", "local", "--format", "markdown")],
    ids=" ".join,
)  # fmt: skip
def test_a_full_disk_is_a_plain_message(person: Person, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = run(person, *words, stdout=full)
    said = " ".join(ran.stderr.decode().split())
    assert ran.returncode == 1
    assert f"{LOST} (no space left on device)." in said
    assert "Next: Check the target of standard output" in said
    assert "Traceback" not in said
    assert "Exception ignored" not in said


def test_a_closed_stdout_is_a_failure(person: Person) -> None:
    ran = run(person, "rules", stdout=None, preexec_fn=lambda: os.close(1))
    assert ran.returncode == 1
    assert f"{LOST} (it is closed)." in " ".join(ran.stderr.decode().split())


def test_an_error_that_json_lost_is_told_on_stderr(person: Person) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = run(person, "plan", "--env", "nowhere", "--format", "json", stdout=full)
    assert ran.returncode == 64
    assert b"There is no environment nowhere" in ran.stderr
    assert LOST.encode() in ran.stderr


def test_both_streams_full_is_a_failure(person: Person) -> None:
    with Path("/dev/full").open("wb") as full:
        assert run(person, "rules", stdout=full, stderr=full).returncode == 1


@pytest.mark.parametrize("words", [("-vv", "nonsense"), ("plan", "--env", "nowhere"), ("rules", "-vv")])
def test_a_full_stderr_has_the_same_exit_status(person: Person, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        assert run(person, *words, stderr=full).returncode == run(person, *words).returncode


def test_stderr_fills_between_acceptance_and_read_back(person: Person) -> None:
    """A log on a quota: EFBIG in the middle of the talk."""
    log = person.folder / "log"
    half = len(run(person, "apply", "--env", "local", "--check-only").stderr) // 2

    def limited() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (half, half))

    with log.open("wb") as file:
        ran = run(
            person, "apply", "--env", "local", "--yes", "--format", "json", stderr=file, preexec_fn=limited,
            env={"PROVISIONER_STATE_DIR": str(person.folder / "state")},
        )  # fmt: skip
    assert b'"outcome": "applied"' in ran.stdout
    assert ran.returncode == 0
    assert len(log.read_bytes()) == half
    assert b"Traceback" not in log.read_bytes()
    assert person.plan()["changes"] == []


def test_json_stays_one_document_when_saving_fails(person: Person) -> None:
    ran = person.run("plan", "--env", "local", "--format", "json", "--out", "nowhere/plan.json")
    assert ran.json["format_version"] == "1"
    assert ran.status == 1


def test_json_is_never_a_script(person: Person) -> None:
    ran = person.run("completion", "bash", "--format", "json")
    assert (ran.status, ran.json["error"]["code"]) == (64, "usage")


@pytest.fixture(scope="module")
def legacy_locale(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A locale in ISO-8859-1, made for the test."""
    folder = tmp_path_factory.mktemp("locale")
    if shutil.which("localedef") is None:
        pytest.skip("no localedef here")
    made = subprocess.run(
        ["localedef", "-i", "en_US", "-f", "ISO-8859-1", str(folder / "en_US.ISO-8859-1")], capture_output=True
    )
    if not (folder / "en_US.ISO-8859-1/LC_CTYPE").exists():
        pytest.skip(f"no sources of locales here: {made.stderr.decode()}")
    return {"LOCPATH": str(folder), "LC_ALL": "en_US.ISO-8859-1", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_a_legacy_locale_gets_all_of_it(person: Person, legacy_locale: dict[str, str]) -> None:
    label(person, "Größe 日本")
    asked = "import sys; sys.exit(sys.stdout.encoding != 'iso8859-1')"
    assert subprocess.run([sys.executable, "-c", asked], env={**os.environ, **legacy_locale}).returncode == 0
    human = run(person, "plan", "--env", "local", env=legacy_locale)
    assert human.returncode == 0
    assert '"Größe \\u65e5\\u672c"' in human.stdout.decode("latin-1")
    for words in (("--format", "json"), ("--format", "markdown")):
        ran = run(person, "plan", "--env", "local", *words, env=legacy_locale)
        assert "Größe 日本" in ran.stdout.decode("utf-8")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8-sig", "utf-16"])
def test_python_io_encoding_is_kept(person: Person, encoding: str) -> None:
    label(person, "Größe 日本")
    ran = run(person, "plan", "--env", "local", env={"PYTHONIOENCODING": encoding})
    said = ran.stdout.decode(encoding)
    assert "Größe 日本".encode(encoding, "backslashreplace").decode(encoding) in said
    assert said.count("\ufeff") == 0, "one mark at the beginning, if any"


# What strangers write


COMMANDS = ("::error::pwn", "  ::warning file=x::pwn", "x ##[error]pwn", "##vso[task.setvariable variable=x]pwn",
            "###[group]x", "##teamcity[buildStop]")  # fmt: skip


@pytest.mark.parametrize("text", COMMANDS)
def test_no_value_is_a_workflow_command(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.result(f"one\n{text}\nthree")
    output.document(f"one\n{text}\nthree")
    output.talk(f"one\n{text}\nthree")
    output.paint(f"one\n{text}\nthree")
    for said in capsys.readouterr():
        assert not said or "three" in said
        assert not any(line.lstrip().startswith("::") or "##[" in line or "##vso[" in line or "##team" in line
                       for line in said.splitlines())  # fmt: skip


def test_escaped_json_means_the_same(person: Person) -> None:
    label(person, "a ##[error]b")
    ran = person.run("plan", "--env", "local", "--format", "json")
    assert "##[" not in ran.out
    keyset = next(each for each in ran.json["changes"] if each["address"].startswith("keyset."))
    assert "a ##[error]b" in str(keyset["fields"])


def test_a_description_does_not_wrap_into_a_command(person: Person) -> None:
    person.edit("Signs the web shop's identity tokens", '"' + "x" * 84 + ' ::warning title=All good::Approved"')
    for width in range(80, 130, 10):
        os.environ["COLUMNS"] = str(width)
        ran = person.run("plan", "--env", "local")
        assert "Approved" in ran.out
        assert not any(line.lstrip().startswith("::") for line in ran.out.splitlines())
    del os.environ["COLUMNS"]


def test_annotations_for_github_stay_commands(person: Person) -> None:
    person.edit("version: 1", "version: 2")
    ran = person.run("validate", "--format", "github")
    assert ran.out.startswith("::error file=")


@pytest.mark.parametrize("name", ["evil\n::error::pwned", "evil\x1b[2J", "evil\u202egpj"])
def test_an_environment_has_a_name_that_shows(person: Person, name: str) -> None:
    (person.folder / "config/environments" / f"{name}.yaml").write_text("variables: {storefront_issuer: https://x.y}\n")
    for words in (("validate",), ("plan", "--env", "*"), ("envs",)):
        ran = person.run(*words)
        said = ran.out + ran.err
        assert ran.status == 1
        assert name not in said
        assert name.encode("unicode_escape").decode() in said
        assert not any(line.lstrip().startswith("::") for line in said.splitlines())


def test_the_wire_is_shown_without_controls(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.talk("D provisioner.wire: 1 < HTTP 200\n\x1b[2J\x9b31m\u202ex\r\n::error::pwned\n")
    said = capsys.readouterr().err
    assert said == ("D provisioner.wire: 1 < HTTP 200\n\\x1b[2J\\x9b31m\\u202ex\\r\n\\u003a:error::pwned\n")


@pytest.mark.parametrize("token", ["opaque-token", 'with \\" a quote', ""])
def test_the_wire_masks_a_chat_access_token(token: str) -> None:
    body = '{"accessToken": "' + token + '", "lastEventId": "0"}'
    assert shown(body) == ('{"accessToken": "***", "lastEventId": "0"}' if token else body)


# The sink itself


class _Reluctant(io.RawIOBase):
    """Takes three bytes at a time, and every second time none, as a non-blocking pipe does."""

    def __init__(self) -> None:
        self.taken = b""
        self.asked = 0
        self.pipe = os.pipe()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.pipe[1]  # ready whenever it is asked

    def write(self, data: object) -> int | None:  # type: ignore[override]
        self.asked += 1
        if self.asked % 2:
            return None
        part = bytes(memoryview(data)[:3])  # type: ignore[arg-type]
        self.taken += part
        return len(part)


def test_a_stream_that_takes_little_gets_all(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = _Reluctant()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8"))
    sink = Sink("stdout")
    sink.text("0123456789\n")
    assert (raw.taken, sink.failure) == (b"0123456789\n", None)


def test_nothing_is_written_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the reader would get a result with a hole in it."""
    with open("/dev/full", "w") as full:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", full)
        sink = Sink("stdout")
        sink.text("one")
        assert sink.failure is not None
        assert sink.failure.errno == errno.ENOSPC
        monkeypatch.setattr(sys, "stdout", io.StringIO())
        sink.text("two")
        assert sys.stdout.getvalue() == ""


def test_a_stream_of_text_alone_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert main(["--version"]) == 0
    assert sys.stdout.getvalue().startswith("provisioner ")  # type: ignore[attr-defined]
