"""One kid twice in a keyset."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import UploadedKeys
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="keyset-duplicate-kid",
    severity=Severity.ERROR,
    what="Two keys of a keyset have the same kid, or the keyset lists a key twice.",
    why="""
        A token identifies its key only by the kid. With two keys of one kid, it is undefined which one verifies the
        token, and half of the customers may be refused. Source: RFC 7517 §4.5; Salesforce Help,
        "Troubleshooting User Verification".
    """,
    fix="Give each key its own kid, in the token's header and here; never reuse a kid for a new key.",
    good="""
        version: 1
        keys:
          shop_1: {certificate: keys/shop.crt, kid: shop-1}
          shop_2: {certificate: keys/other.crt, kid: shop-2}
        keysets:
          shop:
            issuer: https://id.example.com
            keys: [shop_1, shop_2]
    """,
    bad="""
        version: 1
        keys:
          shop_1: {certificate: keys/shop.crt, kid: shop-1}
          shop_2: {certificate: keys/other.crt, kid: shop-1}
        keysets:
          shop:
            issuer: https://id.example.com
            keys:
              - shop_1
              - shop_2  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    keys = context.estate.keys
    for keyset in context.estate.keysets.values():
        names = keyset.source.names if isinstance(keyset.source, UploadedKeys) else ()
        owners: dict[str, str] = {}
        seen: set[str] = set()
        for index, name in enumerate(names):
            kid = context.kid(keys[name]) if name in keys else None
            at, address = keyset.places.of("keys", index), keyset.address
            if name in seen:
                yield RULE.finding(f"The keyset lists the key {name} twice.", at, address, fix="Remove one of the two.")
            elif kid is not None and kid in owners:
                yield RULE.finding(f"The keys {owners[kid]} and {name} have the same kid {kid!r}.", at, address)
            elif kid is not None:
                owners[kid] = name
            seen.add(name)
