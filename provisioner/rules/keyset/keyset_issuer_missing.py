"""Keysets without an issuer."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import KEYSET, changed
from provisioner.rules.rule import Rule

RULE = Rule(
    id="keyset-issuer-missing",
    severity=Severity.ERROR,
    what="A keyset has no issuer, or an empty one.",
    why="""
        Salesforce compares the token's `iss` with the keyset's issuer; without one no token is accepted.
        Source: Salesforce Help, "Set Up Token-Based User Verification": the issuer matches the iss value in the
        JWT payload.
    """,
    fix="Add `issuer:` with the `iss` of the tokens, byte for byte, or a name under issuers.",
    good=KEYSET,
    bad=changed(KEYSET, "shop:", "shop:  # wrong", "    issuer: https://id.example.com\n", ""),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for name, value in context.estate.issuers.items():
        if not value:
            yield RULE.finding(f"The issuer {name} is empty.", context.estate.issuer_places.of(name))
    for keyset in context.estate.keysets.values():
        address = keyset.address
        if context.lacks(("keysets", keyset.name), "issuer"):
            yield RULE.finding("The keyset has no issuer.", keyset.places.own, address)
        elif keyset.issuer is not None and not keyset.issuer.value and not keyset.issuer.name:
            yield RULE.finding("The keyset's issuer is empty.", keyset.places.of("issuer", "literal"), address)
