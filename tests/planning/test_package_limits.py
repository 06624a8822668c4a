"""What one deployment cannot carry is refused while it is a plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from provisioner.components.desired_xml import desired_xml
from provisioner.components.package import FILES_AT_MOST
from provisioner.components.snapshot import Component, Snapshot
from provisioner.components.xml import to_file
from provisioner.errors import ExitStatus
from provisioner.jose.material import Derivation
from provisioner.model.estate import Configuration, Endpoint, Estate, Issuer, Keyset, Removed, UploadedKeys
from provisioner.model.types import TYPES, MetadataType
from provisioner.planning import package_limits as limits
from provisioner.planning.plan import Action, Plan
from provisioner.planning.plan_input import PlanInput
from provisioner.planning.planner import make_plan
from tests.planning.estates import NOW, estates, snapshots
from tests.planning.test_risk import CHANNEL, ESTATE, KEY, KEYSET, OLD, provisioned


def plan_of(estate: Estate, snapshot: Snapshot | None = None) -> Plan:
    return make_plan(
        estate,
        dict.fromkeys(estate.keys, Derivation(OLD, None, ())),
        snapshot or provisioned(),
        environment="test",
        declaration_digest="",
        now=NOW,
    )


def keysets(count: int, removed: Removed | None = None) -> Estate:
    issuer, endpoint = Issuer("https://id.example.com"), Endpoint("https://id.example.com/jwks")
    names = [f"new_{number}" for number in range(count)]
    return Estate(keysets={name: Keyset(name, issuer, endpoint) for name in names}, removed=removed or Removed())


def refusals(plan: Plan) -> list[str]:
    return [each.message for each in plan.blocked if each.guard == "package-too-large"]


def test_ten_thousand_files_are_the_limit_with_the_manifest() -> None:
    assert refusals(plan_of(keysets(FILES_AT_MOST - 1))) == []
    (message,) = refusals(plan_of(keysets(FILES_AT_MOST)))
    assert "10,001 files" in message


def test_a_list_of_deletions_is_a_file_too() -> None:
    removed = Removed(keysets=("set_a",))
    assert refusals(plan_of(keysets(FILES_AT_MOST - 2, removed))) == []
    (message,) = refusals(plan_of(keysets(FILES_AT_MOST - 1, removed)))
    assert "10,001 files" in message


def test_the_refusal_shows_the_split_and_exits_with_three() -> None:
    plan = plan_of(keysets(FILES_AT_MOST))
    (blocked,) = [each for each in plan.blocked if each.guard == "package-too-large"]
    assert "provisioner plan --env test --format json" in blocked.next
    assert "xargs -n 1000 provisioner apply --env test --yes" in blocked.next
    assert blocked.exit_status is ExitStatus.REFUSED
    assert len(plan.changes) == FILES_AT_MOST, "the plan is shown all the same"


def test_parts_can_be_applied_in_the_order_of_the_plan() -> None:
    removed = Removed(("key_a",), ("set_a",))
    empty = replace(provisioned(), types={**provisioned().types, MetadataType.KEY: {}, MetadataType.KEYSET: {}})
    created = plan_of(ESTATE, empty).changes
    assert [change.type for change in created] == sorted([change.type for change in created], key=TYPES.index)
    gone = plan_of(Estate(removed=removed)).changes
    assert [change.address for change in gone if change.action is Action.DELETE] == ["keyset.set_a", "key.key_a"]


def test_bytes_are_counted_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = replace(provisioned(), types={**provisioned().types, MetadataType.KEY: {}})
    plan = plan_of(ESTATE, empty)
    octets = limits._zipped(PlanInput(ESTATE, dict.fromkeys(ESTATE.keys, OLD), empty, NOW), plan.changes)

    monkeypatch.setattr(limits, "ZIP_BYTES_AT_MOST", octets)
    assert refusals(plan_of(ESTATE, empty)) == []
    monkeypatch.setattr(limits, "ZIP_BYTES_AT_MOST", octets - 1)
    (message,) = refusals(plan_of(ESTATE, empty))
    assert f"{octets:,} bytes" in message


@settings(max_examples=60)
@given(estates(), snapshots())
def test_what_is_not_weighed_exactly_is_never_too_heavy(
    declared: tuple[Estate, dict[str, Derivation]], snapshot: Snapshot
) -> None:
    estate, derivations = declared
    jwks = {name: each.jwk for name, each in derivations.items() if each.jwk is not None}
    plan = make_plan(estate, derivations, snapshot, environment="test", declaration_digest="", now=NOW)
    inputs = PlanInput(estate, jwks, snapshot, NOW)
    sent = [change for change in plan.changes if change.action is not Action.DELETE]
    if sent:
        at_most = [limits._at_most(inputs, change) for change in sent]
        assert limits._zipped(inputs, sent) <= sum(at_most)
        assert max(at_most) < 40_000, "an estimate that is far too high makes every plan weigh what it need not"


@pytest.mark.parametrize("many", [0, 1, 40, 5_000])
@pytest.mark.parametrize("text", ["", 'Key "A" & <B>' * 300])
def test_no_file_is_larger_than_it_is_reckoned(many: int, text: str) -> None:
    """Before it is folded: what is reckoned to fit does fit, however little a zip can fold it."""
    names = [f"member_{number:05}" + "x" * 25 for number in range(many)]
    key = replace(KEY, label=text, description=text)
    keyset = replace(KEYSET, label=text, description=text, source=UploadedKeys(tuple(names)))
    remote = replace(KEYSET, name="remote", source=Endpoint(f"https://id.example.com/{text}"), description=text)
    configurations = {name: Configuration(name, "set_a", True) for name in names}
    channel = replace(CHANNEL, configurations=configurations)
    estate = Estate(keys={"key_a": key}, keysets={"set_a": keyset, "remote": remote}, channels={"Web_Chat": channel})
    for snapshot in (provisioned(), replace(provisioned(), types={**provisioned().types, MetadataType.KEY: {}})):
        inputs = PlanInput(estate, {"key_a": OLD}, snapshot, NOW)
        changes = plan_of(estate, snapshot).changes
        assert len(changes) == 4
        for change in changes:
            present = snapshot.find(change.type, change.full_name)
            xml = present.xml if isinstance(present, Component) else None
            file = to_file(desired_xml(estate, inputs.jwks, (change.type, change.full_name), xml, "67.0"))
            assert len(file) <= limits._at_most(inputs, change), change.address


def test_a_text_of_escapes_counts_in_full() -> None:
    empty = replace(provisioned(), types={**provisioned().types, MetadataType.KEY: {}, MetadataType.KEYSET: {}})
    for length in range(0, 1_200, 3):
        text = "&" * length
        keyset = replace(KEYSET, label=text, source=UploadedKeys(("key_a",)))
        estate = Estate(keys={"key_a": replace(KEY, label=text, description=None)}, keysets={"set_a": keyset})
        inputs = PlanInput(estate, {"key_a": OLD}, empty, NOW)
        for change in plan_of(estate, empty).changes:
            file = to_file(desired_xml(estate, inputs.jwks, (change.type, change.full_name), None, "67.0"))
            assert len(file) <= limits._at_most(inputs, change), (change.address, length)
