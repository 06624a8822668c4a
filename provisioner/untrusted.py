"""Whether this run works on files of strangers (``--untrusted``), and the refusal of everything that could harm then.

Whoever changes a configuration decides what it names. In an untrusted run nothing of it is resolved, asked, started or
written: each door calls :func:`require_trusted` before it does anything.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

from provisioner.errors import RefusedError

VARIABLE = "PROVISIONER_UNTRUSTED"
#: Values of the variable that switch it off; any other one switches it on, because a typing error must not trust.
_OFF = frozenset(("", "0", "false", "no", "off"))
_UNTRUSTED = threading.Event()


def is_untrusted() -> bool:
    """Whether this run works on files of strangers."""
    return _UNTRUSTED.is_set()


def is_asked_for(option: bool) -> bool:
    """Whether the option or the environment variable asks for an untrusted run."""
    return option or os.environ.get(VARIABLE, "").strip().lower() not in _OFF


@contextlib.contextmanager
def running(untrusted: bool) -> Iterator[None]:
    """Make the whole process untrusted for as long, or trusted."""
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
    """Raises :class:`RefusedError` in an untrusted run. ``what`` is a sentence without its period: what is not done."""
    if is_untrusted():
        raise RefusedError(
            f"{what}: this run is untrusted (--untrusted or {VARIABLE}).",
            next="`validate`, `render`, `envs`, `rules`, `schema` and `keys inspect` work in an untrusted run. For "
            "everything else leave the option out, and unset the variable, if you trust the authors of these files.",
            code="untrusted",
        )
