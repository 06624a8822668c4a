"""The hint of a refused login is the first cause that diagnose login has for the same words."""

from __future__ import annotations

import pytest

from provisioner.diagnosis.catalogue import KnownText
from provisioner.diagnosis.login.causes import CAUSES
from provisioner.diagnosis.login.diagnosis import add_hint
from provisioner.diagnosis.login.texts import TOKEN_TEXTS, known_text
from provisioner.errors import LoginError


def refused(error: str, description: str) -> LoginError:
    server: dict[str, str | int] = {"status": 400, "error": error, "error_description": description}
    return LoginError("The org did not log a@b.c in.", next="Find out more.", server=server)


@pytest.mark.parametrize("row", [row for row in TOKEN_TEXTS if row.causes], ids=lambda row: f"{row.id} {row.words}")
def test_a_known_answer_is_explained_by_its_first_cause(row: KnownText) -> None:
    error = row.errors[0] if row.errors else ""
    found = known_text(error, row.words)
    assert found is not None
    cause = found.causes[0][0]
    assert add_hint(refused(error, row.words)).next == f"Most likely {cause}: {CAUSES[cause].meaning} Find out more."


@pytest.mark.parametrize(("skew", "words"), [(-3600.0, "ahead of the host's"), (600.0, "10 minutes behind the host's")])
@pytest.mark.parametrize("words_of_org", ["invalid assertion", "unspecified condition 17"])
def test_a_clock_that_is_off_comes_first(skew: float, words: str, words_of_org: str) -> None:
    error = refused("invalid_grant", words_of_org)
    error.skew = skew
    said = add_hint(error).next
    assert said.startswith("This machine's clock is ")
    assert words in said
    assert "certificate" not in said
    assert said.endswith("Find out more.")


def test_a_clock_that_is_right_is_not_named() -> None:
    error = refused("invalid_grant", "invalid assertion")
    error.skew = 5.0
    assert "clock" not in add_hint(error).next


def test_an_unknown_answer_gets_no_cause() -> None:
    assert add_hint(refused("odd_error", "unspecified condition 17")).next == "Find out more."


def test_an_error_without_an_answer_stays_as_it_is() -> None:
    assert add_hint(LoginError("No key.", next="Give one.")).next == "Give one."


def test_a_hint_needs_no_value_filled_in() -> None:
    first = {row.causes[0][0] for row in TOKEN_TEXTS if row.causes}
    assert not [cause for cause in first if "{" in CAUSES[cause].meaning]
