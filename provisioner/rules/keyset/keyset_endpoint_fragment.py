"""Endpoints with a fragment."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import KEYSET, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import endpoints

RULE = Rule(
    id="keyset-endpoint-fragment",
    severity=Severity.ERROR,
    what="A keyset's endpoint has a fragment (#…).",
    why="""
        A fragment is never sent to the server, so it has no effect there; most likely the address of a
        documentation page was copied instead of the endpoint. Source: RFC 3986 §3.5.
    """,
    fix="Remove the # and the part after it, and check the response of the URL (`provisioner diagnose endpoint`).",
    good=KEYSET,
    bad=changed(KEYSET, "jwks.json", "jwks.json#keys  # wrong"),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for endpoint in endpoints(context):
        if "#" in endpoint.url:
            fragment = endpoint.url.partition("#")[2]
            yield RULE.finding(f"The endpoint has the fragment #{fragment}.", endpoint.at, endpoint.address)
