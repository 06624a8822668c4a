"""Fields that a JWK file already contains."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule

RULE = Rule(
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


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for key in context.estate.keys.values():
        written = context.written("keys", key.name)
        if written is None or written.get("jwk") is None or written.get("certificate") is not None:
            continue
        for field in ("kid", "algorithm"):
            if written.get(field) is not None:
                message = f"`{field}` cannot be combined with `jwk`, because the JWK file contains it."
                yield RULE.finding(message, key.places.of(field), key.address)
