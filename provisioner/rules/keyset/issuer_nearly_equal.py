"""Different issuers that look the same."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.rule import Rule

RULE = Rule(
    id="issuer-nearly-equal",
    severity=Severity.WARNING,
    what="Two issuers differ only by a slash at the end or by case.",
    why="""
        The issuer is compared with the token's `iss` byte for byte (Metadata API Developer Guide: jwtIssuer is
        case-sensitive), and the issuer of some identity providers ends with a slash. One of the two spellings is
        most likely wrong.
    """,
    fix="Check the `iss` of a real token (`provisioner token explain`), and name the issuer once under issuers.",
    good="""
        version: 1
        issuers:
          shop: https://id.example.com/
        keysets:
          web: {issuer: shop, endpoint: https://id.example.com/web.json}
          app: {issuer: shop, endpoint: https://id.example.com/app.json}
    """,
    bad="""
        version: 1
        keysets:
          web: {issuer: https://id.example.com/, endpoint: https://id.example.com/web.json}
          app: {issuer: https://id.example.com, endpoint: https://id.example.com/app.json}  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    spellings: dict[str, str] = {}
    for value, at, address in _issuers(context):
        other = spellings.setdefault(value.rstrip("/").casefold(), value)
        if other != value and not is_open(value):
            differ = "case" if other.rstrip("/") != value.rstrip("/") else "a slash at the end"
            yield RULE.finding(f"The issuers {other} and {value} differ only by {differ}.", at, address)


def _issuers(context: RuleInput) -> Iterator[tuple[str, Location | None, str | None]]:
    for name, value in context.estate.issuers.items():
        yield value, context.estate.issuer_places.of(name), None
    for keyset in context.estate.keysets.values():
        if keyset.issuer is not None and keyset.issuer.name is None and keyset.issuer.value is not None:
            yield keyset.issuer.value, keyset.places.of("issuer", "literal"), keyset.address
