"""Rules about the characters of declared texts. In a JWK file's kid, ``jose.rsa_jwk`` finds them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.jose.defects import excerpt, shown
from provisioner.model import characters
from provisioner.model.characters import (
    all_named,
    named,
    placeholder,
    quotes_around,
    space_inside,
    unusual,
    with_twins,
    without_quotes,
)
from provisioner.model.environment import Environment
from provisioner.model.estate import CertificateSource, Endpoint, Estate
from provisioner.rules.context import RuleCheck, RuleInput, is_open
from provisioner.rules.rule import Rule

TEXT_CONTROL_CHARACTER = Rule(
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


def text_control_character(context: RuleInput) -> Iterator[Diagnostic]:
    for text in texts(context.estate):
        if is_open(text.value):
            continue
        wrong = text.invisible
        if wrong is not None:
            named = {"\n": "a line break", "\t": "a tab"}.get(wrong, f"the invisible character U+{ord(wrong):04X}")
            yield TEXT_CONTROL_CHARACTER.finding(f"{text.name} contains {named}: {text.shown}.", text.at, text.address)


TEXT_PLACEHOLDER = Rule(
    id="text-placeholder",
    severity=Severity.WARNING,
    what="An issuer, a kid, an endpoint or a login field contains a placeholder of a template.",
    why="""
        Documentation of identity providers writes `https://YOUR_DOMAIN.auth0.com/`, `<tenant>` or `{tenant}` at the
        place of a value that each reader has to fill in. An issuer with such a part matches no token, so every
        customer is a guest.
    """,
    fix="Write the real value.",
    good="""
        version: 1
        issuers:
          shop: https://acme.auth0.com/
    """,
    bad="""
        version: 1
        issuers:
          shop: https://YOUR_DOMAIN.auth0.com/  # wrong
    """,
)


def text_placeholder(context: RuleInput) -> Iterator[Diagnostic]:
    for text in chain(compared(context), login_texts(context.environment)):
        if (found := placeholder(text.value)) is not None:
            message = f"{text.name} contains `{found}`, which looks like a placeholder."
            yield TEXT_PLACEHOLDER.finding(message, text.at, text.address)


TEXT_QUOTES = Rule(
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


def text_quotes(context: RuleInput) -> Iterator[Diagnostic]:
    for text in chain(compared(context), login_texts(context.environment)):
        inner = text.value.strip()
        if quotes_around(inner):
            fix = (
                None if text.is_masked else f"Remove the quotation marks: write {shown(without_quotes(inner).strip())}."
            )
            message = f"{text.name} has quotation marks in its value: {text.shown}."
            yield TEXT_QUOTES.finding(message, text.at, text.address, fix=fix)


TEXT_UNUSUAL_CHARACTER = Rule(
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


def text_unusual_character(context: RuleInput) -> Iterator[Diagnostic]:
    for text in compared(context):
        if found := unusual(text.value):
            yield TEXT_UNUSUAL_CHARACTER.finding(
                f"{text.name} contains {all_named(found)}: {text.shown}.", text.at, text.address, fix=fix_of(text.value)
            )


def fix_of(value: str) -> str | None:
    """Return the fix if each character has a similar one in ASCII; else None, for the page's own fix."""
    written = with_twins(value)
    return None if written is None else f"Write {shown(written)} in ASCII characters."


_COMMENT = re.compile(r"\s//")

TEXT_WHITESPACE = Rule(
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


def text_whitespace(context: RuleInput) -> Iterator[Diagnostic]:
    for text in chain(texts(context.estate), login_texts(context.environment)):
        if is_open(text.value):
            continue
        if text.value.strip() != text.value:
            where = "begins" if text.value[:1].isspace() else "ends"
            yield TEXT_WHITESPACE.finding(f"{text.name} {where} with white space: {text.shown}.", text.at, text.address)
        elif text.is_compared and text.invisible is None and (space := _space(text.value)) is not None:
            kind = "white space" if space == " " else f"the white space {named(space)}"
            is_comment = _COMMENT.search(text.value) is not None
            fix = "Begin the comment with # instead of //." if is_comment else "Remove the white space."
            yield TEXT_WHITESPACE.finding(f"{text.name} contains {kind}: {text.shown}.", text.at, text.address, fix=fix)


def _space(value: str) -> str | None:
    """Return the first white space inside a text, but not inside a placeholder, which has its own finding."""
    return space_inside(value.replace(placeholder(value) or "\0", ""))


@dataclass(frozen=True, slots=True)
class Text:
    """One text. ``name`` begins a sentence. ``is_compared``: every byte counts, as in an issuer, a kid or an endpoint.

    ``is_masked``: the value is not printed.
    """

    name: str
    value: str
    at: Location | None
    address: str | None
    is_compared: bool
    is_masked: bool = False

    @property
    def shown(self) -> str:
        """Return the value in quotes on one line, hidden characters as escapes; whole if every byte counts."""
        if self.is_masked:
            return "its value is not printed"
        return shown(self.value) if self.is_compared else excerpt(self.value)

    @property
    def invisible(self) -> str | None:
        """Return the first forbidden character that is invisible; at the edges, also white space."""
        return next(filter(self._is_wrong, self.value.strip()), None)

    def _is_wrong(self, character: str) -> bool:
        # A format character, as in the emoji of a family, is part of a label; no byte-compared value has one.
        is_format = unicodedata.category(character) == "Cf"
        return characters.is_invisible(character) and (self.is_compared or not is_format)


def compared(context: RuleInput) -> Iterator[Text]:
    """Yield the texts that are compared byte for byte, without those that have an open reference."""
    return (text for text in texts(context.estate) if text.is_compared and not is_open(text.value))


def login_texts(environment: Environment | None) -> Iterator[Text]:
    """Yield the values of a login, and the chat URL, that are in the environment file itself."""
    if environment is None:
        return
    login = environment.login
    values: dict[str, object] = {"chat_url": environment.chat_url}
    for field in ("login_url", "audience", "username", "consumer_key") if login is not None else ():
        values[field] = getattr(login, field)
    for field, value in values.items():
        if isinstance(value, str) and not is_open(value):
            is_masked = field == "consumer_key" or (field != "username" and "@" in value)
            yield Text(f"`{field}`", value, environment.places.of(field), None, True, is_masked)


def texts(estate: Estate) -> Iterator[Text]:
    """Yield the declared labels, descriptions, kids, issuers and endpoints."""
    for name, value in estate.issuers.items():
        yield Text(f"The issuer {name}", value, estate.issuer_places.of(name), None, True)
    for key in estate.keys.values():
        kid = key.source.kid if isinstance(key.source, CertificateSource) else None
        for field, text in (("label", key.label), ("description", key.description), ("kid", kid)):
            if text is not None:
                yield Text(f"The {field}", text, key.places.of(field), key.address, field == "kid")
    for keyset in estate.keysets.values():
        issuer = keyset.issuer.value if keyset.issuer is not None and keyset.issuer.name is None else None
        endpoint = keyset.source.url if isinstance(keyset.source, Endpoint) else None
        fields = (
            ("label", keyset.label),
            ("description", keyset.description),
            ("issuer", issuer),
            ("endpoint", endpoint),
        )
        for field, text in fields:
            if text is not None:
                at = keyset.places.of(field, "literal")  # which is the field itself if it has none below it
                yield Text(f"The {field}", text, at, keyset.address, field in ("issuer", "endpoint"))


CHECKS: Mapping[Rule, RuleCheck] = {
    TEXT_CONTROL_CHARACTER: text_control_character,
    TEXT_PLACEHOLDER: text_placeholder,
    TEXT_QUOTES: text_quotes,
    TEXT_UNUSUAL_CHARACTER: text_unusual_character,
    TEXT_WHITESPACE: text_whitespace,
}
