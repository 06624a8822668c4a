"""One kid for different keys under one issuer, in different keysets."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import UploadedKeys
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
    id="keyset-kid-conflict",
    severity=Severity.WARNING,
    what="Two keysets of one issuer have different keys under the same kid.",
    why="""
        A token contains only its issuer and its kid. Signed with one of the keys, it verifies on one channel and is
        refused on the other, and it does not show why. Source: RFC 7517 §4.5.
    """,
    fix="Give each key its own kid.",
    good="""
        version: 1
        keys:
          web: {certificate: keys/shop.crt, kid: web-1}
          app: {certificate: keys/other.crt, kid: app-1}
        keysets:
          web: {issuer: https://id.example.com, keys: [web]}
          app: {issuer: https://id.example.com, keys: [app]}
    """,
    bad="""
        version: 1
        keys:
          web: {certificate: keys/shop.crt, kid: shop-1}
          app: {certificate: keys/other.crt, kid: shop-1}
        keysets:
          web: {issuer: https://id.example.com, keys: [web]}
          app: {issuer: https://id.example.com, keys: [app]}  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    keys = context.estate.keys
    owners: dict[tuple[str, str], tuple[str, str]] = {}  # issuer and kid: keyset and key
    for keyset in context.estate.keysets.values():
        issuer = keyset.issuer.value if keyset.issuer is not None else None
        if issuer is None or not isinstance(keyset.source, UploadedKeys):
            continue
        for index, name in enumerate(keyset.source.names):
            kid = context.kid(keys[name]) if name in keys else None
            if kid is None:
                continue
            other_keyset, other = owners.setdefault((issuer, kid), (keyset.name, name))
            if other != name and other_keyset != keyset.name and not _same_key(context, name, other):
                yield RULE.finding(
                    f"The key {name} has the kid {kid!r}, and so does the key {other} of the keyset {other_keyset}, "
                    f"which has the same issuer {issuer}.",
                    keyset.places.of("keys", index),
                    keyset.address,
                )


def _same_key(context: RuleInput, one: str, other: str) -> bool:
    derivations = [context.derivations.get(name) for name in (one, other)]
    jwks = [derivation.jwk for derivation in derivations if derivation is not None and derivation.jwk is not None]
    return len(jwks) == 2 and jwks[0].thumbprint == jwks[1].thumbprint
