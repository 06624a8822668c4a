"""Tombstones of declared components."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.types import TYPES
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
    for kind in TYPES:
        declared = context.names(kind.section) or frozenset()
        for index, name in enumerate(removed.names(kind)):
            if name in declared:
                message = f"The {kind.word} {name} is listed under removed and under {kind.section}."
                yield RULE.finding(message, removed.places.of(kind.section, index), kind.address(name))
