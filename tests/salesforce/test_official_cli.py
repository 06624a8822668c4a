"""What the official CLI answers, and what a person is told to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner import untrusted
from provisioner.errors import LoginError, RefusedError
from provisioner.salesforce.official_cli import session_of_alias
from provisioner.secrets import redactor
from tests.cli.fake_sf import FakeCli, install

TOKEN = "00D5g000000XXXX!AQEAQ.a_token_of_some_length_that_nobody_has"
SHOWN = {"instanceUrl": "https://acme--uat.sandbox.my.salesforce.com", "id": "00D5g000000XXXXEAA", "username": "a@b.c"}


@pytest.fixture
def sf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCli:
    return install(tmp_path / "bin", monkeypatch)


def refusal(alias: str = "uat") -> LoginError:
    with pytest.raises(LoginError) as caught:
        session_of_alias(alias)
    return caught.value


def test_a_session(sf: FakeCli) -> None:
    sf.has_session(TOKEN, **SHOWN, clientId="PlatformCLI")
    found = session_of_alias("uat")
    assert found.access_token.reveal() == TOKEN
    assert (found.instance_url, found.org_id) == (SHOWN["instanceUrl"], SHOWN["id"])
    assert (found.username, found.client_id) == ("a@b.c", "PlatformCLI")
    assert sorted(sf.calls) == [
        "org auth show-access-token --no-prompt --target-org uat --json",
        "org display --target-org uat --json",
    ]


def test_the_token_is_masked(sf: FakeCli) -> None:
    sf.has_session(TOKEN, **SHOWN)
    session_of_alias("uat")
    assert TOKEN not in redactor.redact(f"Bearer {TOKEN}")


def test_what_an_older_cli_shows_is_masked(sf: FakeCli) -> None:
    sf.has_session(TOKEN, **SHOWN)
    older = "00D5g000000XXXX!the_token_that_display_showed_in_the_past"
    sf.answers("display", {"status": 0, "result": {**SHOWN, "accessToken": older}})
    session_of_alias("uat")
    assert older not in redactor.redact(older)


def test_no_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refusal()
    assert error.code == "sf-missing"
    assert "npm install --global @salesforce/cli" in error.next
    assert "sf org login web --alias uat" in error.next


def test_a_cli_without_the_command(sf: FakeCli) -> None:
    said = " ›   Warning: org auth show-access-token is not a sf command.\n ›   Error: Run sf help org"
    sf.answers("token", "", 127, said)
    sf.answers("display", {"status": 0, "result": SHOWN})
    error = refusal()
    assert error.code == "sf-too-old"
    assert "`sf org auth show-access-token`" in error.message
    assert "sf update" in error.next


def test_an_org_that_it_does_not_know(sf: FakeCli) -> None:
    sf.unknown_org("uta", "uat")
    error = refusal("uta")
    assert error.code == "sf-unknown-org"
    assert 'Did you mean "uat"?' in error.message
    assert "sf org login web --alias uta" in error.next


def test_a_session_that_it_cannot_renew(sf: FakeCli) -> None:
    failure = {
        "name": "RefreshTokenAuthError",
        "message": "Error authenticating with the refresh token due to: expired",
    }
    sf.answers("token", failure, 1)
    sf.answers("display", {"status": 0, "result": SHOWN})
    error = refusal()
    assert error.code == "session-expired"
    assert "sf org login web --alias uat" in error.next


@pytest.mark.parametrize(
    ("printed", "status"),
    [("", 1), ("no JSON", 0), ("[]", 0), ('{"status": 0, "result": {}}', 0), ('{"message": "It broke."}', 1)],
)
def test_an_answer_that_says_nothing(sf: FakeCli, printed: str, status: int) -> None:
    sf.answers("token", printed, status)
    sf.answers("display", {"status": 0, "result": SHOWN})
    error = refusal()
    assert error.code == "sf-failed"
    assert "sf org display --target-org uat" in error.next


def test_an_untrusted_run_asks_nothing(sf: FakeCli) -> None:
    sf.has_session(TOKEN, **SHOWN)
    with untrusted.running(True), pytest.raises(RefusedError):
        session_of_alias("uat")
    assert sf.calls == []
