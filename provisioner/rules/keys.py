"""Rules about keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import JwkSource
from provisioner.rules.context import RuleCheck, RuleInput
from provisioner.rules.rule import Rule

KEY_DUPLICATE = Rule(
    id="key-duplicate",
    severity=Severity.WARNING,
    what="Two keys have the same public key.",
    why="""
        If one of them is deactivated, for example because its private key leaked, it seems to be out of use, but it
        still verifies under the other name.
    """,
    fix="Keep one of them, or generate a separate pair for the other.",
    good="""
        version: 1
        keys:
          shop: {certificate: keys/shop.crt, kid: shop-1}
          app: {certificate: keys/other.crt, kid: app-1}
    """,
    bad="""
        version: 1
        keys:
          shop: {certificate: keys/shop.crt, kid: shop-1}
          app: {certificate: keys/shop.crt, kid: app-1}  # wrong
    """,
)


def key_duplicate(context: RuleInput) -> Iterator[Diagnostic]:
    owners: dict[tuple[int, int], str] = {}
    for name, derivation in context.derivations.items():
        if derivation.jwk is None:
            continue
        other = owners.setdefault((derivation.jwk.n, derivation.jwk.e), name)
        if other != name:
            key = context.estate.keys[name]
            at = key.places.of("jwk" if isinstance(key.source, JwkSource) else "certificate")
            yield KEY_DUPLICATE.finding(f"The keys {other} and {name} have the same public key.", at, key.address)


KEY_FIELD_BESIDE_JWK = Rule(
    id="key-field-beside-jwk",
    severity=Severity.ERROR,
    what="kid or algorithm is given together with jwk.",
    why="""
        The JWK file carries both. A second value could contradict it, and the unused one would mislead the next reader.
    """,
    fix="Remove `kid` and `algorithm` here; change them in the JWK file if they are wrong.",
    good="""
        version: 1
        keys:
          shop:
            jwk: keys/shop.jwk.json
    """,
    bad="""
        version: 1
        keys:
          shop:
            jwk: keys/shop.jwk.json
            kid: shop-1  # wrong
    """,
)


def key_field_beside_jwk(context: RuleInput) -> Iterator[Diagnostic]:
    for key in context.estate.keys.values():
        written = context.written("keys", key.name)
        if written is None or written.get("jwk") is None or written.get("certificate") is not None:
            continue
        for field in ("kid", "algorithm"):
            if written.get(field) is not None:
                message = f"`{field}` cannot be combined with `jwk`, because the JWK file contains it."
                yield KEY_FIELD_BESIDE_JWK.finding(message, key.places.of(field), key.address)


KEY_SOURCE = Rule(
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


def key_source(context: RuleInput) -> Iterator[Diagnostic]:
    for key in context.estate.keys.values():
        written = context.written("keys", key.name)
        given = [field for field in ("certificate", "jwk") if written is not None and written.get(field) is not None]
        address = key.address
        if len(given) == 2:
            message, fix = "The key has both a certificate and a jwk.", "Remove one of `certificate` and `jwk`."
            yield KEY_SOURCE.finding(message, key.places.of("jwk"), address, fix=fix)
        elif context.lacks(("keys", key.name), "certificate", "jwk"):
            yield KEY_SOURCE.finding("The key has neither a certificate nor a jwk.", key.places.own, address)


CHECKS: Mapping[Rule, RuleCheck] = {
    KEY_DUPLICATE: key_duplicate,
    KEY_FIELD_BESIDE_JWK: key_field_beside_jwk,
    KEY_SOURCE: key_source,
}
