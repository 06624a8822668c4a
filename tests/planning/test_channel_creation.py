"""Channels that the declaration creates and activates: the plan, what guards it, and the XML that is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from provisioner.components.channel import read_channel
from provisioner.components.desired_xml import desired_xml
from provisioner.components.snapshot import Destinations, Flow, Queue, Snapshot, Unreadable
from provisioner.components.xml import child, text_of, to_file
from provisioner.errors import ExitStatus
from provisioner.model.estate import Channel, Configuration, Creation, Estate
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.destinations import Route, routes
from provisioner.planning.plan import Action, Change, FieldChange, Plan, Reason
from tests.planning.test_risk import ESTATE, KEY, KEYSET, plan, provisioned

LOGIN = {"login": Configuration("login", "set_a", True)}
BY_QUEUE = Creation("New Chat", queue="Support")
BY_FLOW = Creation("New Chat", flow="Route", fallback_queue="Support", description="For <all> & more")
NEW = Channel("New_Chat", True, LOGIN, create=BY_QUEUE)
GOOD = Queue(configured=True, takes_sessions=True, members=2)
ROUTING = Destinations({"Support": GOOD, "Sales": GOOD}, {"Route": Flow(routes=True, active=True)})


def estate(channel: Channel) -> Estate:
    return replace(ESTATE, channels={channel.name: channel})


def org(routing: Destinations | Unreadable | None = ROUTING, *, active: bool | None = True) -> Snapshot:
    activity = Unreadable("no", "View Setup") if active is None else {"Web_Chat": active}
    return replace(provisioned(), destinations=routing, active_channels=activity)


def guards(made: Plan) -> dict[str, ExitStatus]:
    return {each.guard: each.exit_status for each in made.blocked}


def sent(channel: Channel, version: str = "67.0") -> etree._Element:
    return desired_xml(estate(channel), {}, (MetadataType.CHANNEL, channel.name), None, version)


class TestCreating:
    def test_the_plan_creates_it_inactive_and_for_good(self) -> None:
        (change,) = plan(estate(NEW), org()).changes
        assert (change.action, change.risk) == (Action.CREATE, Risk.PERMANENT)
        assert {field.path: field.after for field in change.fields} == {
            "create.label": "New Chat",
            "create.routing.queue": "Support",
            "create.attachments": False,
            "user_verification.enabled": True,
            "user_verification.configurations.login.keyset": "set_a",
            "user_verification.configurations.login.active": True,
        }
        assert {field.risk for field in change.fields} == {Risk.NONE}
        assert "cannot be deleted" in change.impact[0]

    def test_it_needs_to_be_allowed(self) -> None:
        assert guards(plan(estate(NEW), org()))["permanent"] is ExitStatus.REFUSED

    def test_what_create_says_is_no_difference_afterwards(self) -> None:
        web = replace(ESTATE.channels["Web_Chat"], create=BY_FLOW)
        made = plan(estate(web), org(routing=None))
        assert made.is_empty
        assert made.blocked == ()

    def test_an_unreadable_type_creates_nothing(self) -> None:
        hidden = org()
        hidden = replace(hidden, types={**hidden.types, MetadataType.CHANNEL: Unreadable("no", "Configure Messaging")})
        made = plan(estate(NEW), hidden)
        assert made.changes == ()
        assert "unreadable" in guards(made)

    def test_a_channel_name_in_another_case_is_refused(self) -> None:
        same = replace(NEW, name="web_chat")
        assert "name-differs-by-case" in guards(plan(estate(same), org()))

    def test_a_new_channel_without_anything_usable_is_refused(self) -> None:
        other = replace(NEW, configurations={"login": Configuration("login", "no_such_set", True)})
        assert "no-usable-configuration" in guards(plan(estate(other), org()))

    def test_without_create_a_missing_channel_is_an_error(self) -> None:
        assert "channel-missing" in guards(plan(estate(replace(NEW, create=None)), org()))


class TestWhatIsSent:
    def test_verification_is_on_from_the_first_moment(self) -> None:
        observed = read_channel(sent(NEW))
        assert (observed.enabled, observed.is_enhanced_chat, observed.session_based) == (True, True, False)
        assert [each.name for each in observed.configurations] == ["login"]
        assert (observed.verified_minutes, observed.unverified_minutes) == (60, None)

    def test_a_declared_expiration_takes_the_place_of_the_default(self) -> None:
        assert read_channel(sent(replace(NEW, verified_minutes=90))).verified_minutes == 90

    @pytest.mark.parametrize(
        ("creation", "kind", "queue", "flow"),
        [(BY_QUEUE, "Queue", "Support", None), (BY_FLOW, "Flow", "Support", "Route")],
    )
    def test_routing(self, creation: Creation, kind: str, queue: str, flow: str | None) -> None:
        root = sent(replace(NEW, create=creation))
        names = ("sessionHandlerType", "sessionHandlerQueue", "sessionHandlerFlow")
        assert [text_of(root, name) for name in names] == [kind, queue, flow]

    def test_it_looks_like_one_that_setup_made(self) -> None:
        from tests.report.golden import assert_golden

        assert_golden("plan/a channel that is created.xml", to_file(sent(replace(NEW, create=BY_FLOW))).decode())

    @pytest.mark.parametrize(("version", "newer"), [("65.0", False), ("66.0", True), ("68.0", True)])
    def test_an_older_version_is_not_sent_newer_elements(self, version: str, newer: bool) -> None:
        root = sent(NEW, version)
        part = child(root, "embeddedConfig")
        found = [text_of(part, "allowedFileTypes"), text_of(part, "maxFileSize")]
        assert [each is not None for each in (*found, text_of(root, "isSynchronousChatEnabled"))] == [newer] * 3

    @pytest.mark.parametrize("attachments", [True, False])
    def test_attachments_are_off_unless_asked_for(self, attachments: bool) -> None:
        root = sent(replace(NEW, create=replace(BY_QUEUE, attachments=attachments)))
        assert text_of(child(root, "embeddedConfig"), "isAttachmentUploadEnabled") == str(attachments).lower()


class TestRouting:
    @pytest.mark.parametrize(
        ("queue", "guard"),
        [
            (replace(GOOD, configured=False), "queue-without-routing"),
            (replace(GOOD, takes_sessions=False), "queue-not-for-messaging"),
            (replace(GOOD, members=0), "queue-without-members"),
            (replace(GOOD, members=None), "queue-without-members"),
        ],
    )
    def test_a_queue_that_offers_nothing_to_anybody(self, queue: Queue, guard: str) -> None:
        made = plan(estate(NEW), org(Destinations({"Support": queue}, {})))
        assert guards(made)[guard] is ExitStatus.REFUSED
        blocked = next(each for each in made.blocked if each.guard == guard)
        assert "Setup > Queues > Support" in blocked.next

    @pytest.mark.parametrize(
        ("flow", "guard"),
        [
            (Flow(routes=True, active=False), "flow-inactive"),
            (Flow(routes=False, active=True), "flow-not-for-routing"),
        ],
    )
    def test_a_flow_that_does_not_route(self, flow: Flow, guard: str) -> None:
        made = plan(estate(replace(NEW, create=BY_FLOW)), org(Destinations({"Support": GOOD}, {"Route": flow})))
        assert guards(made)[guard] is ExitStatus.REFUSED

    def test_names_that_the_org_does_not_have(self) -> None:
        wrong = replace(NEW, create=Creation(flow="Rout", fallback_queue="Suport"))
        made = plan(estate(wrong), org())
        assert guards(made)["queue-missing"] is ExitStatus.WRONG_INPUT
        assert guards(made)["flow-missing"] is ExitStatus.WRONG_INPUT
        said = " ".join(each.message for each in made.blocked)
        assert "Did you mean Support?" in said
        assert "Did you mean Route?" in said

    @pytest.mark.parametrize("routing", [None, Unreadable("INVALID_TYPE: no", "View Setup")])
    def test_what_was_not_read_is_not_good(self, routing: Unreadable | None) -> None:
        made = plan(estate(NEW), org(routing))
        assert [each.guard for each in made.unread] == ["routing-unreadable"]
        assert not made.complete

    def test_only_what_is_begun_with_is_looked_at(self) -> None:
        web = ESTATE.channels["Web_Chat"]
        assert routes(estate(NEW), org()) == {"New_Chat": Route("Support", None)}
        assert routes(estate(replace(web, create=BY_QUEUE, active=True)), org()) == {}
        assert routes(estate(replace(web, active=True)), org(active=False)) == {"Web_Chat": Route(None, None)}


class TestActivating:
    def activated(self, **values: object) -> Channel:
        return replace(ESTATE.channels["Web_Chat"], active=True, **values)  # type: ignore[arg-type]

    def test_an_active_channel_needs_nothing(self) -> None:
        assert plan(estate(self.activated()), org()).is_empty

    def test_an_inactive_one_is_activated_without_a_deployment(self) -> None:
        made = plan(estate(self.activated()), org(active=False))
        (change,) = made.changes
        assert (change.activates, change.is_deployed, change.risk) == (True, False, Risk.NONE)
        assert made.blocked == ()
        assert not any(each.rule == "channel-inactive" for each in made.warnings)

    def test_activating_without_verification_lets_guests_in(self) -> None:
        (change,) = plan(estate(self.activated(enabled=False)), org(active=False)).changes
        field = next(each for each in change.fields if each.path == "active")
        assert field.risk is Risk.DISRUPTIVE
        assert any("guests can chat on it" in impact for impact in change.impact)
        assert change.is_deployed

    def test_a_new_channel_is_activated_by_the_same_plan(self) -> None:
        (change,) = plan(estate(replace(NEW, active=True)), org()).changes
        assert (change.activates, change.is_deployed) == (True, True)
        assert "At the end it is activated" in change.impact[0]

    def test_what_is_not_known_is_neither_active_nor_inactive(self) -> None:
        made = plan(estate(self.activated()), org(active=None))
        assert made.changes == ()
        assert [each.guard for each in made.unread] == ["activity-unreadable"]

    def test_without_active_the_channel_stays_as_it_is(self) -> None:
        assert plan(estate(ESTATE.channels["Web_Chat"]), org(active=False)).is_empty


def test_the_flags_that_a_plan_needs() -> None:
    changes = plan(Estate(keys={"key_a": KEY}, keysets={"set_a": KEYSET}, channels={"New_Chat": NEW}), org())
    assert changes.flags == ("--allow-permanent",)


@pytest.mark.parametrize("kind", [MetadataType.KEY, MetadataType.CHANNEL])
def test_only_a_channels_active_is_in_no_deployment(kind: MetadataType) -> None:
    """A key has a field of the same name, and a deployment carries that one."""
    fields = (FieldChange("active", True, False),)
    change = Change(kind, "one", Action.UPDATE, Reason.DIFFERS, fields=fields)
    assert change.is_deployed is (kind is not MetadataType.CHANNEL)
