"""Keys that a keyset names and the declaration does not have."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import UploadedKeys
from provisioner.names import Nearest
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.rule import Rule

RULE = Rule(
    id="keyset-unknown-key",
    severity=Severity.ERROR,
    what="A keyset names a key that the declaration does not have.",
    why="""
        The deployment would fail; or, if the org already has a key of that name, an unreviewed key would verify tokens.
    """,
    fix="Declare the key under keys, correct the name, or list it under external if another team owns it.",
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
        keys:
          shop: {certificate: keys/shop.crt, kid: shop-1}
        keysets:
          shop:
            issuer: https://id.example.com
            keys:
              - shop
              - shap  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    known = context.referable("keys")
    nearest = Nearest(known or ())
    for keyset in context.estate.keysets.values():
        if known is None or not isinstance(keyset.source, UploadedKeys):
            continue
        for index, name in enumerate(keyset.source.names):
            if name not in known and not is_open(name):
                message = f"There is no key {name!r} under keys or external.keys.{nearest.hint(name)}"
                yield RULE.finding(message, keyset.places.of("keys", index), keyset.address)
