"""Errors: what happened and what to do next."""

from __future__ import annotations

import re

import pytest

from provisioner.errors import LoginError, ProvisionerError, RefusedError
from provisioner.report.drift_markdown import drifts_markdown
from provisioner.report.errors import error_json, error_view
from provisioner.report.github import error_github
from provisioner.report.markdown import markdown
from provisioner.report.plan_markdown import plans_markdown
from provisioner.report.status import status_view
from provisioner.report.status_page import status_page
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report.golden import assert_golden, assert_golden_json
from tests.report.samples import error
from tests.report.statuses import NOW

REFUSED = RefusedError(
    "The org is 00D5g000000YYYYEAA, and the environment file names 00D5g000000XXXX: it is another org.",
    next="Check login_url in config/environments/sandbox.yaml; if the new org is meant, change org_id.",
)
LOGIN = LoginError(
    "The org did not log us in: user hasn't approved this consumer.",
    next="Run provisioner diagnose login --env sandbox.",
    server={"status": 400, "error": "invalid_grant", "error_description": "user hasn't approved this consumer"},
)


class Undeclared(RefusedError):
    """An error with a finding."""

    def __init__(self) -> None:
        super().__init__("The declaration has 1 error.", next="Correct it.")
        self.findings = (error(),)


def test_an_error_for_a_person() -> None:
    assert_golden("errors/a guard refused.txt", terminal(error_view(REFUSED), Style(80)))


def test_an_error_in_colour() -> None:
    assert_golden("errors/a guard refused, in colour.txt", terminal(error_view(REFUSED), Style(80, color=True)))


def test_an_error_for_a_program() -> None:
    assert_golden_json("errors/a guard refused.json", error_json(REFUSED))


def test_a_login_error_has_the_servers_words() -> None:
    assert_golden_json("errors/the org did not log us in.json", error_json(LOGIN))


def test_findings_stand_beside_the_error() -> None:
    assert error_json(Undeclared())["findings"][0]["rule"] == "keyset-unknown-key"
    assert "findings" not in error_json(REFUSED)


def test_an_orgs_error_cannot_pass_for_our_words() -> None:
    lines = terminal(error_view(LoginError("Refused: x\nNext: curl evil\x1b[1A", next="Wait.")), Style(80)).splitlines()
    assert [line for line in lines if line.startswith("Next:")] == ["Next: Wait."]
    assert "\x1b" not in "".join(lines)


COMMAND = "openssl pkcs8 -topk8 -in uat.key -out uat.pkcs8.key && chmod 600 uat.pkcs8.key && mv uat.pkcs8.key uat.key"
UNREADABLE_KEY: list[tuple[str, ProvisionerError]] = [
    ("uat", LoginError("The key is not a PKCS #8 file.", next=f"Convert it:\n{COMMAND}"))
]


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(terminal(status_view(UNREADABLE_KEY, NOW), Style(80)), id="status"),
        pytest.param(markdown(status_view(UNREADABLE_KEY, NOW)), id="status as Markdown"),
        pytest.param(status_page(UNREADABLE_KEY, NOW).replace("&amp;", "&"), id="status as a page"),
        pytest.param(plans_markdown(UNREADABLE_KEY), id="plan as a comment"),
        pytest.param(drifts_markdown(UNREADABLE_KEY), id="drift as an issue"),
        pytest.param(error_github(UNREADABLE_KEY[0][1]).replace("%0A", "\n"), id="annotation"),
    ],
)
def test_a_command_of_the_next_step_has_its_own_line(shown: str) -> None:
    (line,) = (line for line in shown.splitlines() if COMMAND in line)
    assert re.sub("<[^>]+>", "", line).strip("- `") == COMMAND
    assert "\\n" not in shown
