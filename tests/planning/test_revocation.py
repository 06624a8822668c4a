"""The one way past the last-usable guard: a plan that switches off the named key, and does nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.jose.material import Derivation
from provisioner.model.estate import Estate, Removed
from provisioner.model.types import MetadataType
from provisioner.planning.guards import Allowed
from provisioner.planning.planner import make_plan
from tests.planning.estates import NOW, jwk
from tests.planning.test_risk import CHANNEL, ESTATE, KEY, KEYSET, OLD, provisioned

OFF = replace(ESTATE, keys={"key_a": replace(KEY, active=False)})
REVOKE = Allowed(production=True, revoke="key_a")


def guards(estate: Estate, allowed: Allowed, snapshot: Snapshot | None = None, derived: object = OLD) -> set[str]:
    plan = make_plan(
        estate,
        dict.fromkeys(estate.keys, Derivation(derived, None, ())),  # type: ignore[arg-type]
        snapshot or provisioned(),
        environment="test",
        declaration_digest="",
        now=NOW,
        allowed=allowed,
    )
    return {each.guard for each in plan.blocked}


def test_the_last_key_goes_only_as_a_revocation() -> None:
    assert guards(OFF, Allowed(destroy=True, production=True)) == {"no-usable-configuration"}
    assert guards(OFF, REVOKE) == set()


@pytest.mark.parametrize(
    "estate",
    [
        replace(OFF, keys={"key_a": replace(KEY, active=False, label="Another")}),
        replace(OFF, keysets={"set_a": replace(KEYSET, label="Another")}),
        replace(OFF, channels={"Web_Chat": replace(CHANNEL, verified_minutes=30)}),
        replace(ESTATE, channels={"Web_Chat": replace(CHANNEL, configurations={})}),
        replace(
            ESTATE, keys={}, keysets={}, channels={"Web_Chat": replace(CHANNEL, configurations={})},
            removed=Removed(("key_a",), ("set_a",)),
        ),
    ],
)  # fmt: skip
def test_nothing_else_passes_along_with_it(estate: Estate) -> None:
    assert "no-usable-configuration" in guards(estate, replace(REVOKE, destroy=True))


def test_another_key_s_name_lets_nothing_pass() -> None:
    for other in ("key_b", "KEY_A", ""):
        assert "no-usable-configuration" in guards(OFF, replace(REVOKE, revoke=other))


def test_a_key_that_is_exchanged_is_not_revoked() -> None:
    assert guards(OFF, REVOKE, derived=jwk(1, "kid-2")) == {"no-usable-configuration", "destructive"}


def test_the_other_guards_stand() -> None:
    snapshot = provisioned()
    production = replace(snapshot, org=replace(snapshot.org, is_production=True))
    assert guards(OFF, replace(REVOKE, production=False), production) == {"production"}
    unseen = {**snapshot.types, MetadataType.CHANNEL: Unreadable("no", "Configure Messaging")}
    estate = replace(OFF, channels={})
    assert guards(estate, REVOKE, replace(snapshot, types=unseen)) == {"unreadable"}
