"""The hint of a refused login is the first cause that diagnose login has for the same words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from provisioner.diagnosis.catalogue import KnownText
from provisioner.diagnosis.login.causes import CAUSES
from provisioner.diagnosis.login.diagnosis import add_hint
from provisioner.diagnosis.login.evidence import Configured
from provisioner.diagnosis.login.texts import TOKEN_TEXTS, known_text
from provisioner.errors import LoginError

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def refused(error: str, description: str) -> LoginError:
    server: dict[str, str | int] = {"status": 400, "error": error, "error_description": description}
    return LoginError("The org did not log a@b.c in.", next="Find out more.", server=server)


@pytest.mark.parametrize("row", [row for row in TOKEN_TEXTS if row.causes], ids=lambda row: f"{row.id} {row.words}")
def test_a_known_answer_is_explained_by_a_cause_of_it(row: KnownText) -> None:
    error = row.errors[0] if row.errors else ""
    found = known_text(error, row.words)
    assert found is not None
    said = add_hint(refused(error, row.words), NOW).next
    hints = [f"Most likely {cause}: {CAUSES[cause].meaning}" for cause, _ in found.causes]
    assert said.startswith(tuple(hints))
    assert said.endswith(" Find out more.")


def test_the_configured_login_counts_as_in_diagnose_login() -> None:
    words = "External client app is not installed in this org"
    generic = Configured(login_url="https://acme.my.salesforce.com", audience="https://test.salesforce.com")
    own = replace(generic, audience=generic.login_url)
    for configured, cause in ((generic, "eca-needs-my-domain"), (own, "app-not-installed")):
        assert add_hint(refused("app_not_found", words), NOW, configured).next.startswith(f"Most likely {cause}: ")


@pytest.mark.parametrize(("skew", "words"), [(-3600.0, "ahead of the host's"), (600.0, "10 minutes behind the host's")])
@pytest.mark.parametrize("words_of_org", ["invalid assertion", "unspecified condition 17"])
def test_a_clock_that_is_off_comes_first(skew: float, words: str, words_of_org: str) -> None:
    error = refused("invalid_grant", words_of_org)
    error.skew = skew
    said = add_hint(error, NOW).next
    assert said.startswith("This machine's clock is ")
    assert words in said
    assert "certificate" not in said
    assert said.endswith("Find out more.")


def test_a_clock_that_is_right_is_not_named() -> None:
    error = refused("invalid_grant", "invalid assertion")
    error.skew = 5.0
    assert "clock" not in add_hint(error, NOW).next


def test_an_unknown_answer_gets_no_cause() -> None:
    assert add_hint(refused("odd_error", "unspecified condition 17"), NOW).next == "Find out more."


def test_an_error_without_an_answer_stays_as_it_is() -> None:
    assert add_hint(LoginError("No key.", next="Give one."), NOW).next == "Give one."


def test_a_hint_needs_no_value_filled_in() -> None:
    first = {row.causes[0][0] for row in TOKEN_TEXTS if row.causes}
    assert not [cause for cause in first if "{" in CAUSES[cause].meaning]
