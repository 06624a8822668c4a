"""Keys or an endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import KEYSET, changed
from provisioner.rules.rule import Rule

RULE = Rule(
    id="keyset-source",
    severity=Severity.ERROR,
    what="A keyset has neither keys nor an endpoint, or both.",
    why="""
        The type of a keyset is either Keys or Endpoint URL; an org refuses a mixture ("You can't configure JWKS_URL
        when the key type selected is JWKS_KEY"). Source: Salesforce Help, "Set Up Token-Based User
        Verification"; Metadata API Developer Guide, PublicKeyCertificateSet.
    """,
    fix="Give either `keys: [NAME]` or `endpoint: https://…`.",
    good=KEYSET,
    bad=changed(KEYSET, "shop:", "shop:  # wrong", "    endpoint: https://id.example.com/jwks.json\n", ""),
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for keyset in context.estate.keysets.values():
        written = context.written("keysets", keyset.name)
        given = [field for field in ("keys", "endpoint") if written is not None and written.get(field) is not None]
        if len(given) == 2:
            message, at = "The keyset has both keys and an endpoint.", keyset.places.of("endpoint")
            yield RULE.finding(message, at, keyset.address, fix="Remove one of `keys` and `endpoint`.")
        elif context.lacks(("keysets", keyset.name), "keys", "endpoint"):
            message = "The keyset has neither keys nor an endpoint."
            yield RULE.finding(message, keyset.places.own, keyset.address)
