"""A declaration stands for an org that runs it: compared with itself it has no changes, and each change shows."""

from __future__ import annotations

from hypothesis import given

from provisioner.components.snapshot import Snapshot
from provisioner.planning.declared_snapshot import declared_snapshot
from provisioner.planning.plan import Reason
from tests.planning.estates import estates
from tests.planning.test_convergence import Declared, plan_of


def snapshot_of(declared: Declared, *others: str) -> Snapshot:
    estate, derivations = declared
    jwks = {name: each.jwk for name, each in derivations.items() if each.jwk is not None}
    return declared_snapshot(estate, jwks, others, "base")


@given(estates())
def test_a_declaration_does_not_differ_from_itself(declared: Declared) -> None:
    plan = plan_of(declared, snapshot_of(declared))
    assert plan.changes == ()
    assert plan.unmanaged == ()
    assert plan.unread == ()
    assert plan.compared_with == "base"
    assert not plan.complete


@given(estates(), estates())
def test_reasons_name_the_base(declared: Declared, base: Declared) -> None:
    plan = plan_of(declared, snapshot_of(base, *declared[0].channels))
    assert {each.reason for each in plan.changes} <= {
        Reason.NOT_IN_BASE, Reason.DIFFERS_FROM_BASE, Reason.REMOVED_FROM_BASE
    }  # fmt: skip
    assert not [each for each in plan.blocked if each.guard == "missing-channel"]
    for change in plan.changes:
        if change.reason is Reason.NOT_IN_BASE:
            assert change.full_name not in base[0].components(change.type)
