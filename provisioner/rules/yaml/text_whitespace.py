"""White space at the edge of a text that is sent. In a JWK file's kid, found by ``keys.rsa_jwk``."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import Context, is_open
from provisioner.rules.rule import Rule
from provisioner.rules.texts import texts

RULE = Rule(
    id="text-whitespace",
    severity=Severity.ERROR,
    what="A label, description, issuer, kid or endpoint begins or ends with white space.",
    why="""
        It is invisible, but it counts: the issuer and the kid are compared with those of the token byte for byte
        (Metadata API Developer Guide, PublicKeyCertificateSet: jwtIssuer is case-sensitive). In a label or a
        description it looks like a change in every comparison.
    """,
    fix="Remove the white space; a block of text is written with >- or |-, which add no line break at the end.",
    good="""
        version: 1
        issuers:
          shop: "https://id.example.com"
    """,
    bad="""
        version: 1
        issuers:
          shop: "https://id.example.com "  # wrong
    """,
)


def check(context: Context) -> Iterator[Diagnostic]:
    for text in texts(context.estate):
        if text.value.strip() != text.value and not is_open(text.value):
            where = "begins" if text.value[:1].isspace() else "ends"
            yield RULE.finding(f"{text.name} {where} with white space: {text.shown}.", text.at, text.address)
