"""Production with the login of a sandbox."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.salesforce_hosts import HostKind
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import PRODUCTION, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import login_host

RULE = Rule(
    id="production-with-sandbox-login",
    severity=Severity.ERROR,
    what="An environment has production: true but logs in to a sandbox.",
    why="""
        One of the two is wrong. Either the protections of production apply to a sandbox, or a file was copied and
        production is not provisioned at all. test.salesforce.com logs in to sandboxes only.
    """,
    fix="Write production's My Domain as login_url, or remove `production: true`.",
    good=PRODUCTION,
    bad=changed(
        PRODUCTION,
        "https://acme.my.salesforce.com",
        "https://test.salesforce.com  # wrong",
        "ci@acme.com",
        "${env:SF_USERNAME}",
    ),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    environment, login = context.environment, login_host(context)
    if environment is None or login is None or not environment.production:
        return
    if login.kind in (HostKind.TEST, HostKind.SANDBOX):
        message = f"The environment is production, but {login.host} logs in to a sandbox."
        yield RULE.finding(message, environment.places.of("login_url"))
