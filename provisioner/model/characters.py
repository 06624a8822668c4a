"""Characters that are wrong in an issuer, a kid or an endpoint, but look right.

These texts are compared byte for byte with a token, so a look-alike character makes every customer a guest.
"""

from __future__ import annotations

import re
import unicodedata

#: Categories of invisible characters: controls, formats, and separators of lines and paragraphs.
_INVISIBLE = frozenset(("Cc", "Cf", "Zl", "Zp"))
#: Quotation marks of other categories than Pi and Pf (initial and final quotes).
_QUOTES = frozenset(
    "\"'`\u00b4\u201a\u201e\u2e42\u300c\u300d\u300e\u300f\u301d\u301e\u301f\uff02\uff07\uff40\uff62\uff63"
)
#: Letters of other scripts and other signs that look like an ASCII character. Source: Unicode Technical Standard #39.
_TWINS = {
    **dict(zip("асеһіјӏорԛѕԝхуԁ", "acehijlopqswxyd", strict=True)),
    **dict(zip("АВСЕНІЈКМОРЅТХУԌ", "ABCEHIJKMOPSTXYG", strict=True)),
    **dict(zip("αινορυχ", "aivopux", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\ufe58\ufe63", "-"),
    **dict.fromkeys("\u2044\u2215\u29f8\u2571", "/"),
    **dict.fromkeys("\u02d0\ua789\u2236\u0589", ":"),
    **dict.fromkeys("\u2024\u06d4\u3002\u0701", "."),
    **dict(zip("ıɡɑ", "iga", strict=True)),
}
_MOST_NAMED = 3
_NOUN = "domain|tenant|company|org|organization|host|hostname|issuer|instance|realm|pool|project|app|site|name"
#: Parts of templates without their values. ``example.com`` is not one of them: it is a host like any other.
_PLACEHOLDER = re.compile(
    r"<[^<>]*>|[<>]|\{\{[^{}]*\}\}|\{[^{}]*\}|\[[A-Za-z_ -]+\]|%[A-Z_]+%|\$\(?[A-Za-z_]\w*\)?|"
    r"(?<![A-Za-z0-9])X{4,}(?![A-Za-z0-9])|"
    r"00000000-0000-0000-0000-000000000000|"
    r"(?<![A-Za-z0-9_-])(?:(?:YOUR|MY|INSERT|REPLACE)[-_][A-Z0-9_-]*[A-Z0-9](?![A-Za-z0-9])|(?:TODO|TBD|FIXME|X{3,}"
    rf"|(?i:your[-_]?(?:{_NOUN})(?:[-_](?:{_NOUN}|id))?|change[-_]?me|replace[-_]?me))(?![A-Za-z0-9_-]))"
)


def is_invisible(character: str) -> bool:
    """Return whether the character is invisible and not a space."""
    return unicodedata.category(character) in _INVISIBLE


def has_invisible(text: str) -> bool:
    """Return whether the text has an invisible character that is not a space."""
    return not text.isprintable() and any(map(is_invisible, text))


def is_quote(character: str) -> bool:
    """Return whether the character is a quotation mark of any script."""
    return character in _QUOTES or unicodedata.category(character) in ("Pi", "Pf")


def quotes_around(text: str) -> str:
    """Return the quotation marks at the two ends of a text; empty if there are none."""
    ends = text[:1] + (text[-1:] if len(text) > 1 else "")
    return "".join(character for character in ends if is_quote(character))


def without_quotes(text: str) -> str:
    """Return the text without the quotation marks at its ends."""
    begin, end = 0, len(text)
    while begin < end and is_quote(text[begin]):
        begin += 1
    while begin < end and is_quote(text[end - 1]):
        end -= 1
    return text[begin:end]


def space_inside(text: str) -> str | None:
    """Return the first white space between other characters, or None."""
    return next((character for character in text.strip() if character.isspace() and not is_invisible(character)), None)


def unusual(text: str) -> tuple[str, ...]:
    """Return the distinct visible characters beyond ASCII, except white space and quotation marks at the ends."""
    inner = without_quotes(text.strip())
    return tuple(
        dict.fromkeys(each for each in inner if not each.isascii() and not each.isspace() and not is_invisible(each))
    )


def placeholder(text: str) -> str | None:
    """Return the part of a template that has no value yet (``YOUR_DOMAIN``, ``<tenant>``), or None."""
    found = _PLACEHOLDER.search(text)
    return found[0] if found is not None else None


def named(character: str) -> str:
    """Return ``U+0430 (Cyrillic small letter a), which looks like `a```, or without the last part."""
    name = unicodedata.name(character, "")
    words = f" ({name.capitalize()})" if name else ""
    twin = twin_of(character)
    return f"U+{ord(character):04X}{words}" + (f", which looks like `{twin}`" if twin else "")


def all_named(characters: tuple[str, ...]) -> str:
    """Return the characters by :func:`named`; the first three, and the number of the others."""
    more = len(characters) - _MOST_NAMED
    listed = "; ".join(map(named, characters[:_MOST_NAMED]))
    return f"{listed}; and {more} more" if more > 0 else listed


def twin_of(character: str) -> str | None:
    """Return the ASCII character that looks like this one, or None."""
    twin = _TWINS.get(character) or unicodedata.normalize("NFKC", character)
    return twin if len(twin) == 1 and "!" <= twin <= "~" else None


def with_twins(text: str) -> str | None:
    """Return the text with each look-alike replaced by its ASCII character; None if one has no such character."""
    twins = [character if character.isascii() else twin_of(character) for character in text]
    return None if None in twins else "".join(filter(None, twins))
