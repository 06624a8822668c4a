"""Characters that do not display as themselves: they are invisible, move the cursor, or look like a space."""

from __future__ import annotations

import re

#: Invisible characters that Python takes for printable: fillers, joiners, variation selectors (the property
#: Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt), and the blank Braille pattern.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def shows_itself(text: str) -> bool:
    """Return whether each character displays as itself: none is a control, a format, an unusual space, or invisible."""
    return text.isprintable() and (text.isascii() or not _INVISIBLE.search(text))


def is_hidden(character: str) -> bool:
    """Return whether a character does not display as itself."""
    return not shows_itself(character)
