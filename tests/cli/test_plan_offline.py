"""A plan without an org: the changes since another declaration, as a pull request's job shows them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from provisioner.cli.main import main

ROOT = Path(__file__).parents[2]
REAL = """\
login_url: https://acme--uat.sandbox.my.salesforce.com
username: ci@acme.com.uat
consumer_key: ${env:NOT_SET_HERE}
private_key: ${file:nowhere.key}
variables: {storefront_issuer: https://id.example.com}
"""


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a change beside the folder of the target branch. Nothing can be logged in to."""
    for name in ("base", "config"):
        shutil.copytree(ROOT / "config", tmp_path / name)
        (tmp_path / name / "environments/sandbox.yaml").write_text(REAL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROVISIONER_UNTRUSTED", "1")
    declaration = tmp_path / "config/user-verification.yaml"
    declaration.write_text(declaration.read_text().replace("verified: 60", "verified: 90"))
    return tmp_path


def plan(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = main(["plan", "--env", "sandbox", *words])
    out, err = capsys.readouterr()
    return status, out + err


OFFLINE = ("--offline", "--base", "base")


@pytest.mark.usefixtures("change")
def test_a_change_shows_without_a_login(capsys: pytest.CaptureFixture[str]) -> None:
    status, said = plan(capsys, *OFFLINE)
    assert status == 0
    assert "no org was read: compared with the declaration in base" in said
    assert "the base declares other values" in said
    assert "token_expiration_minutes.verified  60  ->  90" in said
    assert "0 to create, 1 to update, 0 to delete" in said


@pytest.mark.usefixtures("change")
@pytest.mark.parametrize("shown", ["json", "markdown", "junit"])
def test_every_format_says_that_no_org_was_read(capsys: pytest.CaptureFixture[str], shown: str) -> None:
    status, said = plan(capsys, *OFFLINE, "--format", shown, "--detailed-exitcode")
    assert status == 2
    assert {"json": '"org": null', "markdown": "No org was read", "junit": "the base declares"}[shown] in said


def test_no_change_is_said(capsys: pytest.CaptureFixture[str], change: Path) -> None:
    status, said = plan(capsys, "--offline", "--base", "config", "--detailed-exitcode")
    assert status == 0
    assert "No changes." in said


def test_a_new_channel_is_taken_to_be_there(capsys: pytest.CaptureFixture[str], change: Path) -> None:
    text = (change / "base/user-verification.yaml").read_text()
    (change / "base/user-verification.yaml").write_text(text[: text.index("channels:")])
    status, said = plan(capsys, *OFFLINE)
    assert status == 0
    assert "user_verification.enabled" in said
    assert "Guests can no longer chat on Web_Chat" in " ".join(said.split())


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--offline",), 64, "--offline and --base DIR belong together"),
        (("--base", "base"), 64, "--offline and --base DIR belong together"),
        ((*OFFLINE, "--out", "plan.json"), 64, "cannot be saved"),
        (("--offline", "--base", "nowhere"), 1, "Name a config directory with --base DIR."),
        (("--offline", "--base", "without"), 1, "without has no environment sandbox"),
        (("--offline", "--base", "broken"), 1, "provisioner validate --config broken --env sandbox"),
    ],
)
def test_what_cannot_be_compared(
    capsys: pytest.CaptureFixture[str], change: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    shutil.copytree(change / "base", change / "broken")
    (change / "broken/user-verification.yaml").write_text("version: 1\nkeyz: {}\n")
    shutil.copytree(change / "base", change / "without")
    (change / "without/environments/sandbox.yaml").unlink()
    ended, text = plan(capsys, *words)
    assert ended == status
    assert said in " ".join(text.split())
