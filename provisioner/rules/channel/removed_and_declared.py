"""Tombstones of declared components."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="removed-and-declared",
    severity=Severity.ERROR,
    what="A name under removed is declared as well.",
    why="""
        The file declares both that the component exists and that it is deleted. The intention is unclear, and one
        of the two cuts off customers.
    """,
    fix="Remove the name from one of the two places.",
    good="""
        version: 1
        removed:
          keysets: [shop_2025]
    """,
    bad="""
        version: 1
        keysets:
          shop: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks.json}
        removed:
          keysets: [shop]  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    removed = context.estate.removed
    for section, kind, names in (("keys", "key", removed.keys), ("keysets", "keyset", removed.keysets)):
        known = context.names(section) or frozenset()
        for index, name in enumerate(names):
            if name in known:
                message = f"The {kind} {name} is listed under removed and under {section}."
                yield RULE.finding(message, removed.places.of(section, index), f"{kind}.{name}")
