"""Rules about the issuers of keysets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.names import Nearest
from provisioner.rules.context import RuleCheck, RuleInput, is_open
from provisioner.rules.examples import KEYSET, changed
from provisioner.rules.rule import Rule

ISSUER_NEARLY_EQUAL = Rule(
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


def issuer_nearly_equal(context: RuleInput) -> Iterator[Diagnostic]:
    spellings: dict[str, str] = {}
    for value, at, address in _issuers(context):
        other = spellings.setdefault(value.rstrip("/").casefold(), value)
        if other != value and not is_open(value):
            differ = "case" if other.rstrip("/") != value.rstrip("/") else "a slash at the end"
            yield ISSUER_NEARLY_EQUAL.finding(f"The issuers {other} and {value} differ only by {differ}.", at, address)


def _issuers(context: RuleInput) -> Iterator[tuple[str, Location | None, str | None]]:
    for name, value in context.estate.issuers.items():
        yield value, context.estate.issuer_places.of(name), None
    for keyset in context.estate.keysets.values():
        if keyset.issuer is not None and keyset.issuer.name is None and keyset.issuer.value is not None:
            yield keyset.issuer.value, keyset.places.of("issuer", "literal"), keyset.address


ISSUER_UNKNOWN = Rule(
    id="issuer-unknown",
    severity=Severity.ERROR,
    what="A keyset's issuer is a name that issuers does not have.",
    why="""
        A value without a colon and without a dot is always a name under issuers, so that a typo cannot become a
        literal issuer, which no token would match.
    """,
    fix="Correct the name, add it under issuers, or write a bare literal as {literal: VALUE}.",
    good="""
        version: 1
        keysets:
          shop:
            issuer: {literal: shop}
            endpoint: https://id.example.com/jwks.json
    """,
    bad="""
        version: 1
        issuers:
          storefront: https://id.example.com
        keysets:
          shop:
            issuer: storefornt  # wrong
            endpoint: https://id.example.com/jwks.json
    """,
)


def issuer_unknown(context: RuleInput) -> Iterator[Diagnostic]:
    known = context.names("issuers")
    nearest = Nearest(known or ())
    for keyset in context.estate.keysets.values():
        name = keyset.issuer.name if keyset.issuer is not None else None
        if known is None or not name or name in known or is_open(name):
            continue
        message = f"There is no issuer {name!r} under issuers.{nearest.hint(name)}"
        yield ISSUER_UNKNOWN.finding(message, keyset.places.of("issuer"), keyset.address)


KEYSET_ISSUER_MISSING = Rule(
    id="keyset-issuer-missing",
    severity=Severity.ERROR,
    what="A keyset has no issuer, or an empty one.",
    why="""
        Salesforce compares the token's `iss` with the keyset's issuer; without one no token is accepted.
        Source: Salesforce Help, "Set Up Token-Based User Verification": the issuer matches the iss value in the
        JWT payload.
    """,
    fix="Add `issuer:` with the `iss` of the tokens, byte for byte, or a name under issuers.",
    good=KEYSET,
    bad=changed(KEYSET, "shop:", "shop:  # wrong", "    issuer: https://id.example.com\n", ""),
)


def keyset_issuer_missing(context: RuleInput) -> Iterator[Diagnostic]:
    for name, value in context.estate.issuers.items():
        if not value:
            yield KEYSET_ISSUER_MISSING.finding(f"The issuer {name} is empty.", context.estate.issuer_places.of(name))
    for keyset in context.estate.keysets.values():
        address = keyset.address
        if context.lacks(("keysets", keyset.name), "issuer"):
            yield KEYSET_ISSUER_MISSING.finding("The keyset has no issuer.", keyset.places.own, address)
        elif keyset.issuer is not None and not keyset.issuer.value and not keyset.issuer.name:
            yield KEYSET_ISSUER_MISSING.finding(
                "The keyset's issuer is empty.", keyset.places.of("issuer", "literal"), address
            )


CHECKS: Mapping[Rule, RuleCheck] = {
    ISSUER_NEARLY_EQUAL: issuer_nearly_equal,
    ISSUER_UNKNOWN: issuer_unknown,
    KEYSET_ISSUER_MISSING: keyset_issuer_missing,
}
