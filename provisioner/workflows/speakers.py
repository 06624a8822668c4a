"""The name in front of each line on stderr if several environments run side by side."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class EnvironmentOutput:
    """One environment. Made ``silent``, it says nothing more: the run has ended without it."""

    name: str
    silent: bool = False


_SPEAKER: ContextVar[EnvironmentOutput | None] = ContextVar("speaker", default=None)


@contextlib.contextmanager
def speaking(speaker: EnvironmentOutput) -> Iterator[None]:
    """What this thread says from here on, and the threads that it starts for its requests, is this speaker's."""
    token = _SPEAKER.set(speaker)
    try:
        yield
    finally:
        _SPEAKER.reset(token)


def is_silent() -> bool:
    """Whether what is said now is for nobody any more."""
    speaker = _SPEAKER.get()
    return speaker is not None and speaker.silent


def prefixed(text: str) -> str:
    """``text`` with the speaker's name before each line; as it is where there is only one to speak."""
    speaker = _SPEAKER.get()
    if speaker is None:
        return text
    return "\n".join(f"[{speaker.name}] {line}" for line in text.removesuffix("\n").split("\n"))
