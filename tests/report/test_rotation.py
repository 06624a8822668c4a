"""Rotations and revocations as they are printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from provisioner.errors import ExitStatus
from provisioner.jose.rotation import next_step
from provisioner.jose.rotation_state import (
    DeclaredState,
    OrgState,
    Proven,
    RotatingKey,
    RotatingKeyset,
    TokenEvidence,
    UsingChannel,
)
from provisioner.jose.rotation_words import Invocation, words_of
from provisioner.report.rotation import (
    Hit,
    Revoked,
    Rotated,
    revocation_json,
    revocation_view,
    rotation_json,
    rotation_view,
    status_json,
    status_view,
    warning_view,
)
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report.golden import assert_golden, assert_golden_json
from tests.report.samples import APPLIED
from tests.report.test_verify_and_chat import GOOD, PROBED

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TYPED = Invocation("production")
NOTHING = TokenEvidence()
OLD = RotatingKey(
    "storefront_2026_02",
    "shop-1",
    "RS256",
    DeclaredState.ACTIVE,
    OrgState.ACTIVE,
    NOW - 6000 * HOUR,
    NOW + 2700 * HOUR,
)
NEW = RotatingKey(
    "storefront_2026_11",
    "shop-2",
    "RS256",
    DeclaredState.ACTIVE,
    OrgState.ACTIVE,
    NOW - HOUR,
    NOW + 8700 * HOUR,
)
WEB = UsingChannel("Web_Chat", 60, "Shop_Web")


def rotated(*keys: RotatingKey, evidence: TokenEvidence = NOTHING, endpoint: str | None = None) -> Rotated:
    channels = (WEB, UsingChannel("App_Chat", 240))
    view = RotatingKeyset("storefront", "https://id.example.com", endpoint, True, keys, channels)
    step = next_step(view, evidence, NOW)
    return Rotated("production", "00D000000000001AAA", view, step, words_of(step, view, evidence, NOW, TYPED))


def proven(hours: float, *, now: bool = True) -> TokenEvidence:
    return TokenEvidence({"shop-2": Proven(NOW - hours * HOUR, now)})


OFF = replace(OLD, declared=DeclaredState.INACTIVE, held=OrgState.INACTIVE)
SERVED = (replace(OLD, name="shop-1"), replace(NEW, name="shop-2"))
CASES = {
    "at rest": rotated(OLD),
    "to publish": rotated(OLD, replace(NEW, held=OrgState.MISSING)),
    "to publish again": rotated(OLD, replace(NEW, held=OrgState.INACTIVE)),
    "to prove": rotated(OLD, NEW),
    "to switch": replace(rotated(OLD, NEW, evidence=proven(0)), proofs=((GOOD, PROBED),)),
    "retired too early": rotated(OLD, NEW, evidence=proven(1)),
    "to switch off": rotated(OLD, NEW, evidence=proven(5, now=False)),
    "to delete": replace(rotated(OFF, NEW, evidence=proven(5)), outcomes=(APPLIED,)),
    "blocked": rotated(OLD, replace(NEW, replaced=True)),
    "of an endpoint": rotated(*SERVED, evidence=proven(5), endpoint="https://id.example.com/jwks.json"),
}
for _name in ("retired too early", "blocked"):
    _refused = CASES[_name].step.refused
    CASES[_name] = replace(CASES[_name], refused=_refused, exit_status=ExitStatus.REFUSED)


@pytest.mark.parametrize("name", CASES)
def test_each_step_is_shown(name: str) -> None:
    assert_golden(f"rotation/{name}.txt", terminal(rotation_view(CASES[name]), Style(width=100)))


def test_a_terminal_has_colours() -> None:
    assert_golden(
        "rotation/to switch in colour.txt", terminal(rotation_view(CASES["to switch"]), Style(80, color=True))
    )


@pytest.mark.parametrize("name", ["to switch", "retired too early"])
def test_programs_get_the_same(name: str) -> None:
    assert_golden_json(f"rotation/{name}.json", rotation_json(CASES[name]))


def test_where_every_keyset_stands() -> None:
    found = [
        replace(case, view=replace(case.view, keyset=f"set_{number}")) for number, case in enumerate(CASES.values())
    ]
    assert_golden("rotation/status.txt", terminal(status_view("production", found), Style(width=100)))
    assert_golden_json("rotation/status.json", status_json("production", found[:3]))


def test_no_keyset_at_all() -> None:
    assert "has no keyset" in terminal(status_view("local", []), Style())


REVOKED = Revoked(
    "production", "storefront", "storefront_2026_02", "shop-1",
    (Hit("Web_Chat", 60, ()), Hit("App_Chat", 240, ("storefront_2026_11 (kid shop-2)",))),
    was_active=True, next=("Make its successor.", "Sign with it."),
)  # fmt: skip


def test_a_revocation_says_first_what_breaks() -> None:
    assert_golden("rotation/revoking.txt", terminal(warning_view(REVOKED), Style(width=100)))
    assert_golden_json("rotation/revoking.json", revocation_json(REVOKED))
    off = terminal(warning_view(replace(REVOKED, was_active=False)), Style())
    assert "inactive already" in off
    assert "nothing breaks" in terminal(warning_view(replace(REVOKED, hits=())), Style())


def test_a_revocation_s_end() -> None:
    done = replace(
        REVOKED, outcome=APPLIED,
        written="config/user-verification.yaml", by_hand="The overrides keep it active.",
    )  # fmt: skip
    assert_golden("rotation/revoked.txt", terminal(revocation_view(done), Style(width=100)))
    refused = replace(REVOKED, refused=("It was not confirmed.", "Run it again when you are sure."))
    assert_golden("rotation/not revoked.txt", terminal(revocation_view(refused), Style(width=100)))
