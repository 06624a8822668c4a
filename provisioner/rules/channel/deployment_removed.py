"""Tombstones of deployments."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="deployment-removed",
    severity=Severity.ERROR,
    what="A deployment is listed under removed, and this program deletes no deployment.",
    why="""
        Nobody has seen what becomes of the site of a web deployment that an API deletes, and every page that loads a
        deleted deployment loses its chat at once.
    """,
    fix="Remove the name, and delete the deployment in Setup > Embedded Service Deployments.",
    good="""
        version: 1
        removed:
          keysets: [shop_2025]
    """,
    bad="""
        version: 1
        removed:
          deployments:
            - Old_Web  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for name, place in context.removed("deployments"):
        message = f"The deployment {name} cannot be deleted by a declaration."
        yield RULE.finding(message, place, f"deployment.{name}")
