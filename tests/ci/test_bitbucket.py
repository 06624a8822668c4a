"""The pipelines of Bitbucket: their steps, run as shell, against two local orgs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from provisioner import localorg
from tests.ci.bench import Bench
from tests.ci.bitbucket import FILE, Pipeline, steps
from tests.ci.team import Team

CHECK = Path(sys.executable).parent / "check-jsonschema"
MAIN, APPLY, BACK = ("branches", "main"), "Apply the plan that was approved, or nothing", "Roll back production"
DESTRUCTIVE = "Apply the destructive plan that was approved, or nothing"


@pytest.fixture
def bench(team: Team) -> Bench:
    return Bench(team)


def test_the_file_is_what_bitbucket_takes() -> None:
    words = [CHECK, "--builtin-schema", "vendor.bitbucket-pipelines", "--regex-variant", "nonunicode", FILE]
    checked = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert checked.returncode == 0, checked.stdout[:2000]


def test_a_pull_request_sees_the_sandbox_alone(bench: Bench) -> None:
    assert {step.get("deployment") for step in steps("pull-requests", "**")} == {None, "sandbox-plan"}
    done = Pipeline(bench).run("pull-requests", "**")
    assert all(each.passed for each in done.values()), done
    assert "### Plan for `sandbox`" in (bench.artifacts / "Plan the sandbox/plan.md").read_text()
    bench.team.edit("{keyset: storefront, active: true}", "{keyset: storefrnt, active: true}")
    assert {name: each.passed for name, each in Pipeline(bench).run("pull-requests", "**").items()} == {
        "Validate": False
    }
    report = ElementTree.parse(bench.checkout / "test-results/validate.xml")
    assert report.find(".//failure") is not None


def test_to_production_and_back(bench: Bench) -> None:
    done = Pipeline(bench, started=(APPLY, BACK)).run(*MAIN)
    assert len(done) == 5
    assert all(each.passed for each in done.values()), list(done.values())[-1].log
    assert Pipeline(bench).run("custom", "nightly")["Watch production"].passed is False, "as it was before"


def test_something_destructive_takes_another_pipeline(bench: Bench) -> None:
    Pipeline(bench, started=(APPLY,)).run(*MAIN)
    assert Pipeline(bench).run("custom", "nightly")["Watch production"].passed is True
    bench.team.edit("storefront_login:", "storefront_token:")
    refused = Pipeline(bench, started=(APPLY,)).run(*MAIN)[APPLY]
    assert (refused.passed, "--allow-destroy" in refused.log) == (False, True)
    done = Pipeline(bench, started=(DESTRUCTIVE, BACK)).run("custom", "destructive")
    assert [each.passed for each in done.values()] == [True, True, True], done[BACK].log


def test_an_unreadable_production_is_never_green(bench: Bench) -> None:
    localorg.break_(bench.team.orgs["production"], "channel-unreadable")
    done = Pipeline(bench, started=(APPLY,)).run(*MAIN)
    assert (done["Save production's plan"].passed, APPLY in done) == (False, False)
