"""Endpoints that contain a user name or a password."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import KEYSET, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import endpoints

RULE = Rule(
    id="keyset-endpoint-credentials",
    severity=Severity.ERROR,
    what="A keyset's endpoint has a user name or a password in it.",
    why="""
        Everyone who can see Setup or this file could read them, and the org requests the endpoint without
        authentication: a JWKS is public. Source: RFC 3986 §3.2.1 and §7.5.
    """,
    fix="Remove the part before the @; serve the JWKS without authentication; change that password.",
    good=KEYSET,
    bad=changed(KEYSET, "id.example.com/jwks.json", "reader:letmein@id.example.com/jwks.json  # wrong"),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for endpoint in endpoints(context):
        if endpoint.parts is not None and "@" in endpoint.parts.netloc:
            message = f"The endpoint at {endpoint.host} has a user name or a password in it."
            yield RULE.finding(message, endpoint.at, endpoint.address)
