"""Invisible characters. Some already stop the reading (``declaration.yaml_text``, ``jose.rsa_jwk``)."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.rule import Rule
from provisioner.rules.values import texts

_ONE_LINE = "Write the text on one line; in a block of text, >- joins the lines."

RULE = Rule(
    id="text-control-character",
    severity=Severity.ERROR,
    what="A label, description, issuer, kid or endpoint contains a control character or an invisible character.",
    why="""
        Line breaks, tabs and similar characters do not survive the way into an org and back, and XML forbids most of
        them. In an issuer, a kid or an endpoint, characters without width (a text copied from a web page can
        contain them) count, too: these fields are compared byte for byte.
    """,
    fix="Remove the character; type the value instead of pasting it.",
    good="""
        version: 1
        issuers:
          shop: "https://id.example.com/"
    """,
    bad="""
        version: 1
        issuers:
          shop: "https://id.example.com\\u200b/"  # wrong
    """,
)


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for text in texts(context.estate):
        if is_open(text.value):
            continue
        wrong = text.invisible
        if wrong is not None:
            named = {"\n": "a line break", "\t": "a tab"}.get(wrong, f"the invisible character U+{ord(wrong):04X}")
            fix = _ONE_LINE if wrong == "\n" else RULE.fix
            yield RULE.finding(f"{text.name} contains {named}: {text.shown}.", text.at, text.address, fix=fix)
