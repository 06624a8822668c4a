"""Issuer names that the declaration does not have."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.names import Nearest
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.rule import Rule

RULE = Rule(
    id="issuer-unknown",
    severity=Severity.ERROR,
    what="A keyset's issuer is a name that issuers does not have.",
    why="""
        A value without a colon and without a dot is always a name under issuers, so that a typo cannot become a
        literal issuer, which no token would match.
    """,
    fix="Correct the name, add it under issuers, or write a bare literal as {literal: VALUE}.",
    good="""
        version: 1
        keysets:
          shop:
            issuer: {literal: shop}
            endpoint: https://id.example.com/jwks.json
    """,
    bad="""
        version: 1
        issuers:
          storefront: https://id.example.com
        keysets:
          shop:
            issuer: storefornt  # wrong
            endpoint: https://id.example.com/jwks.json
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    known = context.names("issuers")
    nearest = Nearest(known or ())
    for keyset in context.estate.keysets.values():
        name = keyset.issuer.name if keyset.issuer is not None else None
        if known is None or not name or name in known or is_open(name):
            continue
        message = f"There is no issuer {name!r} under issuers.{nearest.hint(name)}"
        yield RULE.finding(message, keyset.places.of("issuer"), keyset.address)
