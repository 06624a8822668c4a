"""The plan's shape for programs."""

from __future__ import annotations

import json

from provisioner.errors import LoginError
from provisioner.report.plan_json import plan_json, plans_json
from tests.report import samples
from tests.report.golden import assert_golden_json


def test_a_plan_with_every_kind_of_change() -> None:
    assert_golden_json("plan/every kind of change.json", plan_json(samples.FULL))


def test_a_type_that_could_not_be_read() -> None:
    assert_golden_json("plan/a type that could not be read.json", plan_json(samples.UNREADABLE))


def test_several_environments_have_one_document_each_or_an_error() -> None:
    failed = LoginError("The org did not log us in.", next="Run provisioner diagnose login.", server={"status": 400})
    document = plans_json([("sandbox", samples.EMPTY), ("uat", failed)])
    assert document["environments"][0] == plan_json(samples.EMPTY)
    assert document["environments"][1] == {
        "environment": "uat",
        "error": {
            "code": "login-failed",
            "message": "The org did not log us in.",
            "next": "Run provisioner diagnose login.",
            "exit_status": 4,
            "server": {"status": 400},
        },
    }


def test_everything_in_it_is_plain_json() -> None:
    document = plan_json(samples.FULL)
    assert json.loads(json.dumps(document)) == document
