"""Quotation marks around a text that is compared byte for byte. In a JWK file's kid: ``jose.rsa_jwk``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import shown
from provisioner.model.characters import quotes_around, without_quotes
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule
from provisioner.rules.values import compared, login_texts

RULE = Rule(
    id="text-quotes",
    severity=Severity.ERROR,
    what="An issuer, a kid, an endpoint or a login field begins or ends with a quotation mark.",
    why="""
        In YAML only the straight quotes " and ' delimit a text. The typographic quotes that a wiki, a chat or a word
        processor writes become part of the value, and so do quotes inside other quotes. The value is compared with
        the token byte for byte, so with the quotes no token matches and every customer is a guest.
    """,
    fix="Remove the quotation marks.",
    good="""
        version: 1
        issuers:
          shop: "https://id.example.com"
    """,
    bad="""
        version: 1
        issuers:
          shop: “https://id.example.com”  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for text in chain(compared(context), login_texts(context.environment)):
        inner = text.value.strip()
        if quotes_around(inner):
            fix = (
                None if text.is_masked else f"Remove the quotation marks: write {shown(without_quotes(inner).strip())}."
            )
            message = f"{text.name} has quotation marks in its value: {text.shown}."
            yield RULE.finding(message, text.at, text.address, fix=fix)
