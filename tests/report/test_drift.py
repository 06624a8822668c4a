"""The drift as a person reads it, as a program reads it, and as an issue's body."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from lxml import etree

from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.errors import ExitStatus, LoginError, ProvisionerError
from provisioner.model.types import TYPES, MetadataType
from provisioner.planning.drift import Drift, LastChange, drift_of
from provisioner.planning.plan import Action, Change, FieldChange, Plan, Reason, Unmanaged
from provisioner.report import drift_words
from provisioner.report.drift import drift_json, drift_view, drifts_json, drifts_view
from provisioner.report.drift_markdown import FIELDS_IN_SIGHT, LONGEST, drift_markdown, drifts_markdown
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report import samples
from tests.report.golden import assert_golden, assert_golden_json
from tests.report.test_plan_markdown import without_code


def component(kind: MetadataType, name: str, by: str | None, date: str | None) -> Component:
    return Component(kind, name, etree.Element(kind.xml_name), by, date)


SNAPSHOT = Snapshot(
    org=samples.SANDBOX,
    api_version="67.0",
    newest_api_version="67.0",
    types={
        MetadataType.KEY: {
            "storefront_2025": component(
                MetadataType.KEY, "storefront_2025", "Ada Admin", "2025-11-03T08:00:00.000+01:00"
            )
        },
        MetadataType.KEYSET: {
            "storefront": component(MetadataType.KEYSET, "storefront", "Grace Operator", "2026-11-20T02:46:23.000Z")
        },
        MetadataType.CHANNEL: {
            "Web_Chat": component(MetadataType.CHANNEL, "Web_Chat", None, "2026-11-20T02:46:23.000Z"),
            "App_Chat": component(MetadataType.CHANNEL, "App_Chat", "Ada Admin", None),
            "Kiosk_Chat": component(MetadataType.CHANNEL, "Kiosk_Chat", None, None),
            "SMS_Alerts": component(MetadataType.CHANNEL, "SMS_Alerts", "Ada Admin", "some day"),
        },
    },
    active_channels={},
)


def drift(plan: Plan) -> Drift:
    return drift_of(plan, SNAPSHOT)


FULL, NONE = drift(samples.FULL), drift(samples.EMPTY)
UNREADABLE, MISSING_CHANNEL = drift(samples.UNREADABLE), drift(samples.MISSING_CHANNEL)
FAILED = LoginError("The org did not log us in.", next="Run provisioner diagnose login --env uat.")
FLEET: list[tuple[str, Drift | ProvisionerError]] = [
    ("local", Drift(replace(NONE.plan, environment="local"), NONE.last_changes)),
    ("production", Drift(replace(FULL.plan, environment="production", org=samples.PRODUCTION), FULL.last_changes)),
    ("qa", Drift(replace(UNREADABLE.plan, environment="qa"), UNREADABLE.last_changes)),
    ("stage", Drift(replace(MISSING_CHANNEL.plan, environment="stage"), MISSING_CHANNEL.last_changes)),
    ("uat", FAILED),
]


class TestDrift:
    @pytest.mark.parametrize(
        ("seen", "status"),
        [
            (NONE, 0),
            (FULL, 2),
            (UNREADABLE, 2),
            (MISSING_CHANNEL, 1),
            (drift(replace(samples.FULL, blocked=samples.MISSING_CHANNEL.blocked)), 1),
        ],
    )
    def test_the_exit_status(self, seen: Drift, status: int) -> None:
        assert seen.exit_status == status
        assert seen.is_none is (status == 0)

    def test_each_component_has_its_own_difference(self) -> None:
        assert {each.address: drift_words.LABELS[each.reason] for each in FULL.plan.changes} == {
            "key.storefront_2026_11": "missing",
            "keyset.storefront": "differs",
            "channel.Web_Chat": "differs",
            "key.storefront_2025": "left over",
        }

    def test_the_org_s_value_is_told_apart_from_the_declared_one(self) -> None:
        field = FULL.plan.changes[2].fields[2]
        assert (field.path, field.before, field.after) == ("token_expiration_minutes.verified", 60, 30)

    def test_a_guard_of_an_apply_is_no_error_of_a_drift(self) -> None:
        assert samples.FULL.blocked
        assert FULL.errors == ()

    def test_the_beginning_of_all_dates_is_no_date(self) -> None:
        old = component(MetadataType.KEYSET, "storefront", "Ada Admin", "1970-01-01T00:00:00.000Z")
        seen = replace(SNAPSHOT, types={**SNAPSHOT.types, MetadataType.KEYSET: {"storefront": old}})
        assert drift_of(samples.FULL, seen).last_changes["keyset.storefront"] == LastChange("Ada Admin", None)

    def test_what_could_not_be_read_has_no_last_change(self) -> None:
        hidden = replace(SNAPSHOT, types={kind: Unreadable("x", "y") for kind in TYPES})
        assert set(drift_of(samples.FULL, hidden).last_changes.values()) == {LastChange()}


class TestWords:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (LastChange(), "last changed: not known"),
            (LastChange("Ada", "2026-11-20T02:46:23.000Z"), "last changed by Ada, 2026-11-20 02:46:23 UTC"),
            (LastChange("Ada", "2026-11-20T02:46:23.000+0100"), "last changed by Ada, 2026-11-20 01:46:23 UTC"),
            (LastChange("Ada", "2026-11-20T02:46:23"), "last changed by Ada, 2026-11-20T02:46:23"),
            (LastChange("Ada", "some day"), "last changed by Ada, some day"),
            (LastChange("Ada", ""), "last changed by Ada, at an unknown time"),
            (
                LastChange(None, "2026-11-20T02:46:23.000Z"),
                "last changed by an unknown user, 2026-11-20 02:46:23 UTC",
            ),
        ],
    )
    def test_only_what_the_org_said_is_said(self, change: LastChange, words: str) -> None:
        assert drift_words.last_changed(change) == words

    @pytest.mark.parametrize("date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
    def test_a_date_out_of_all_calendars_is_shown_as_it_is(self, date: str) -> None:
        assert drift_words.when(LastChange("Ada", date)) == date


class TestTerminal:
    @pytest.mark.parametrize("width", [80, 120])
    def test_every_kind_of_difference(self, width: int) -> None:
        text = terminal(drift_view(FULL, unmanaged=True), Style(width))
        assert_golden(f"drift/every kind of difference, {width} columns.txt", text)

    def test_none_is_exactly_said_in_the_last_line(self) -> None:
        assert_golden("drift/none.txt", terminal(drift_view(NONE), Style(80)))
        assert terminal(drift_view(NONE), Style(80)).splitlines()[-1] == "No drift."

    @pytest.mark.parametrize("seen", [UNREADABLE, MISSING_CHANNEL])
    def test_what_could_not_be_compared_is_not_no_drift(self, seen: Drift) -> None:
        assert "No drift." not in terminal(drift_view(seen), Style(80)).splitlines()[-1]

    @pytest.mark.parametrize("width", [80, 120])
    def test_several_environments_end_with_a_table(self, width: int) -> None:
        assert_golden(f"drift/several environments, {width} columns.txt", terminal(drifts_view(FLEET), Style(width)))

    @pytest.mark.parametrize("width", [80, 120])
    def test_no_line_is_broken_by_the_terminal(self, width: int) -> None:
        lines = terminal(drifts_view(FLEET, unmanaged=True), Style(width)).splitlines()
        whole = re.compile(r"\S{20,}")  # an address or a place is never broken
        assert [line for line in lines if len(line) > width and not whole.search(line)] == []

    def test_an_org_cannot_write_on_the_screen(self) -> None:
        evil = LastChange("\x1b[2J\u202eadA", "\x1b[2J")
        seen = replace(FULL, last_changes=dict.fromkeys(FULL.last_changes, evil))
        assert not re.search("[\x1b\u202e]", terminal(drift_view(seen), Style(80)))


class TestJson:
    def test_every_kind_of_difference(self) -> None:
        assert_golden_json("drift/every kind of difference.json", drift_json(FULL, unmanaged=True))

    def test_several_environments_in_the_order_given(self) -> None:
        document = json.loads(json.dumps(drifts_json(reversed(FLEET))))
        assert document["format_version"] == "1"
        assert [each["environment"] for each in document["environments"]] == [name for name, _ in reversed(FLEET)]
        assert document["environments"][0]["error"]["exit_status"] == ExitStatus.NO_LOGIN
        assert [len(each["unreadable"]) for each in document["environments"][1:]] == [0, 1, 0, 0]


class TestMarkdown:
    def test_every_kind_of_difference(self) -> None:
        assert_golden("drift/every kind of difference.md", drift_markdown(FULL, unmanaged=True))

    def test_several_environments(self) -> None:
        assert_golden("drift/several environments.md", drifts_markdown(FLEET))

    def test_an_org_cannot_write_in_the_issue(self) -> None:
        evil = "`</code></details>\n```\n<img src=x> @acme/security #1 ![x](https://evil.example) | a\x1b[2J"
        change = Change(MetadataType.KEY, evil, Action.UPDATE, Reason.DIFFERS, (FieldChange(evil, (evil,), evil),))
        plan = replace(
            samples.MISSING_CHANNEL,
            environment=evil,
            changes=(change,),
            unmanaged=(Unmanaged(MetadataType.KEY, evil),),
            unreadable={evil: Unreadable(evil, evil)},
            warnings=(samples.warning(message=evil, fix=evil, rule=evil),),
        )
        seen = Drift(plan, {change.address: LastChange(evil, evil)})
        text = drifts_markdown([(evil, seen), (evil, LoginError(evil, next=evil))], unmanaged=True)
        outside = without_code(text)
        assert not re.search(r"<img|</code>|@\w|#\d|\]\(", outside)
        assert not re.search("^```", text, re.M)
        assert "\x1b" not in text

    def test_many_fields_are_folded_away(self) -> None:
        few, more = of(1, fields=FIELDS_IN_SIGHT), of(1, fields=FIELDS_IN_SIGHT + 1)
        assert "<details>" not in drift_markdown(few)
        folded = drift_markdown(more)
        assert folded.count("<details>") == folded.count("\n\n</details>") == 1
        assert f"Field by field: {FIELDS_IN_SIGHT + 1}" in folded

    @pytest.mark.parametrize(
        ("components", "left_out"),
        [(20, None), (300, "the fields, and what is not declared"), (3000, "everything but the sums and the names")],
    )
    def test_what_matters_least_goes_first(self, components: int, left_out: str | None) -> None:
        text = drift_markdown(of(components, fields=1))
        assert len(text) <= LONGEST
        assert f"{components} differ" in text
        assert ("Left out" in text) is (left_out is not None)
        assert (left_out or "") in text

    @pytest.mark.parametrize(("components", "all_named"), [(1200, True), (8000, False)])
    def test_what_differs_is_named_or_counted(self, components: int, all_named: bool) -> None:
        text = drift_markdown(of(components, fields=1))
        named = sum(f"`key.key_{number}`" in text for number in range(components))
        assert (named == components) is all_named
        assert all_named or f" and {components - named:,} more" in text

    def test_a_fleet_too_large_for_an_issue_keeps_its_table(self) -> None:
        fleet = [(f"environment_{number}", of(1, fields=1)) for number in range(300)]
        text = drifts_markdown(fleet)
        assert len(text) <= LONGEST
        assert "everything but this table" in text
        assert all(f"| `{name}` |" in text for name, _ in fleet)


def of(components: int, fields: int) -> Drift:
    changes = tuple(
        Change(
            MetadataType.KEY,
            f"key_{number}",
            Action.UPDATE,
            Reason.DIFFERS,
            tuple(FieldChange(f"field_{each}", "b" * 100, "a" * 100) for each in range(fields)),
        )
        for number in range(components)
    )
    return Drift(replace(samples.EMPTY, changes=changes))
