"""Ignores without a use; found after the other findings (``rules.ignores``)."""

from provisioner.diagnostics import Severity
from provisioner.rules.rule import Rule

RULE = Rule(
    id="ignore-unused",
    severity=Severity.WARNING,
    what="An entry under ignore accepts nothing.",
    why="""
        The accepted warning no longer exists, or its rule or address is misspelt. The entry would silence the next
        warning of that kind without a review. Only warnings can be ignored. This rule is checked only when all
        environments are checked together.
    """,
    fix="Remove the entry.",
    good="""
        version: 1
        keysets:
          shop:
            issuer: https://id.example.com
            endpoint: https://acme.my.salesforce.com/id/keys
        ignore:
          - {rule: keyset-endpoint-on-salesforce, address: keyset.shop, reason: the recipe for Teams}
    """,
    bad="""
        version: 1
        keysets:
          shop:
            issuer: https://id.example.com
            endpoint: https://id.example.com/jwks.json
        ignore:
          - {rule: keyset-endpoint-on-salesforce, address: keyset.shop, reason: the recipe for Teams}  # wrong
    """,
)
