"""The untrusted run (``--untrusted``), and the refusal of everything that could do harm in it.

The author of a configuration decides which values it names. An untrusted run resolves, asks, starts and writes none of
them: each door calls :func:`require_trusted` first.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

from provisioner.errors import RefusedError

VARIABLE = "PROVISIONER_UNTRUSTED"
#: Values of the variable that disable it; any other value enables it, because a typing error must not trust.
_OFF = frozenset(("", "0", "false", "no", "off"))
_UNTRUSTED = threading.Event()


def is_untrusted() -> bool:
    """Return whether this run works on untrusted files."""
    return _UNTRUSTED.is_set()


def is_asked_for(option: bool) -> bool:
    """Return whether the option or the environment variable requests an untrusted run."""
    return option or os.environ.get(VARIABLE, "").strip().lower() not in _OFF


@contextlib.contextmanager
def running(untrusted: bool) -> Iterator[None]:
    """Make the whole process untrusted, or trusted, inside the context."""
    before = is_untrusted()
    _set(untrusted)
    try:
        yield
    finally:
        _set(before)


def _set(untrusted: bool) -> None:
    if untrusted:
        _UNTRUSTED.set()
    else:
        _UNTRUSTED.clear()


def require_trusted(what: str) -> None:
    """Raise :class:`RefusedError` in an untrusted run.

    ``what`` names the refused action in a sentence without its period.
    """
    if is_untrusted():
        raise RefusedError(
            f"{what}: this run is untrusted (--untrusted or {VARIABLE}).",
            next="`validate`, `render`, `envs`, `rules`, `schema` and `keys inspect` work in an untrusted run. For "
            "everything else leave the option out, and unset the variable, if you trust the authors of these files.",
            code="untrusted",
        )
