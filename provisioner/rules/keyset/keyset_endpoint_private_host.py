"""Endpoints that an org cannot reach."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import KEYSET, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import endpoints

#: Names that public DNS does not have. Sources: RFC 6761, RFC 6762, RFC 8375, ICANN's reservation of .internal.
PRIVATE_ENDINGS = (
    "localhost",
    "local",
    "internal",
    "home.arpa",
    "test",
    "invalid",
    "lan",
    "corp",
    "intranet",
    "localdomain",
)

RULE = Rule(
    id="keyset-endpoint-private-host",
    severity=Severity.WARNING,
    what="A keyset's endpoint has a host name or an address that is not public.",
    why="""
        Salesforce fetches the JWKS over the public Internet. It cannot find a name that only your network resolves,
        so every token is refused.
    """,
    fix="Give the public name of the endpoint.",
    good=KEYSET,
    bad=changed(KEYSET, "id.example.com/jwks.json", "keycloak.internal/jwks.json  # wrong"),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for endpoint in endpoints(context):
        if endpoint.host and _is_private(endpoint.host.lower()):
            message = f"Salesforce cannot reach {endpoint.host}: it is not a host on the public Internet."
            yield RULE.finding(message, endpoint.at, endpoint.address)


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(tuple(f".{ending}" for ending in PRIVATE_ENDINGS))
