"""The Jenkinsfiles: their stages' scripts, run as shell, against two local orgs."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from provisioner import localorg
from tests.ci.bench import TEMPLATES, Bench
from tests.ci.jenkins import Build, stages
from tests.ci.team import Team


@pytest.fixture
def bench(team: Team) -> Bench:
    return Bench(team)


def test_credentials_are_never_in_a_string_that_groovy_expands() -> None:
    for path in (TEMPLATES / "jenkins").iterdir():
        text = path.read_text()
        assert 'sh "' not in text
        assert text.count("{") == text.count("}"), path.name
        assert text.count("'''") % 2 == 0


def test_a_change_is_reported(bench: Bench) -> None:
    build = Build(bench, branch="PR-3", change=True)
    done = build.run()
    assert {name: each.passed for name, each in done.items()} == {"Validate": True, "Plan the sandbox": True}, done
    names = {case.get("name") for case in ElementTree.fromstring(build.reports["plan.xml"]).iter("testcase")}
    assert "channel.Web_Chat" in names


def test_a_fork_is_validated_and_sees_no_secret(bench: Bench) -> None:
    assert list(Build(bench, branch="PR-3", change=True, fork=True).run()) == ["Validate"]


def test_to_production_and_back(bench: Bench) -> None:
    build = Build(bench)
    done = build.run()
    assert {name: each.passed for name, each in done.items()} == {
        "Validate": True, "Sandbox": True, "Plan production": True, "Production": True,
    }, "".join(each.log for each in done.values())  # fmt: skip
    for environment in ("production", "sandbox"):
        back = Build(bench, parameters={"ENVIRONMENT": environment})
        assert back.run("rollback.Jenkinsfile")["Roll back"].passed is True, back.done["Roll back"].log


def test_something_destructive_has_approvers_of_its_own(bench: Bench) -> None:
    Build(bench).run()
    bench.team.edit("storefront_login:", "storefront_token:")
    waits = Build(bench, approvers=("sf-approvers",)).run()
    assert list(waits) == ["Validate", "Sandbox", "Plan production"]
    done = Build(bench).run()
    assert done["Production, destructive"].passed is True, done["Production, destructive"].log
    assert "Production" not in done


def test_an_unreadable_production_is_never_green(bench: Bench) -> None:
    localorg.break_(bench.team.orgs["production"], "metadata-permission-missing")
    done = Build(bench).run()
    assert (done["Plan production"].passed, list(done)[-1]) == (False, "Plan production")


def test_each_night(bench: Bench) -> None:
    (watch,) = (each for each in stages("nightly.Jenkinsfile") if each.name == "Watch an environment")
    Build(bench).run()
    for broken, passed in ((None, True), ("chat-history=silent", False)):
        bench.clean()
        if broken is not None:
            localorg.break_(bench.team.orgs["production"], broken)
        build = Build(bench, variables={"ENVIRONMENT": "production"})
        script = watch.steps.split("'''")[1]
        variables = {**build.variables, **bench.secrets("production")}
        assert bench.shell(script, variables, shell=("sh", "-e")).passed is passed
        assert (bench.checkout / "drift-production.xml").exists()
