"""Look-alikes and other characters beyond ASCII in a text that is compared. In a JWK file's kid: ``jose.rsa_jwk``."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.jose.defects import shown
from provisioner.model.characters import all_named, unusual, with_twins
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule
from provisioner.rules.values import compared

RULE = Rule(
    id="text-unusual-character",
    severity=Severity.WARNING,
    what="An issuer, a kid or an endpoint contains a character beyond ASCII.",
    why="""
        Letters of other scripts and typographic dashes look like ASCII characters and are different bytes. An issuer
        or a kid is compared with the token byte for byte, so with a look-alike no token matches and every customer is
        a guest. A host name with other letters has an ASCII form (`xn--…`), which identity providers put into tokens.
    """,
    fix="Type the value again in ASCII characters, or compare it byte for byte with a token.",
    good="""
        version: 1
        issuers:
          shop: https://id.example.com
    """,
    bad="""
        version: 1
        issuers:
          shop: https://id.exаmple.com  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for text in compared(context):
        if found := unusual(text.value):
            yield RULE.finding(
                f"{text.name} contains {all_named(found)}: {text.shown}.", text.at, text.address, fix=fix_of(text.value)
            )


def fix_of(value: str) -> str | None:
    """Return the fix if each character has a similar one in ASCII; else None, for the page's own fix."""
    written = with_twins(value)
    return None if written is None else f"Write {shown(written)} in ASCII characters."
