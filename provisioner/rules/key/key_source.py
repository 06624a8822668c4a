"""A certificate or a JWK."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="key-source",
    severity=Severity.ERROR,
    what="A key has neither a certificate nor a jwk, or both.",
    why="""
        The public key comes from one file. With two, it is unclear which one verifies; with none, there is nothing
        to send.
    """,
    fix="Give either `certificate: FILE` with `kid: ID`, or `jwk: FILE`.",
    good="""
        version: 1
        keys:
          shop:
            certificate: keys/shop.crt
            kid: shop-1
    """,
    bad="""
        version: 1
        keys:
          shop:  # wrong
            label: Shop
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for key in context.estate.keys.values():
        written = context.written("keys", key.name)
        given = [field for field in ("certificate", "jwk") if written is not None and written.get(field) is not None]
        address = key.address
        if len(given) == 2:
            message, fix = "The key has both a certificate and a jwk.", "Remove one of `certificate` and `jwk`."
            yield RULE.finding(message, key.places.of("jwk"), address, fix=fix)
        elif context.lacks(("keys", key.name), "certificate", "jwk"):
            yield RULE.finding("The key has neither a certificate nor a jwk.", key.places.own, address)
