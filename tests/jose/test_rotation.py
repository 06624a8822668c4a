"""The steps of a rotation: one for every state, and never one that could leave customers as guests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.jose.rotation import next_step
from provisioner.jose.rotation_state import (
    Choice,
    DeclaredState,
    OrgState,
    Proven,
    RotatingKey,
    RotatingKeyset,
    RotationStep,
    StepKind,
    TokenEvidence,
    UsingChannel,
)
from provisioner.jose.rotation_words import Invocation, words_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OLD = RotatingKey(
    "old", "kid-old", "RS256", DeclaredState.ACTIVE, OrgState.ACTIVE, NOW - 90 * 24 * HOUR, NOW + 24 * HOUR
)
NEW = RotatingKey("new", "kid-new", "RS256", DeclaredState.ACTIVE, OrgState.ACTIVE, NOW - HOUR, NOW + 900 * HOUR)
WEB = UsingChannel("Web_Chat", 60, "Shop_Web")


def view(*keys: RotatingKey, **fields: object) -> RotatingKeyset:
    whole = RotatingKeyset("shop", "https://id.example.com", None, True, keys, (WEB,))
    return replace(whole, **fields)  # type: ignore[arg-type]


def proven(hours: float, *, now: bool = True, **fields: object) -> TokenEvidence:
    return replace(TokenEvidence({"kid-new": Proven(NOW - hours * HOUR, now)}), **fields)  # type: ignore[arg-type]


def codes(step: RotationStep) -> set[str]:
    return {each.code for each in step.refused}


def test_the_whole_sequence() -> None:
    seen = []
    states = [
        (view(OLD), TokenEvidence()),
        (view(OLD, replace(NEW, held=OrgState.MISSING)), TokenEvidence()),
        (view(OLD, NEW), TokenEvidence()),
        (view(OLD, NEW), proven(0.5)),
        (view(OLD, NEW), proven(2)),
        (view(replace(OLD, declared=DeclaredState.INACTIVE), NEW), proven(2)),
        (view(replace(OLD, declared=DeclaredState.INACTIVE, held=OrgState.INACTIVE), NEW), proven(2)),
        (view(replace(OLD, declared=DeclaredState.REMOVED, held=OrgState.INACTIVE), NEW), proven(2)),
        (view(NEW), TokenEvidence()),
    ]
    for state, evidence in states:
        step = next_step(state, evidence, NOW)
        seen.append(step.kind.value)
        if step.kind in (StepKind.PROVE, StepKind.SWITCH, StepKind.DEACTIVATE, StepKind.DELETE):
            assert (step.new and step.new.name, step.old and step.old.name) == ("new", "old")
    assert seen == [
        "generate", "publish", "prove", "switch", "deactivate", "deactivate", "delete", "delete", "generate",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "kind", "refused"),
    [
        (TokenEvidence(), "prove", {"unproven"}),
        (TokenEvidence({"kid-old": Proven(NOW - 9 * HOUR, True)}), "prove", {"unproven"}),
        (TokenEvidence(switched_at=NOW - 9 * HOUR), "prove", {"unproven"}),
        (proven(0.5), "switch", {"too-early"}),
        (proven(0.5, now=False), "switch", {"too-early", "not-proven-now"}),
        (proven(0.5, switched_at=NOW - 2 * HOUR), "deactivate", set()),
        (proven(2), "deactivate", set()),
        (proven(2, now=False), "deactivate", {"not-proven-now"}),
        (proven(2, switched_at=NOW - HOUR / 2), "switch", {"too-early"}),
        (proven(2, token_life=3 * HOUR), "switch", {"too-early"}),
        (proven(2, token_life=HOUR / 2), "deactivate", set()),
        (proven(2, seen={"kid-old": NOW - HOUR / 2}), "switch", {"too-early"}),
        (proven(2, seen={"kid-new": NOW}), "deactivate", set()),
        (proven(2, signer_kid="kid-old"), "switch", {"signer-uses-old"}),
        (proven(2, signer_kid="kid-third"), "switch", {"signer-uses-another"}),
        (proven(2, signer_kid="kid-new"), "deactivate", set()),
    ],
)
def test_what_stands_against_retiring(evidence: TokenEvidence, kind: str, refused: set[str]) -> None:
    step = next_step(view(OLD, NEW), evidence, NOW)
    assert (step.kind.value, codes(step)) == (kind, refused)


def test_a_key_that_is_off_needs_no_waiting_but_proof() -> None:
    off = replace(OLD, declared=DeclaredState.INACTIVE, held=OrgState.INACTIVE)
    assert codes(next_step(view(off, NEW), proven(0), NOW)) == set()
    assert codes(next_step(view(off, NEW), TokenEvidence(), NOW)) == {"unproven"}
    assert codes(next_step(view(off, NEW), proven(9, signer_kid="kid-old"), NOW)) == {"signer-uses-old"}


def test_the_longest_life_of_all_channels_counts() -> None:
    app = UsingChannel("App_Chat", 240)
    step = next_step(view(OLD, NEW, channels=(WEB, app)), proven(2), NOW)
    assert (step.kind, step.until) == (StepKind.SWITCH, NOW + 2 * HOUR)


def test_an_unused_keyset_needs_no_proof() -> None:
    step = next_step(view(OLD, NEW, channels=()), TokenEvidence(), NOW)
    assert (step.kind, step.refused, step.until) == (StepKind.DEACTIVATE, (), None)


def test_a_key_of_another_keyset_is_not_switched_off_under_it() -> None:
    shared = replace(OLD, elsewhere=frozenset({"partner"}))
    assert codes(next_step(view(shared, NEW), proven(2), NOW)) == {"shared"}
    both = replace(NEW, elsewhere=frozenset({"partner"}))
    assert codes(next_step(view(shared, both), proven(2), NOW)) == set()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (view(OLD, NEW, unreadable=("keyset: no access.",)), "unreadable"),
        (view(OLD, NEW, in_org=False), "not-in-org"),
        (view(OLD, replace(NEW, replaced=True)), "replaced-in-place"),
        (view(NEW, replace(OLD, declared=DeclaredState.UNDECLARED)), "not-declared"),
        (view(NEW, replace(OLD, declared=DeclaredState.UNDECLARED, held=OrgState.INACTIVE)), "not-declared"),
        (view(NEW, replace(OLD, declared=DeclaredState.REMOVED)), "removed-while-active"),
        (
            view(
                replace(NEW, held=OrgState.MISSING),
                replace(OLD, declared=DeclaredState.REMOVED, held=OrgState.INACTIVE),
            ),
            "removed-before-published",
        ),
        (view(OLD, replace(NEW, begins=OLD.begins)), "which-is-new"),
        (view(OLD, replace(NEW, begins=None)), "which-is-new"),
        (view(OLD, NEW, replace(OLD, name="third", kid="third")), "which-is-old"),
    ],
)
def test_where_no_step_is_safe(state: RotatingKeyset, code: str) -> None:
    step = next_step(state, proven(2), NOW)
    assert (step.kind, codes(step)) == (StepKind.BLOCKED, {code})


def test_the_person_s_word() -> None:
    third = replace(OLD, name="third", kid="kid-third")
    step = next_step(view(OLD, NEW, third), proven(2), NOW, Choice(old="third"))
    assert (step.new, step.old) == (NEW, third)
    step = next_step(view(OLD, NEW), TokenEvidence(), NOW, Choice(new="old"))
    assert (step.new, step.old, step.kind) == (OLD, NEW, StepKind.PROVE)
    assert next_step(view(OLD), TokenEvidence(), NOW, Choice(old="old")).kind is StepKind.GENERATE
    gone = replace(OLD, declared=DeclaredState.INACTIVE, held=OrgState.MISSING)
    for choice in (Choice(new="x"), Choice(old="x"), Choice(new="old"), Choice(old="old")):
        assert codes(next_step(view(NEW, gone), TokenEvidence(), NOW, choice)) == {"unknown-key"}
    assert codes(next_step(view(OLD, NEW), TokenEvidence(), NOW, Choice("new", "new"))) == {"same-key"}


def test_what_was_made_for_later_is_not_deleted() -> None:
    later = replace(NEW, name="later", kid="l", declared=DeclaredState.INACTIVE, held=OrgState.INACTIVE, begins=NOW)
    assert next_step(view(NEW, later), TokenEvidence(), NOW).kind is StepKind.GENERATE


# Any state

moments = st.one_of(st.none(), st.sampled_from([NOW - n * HOUR for n in (0, 0.5, 1, 2, 9)]))
kids = st.sampled_from(["kid-a", "kid-b", "kid-c", "kid-d"])


@st.composite
def rotations(draw: st.DrawFn) -> RotatingKeyset:
    names = draw(st.lists(st.sampled_from("abc"), unique=True))
    keys = tuple(
        RotatingKey(
            name, f"kid-{name}", "RS256", draw(st.sampled_from(DeclaredState)), draw(st.sampled_from(OrgState)),
            draw(moments), None, draw(st.integers(0, 9)) == 0, frozenset(draw(st.sets(st.sampled_from(["x", "y"])))),
        )
        for name in names
    )  # fmt: skip
    channels = draw(st.lists(st.builds(UsingChannel, st.just("Web"), st.integers(1, 300)), max_size=2))
    unreadable = ("no",) if draw(st.integers(0, 9)) == 0 else ()
    return RotatingKeyset("shop", "iss", None, draw(st.integers(0, 9)) > 0, keys, tuple(channels), unreadable)


evidences = st.builds(
    TokenEvidence,
    st.dictionaries(kids, st.builds(Proven, moments.map(lambda at: at or NOW), st.booleans())),
    st.dictionaries(kids, moments.map(lambda at: at or NOW)),
    st.one_of(st.none(), kids),
    st.one_of(st.none(), st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes))),
    moments,
)
choices = st.builds(Choice, st.one_of(st.none(), st.sampled_from("abcd")), st.one_of(st.none(), st.sampled_from("abc")))


@given(rotations(), evidences, choices)
@settings(max_examples=300)
def test_every_step_can_be_said(state: RotatingKeyset, evidence: TokenEvidence, choice: Choice) -> None:
    for whole in (state, replace(state, endpoint="https://id.example.com/jwks.json")):
        step = next_step(whole, evidence, NOW, choice)
        words = words_of(step, whole, evidence, NOW, Invocation("prod"))
        said = [words.title, *words.seen, *words.next, *filter(None, [words.back])]
        assert words.next
        assert all(each.strip() and "None" not in each for each in said)
        commands = [each for each in words.next if "provisioner keys rotate" in each or "provisioner apply" in each]
        assert all("--env prod" in each for each in commands)


@given(rotations(), evidences, choices)
@settings(max_examples=600)
def test_every_state_has_one_safe_step_or_a_reason(
    state: RotatingKeyset, evidence: TokenEvidence, choice: Choice
) -> None:
    step = next_step(state, evidence, NOW, choice)
    assert step == next_step(state, evidence, NOW, choice)
    assert all(each.code and each.sentence and each.next for each in step.refused)
    if step.kind is StepKind.BLOCKED:
        assert len(step.refused) == 1
        return
    active = [key for key in state.keys if key.declared is DeclaredState.ACTIVE]
    if step.kind is StepKind.GENERATE:
        assert len(active) <= 1
        return
    if step.kind is StepKind.PUBLISH:
        assert step.publish
        assert all(key.declared is DeclaredState.ACTIVE and key.held is not OrgState.ACTIVE for key in step.publish)
        return
    assert step.new is not None
    assert step.old is not None
    assert step.new.name != step.old.name
    assert (step.new.declared, step.new.held) == (DeclaredState.ACTIVE, OrgState.ACTIVE)
    assert (step.kind is StepKind.DELETE) is (step.old.held is not OrgState.ACTIVE)
    assert step.old.held is not OrgState.MISSING
    if step.kind in (StepKind.PROVE, StepKind.SWITCH):
        assert step.refused
    if step.kind in (StepKind.DEACTIVATE, StepKind.DELETE) and not step.refused and state.channels:
        proof = evidence.proofs[step.new.kid]
        assert proof.now
        assert evidence.signer_kid in (None, step.new.kid)
        assert step.old.elsewhere <= step.new.elsewhere
        if step.kind is StepKind.DEACTIVATE:
            since = evidence.switched_at or proof.since
            assert NOW - since >= max(timedelta(minutes=each.verified_minutes) for each in state.channels)
            assert evidence.token_life is None or NOW - since >= evidence.token_life
