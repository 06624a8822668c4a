"""The environment's name in front of each line on stderr if several environments run in parallel."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class EnvironmentOutput:
    """The messages of one environment. ``silent``: the run has ended without it, so it prints no more."""

    name: str
    silent: bool = False


_SPEAKER: ContextVar[EnvironmentOutput | None] = ContextVar("speaker", default=None)


@contextlib.contextmanager
def speaking(speaker: EnvironmentOutput) -> Iterator[None]:
    """Attribute the messages of this thread, and of the threads that it starts for requests, to the environment."""
    token = _SPEAKER.set(speaker)
    try:
        yield
    finally:
        _SPEAKER.reset(token)


def is_silent() -> bool:
    """Tell if messages of this thread are no longer printed."""
    speaker = _SPEAKER.get()
    return speaker is not None and speaker.silent


def prefixed(text: str) -> str:
    """Return ``text`` with the environment's name before each line; unchanged if there is only one environment."""
    speaker = _SPEAKER.get()
    if speaker is None:
        return text
    return "\n".join(f"[{speaker.name}] {line}" for line in text.removesuffix("\n").split("\n"))
