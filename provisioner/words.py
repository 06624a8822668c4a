"""Small turns of phrase that everything which speaks shares."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def enumerated(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


class Nearest:
    """Offers the nearest of some names, a few times: where many are unknown, it is not for a slip of the pen."""

    MOST_HINTS = 20

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names)
        self._left = self.MOST_HINTS

    def hint(self, name: str) -> str:
        """`` Did you mean X?``, or nothing where no name is near."""
        self._left -= 1
        near = difflib.get_close_matches(name, self._names, n=1) if self._left >= 0 else []
        return f" Did you mean {near[0]}?" if near else ""
