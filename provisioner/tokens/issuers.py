"""The difference between two issuers, byte for byte, in words.

Metadata API Developer Guide, PublicKeyCertificateSet: jwtIssuer is case-sensitive; nothing is trimmed or normalised.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from provisioner.model.characters import has_invisible, is_invisible

#: Letters that look like Latin ones. Source: Unicode TR39, confusables, those that are common in forged host names.
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u04bb\u0261\u03bf\u03b1\u03bd\u03b9"
    "\u0131\u2010\u2011\u2012\u2013\u2014\u2212\u2044\u2215\u2024\ua789\u02d0",
    "aeopcyxijsdlhgoavii------//.::",
)
#: Issuers with a smaller share of equal text are unrelated.
_NEAR = 0.75
_LONGEST_COMPARED = 200


def difference(token: str, keyset: str) -> str | None:
    """Return the difference of the token's issuer from the keyset's.

    None if they are equal or have little in common.
    """
    if token == keyset:
        return None
    for differ in (_white_space, _slash, _case, _scheme, _port, _look_alike, _several, _place):
        said = differ(token, keyset)
        if said is not None:
            return said
    return None


def nearest(token: str, issuers: Iterable[str]) -> tuple[str, str | None] | None:
    """Return the issuer most similar to the token's, and their difference; None if none is similar."""
    told = ((issuer, difference(token, issuer)) for issuer in issuers)
    near = [(issuer, said) for issuer, said in told if said is not None]
    return max(near, key=lambda each: _alike(token, each[0]), default=None)


def _white_space(token: str, keyset: str) -> str | None:
    if _bare(token) != _bare(keyset):
        return None
    where = "the token's" if _bare(token) != token else "the keyset's"
    return f"{where} contains white space or an invisible character"


def _slash(token: str, keyset: str) -> str | None:
    if token.rstrip("/") != keyset.rstrip("/"):
        return None
    longer = "the token's" if len(token) > len(keyset) else "the keyset's"
    return f"{longer} has a slash at its end, the other does not"


def _case(token: str, keyset: str) -> str | None:
    if token.casefold() != keyset.casefold():
        return None
    at = next(index for index, (one, other) in enumerate(zip(token, keyset, strict=False)) if one != other)
    return f"they differ in upper and lower case, first at character {at + 1} ({token[at]!r}, not {keyset[at]!r})"


def _scheme(token: str, keyset: str) -> str | None:
    ours, theirs = token.partition("://"), keyset.partition("://")
    if (ours[2] or ours[0]) != (theirs[2] or theirs[0]):
        return None
    return f"the token's begins with {_scheme_of(token)}, the keyset's with {_scheme_of(keyset)}"


def _scheme_of(issuer: str) -> str:
    scheme, found, _ = issuer.partition("://")
    return f"{scheme}://" if found else "no scheme"


def _port(token: str, keyset: str) -> str | None:
    if token.replace(":443", "") != keyset.replace(":443", ""):
        return None
    return f"{'the token' if ':443' in token else 'the keyset'}'s names the port :443, the other does not"


def _look_alike(token: str, keyset: str) -> str | None:
    if _folded(token) != _folded(keyset):
        return None
    for whose, text in (("the token's", token), ("the keyset's", keyset)):
        odd = next((each for each in text if not each.isascii()), None)
        if odd is not None:
            return f"{whose} has {_named(odd)}, which only looks like the character in the other"
    return None


def _several(token: str, keyset: str) -> str | None:
    """Return a sentence for two or more of the small differences together."""
    plain = [_folded(_bare(each)).casefold().partition("://") for each in (token, keyset)]
    ours, theirs = ((each[2] or each[0]).replace(":443", "").rstrip("/") for each in plain)
    return "they differ in several details (scheme, case, slash, spaces)" if ours == theirs else None


def _place(token: str, keyset: str) -> str | None:
    if _alike(token, keyset) < _NEAR:
        return None
    pairs = enumerate(zip(token, keyset, strict=False))
    at = next((index for index, (one, other) in pairs if one != other), min(len(token), len(keyset)))
    if at >= min(len(token), len(keyset)):
        longer, rest = ("the token's", token[at:]) if len(token) > len(keyset) else ("the keyset's", keyset[at:])
        return f"{longer} continues with {rest[:40]!r}"
    return f"they differ first at character {at + 1}: {token[at : at + 20]!r}, not {keyset[at : at + 20]!r}"


def _alike(token: str, keyset: str) -> float:
    return SequenceMatcher(None, token[:_LONGEST_COMPARED], keyset[:_LONGEST_COMPARED], autojunk=False).ratio()


def _bare(text: str) -> str:
    """Return the text without white space and without characters of no width."""
    joined = "".join(text.split())
    return "".join(each for each in joined if not is_invisible(each)) if has_invisible(joined) else joined


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_LOOK_ALIKES)


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"
