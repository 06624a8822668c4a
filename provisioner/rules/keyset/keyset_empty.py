"""Keysets without a key."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import UploadedKeys
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="keyset-empty",
    severity=Severity.ERROR,
    what="A keyset's keys are an empty list.",
    why="""
        A keyset without keys verifies no token: every customer of the channels that use it would be locked out.
        The list under `keys` is complete, so an empty list would also remove the keys of the org.
    """,
    fix="Name at least one key, or remove the keyset and name it under removed.",
    good="""
        version: 1
        keys:
          shop: {certificate: keys/shop.crt, kid: shop-1}
        keysets:
          shop:
            issuer: https://id.example.com
            keys: [shop]
    """,
    bad="""
        version: 1
        keysets:
          shop:
            issuer: https://id.example.com
            keys: []  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for keyset in context.estate.keysets.values():
        written = context.written("keysets", keyset.name)
        items = written.items("keys") if written is not None else None
        if isinstance(keyset.source, UploadedKeys) and items == ():
            at = keyset.places.of("keys")
            yield RULE.finding("The keyset has no keys: it would verify no token.", at, keyset.address)
