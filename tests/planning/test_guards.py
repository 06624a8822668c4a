"""Guards, each where it speaks and where it is silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from lxml import etree

from provisioner.components.metadata import qualified
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.components.xml import set_text
from provisioner.errors import ExitStatus
from provisioner.jose.certificates import DATE_RULES
from provisioner.jose.defects import Defect, Severity
from provisioner.jose.material import Derivation
from provisioner.model.estate import Estate, Removed
from provisioner.model.types import MetadataType
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Blocked, Plan
from provisioner.planning.planner import make_plan
from tests.planning.estates import NOW, jwk
from tests.planning.test_risk import CHANNEL, ESTATE, KEY, OLD, bare_channel, provisioned, with_channel, with_key

EXPIRED = Defect("certificate-expired", Severity.ERROR, "It has ended.", "Make another.")
OTHER = Defect("jwk-use", Severity.ERROR, "Not about dates.", "Write it.")


def plan(
    estate: Estate = ESTATE,
    snapshot: Snapshot | None = None,
    *,
    defect: Defect | None = EXPIRED,
    derived: object = OLD,
    allowed: Allowed | None = None,
) -> Plan:
    defects = () if defect is None else (defect,)
    derivations: Mapping[str, Derivation] = dict.fromkeys(
        estate.keys,
        Derivation(derived, None, defects),  # type: ignore[arg-type]
    )
    return make_plan(
        estate,
        derivations,
        snapshot or provisioned(),
        environment="test",
        declaration_digest="",
        now=NOW,
        allowed=allowed or Allowed(destroy=True, production=True),
    )


def guards(found: Plan) -> list[str]:
    return [each.guard for each in found.blocked]


def without_keys() -> Snapshot:
    return replace(provisioned(), types={**provisioned().types, MetadataType.KEY: {}})


def with_twin(found: Component | Unreadable) -> Snapshot:
    """An org that has the key under a name in other letters."""
    return replace(provisioned(), types={**provisioned().types, MetadataType.KEY: {"KEY_A": found}})


class TestNames:
    def test_a_name_that_differs_by_case_from_the_orgs_is_refused(self) -> None:
        found = plan(snapshot=with_twin(provisioned().present(MetadataType.KEY)["key_a"]), defect=None)
        (guard,) = [each for each in found.blocked if each.guard == "name-differs-by-case"]
        assert (guard.exit_status, guard.address) == (ExitStatus.REFUSED, "key.key_a")
        assert guard.next.startswith("Write KEY_A if")

    def test_an_unreadable_twin_counts_too(self) -> None:
        found = plan(snapshot=with_twin(Unreadable("It is hidden.", "none")), defect=None)
        assert "name-differs-by-case" in guards(found)

    def test_another_name_is_no_twin(self) -> None:
        assert "name-differs-by-case" not in guards(plan(snapshot=without_keys(), defect=None))


class TestDates:
    """Dates stop a key whose JWK would be sent, and no other: an old key must not block the one that replaces it."""

    def test_a_key_that_would_be_created_is_stopped(self) -> None:
        (blocked,) = plan(snapshot=without_keys()).blocked
        assert (blocked.guard, blocked.address) == ("certificate-expired", "key.key_a")
        assert blocked.exit_status is ExitStatus.WRONG_INPUT
        assert (blocked.message, blocked.next) == ("It has ended.", "Make another.")

    @pytest.mark.parametrize(
        "derived",
        [jwk(1, "kid-1"), jwk(0, "kid-2"), replace(OLD, alg="RS512"), replace(OLD, other={"x5t": "abc"}),
         replace(OLD, use="enc")],
    )  # fmt: skip
    def test_whatever_of_a_jwk_changes_sends_it(self, derived: object) -> None:
        assert "certificate-expired" in guards(plan(derived=derived))

    @pytest.mark.parametrize("fields", [{}, {"label": "Another"}, {"description": "Another"}])
    def test_what_changes_beside_it_does_not(self, fields: dict[str, str]) -> None:
        assert guards(plan(with_key(**fields))) == []

    def test_dates_of_an_inactive_key_do_not_matter(self) -> None:
        assert "certificate-expired" not in guards(plan(with_key(active=False)))

    def test_a_deletion_is_not_asked_for_its_dates(self) -> None:
        gone = Estate(removed=Removed(keys=("key_a",)))
        assert not set(guards(plan(gone))) & DATE_RULES

    def test_other_defects_are_for_the_rules(self) -> None:
        assert guards(plan(snapshot=without_keys(), defect=OTHER)) == []


class TestProduction:
    def org(self, is_production: bool | None) -> Snapshot:
        found = replace(provisioned().org, is_production=is_production, is_sandbox=not is_production)
        return replace(without_keys(), org=found)

    @pytest.mark.parametrize(("is_production", "words"), [(True, "is a production org"), (None, "could not be read")])
    def test_a_possible_production_org_needs_the_files_consent(self, is_production: bool | None, words: str) -> None:
        found = plan(snapshot=self.org(is_production), defect=None, allowed=Allowed(destroy=True))
        (blocked,) = found.blocked
        assert blocked.guard == "production"
        assert words in blocked.message
        assert "production: true" in blocked.next
        allowed = plan(snapshot=self.org(is_production), defect=None, allowed=Allowed(destroy=True, production=True))
        assert guards(allowed) == []

    def test_a_sandbox_takes_it(self) -> None:
        assert guards(plan(snapshot=self.org(False), defect=None, allowed=Allowed())) == []

    def test_nothing_to_do_needs_no_word(self) -> None:
        same = replace(self.org(True), types=provisioned().types)
        assert guards(plan(snapshot=same, defect=None, allowed=Allowed())) == []


class TestOldApi:
    def at(self, version: str, newest: str) -> Snapshot:
        return replace(provisioned(), api_version=version, newest_api_version=newest)

    @pytest.mark.parametrize(
        ("version", "newest", "speaks"),
        [("66.0", "67.0", True), ("67.0", "67.0", False), ("68.0", "67.0", False), ("99.0", "100.0", True),
         ("100.0", "99.0", False)],
    )  # fmt: skip
    def test_versions_are_numbers(self, version: str, newest: str, speaks: bool) -> None:
        found = plan(with_channel(verified_minutes=90), self.at(version, newest), defect=None)
        assert guards(found) == (["old-api"] if speaks else [])
        if speaks:
            assert (version in found.blocked[0].message, newest in found.blocked[0].message) == (True, True)

    def test_keys_alone_may_be_sent_at_any(self) -> None:
        assert guards(plan(with_key(label="Another"), self.at("66.0", "67.0"), defect=None)) == []

    def test_it_can_be_allowed(self) -> None:
        allowed = Allowed(destroy=True, production=True, old_api=True)
        found = plan(with_channel(verified_minutes=90), self.at("66.0", "67.0"), defect=None, allowed=allowed)
        assert guards(found) == []


def test_all_that_stands_against_a_plan_is_said_in_one_order() -> None:
    snapshot = replace(
        provisioned(),
        api_version="66.0",
        org=replace(provisioned().org, is_production=True, is_sandbox=False),
    )
    estate = replace(with_channel(verified_minutes=90, configurations={}), keys={"key_a": replace(KEY, label="L")})
    found = plan(estate, snapshot, derived=jwk(1, "kid-9"), allowed=Allowed())
    assert guards(found) == [
        "certificate-expired", "no-usable-configuration", "destructive", "destructive", "production", "old-api",
    ]  # fmt: skip
    assert all(isinstance(each, Blocked) and each.next for each in found.blocked)


def channel(*path: tuple[str, str], kind: str = "EmbeddedMessaging") -> Snapshot:
    """An org whose Web_Chat is of that kind, with texts at (parent, name); parent "" is the channel itself."""
    root = bare_channel()
    set_text(root, "messagingChannelType", kind)
    inner = etree.SubElement(root, qualified("embeddedConfig"))
    set_text(inner, "authMode", "UnAuth")
    for parent, name in path:
        set_text(inner if parent else root, name, True)
    types = {**provisioned().types}
    types[MetadataType.CHANNEL] = {"Web_Chat": Component(MetadataType.CHANNEL, "Web_Chat", root)}
    return replace(provisioned(), types=types)


class TestChannels:
    """What an org would refuse of a channel is said before anything is sent."""

    @pytest.mark.parametrize("parent", ["", "embeddedConfig"])
    def test_session_based_chat_and_verification_exclude_each_other(self, parent: str) -> None:
        org = channel((parent, "isSynchronousChatEnabled"))
        (blocked,) = plan(snapshot=org, defect=None).blocked
        assert blocked.guard == "channel-session-based-chat"
        assert blocked.exit_status is ExitStatus.WRONG_INPUT
        assert "session-based chat" in blocked.message
        assert "Messaging Settings" in blocked.next

    def test_session_based_chat_stays_where_nobody_is_verified(self) -> None:
        org = channel(("", "isSynchronousChatEnabled"))
        assert guards(plan(with_channel(enabled=False), org, defect=None)) == []
        assert guards(plan(with_channel(enabled=None), org, defect=None)) == []

    def test_only_enhanced_chat_verifies(self) -> None:
        (blocked,) = plan(snapshot=channel(kind="WhatsApp"), defect=None).blocked
        assert blocked.guard == "channel-not-enhanced-chat"
        assert blocked.exit_status is ExitStatus.WRONG_INPUT
        assert "WhatsApp" in blocked.message

    @pytest.mark.parametrize(("declared", "meant"), [("web_chat", "Web_Chat"), ("Web_Chatt", "Web_Chat"), ("Zz", None)])
    def test_a_missing_channel_is_named_with_the_nearest_one(self, declared: str, meant: str | None) -> None:
        estate = replace(ESTATE, channels={declared: replace(CHANNEL, name=declared)})
        (blocked,) = plan(estate, defect=None).blocked
        assert blocked.guard == "channel-missing"
        assert blocked.exit_status is ExitStatus.WRONG_INPUT
        said = f"{blocked.message} {blocked.next}"
        assert (f"Did you mean {meant}" in said) is (meant is not None), said
        assert "App_Chat" in said, "those that are there are listed"

    def test_a_channel_that_is_not_there_hides_nothing_of_the_next(self) -> None:
        missing = replace(CHANNEL, name="Missing")
        estate = replace(ESTATE, channels={"Missing": missing, "Web_Chat": replace(CHANNEL, configurations={})})
        assert guards(plan(estate, defect=None)) == ["channel-missing", "no-usable-configuration"]
