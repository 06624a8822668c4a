"""External components that this declaration also manages."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.types import TYPES
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="external-and-declared",
    severity=Severity.ERROR,
    what="A name under external is declared, or listed under removed, as well.",
    why="""
        An external component is never written. A declared one is made as declared, and a removed one is deleted. So
        the file says both that another team owns the component and that this declaration does.
    """,
    fix="Keep the name under external if another team owns it; else remove it there.",
    good="""
        version: 1
        external:
          keysets: [partner]
        channels:
          Web_Chat:
            user_verification:
              configurations:
                partner_login: {keyset: partner}
    """,
    bad="""
        version: 1
        keysets:
          shop: {issuer: https://id.example.com, endpoint: https://id.example.com/jwks.json}
        external:
          keysets: [shop]  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    estate = context.estate
    for kind in TYPES:
        declared, removed = context.names(kind.section) or frozenset(), frozenset(estate.removed.names(kind))
        for index, name in enumerate(estate.external.names(kind)):
            if name in declared or name in removed:
                other = kind.section if name in declared else "removed"
                message = f"The {kind.word} {name} is listed under external and under {other}."
                yield RULE.finding(message, estate.external.places.of(kind.section, index), kind.address(name))
