"""Production without the guard of an org id."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
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
    good="""
        # config/environments/production.yaml
        production: true
        org_id: 00D5g000000AbCd
        login_url: https://acme.my.salesforce.com
        username: ci@acme.com
        consumer_key: ${env:SF_CONSUMER_KEY}
        private_key: ${file:~/.secrets/production.key}
    """,
    bad="""
        # config/environments/production.yaml
        production: true  # wrong
        login_url: https://acme.my.salesforce.com
        username: ci@acme.com
        consumer_key: ${env:SF_CONSUMER_KEY}
        private_key: ${file:~/.secrets/production.key}
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None or environment.embedded_org is not None:
        return
    if environment.production and environment.org_id is None:
        message = f"The production environment {environment.name} has no org_id, so any org would be accepted."
        yield RULE.finding(message, environment.places.of("production"))
