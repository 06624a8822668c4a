"""The rules and the environments, as lists and alone."""

from __future__ import annotations

from pathlib import Path

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.model.environment import Environment, Login
from provisioner.report.environments import Listed, environments_json, environments_matrix, environments_view
from provisioner.report.outcome import deploying
from provisioner.report.rules import rule_json, rule_view, rules_json, rules_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.rules.rule import Rule
from tests.report.golden import assert_golden, assert_golden_json

EXPIRED = Rule(
    "certificate-expired",
    Severity.ERROR,
    "The certificate has ended.",
    "An org refuses a certificate that has ended, and tokens that are signed with its key do not verify. "
    "Source: RFC 5280 §4.1.2.5.",
    "Rotate the key.",
    "version: 1\nkeys:\n  a: {certificate: keys/new.crt, kid: a}",
    "version: 1\nkeys:\n  a: {certificate: keys/old.crt, kid: a}  # wrong",
)
SOON = Rule("certificate-ends-soon", Severity.WARNING, "The certificate ends within 30 days.", "w", "f", "g: 1", "b: 1")
NAME = Rule("name-invalid", Severity.ERROR, "Salesforce would refuse the name.", "w", "f", "g: 1", "b: 1")
AREAS = {"certificate-expired": "key", "certificate-ends-soon": "key", "name-invalid": "names"}

ENVIRONMENTS = [
    Listed(
        Environment("local", "config/environments/local.yaml", Path("config/environments"), embedded_org=Path("/o"))
    ),
    Listed(
        Environment(
            "production",
            "config/environments/production.yaml",
            Path("config/environments"),
            Login("https://acme.my.salesforce.com", None, None, None, None, None),
            org_id="00D5g000000YYYY",
            production=True,
        )
    ),
    Listed(
        Environment("broken", "config/environments/broken.yaml", Path("config/environments")),
        (Diagnostic("yaml-syntax", Severity.ERROR, "A comma is missing.", "Write it.", Location("broken.yaml", 3, 1)),),
    ),
]


def test_all_rules_by_area() -> None:
    assert_golden("rules/all rules.txt", terminal(rules_view([NAME, EXPIRED, SOON], AREAS.__getitem__), Style(80)))


def test_one_rule() -> None:
    assert_golden("rules/one rule.txt", terminal(rule_view(EXPIRED), Style(80)))


def test_rules_for_programs() -> None:
    document = rules_json([NAME, EXPIRED], AREAS.__getitem__)
    assert [(rule["id"], rule["area"]) for rule in document["rules"]] == [
        ("name-invalid", "names"),
        ("certificate-expired", "key"),
    ]
    assert_golden_json("rules/one rule.json", rule_json(EXPIRED, AREAS.__getitem__))


def test_environments() -> None:
    assert_golden("environments/three environments.txt", terminal(environments_view(ENVIRONMENTS), Style(80)))
    assert_golden_json("environments/three environments.json", environments_json(ENVIRONMENTS))


def test_no_environments() -> None:
    assert "provisioner init" in terminal(environments_view([]), Style(80))


def test_a_matrix_for_a_github_workflow() -> None:
    assert environments_matrix(ENVIRONMENTS[:2]) == {
        "include": [
            {"environment": "local", "production": False},
            {"environment": "production", "production": True},
        ]
    }


def test_progress_says_how_far_and_how_long() -> None:
    assert deploying("0Af1", "InProgress", 2, 5, 125.9) == "Deployment 0Af1: InProgress, 2 of 5 components, 2 min 05 s"
    assert deploying("0Af1", "Pending\x1b[2J", 0, 0, 7) == "Deployment 0Af1: Pending\\x1b[2J, 7 s"
