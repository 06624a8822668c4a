"""Org ids."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

_SHAPE = re.compile(r"00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")

RULE = Rule(
    id="org-id-shape",
    severity=Severity.ERROR,
    what="org_id is not the id of an org.",
    why="""
        An org's id has 15 or 18 letters and digits and begins with 00D. Any other value matches no org, so every
        command would be refused.
    """,
    fix="Copy it from Setup > Company Information (Salesforce.com Organization ID).",
    good="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        org_id: 00D5g000000AbCdEAK
    """,
    bad="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        org_id: 0015g000000AbCd  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None or environment.org_id is None or _SHAPE.fullmatch(environment.org_id):
        return
    message = f"{environment.org_id!r} is not the id of an org: 15 or 18 letters and digits that begin with 00D."
    yield RULE.finding(message, environment.places.of("org_id"))
