"""Endpoints that are not https URLs."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import KEYSET, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import endpoints

RULE = Rule(
    id="keyset-endpoint-not-https",
    severity=Severity.ERROR,
    what="A keyset's endpoint is not an https URL.",
    why="""
        Anyone who can change the response on its way decides who is verified. Source: Metadata API Developer Guide,
        PublicKeyCertificateSet: jwksEndPoint is the URL of an HTTPS server that returns the JWKS.
    """,
    fix="Write the full URL, such as https://id.example.com/.well-known/jwks.json.",
    good=KEYSET,
    bad=changed(KEYSET, "https://id.example.com/jwks.json", "http://id.example.com/jwks.json  # wrong"),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for endpoint in endpoints(context):
        if endpoint.parts is None or endpoint.parts.scheme != "https" or not endpoint.host:
            url = endpoint.url if "@" not in endpoint.url else "(it contains credentials)"
            yield RULE.finding(f"The endpoint is not an https URL: {url}", endpoint.at, endpoint.address)
