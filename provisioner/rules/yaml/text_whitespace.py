"""White space at the edge of a text that is sent, or inside one that is compared. In a JWK: ``jose.rsa_jwk``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.characters import named, placeholder, space_inside
from provisioner.rules.context import RuleInput, is_open
from provisioner.rules.rule import Rule
from provisioner.rules.values import login_texts, texts

_COMMENT = re.compile(r"\s//")

RULE = Rule(
    id="text-whitespace",
    severity=Severity.ERROR,
    what="A text begins or ends with white space, or an issuer, a kid, an endpoint or a login field contains it.",
    why="""
        It is invisible, but it counts: the issuer and the kid are compared with those of the token byte for byte
        (Metadata API Developer Guide, PublicKeyCertificateSet: jwtIssuer is case-sensitive). In a label or a
        description it looks like a change in every comparison. An issuer, a kid or an endpoint with a space inside
        is a URL that was broken by a line end, or carries a comment: `//` begins no comment in YAML.
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


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for text in chain(texts(context.estate), login_texts(context.environment)):
        if is_open(text.value):
            continue
        if text.has_lines:  # its last line break is a part of that mistake
            continue
        if text.value.strip() != text.value:
            where = "begins" if text.value[:1].isspace() else "ends"
            yield RULE.finding(f"{text.name} {where} with white space: {text.shown}.", text.at, text.address)
        elif text.is_compared and text.invisible is None and (space := _space(text.value)) is not None:
            kind = "white space" if space == " " else f"the white space {named(space)}"
            is_comment = _COMMENT.search(text.value) is not None
            fix = "Begin the comment with # instead of //." if is_comment else "Remove the white space."
            yield RULE.finding(f"{text.name} contains {kind}: {text.shown}.", text.at, text.address, fix=fix)


def _space(value: str) -> str | None:
    """Return the first white space inside a text, but not inside a placeholder, which has its own finding."""
    return space_inside(value.replace(placeholder(value) or "\0", ""))
