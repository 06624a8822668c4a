"""One public key under two names."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import JwkSource
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="key-duplicate",
    severity=Severity.WARNING,
    what="Two keys have the same public key.",
    why="""
        If one of them is deactivated, for example because its private key leaked, it seems to be out of use, but it
        still verifies under the other name.
    """,
    fix="Keep one of them, or generate a separate pair for the other.",
    good="""
        version: 1
        keys:
          shop: {certificate: keys/shop.crt, kid: shop-1}
          app: {certificate: keys/other.crt, kid: app-1}
    """,
    bad="""
        version: 1
        keys:
          shop: {certificate: keys/shop.crt, kid: shop-1}
          app: {certificate: keys/shop.crt, kid: app-1}  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    owners: dict[tuple[int, int], str] = {}
    for name, derivation in context.derivations.items():
        if derivation.jwk is None:
            continue
        other = owners.setdefault((derivation.jwk.n, derivation.jwk.e), name)
        if other != name:
            key = context.estate.keys[name]
            at = key.places.of("jwk" if isinstance(key.source, JwkSource) else "certificate")
            yield RULE.finding(f"The keys {other} and {name} have the same public key.", at, key.address)
