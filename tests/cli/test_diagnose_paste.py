"""``diagnose paste``, as a person types it: a file or stdin, no environment, nothing secret."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from provisioner.cli.main import main
from tests.diagnosis.test_pasted_corpus import FOLDER


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["diagnose", "paste", *words])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a config: no environment is needed."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_explained_in_ten_lines(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, str(FOLDER / "01-cli3482.txt"))
    assert status == 1
    assert out.startswith("The text says: eca-needs-my-domain")
    assert len(out.splitlines()) <= 10
    assert "Excluded" in run(capsys, str(FOLDER / "a32-mule.txt"), "--details")[1]


@pytest.mark.parametrize("words", [(), ("-",)])
def test_a_pipe_is_explained(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("invalid_grant: invalid assertion"))
    document = json.loads(run(capsys, *words, "--format", "json")[1])
    assert list(document) == ["format_version", "verdict", "server", "findings", "excluded"]
    assert document["verdict"] == "failing"
    assert document["findings"][0]["cause"] == "certificate-mismatch"


def test_output_of_powershell_is_utf_16(capsys: pytest.CaptureFixture[str], nowhere: Path) -> None:
    (nowhere / "log.txt").write_bytes("user hasn\u2019t approved this consumer".encode("utf-16"))
    assert "user-not-approved" in run(capsys, "log.txt")[1].splitlines()[0]


def test_bytes_of_no_encoding_are_read_all_the_same(capsys: pytest.CaptureFixture[str], nowhere: Path) -> None:
    (nowhere / "log.txt").write_bytes(b"\xff\x00\x80 invalid_grant: ip restricted")
    assert "ip-restricted" in run(capsys, "log.txt")[1]


def test_a_file_that_is_missing_and_an_empty_one(capsys: pytest.CaptureFixture[str], nowhere: Path) -> None:
    (nowhere / "empty.txt").write_text(" \n")
    status, _, err = run(capsys, "gone.txt")
    assert status == 1
    assert "gone.txt cannot be read: no such file or directory" in err
    status, _, err = run(capsys, "empty.txt")
    assert status == 64
    assert "The text is empty" in err


def test_a_private_key_is_called_leaked_and_never_printed(capsys: pytest.CaptureFixture[str], nowhere: Path) -> None:
    body = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo" * 4
    key = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"
    for text in (key, f"PRIVATE_KEY={key!r} invalid_grant: invalid assertion", json.dumps({"key": key})):
        (nowhere / "log.txt").write_text(text)
        for words in ((), ("--details",), ("--format", "json")):
            _, out, err = run(capsys, "log.txt", *words)
            assert body[:30] not in out + err
            assert "leaked" in out or "compromised" in out
