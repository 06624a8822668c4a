"""Endpoints that Salesforce serves itself."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.salesforce_hosts import OWN_DOMAINS, is_under
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import KEYSET, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import endpoints

RULE = Rule(
    id="keyset-endpoint-on-salesforce",
    severity=Severity.WARNING,
    what="A keyset's endpoint is on a Salesforce host.",
    why="""
        Salesforce Help ("Set Up Token-Based User Verification") requires the JWKS to be hosted outside Salesforce,
        but Salesforce's own recipe for Teams uses `https://<org>.my.salesforce.com/id/keys`. Both exist, so this is
        a warning.
    """,
    fix="Serve the JWKS elsewhere, or accept it under ignore with the reason (the recipe for Teams).",
    good=KEYSET,
    bad=changed(
        KEYSET,
        "shop:",
        "teams:",
        "id.example.com\n",
        "acme.my.site.com/help\n",
        "id.example.com/jwks.json",
        "acme.my.salesforce.com/id/keys  # wrong",
    ),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for endpoint in endpoints(context):
        if is_under(endpoint.host, OWN_DOMAINS):
            message = f"The endpoint is on {endpoint.host}, but the JWKS should be hosted outside Salesforce."
            yield RULE.finding(message, endpoint.at, endpoint.address)
