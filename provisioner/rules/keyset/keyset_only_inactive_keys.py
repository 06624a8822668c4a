"""Keysets without an active key."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import UploadedKeys
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="keyset-only-inactive-keys",
    severity=Severity.WARNING,
    what="All keys of a keyset are inactive.",
    why="""
        An inactive key verifies no token, so the keyset verifies none either, and the customers of its channels
        are locked out. Source: Metadata API Developer Guide, PublicKeyCertificate: isActive.
    """,
    fix="Add a new key (`provisioner keys generate`), or set `active: true` on one that was not leaked; or first "
    "remove the keyset from the channels.",
    good="""
        version: 1
        keys:
          shop_1: {certificate: keys/shop.crt, kid: shop-1, active: false}
          shop_2: {certificate: keys/other.crt, kid: shop-2}
        keysets:
          shop: {issuer: https://id.example.com, keys: [shop_1, shop_2]}
    """,
    bad="""
        version: 1
        keys:
          shop_1: {certificate: keys/shop.crt, kid: shop-1, active: false}
        keysets:
          shop: {issuer: https://id.example.com, keys: [shop_1]}  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    keys = context.estate.keys
    for keyset in context.estate.keysets.values():
        names = keyset.source.names if isinstance(keyset.source, UploadedKeys) else ()
        if names and all(name in keys and not keys[name].active for name in names):
            which = f"The only key of the keyset, {names[0]}, is" if len(names) == 1 else "All keys of the keyset are"
            message = f"{which} inactive: it would verify no token."
            yield RULE.finding(message, keyset.places.of("keys"), keyset.address)
