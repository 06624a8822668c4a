"""A login with two halves: both are tried in turn, as long as the token endpoint refuses them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, product

import pytest

from provisioner.errors import LoginError, UnreachableError
from provisioner.salesforce import LoginSettings, Org
from provisioner.salesforce.sessions import TURNS
from tests.salesforce.server import CUT, ScriptedOrg, json_answer, oauth_error

Connect = Callable[..., Org]
REFUSED = oauth_error("invalid_grant", "invalid assertion")
OTHER = oauth_error("app_not_found", "External client app is not installed in this org")


@pytest.fixture
def both(settings: LoginSettings) -> LoginSettings:
    return replace(settings, consumer_key="3MVG9.the_other_half_of_it")


def test_the_second_half_is_tried_after_a_refusal(connect: Connect, both: LoginSettings, scripted: ScriptedOrg) -> None:
    scripted.script("token", REFUSED)
    assert connect(fallback=both).session.client_id == both.consumer_key
    assert scripted.count("token") == 2


def test_the_first_half_alone_if_it_works(connect: Connect, both: LoginSettings, scripted: ScriptedOrg) -> None:
    assert connect(fallback=both).session.client_id != both.consumer_key
    assert scripted.count("token") == 1


def test_without_a_second_half_there_is_one_attempt(connect: Connect, scripted: ScriptedOrg) -> None:
    scripted.always("token", REFUSED)
    with pytest.raises(LoginError):
        connect()
    assert scripted.count("token") == 1


def test_the_refusal_of_the_first_half_is_raised(connect: Connect, both: LoginSettings, scripted: ScriptedOrg) -> None:
    scripted.script("token", REFUSED)
    scripted.always("token", OTHER)
    with pytest.raises(LoginError) as raised:
        connect(fallback=both)
    assert (raised.value.server or {})["error_description"] == "invalid assertion"
    assert scripted.count("token") == len(TURNS)


@pytest.mark.parametrize("answer", [CUT, json_answer({}, 404)], ids=["cut", "no token endpoint"])
def test_what_is_no_refusal_is_not_tried_again(
    connect: Connect, both: LoginSettings, scripted: ScriptedOrg, answer: object
) -> None:
    scripted.always("token", answer)  # type: ignore[arg-type]
    with pytest.raises((LoginError, UnreachableError)):
        connect(fallback=both)
    assert scripted.count("token") < len(TURNS)


def test_no_answers_in_turn_defeat_the_order() -> None:
    """An org may take either half all the time, or both in turn, in pairs, and beginning with either."""
    assert any(one == other for one, other in pairwise(TURNS))
    patterns = [tuple(turn % 2 for turn in range(8)), tuple((turn + 1) % 2 for turn in range(8)), (0,) * 8, (1,) * 8]
    patterns += [tuple((turn // 2 + shift) % 2 for turn in range(8)) for shift in (0, 1)]
    patterns += [tuple((turn + 1) // 2 % 2 for turn in range(8)), tuple(1 - (turn + 1) // 2 % 2 for turn in range(8))]
    for taken in patterns:
        assert any(half == takes for half, takes in zip(TURNS, taken, strict=True)), taken
    unlucky = [taken for taken in product((0, 1), repeat=8) if all(a != b for a, b in zip(TURNS, taken, strict=True))]
    assert len(unlucky) == 1
