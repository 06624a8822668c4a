"""Names under issuers that no keyset could refer to."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="issuer-name-invalid",
    severity=Severity.ERROR,
    what="A name under issuers contains a colon or a dot.",
    why="""
        In a keyset, an issuer with a colon or a dot is taken literally. `issuer: id.example.com` would therefore
        never refer to the entry of that name, and no token would match.
    """,
    fix="Choose a name without colons and dots, here and in the keysets that use it.",
    good="""
        version: 1
        issuers:
          shop: https://id.example.com
    """,
    bad="""
        version: 1
        issuers:
          id.example.com: https://id.example.com  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for name in context.estate.issuers:
        if ":" in name or "." in name:
            yield RULE.finding(
                f"No keyset can use the issuer {name!r} by its name: with a colon or a dot it is taken literally.",
                context.estate.issuer_places.of(name),
            )
