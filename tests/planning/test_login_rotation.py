"""The step of a login's rotation: one for every state, and none that could lock anyone out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.planning.login_rotation import next_step
from provisioner.planning.login_rotation_state import (
    DEFAULT_SILENCE,
    OFF_FOR,
    PROPAGATION,
    Heard,
    LoginUse,
    RotatingApp,
    RotatingLogin,
    Side,
    StepKind,
    Way,
)
from provisioner.planning.login_rotation_words import LoginInvocation, words_of

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NEW = RotatingApp("App_2", "App 2", present=True, certificate=Side.NEW, changed=NOW - timedelta(hours=1))
OLD = RotatingApp("App", "App", present=True, certificate=Side.OLD, changed=NOW - timedelta(days=90))
SECOND = RotatingLogin("ci", Way.SECOND_APP, NEW, OLD, uses=Side.OLD, has_key=True)
SWITCHED = replace(SECOND, uses=Side.NEW, fallback=Side.OLD)
PLACE = RotatingLogin(
    "ci", Way.IN_PLACE, replace(NEW, certificate=Side.OLD), OLD, uses=Side.OLD, fallback=Side.NONE, has_key=True
)
SILENT = LoginUse(proven=True, heard=Heard(NOW - DEFAULT_SILENCE, None, NOW))

moments = st.one_of(st.none(), st.integers(0, 20_000).map(lambda minutes: NOW - timedelta(minutes=minutes)))
apps = st.builds(
    RotatingApp, st.sampled_from(["App", "App_2"]), st.sampled_from(["App", "App 2"]), present=st.booleans(),
    enabled=st.booleans(), certificate=st.sampled_from(Side), changed=moments, key_known=st.booleans(),
    differences=st.sampled_from([(), ("app.label",)]),
)  # fmt: skip
views = st.builds(
    RotatingLogin, st.just("ci"), st.sampled_from(Way), apps, st.one_of(st.none(), apps), st.sampled_from(Side),
    st.sampled_from(Side), st.booleans(), st.booleans(), st.sampled_from([(), ("It cannot be read.",)]),
)  # fmt: skip
evidences = st.builds(
    LoginUse, st.one_of(st.none(), st.booleans()), st.none(),
    st.one_of(st.none(), st.builds(Heard, st.just(NOW), moments, moments, problem=st.sampled_from([None, "no"]))),
    st.just(DEFAULT_SILENCE), moments,
)  # fmt: skip


@given(views, evidences)
def test_every_state_has_one_step_with_words(view: RotatingLogin, evidence: LoginUse) -> None:
    step = next_step(view, evidence, NOW)
    words = words_of(step, view, evidence, LoginInvocation("uat"), new_pair="provisioner keys generate")
    assert words.name
    assert (step.kind is StepKind.BLOCKED) == (not words.title)
    assert step.refused or words.next or step.kind is StepKind.BLOCKED
    assert step.refused or step.kind is not StepKind.BLOCKED


@given(views, evidences)
def test_no_app_is_ended_while_it_may_be_needed(view: RotatingLogin, evidence: LoginUse) -> None:
    step = next_step(view, evidence, NOW)
    if step.kind not in (StepKind.DISABLE, StepKind.DELETE) or step.refused:
        return
    assert view.uses is Side.NEW, "the environment has moved"
    assert evidence.proven, "its login works"
    assert evidence.heard is not None
    assert evidence.heard.problem is None
    assert evidence.heard.new is not None, "the history is not blind"
    assert evidence.heard.old is None, "nobody uses it"
    assert view.old is not None
    assert view.old.label != view.new.label, "the history can tell them apart"
    if step.kind is StepKind.DELETE:
        assert not view.old.enabled, "it was switched off before"


@given(views, evidences)
def test_no_switch_without_time_and_proof(view: RotatingLogin, evidence: LoginUse) -> None:
    step = next_step(view, evidence, NOW)
    if step.kind is StepKind.SWITCH:
        assert evidence.proven
        assert view.has_key
        assert view.new.changed is None or NOW - view.new.changed >= PROPAGATION


@given(views, evidences)
def test_no_certificate_is_exchanged_before_both_keys(view: RotatingLogin, evidence: LoginUse) -> None:
    step = next_step(view, evidence, NOW)
    exchanges = step.kind is StepKind.DEPLOY and view.way is Way.IN_PLACE and view.new.certificate is Side.OLD
    assert not exchanges or Side.NEW in (view.uses, view.fallback)


@pytest.mark.parametrize(
    ("view", "evidence", "kind", "codes"),
    [
        (replace(SECOND, old=None, uses=Side.NEW), LoginUse(), StepKind.GENERATE, []),
        (replace(SECOND, old=None, uses=Side.NEW, candidate=True), LoginUse(), StepKind.DECLARE, []),
        (replace(SECOND, new=replace(NEW, present=False)), LoginUse(), StepKind.DEPLOY, []),
        (replace(SECOND, new=replace(NEW, differences=("x",))), LoginUse(), StepKind.DEPLOY, []),
        (replace(SECOND, has_key=False), LoginUse(), StepKind.PROVE, ["no-key"]),
        (replace(SECOND, new=replace(NEW, changed=NOW)), LoginUse(proven=True), StepKind.PROVE, ["too-early"]),
        (SECOND, LoginUse(), StepKind.PROVE, []),
        (SECOND, LoginUse(proven=False), StepKind.PROVE, []),
        (SECOND, LoginUse(proven=True), StepKind.SWITCH, []),
        (replace(SECOND, new=replace(NEW, changed=None)), LoginUse(proven=True), StepKind.SWITCH, []),
        (SWITCHED, LoginUse(), StepKind.DISABLE, ["unproven", "history-unreadable"]),
        (SWITCHED, SILENT, StepKind.DISABLE, []),
        (SWITCHED, LoginUse(proven=True, leaked=True), StepKind.DISABLE, []),
        (SWITCHED, LoginUse(leaked=True), StepKind.DISABLE, ["unproven"]),
        (replace(SWITCHED, old=replace(OLD, enabled=False, changed=NOW)), SILENT, StepKind.DELETE, ["off-too-short"]),
        (replace(SWITCHED, old=replace(OLD, enabled=False)), SILENT, StepKind.DELETE, []),
        (
            replace(SWITCHED, old=replace(OLD, enabled=False, changed=None)),
            SILENT,
            StepKind.DELETE,
            ["off-since-unknown"],
        ),
        (
            replace(SWITCHED, old=replace(OLD, enabled=False, changed=None)),
            replace(SILENT, off_since=NOW - OFF_FOR),
            StepKind.DELETE,
            [],
        ),
        (replace(SWITCHED, old=replace(OLD, present=False)), SILENT, StepKind.RELEASE, []),
        (replace(SWITCHED, old=replace(OLD, present=False), fallback=Side.NONE), SILENT, StepKind.GENERATE, []),
        (replace(SECOND, uses=Side.MIXED), SILENT, StepKind.BLOCKED, ["mixed-login"]),
        (replace(SECOND, uses=Side.OTHER), SILENT, StepKind.BLOCKED, ["another-key"]),
        (replace(SECOND, new=replace(NEW, label="App")), SILENT, StepKind.BLOCKED, ["same-label"]),
        (replace(SECOND, new=replace(NEW, key_known=False)), SILENT, StepKind.BLOCKED, ["key-unknown"]),
        (PLACE, LoginUse(), StepKind.HOLD, []),
        (replace(PLACE, has_key=False), LoginUse(), StepKind.HOLD, ["no-key"]),
        (replace(PLACE, fallback=Side.NEW), LoginUse(), StepKind.DEPLOY, []),
        (replace(PLACE, new=NEW, fallback=Side.NEW), LoginUse(), StepKind.PROVE, []),
        (replace(PLACE, new=NEW, fallback=Side.NEW), LoginUse(proven=True), StepKind.SWITCH, []),
        (replace(PLACE, new=NEW, uses=Side.NEW), LoginUse(), StepKind.GENERATE, []),
        (
            replace(PLACE, new=replace(NEW, certificate=Side.OTHER)),
            LoginUse(),
            StepKind.BLOCKED,
            ["another-certificate"],
        ),
        (replace(PLACE, new=replace(NEW, present=False)), LoginUse(), StepKind.BLOCKED, ["no-app"]),
    ],
)
def test_the_step_of_a_state(view: RotatingLogin, evidence: LoginUse, kind: StepKind, codes: list[str]) -> None:
    step = next_step(view, evidence, NOW)
    assert (step.kind, [each.code for each in step.refused]) == (kind, codes)
