"""The formats of single services: GitLab's reports, and GitHub's commands for the outcome of an apply."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.diagnostics import Location
from provisioner.errors import ExitStatus, LoginError
from provisioner.execution.outcome import Outcome, Problem, Result
from provisioner.planning.plan import Plan
from provisioner.report.gitlab import findings_gitlab, plans_gitlab
from provisioner.report.outcome import outcome_github
from tests.report import samples
from tests.report.golden import assert_golden, assert_golden_json
from tests.report.samples import at, error, warning


class TestCodeQuality:
    def test_an_issue_for_each_finding(self) -> None:
        found = findings_gitlab(
            [error(), warning(), replace(error(), location=None)],
            lambda file: f"infra/{file}",
            samples.DECLARATION,
        )
        assert_golden_json("findings/a code quality report.json", found)

    def test_fingerprints_differ_and_outlive_a_moved_line(self) -> None:
        twice = findings_gitlab([error(), error(location=at(40))], str, "f")
        assert len({each["fingerprint"] for each in twice}) == 2
        moved = findings_gitlab([error(location=at(99))], str, "f")
        assert moved[0]["fingerprint"] == twice[0]["fingerprint"]

    def test_hidden_characters_are_escaped(self) -> None:
        (issue,) = findings_gitlab([error(message="a\n\x1b[2J")], str, "f")
        assert "\x1b" not in issue["description"]


class TestTerraformReport:
    def test_sums_over_environments(self) -> None:
        one, two = (
            {each: samples.FULL.summary[each] * factor for each in ("create", "update", "delete")} for factor in (1, 2)
        )
        assert any(one.values())
        assert plans_gitlab([("a", samples.FULL)]) == one
        assert plans_gitlab([("a", samples.FULL), ("b", samples.FULL), ("c", samples.EMPTY)]) == two

    @pytest.mark.parametrize("other", [samples.UNREADABLE, LoginError("No.", next="Log in.")])
    def test_no_numbers_if_a_plan_is_not_known(self, other: Plan | LoginError) -> None:
        report = plans_gitlab([("a", samples.FULL), ("b", other)])
        assert not {"create", "update", "delete"} & set(report)
        assert report["environment"] == "b"


class TestOutcomeOnGitHub:
    @pytest.mark.parametrize(
        ("name", "outcome"), [("applied and read back", samples.APPLIED), ("the org refused a channel", samples.FAILED)]
    )
    def test_annotations(self, name: str, outcome: Outcome) -> None:
        assert_golden(f"outcome/{name}, for GitHub.txt", outcome_github(outcome, lambda file: f"infra/{file}"))

    def test_an_org_cannot_add_a_command(self) -> None:
        problem = Problem("no\n::add-mask::x", "100%\r\n::error::y", "channel.A,b:c", Location("a:b", 1, 1))
        outcome = Outcome(Result.FAILED, ExitStatus.ORG_REFUSED, samples.FULL, problems=(problem,))
        lines = outcome_github(outcome, str).splitlines()
        assert [line.split(" ")[0] for line in lines] == ["::error", "::error"]
        assert "title=channel.A%2Cb%3Ac::" in lines[0]
