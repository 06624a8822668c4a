"""Production without the guard of an org id."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import PRODUCTION, changed
from provisioner.rules.rule import Rule

RULE = Rule(
    id="production-without-org-id",
    severity=Severity.WARNING,
    what="A production environment has no org_id.",
    why="""
        With org_id, any other org is refused before anything is sent, even if the login URL, the user name or the
        secrets have changed. A local org needs none.
    """,
    fix="Add `org_id:` (Setup > Company Information shows it; the first 15 characters count).",
    good=PRODUCTION,
    bad=changed(PRODUCTION, "true\norg_id: 00D5g000000AbCd\n", "true  # wrong\n"),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None or environment.embedded_org is not None:
        return
    if environment.production and environment.org_id is None:
        message = f"The production environment {environment.name} has no org_id, so any org would be accepted."
        yield RULE.finding(message, environment.places.of("production"))
