"""The plan as a comment on a pull request."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.errors import LoginError, ProvisionerError
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.plan import Action, Change, FieldChange, Plan, Reason, Unmanaged
from provisioner.report.comments import BADGES
from provisioner.report.markdown import code, fenced, html_code, plain
from provisioner.report.plan_markdown import LONGEST, plan_markdown, plans_markdown
from tests.report import samples
from tests.report.golden import assert_golden

CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def test_a_plan_with_every_kind_of_change() -> None:
    assert_golden("plan/every kind of change.md", plan_markdown(samples.FULL))


def test_nothing_to_do() -> None:
    assert_golden("plan/nothing to do.md", plan_markdown(samples.EMPTY))


def test_a_type_that_could_not_be_read() -> None:
    assert_golden("plan/a type that could not be read.md", plan_markdown(samples.UNREADABLE))


def test_several_environments_and_an_error() -> None:
    failed = LoginError("The org did not log @us in.", next="Run it again.")
    text = plans_markdown([("sandbox", samples.EMPTY), ("uat", failed)])
    assert text.startswith("### Plan for `sandbox`")
    assert "### Plan for `uat`\n\n**Error:** The org did not log \\@&#8203;us in." in text


def test_several_environments_end_with_a_table() -> None:
    failed = LoginError("The org did not log us in.", next="Run provisioner diagnose login --env uat.")
    text = plans_markdown([("sandbox", samples.EMPTY), ("production", samples.FULL), ("uat", failed)])
    assert text.splitlines()[-5:] == [
        "| Environment | Create | Update | Delete | Unchanged | Risk | State |",
        "|---|--:|--:|--:|--:|---|---|",
        "| `sandbox` | 0 | 0 | 0 | 3 | none | no changes |",
        "| `production` | 1 | 2 | 1 | 1 | 🛑 destructive | blocked |",
        "| `uat` | - | - | - | - | - | error: `login-failed` |",
    ]
    assert "| Environment |" not in plan_markdown(samples.FULL)


class TestEscapes:
    EVIL = (
        "`</code></details>\n```\n<img src=x onerror=alert(1)> @acme/security #1 ![x](https://evil.example) | a\x1b[2J"
    )

    def test_a_value_stays_where_it_was_put(self) -> None:
        change = Change(
            MetadataType.KEY,
            self.EVIL,
            Action.UPDATE,
            Reason.DIFFERS,
            (FieldChange(self.EVIL, self.EVIL, "x"), FieldChange("keys", (self.EVIL,), ("b",))),
            (self.EVIL,),
            (self.EVIL,),
            Risk.DESTRUCTIVE,
            samples.at(1),
        )
        text = plan_markdown(
            replace(
                samples.FULL,
                environment=self.EVIL,
                changes=(change,),
                warnings=(samples.warning(message=self.EVIL, fix=self.EVIL, rule=self.EVIL),),
                blocked=(replace(samples.NEEDS_ALLOW_DESTROY, message=self.EVIL, next=self.EVIL, guard=self.EVIL),),
                unmanaged=(Unmanaged(MetadataType.KEY, self.EVIL),),
                not_in_force=(replace(samples.FULL.not_in_force[0], address=self.EVIL, takes_effect=self.EVIL),),
            )
        )
        outside = without_code(text)
        assert "<img" not in outside
        assert text.count("<details>") == outside.count("<details>") == outside.count("</details>") == 3
        assert not re.search(r"@\w|#\d|\]\(", outside)
        assert "\x1b" not in text

    @given(st.text(st.characters(codec="utf-8"), max_size=40))
    def test_a_code_span_holds_the_whole_text(self, text: str) -> None:
        whole = code(text)
        match = CODE_SPAN.fullmatch(whole)
        assert match or not text
        assert "\n" not in whole
        assert not re.search(r"(?<!\\)\|", whole)

    @given(st.lists(st.text("`~a \n"), max_size=5))
    def test_no_line_closes_its_fence(self, lines: list[str]) -> None:
        first, *body, last = fenced(lines, "diff").splitlines()
        assert first == last + "diff"
        assert len(body) == len(lines)
        assert not any(line.strip().startswith(last) for line in body)

    @given(st.text("<>&\"'`ab"))
    def test_html_holds_no_tag_of_the_text(self, text: str) -> None:
        assert re.fullmatch(r"<code>[^<>]*</code>", html_code(text))

    @pytest.mark.parametrize(
        "text", ["@acme", "a@acme", "#12", "acme/shop#12", "GH-12", "gh-12", "!7", "~label", "%2", "$1", "&3"]
    )
    def test_nobody_is_mentioned_and_nothing_is_referred_to(self, text: str) -> None:
        rendered = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text)).replace("&#8203;", "\u200b")
        assert rendered.replace("\u200b", "") == text
        assert not re.search(r"[@#!~%$&]\w|GH-\d", rendered, re.I)

    def test_a_word_that_refers_to_nothing_reads_as_it_is(self) -> None:
        assert plain("Sessions end after 30 minutes, not 60.") == "Sessions end after 30 minutes, not 60."

    @pytest.mark.parametrize("text", ["www.example.com", "WWW.example.com", "https://example.com", "ftp://example.com"])
    def test_no_value_becomes_a_link(self, text: str) -> None:
        assert not re.search(r"(?i)www\.|[a-z]:/", plain(f"see {text}"))


def without_code(text: str) -> str:
    """What Markdown and HTML would see: fences, spans and code elements taken out, escapes too."""
    text = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", text, flags=re.S | re.M)
    text = re.sub(r"<code>[^<>]*</code>", "", text)
    text = CODE_SPAN.sub("", text).replace("&#8203;", "\u200b")
    return re.sub(r"\\[!-/:-@\[-`{-~]", "", text)


def many(count: int, risk: Risk, size: int = 200) -> tuple[Change, ...]:
    return tuple(
        Change(
            MetadataType.CHANNEL,
            f"Channel_{risk.value}_{number}",
            Action.UPDATE,
            Reason.DIFFERS,
            (FieldChange("label", "a" * size, "b" * size, risk),),
            impact=("Guests can no longer chat.",) if risk is not Risk.NONE else (),
            risk=risk,
            declared_at=samples.at(number + 1),
        )
        for number in range(count)
    )


class TestCondensing:
    """A comment holds 65,536 characters; what does not fit is condensed by kind, and that is said."""

    @pytest.mark.parametrize(
        ("harmless", "risky", "left_out"),
        [
            (20, 20, None),
            (150, 20, "the fields of changes without risk"),
            (150, 150, "the fields of all changes"),
            (1500, 50, "all fields, and the changes without risk"),
            (1500, 550, "what the changes mean for customers"),
            (1500, 1500, "everything but the sums and the names of changes with a risk"),
            (0, 5000, "everything but the sums and the names of changes with a risk"),
        ],
    )
    def test_what_matters_least_goes_first(self, harmless: int, risky: int, left_out: str | None) -> None:
        plan = replace(samples.EMPTY, changes=(*many(harmless, Risk.NONE), *many(risky, Risk.DESTRUCTIVE)))
        text = plan_markdown(plan)
        assert len(text) <= LONGEST
        assert f"{harmless + risky} to update" in text
        assert ("Left out" in text) == (left_out is not None)
        assert (left_out or "") in text
        assert text.count("<details>") == text.count("</details>")
        if "the names" in (left_out or ""):
            assert f"**🛑 destructive ({risky:,}):** `channel.Channel_destructive_0`, " in text
        else:
            assert "`channel.Channel_destructive_0` | 🛑 destructive" in text

    @pytest.mark.parametrize("count", [60, 90, 200, 400, 1000])
    def test_no_risky_channel_is_unnamed_if_the_names_fit(self, count: int) -> None:
        plan = replace(samples.EMPTY, changes=many(count, Risk.DISRUPTIVE))
        text = plan_markdown(plan)
        assert len(text) <= LONGEST
        assert all(f"`channel.Channel_disruptive_{number}`" in text for number in range(count))

    @settings(max_examples=10)
    @given(
        st.lists(
            st.tuples(*[st.sampled_from([0, 1, 7, 60, 300, 900])] * 4, st.sampled_from([1, 40, 80])),
            min_size=1,
            max_size=3,
        )
    )
    def test_each_risky_address_is_named_or_counted(self, sizes: list[tuple[int, int, int, int, int]]) -> None:
        plans: list[tuple[str, Plan | ProvisionerError]] = []
        for number, (harmless, disruptive, destructive, guards, length) in enumerate(sizes):
            changes = (
                *many(harmless, Risk.NONE),
                *many(disruptive, Risk.DISRUPTIVE),
                *many(destructive, Risk.DESTRUCTIVE),
            )
            named = tuple(replace(each, full_name=each.full_name + "x" * length) for each in changes)
            blocked = (samples.NEEDS_ALLOW_DESTROY,) * guards
            name = f"env{number}"
            plans.append((name, replace(samples.EMPTY, environment=name, changes=named, blocked=blocked)))
        text = plans_markdown(plans)
        assert len(text) <= LONGEST
        for name, plan in plans:
            assert isinstance(plan, Plan)
            part = text.partition(f"### Plan for `{name}`")[2].partition("\n### ")[0]
            for risk in (Risk.DISRUPTIVE, Risk.DESTRUCTIVE):
                risky = [each.address for each in plan.changes if each.risk is risk]
                shown = sum(f"`{address}`" in part for address in risky)
                line = next((line for line in part.splitlines() if line.startswith(f"**{BADGES[risk]} (")), "")
                left = re.search(r"([\d,]+)(?: more$|, not named here$)", line)
                assert shown + (int(left[1].replace(",", "")) if left else 0) == len(risky)

    def test_each_risk_has_a_badge(self) -> None:
        assert set(BADGES) == set(Risk)

    def test_worse_changes_are_named_first(self) -> None:
        plan = replace(samples.EMPTY, changes=(*many(3000, Risk.DISRUPTIVE), *many(40, Risk.DESTRUCTIVE)))
        text = plan_markdown(plan)
        assert all(f"`channel.Channel_destructive_{number}`" in text for number in range(40))
        assert "`channel.Channel_disruptive_0`" in text
        assert re.search(r"and [\d,]+ more\n", text)

    def test_hundreds_of_environments_are_a_table(self) -> None:
        plan = replace(samples.EMPTY, changes=many(2, Risk.DISRUPTIVE))
        plans: list[tuple[str, Plan | ProvisionerError]] = [(f"environment_{number}", plan) for number in range(1000)]
        text = plans_markdown(plans)
        assert len(text) <= LONGEST
        rows = text.count("| `environment_")
        assert rows > 300
        assert f"And {1000 - rows} more environments with {2 * (1000 - rows)} changes with a risk." in text

    def test_one_huge_value_does_not_make_it_too_long(self) -> None:
        text = plan_markdown(replace(samples.EMPTY, changes=many(1, Risk.NONE, 100_000)))
        assert len(text) <= LONGEST
        assert "`channel.Channel_none_0`" in text
        assert "`provisioner plan --env sandbox`" in text

    def test_several_environments_fit_together(self) -> None:
        plan: Plan = replace(samples.EMPTY, changes=many(100, Risk.NONE))
        text = plans_markdown([("a", plan), ("b", plan)])
        assert len(text) <= LONGEST
        assert text.count("### Plan for") == 2
