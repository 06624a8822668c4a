"""The plan as a person reads it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from provisioner.errors import LoginError
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.plan import Action, Change, FieldChange, Plan, Reason
from provisioner.report.plan_view import plan_view, plans_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report import samples
from tests.report.golden import assert_golden

SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [80, 120])
def test_a_plan_with_every_kind_of_change(width: int) -> None:
    assert_golden(f"plan/every kind of change, {width} columns.txt", terminal(plan_view(samples.FULL), Style(width)))


def test_colour_repeats_what_signs_and_words_say() -> None:
    coloured = terminal(plan_view(samples.FULL), Style(80, color=True))
    assert_golden("plan/every kind of change, in colour.txt", coloured)
    assert SGR.sub("", coloured) == terminal(plan_view(samples.FULL), Style(80))


def test_nothing_to_do_is_exactly_said_in_the_last_line() -> None:
    text = terminal(plan_view(samples.EMPTY), Style(80))
    assert text.splitlines()[-1] == "No changes."
    assert_golden("plan/nothing to do.txt", text)


@pytest.mark.parametrize(
    ("plan", "last"), [(samples.UNREADABLE, "Incomplete plan: 1 part"), (samples.MISSING_CHANNEL, "Plan: 0 to create")]
)
def test_what_could_not_be_compared_is_not_no_changes(plan: Plan, last: str) -> None:
    assert "No changes." not in terminal(plan_view(plan), Style(80))
    assert terminal(plan_view(plan), Style(80)).splitlines()[-1].startswith(last)


def test_what_could_not_be_read_stands_before_every_change() -> None:
    plan = replace(samples.FULL, unreadable=samples.UNREADABLE.unreadable, blocked=samples.UNREADABLE.blocked)
    text = terminal(plan_view(plan), Style(80))
    assert text.index("This plan is incomplete") < text.index("+ key.storefront_2026_11")


def test_a_type_that_the_org_does_not_offer() -> None:
    assert_golden("plan/a type that could not be read.txt", terminal(plan_view(samples.UNREADABLE), Style(80)))


def test_a_channel_that_the_org_does_not_have() -> None:
    assert_golden(
        "plan/a channel that the org does not have.txt", terminal(plan_view(samples.MISSING_CHANNEL), Style(80))
    )


def test_targets_are_said_to_narrow_the_plan() -> None:
    text = terminal(plan_view(replace(samples.EMPTY, narrowed=True)), Style(80))
    assert "Only the targets were planned" in text
    assert "Only the targets" not in terminal(plan_view(samples.EMPTY), Style(80))


def test_several_environments_end_with_a_table() -> None:
    production = replace(samples.FULL, environment="production", org=samples.PRODUCTION, blocked=())
    text = terminal(
        plans_view(
            [
                ("local", replace(samples.EMPTY, environment="local")),
                ("sandbox", samples.FULL),
                ("production", production),
                ("uat", LoginError("The org did not log us in.", next="Run provisioner diagnose login --env uat.")),
            ]
        ),
        Style(80),
    )
    assert_golden("plan/several environments.txt", text)


def test_one_environment_has_no_table() -> None:
    assert terminal(plans_view([("sandbox", samples.EMPTY)]), Style(80)) == terminal(
        plan_view(samples.EMPTY), Style(80)
    )


def change_of(*fields: FieldChange) -> Plan:
    change = Change(MetadataType.KEY, "a", Action.UPDATE, Reason.DIFFERS, fields, declared_at=samples.at(5))
    return replace(samples.EMPTY, changes=(change,))


def lines_of(*fields: FieldChange, width: int = 80) -> list[str]:
    """The field lines of a change."""
    block = terminal(plan_view(change_of(*fields)), Style(width)).split("\n\n")[2]
    return block.splitlines()[2:]


class TestFields:
    def test_values_are_aligned(self) -> None:
        assert lines_of(FieldChange("label", "A", "B"), FieldChange("active", True, False)) == [
            '    ~ label   "A"   ->  "B"',
            "    ~ active  true  ->  false",
        ]

    def test_a_text_does_not_look_like_a_truth_value_or_a_number(self) -> None:
        assert lines_of(FieldChange("label", "true", True), FieldChange("label", "60", 60)) == [
            '    ~ label  "true"  ->  true',
            '    ~ label  "60"    ->  60',
        ]

    def test_long_values_stand_below_one_another_uncut(self) -> None:
        before, after = "https://a.example/" + "b" * 70, "https://a.example/" + "c" * 70
        assert lines_of(FieldChange("issuer", before, after)) == [
            "    ~ issuer",
            f'        - "{before}"',
            f'        + "{after}"',
        ]

    def test_a_long_path_keeps_its_value_if_the_line_has_room(self) -> None:
        path = "user_verification.configurations.storefront_login.keyset"
        field = FieldChange(path, None, "storefront")
        assert lines_of(field) == [f'    + {path}  "storefront"']
        assert lines_of(field, width=70) == [f"    + {path}", '        "storefront"']
        assert lines_of(FieldChange(path, "a", "b")) == [f'    ~ {path}  "a"  ->  "b"']

    def test_a_field_does_not_repeat_the_place_of_its_change(self) -> None:
        assert lines_of(FieldChange("active", None, True, declared_at=samples.at(5))) == ["    + active  true"]

    def test_a_list_shows_what_goes_what_comes_and_what_stays(self) -> None:
        assert lines_of(FieldChange("keys", ("a", "b"), ("b", "c"))) == [
            "    ~ keys",
            "        - a",
            "        + c",
            "          b",
        ]

    def test_a_list_that_begins_or_ends(self) -> None:
        assert lines_of(FieldChange("keys", (), ("a", "b"))) == ["    + keys  [a, b]"]
        assert lines_of(FieldChange("keys", ("a", "b"), ())) == ["    - keys  [a, b]"]

    def test_a_field_of_another_file_names_the_file(self) -> None:
        place = replace(samples.at(12, 15), file="config/environments/sandbox.yaml")
        [line] = lines_of(FieldChange("label", "A", "B", Risk.DISRUPTIVE, place))
        assert line == '    ~ label  "A"  ->  "B"  (disruptive)  config/environments/sandbox.yaml:12:15'

    @pytest.mark.parametrize("width", [40, 80, 100, 120, 160])
    def test_no_line_is_wider_than_the_terminal_unless_one_word_is(self, width: int) -> None:
        for line in terminal(plan_view(samples.FULL), Style(width)).splitlines()[:-1]:
            assert len(line) <= width or max(map(len, line.split())) > width - 30


def test_nothing_foreign_can_rewrite_the_screen() -> None:
    evil = "x\x1b[2J\r\nNo changes.\u202e"
    plan = replace(
        change_of(FieldChange("label", evil, evil + "2")),
        environment=evil,
        org=replace(samples.SANDBOX, instance_url=evil),
        warnings=(samples.warning(message=evil, fix=evil),),
        unmanaged=(samples.FULL.unmanaged[0].__class__(MetadataType.KEY, evil),),
        preserved=(samples.FULL.preserved[0].__class__(evil, evil),),
        not_in_force=(replace(samples.FULL.not_in_force[0], address=evil, path=evil, takes_effect=evil),),
        blocked=(replace(samples.NEEDS_ALLOW_DESTROY, message=evil, next=evil),),
    )
    text = terminal(plan_view(plan), Style(80))
    assert not set(text) & set("\x1b\r\u202e")
    assert "\nNo changes." not in text
