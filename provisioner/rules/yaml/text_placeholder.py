"""Parts of templates without their values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.characters import placeholder
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule
from provisioner.rules.values import compared, login_texts

RULE = Rule(
    id="text-placeholder",
    severity=Severity.WARNING,
    what="An issuer, a kid, an endpoint or a login field contains a placeholder of a template.",
    why="""
        Documentation of identity providers writes `https://YOUR_DOMAIN.auth0.com/`, `<tenant>` or `{tenant}` at the
        place of a value that each reader has to fill in. An issuer with such a part matches no token, so every
        customer is a guest.
    """,
    fix="Write the real value.",
    good="""
        version: 1
        issuers:
          shop: https://acme.auth0.com/
    """,
    bad="""
        version: 1
        issuers:
          shop: https://YOUR_DOMAIN.auth0.com/  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for text in chain(compared(context), login_texts(context.environment)):
        if (found := placeholder(text.value)) is not None:
            message = f"{text.name} contains `{found}`, which looks like a placeholder."
            yield RULE.finding(message, text.at, text.address)
