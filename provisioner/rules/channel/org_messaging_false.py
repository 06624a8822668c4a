"""Messaging of the whole org."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="org-messaging-false",
    severity=Severity.ERROR,
    what="The declaration says that Messaging is off, and this program never switches it off.",
    why="""
        Without Messaging no messaging channel of the org works, also none of those that no declaration names. So only a
        person switches it off, in Setup.
    """,
    fix="Remove `messaging`; to switch Messaging off, use Setup > Messaging Settings.",
    good="""
        version: 1
        org: {messaging: true}
    """,
    bad="""
        version: 1
        org:
          messaging: false  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    org = context.estate.org
    if org.messaging is False:
        yield RULE.finding("Messaging cannot be switched off by a declaration.", org.places.of("messaging"))
