"""A saved plan is read back as the plan that it was, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.planning.plan import Plan
from provisioner.planning.saved_plan import WRONG_SHAPE, NotThePlanError, SavedPlan, read, sealed
from provisioner.planning.values import CertificateValue, FieldValue, PublicKeyValue
from provisioner.report.plan_json import plan_json, read_plan_json, read_value, sentence, structured
from provisioner.report.plan_markdown import saved_plan_markdown
from provisioner.report.plan_view import saved_plan_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report import samples
from tests.report.golden import assert_golden

PLANS = {
    "every kind of change": samples.FULL,
    "nothing to do": samples.EMPTY,
    "unreadable": samples.UNREADABLE,
    "narrowed": replace(samples.FULL, narrowed=True),
    "a warning": replace(samples.EMPTY, warnings=(samples.warning(), samples.warning(location=None))),
}
_TEXT = st.text(max_size=20)
_DATES = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    _TEXT,
    st.lists(_TEXT, max_size=3).map(tuple),
    st.builds(PublicKeyValue, _TEXT, st.integers(0, 9999), _TEXT, _TEXT, _TEXT),
    st.builds(CertificateValue, _TEXT, _DATES, _DATES, _TEXT),
)


def saved(plan: Plan) -> SavedPlan:
    return read(json.dumps(samples.saved(plan)).encode(), "plan.json")


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_comes_back_as_it_was(name: str) -> None:
    plan = PLANS[name]
    back = read_plan_json(json.loads(json.dumps(plan_json(plan))))
    assert (plan_json(back), back.narrowed, back.unread) == (plan_json(plan), plan.narrowed, plan.unread)


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: FieldValue) -> None:
    shown, plain = json.loads(json.dumps([sentence(value), structured(value)]))
    back = read_value(shown, plain)
    assert (type(back), structured(back)) == (type(value), structured(value))


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        ("RSA 4096 bits, thumbprint T", {"kty": "RSA", "bits": 2048, "kid": "k", "alg": "RS256", "thumbprint": "T"}),
        ("shop", "other"),
        (True, 1),
        (["a"], ["b"]),
        (None, {"kty": "RSA"}),
        ("x", {"subject": "x", "not_before": "soon", "not_after": "later", "sha256": "0"}),
    ],
)
def test_a_sentence_and_its_value_must_agree(shown: Any, value: Any) -> None:
    with pytest.raises(WRONG_SHAPE):
        read_value(shown, value)


def test_at_a_terminal() -> None:
    view = saved_plan_view("plan.json", saved(samples.FULL), samples.FULL)
    assert_golden("plan/saved.txt", terminal(view, Style(80)))


def test_in_markdown() -> None:
    text = saved_plan_markdown("plan.json", saved(samples.FULL), samples.FULL)
    assert text.splitlines()[0] == "### Plan for `sandbox`"
    assert text.splitlines()[-1].startswith("Saved plan `plan.json`, saved at 2026")


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["changes"][0].pop("impact"),
        lambda document: document["changes"][0]["fields"][0].update(before_value=7),
        lambda document: document["changes"][0].update(type="Profile"),
        lambda document: document["changes"][0].update(action="explode"),
        lambda document: document["org"].update(id=7),
        lambda document: document.update(unmanaged=[None]),
        lambda document: document.update(changes=7),
    ],
)
def test_a_sealed_file_of_another_shape_is_no_plan(change: Callable[[Any], None]) -> None:
    document = json.loads(json.dumps(samples.saved(samples.FULL)))
    change(document)
    with pytest.raises((NotThePlanError, *WRONG_SHAPE)):
        read_plan_json(read(json.dumps(sealed(document)).encode(), "plan.json").document)
