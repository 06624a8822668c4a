"""Output to stdout and stderr: everything that the program prints goes through :class:`Output`.

stdout has the result, stderr the messages. Output is complete in every encoding. A write that fails is recorded: it
never stops the run, and a lost result is never a success.
"""

from __future__ import annotations

import codecs
import errno
import json
import os
import re
import sys
import threading
from typing import Any, TextIO

from provisioner.redaction import redactor
from provisioner.report.visible import visible, without_commands

#: The reader closed its end of a pipe: it needs no more.
_READER_GONE = frozenset((errno.EPIPE, errno.ECONNRESET))
#: So many characters are encoded at a time: a large plan has millions.
_PIECE = 1 << 20
#: A command of ours for environments, a keyset or a new key, up to a backtick, a quotation mark or the line's end.
_COMMAND = re.compile(r"\bprovisioner [a-z][^`\"\n]*?--(?:env|keyset|kid) (?:'[^'\n]*'|[\w.,*-]*[\w*])(?=([^`\"\n]*))")


class Sink:
    """One standard stream. ``failure`` is the first error of a write; nothing is written after it.

    Bytes go to the file itself: a buffer would keep failed bytes, and fail again when the interpreter exits.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.failure: OSError | None = None
        self.written = False
        self._encoder: codecs.IncrementalEncoder | None = None

    @property
    def stream(self) -> TextIO | None:
        """Return the stream; None if there is none that could be written."""
        stream: TextIO | None = getattr(sys, self.name)
        return None if stream is None or stream.closed else stream

    @property
    def is_terminal(self) -> bool:
        stream = self.stream
        return stream is not None and stream.isatty()

    @property
    def columns(self) -> int | None:
        """Return the width of the terminal; None if the stream is not one."""
        try:
            return os.get_terminal_size(self.stream.fileno()).columns if self.stream is not None else None
        except (OSError, ValueError):
            return None

    @property
    def reader_is_gone(self) -> bool:
        return self.failure is not None and self.failure.errno in _READER_GONE

    @property
    def encoding(self) -> str:
        """Return the encoding of text for people."""
        return getattr(self.stream, "encoding", None) or "utf-8"

    def can_encode(self, text: str) -> bool:
        """Return whether the stream's own encoding has every character."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def text(self, text: str, end: str = "") -> None:
        """Write text for people, in the stream's own encoding; characters that it lacks are shown as escapes."""
        if self._encoder is None:
            self._encoder = codecs.getincrementalencoder(self.encoding)("backslashreplace")
        whole = len(text) // _PIECE * _PIECE
        for at in range(0, whole, _PIECE):
            self._bytes(self._encoder.encode(text[at : at + _PIECE]))
        self._bytes(self._encoder.encode(text[whole:] + end))

    def document(self, text: str) -> None:
        """Write a document for programs in UTF-8, for any encoding of the stream."""
        self._bytes(text.encode("utf-8", "backslashreplace"))

    def _bytes(self, data: bytes) -> None:
        if self.failure is not None or not data:
            return
        self.written = True
        try:
            _write(self.stream, data)
        except OSError as error:
            self.failure = error


class Output:
    """The output of one run. Only the holder of ``lock`` prints messages.

    ``config_option`` is `` --config DIR`` if the commands that messages recommend need it, else empty.
    """

    def __init__(self) -> None:
        self.stdout = Sink("stdout")
        self.stderr = Sink("stderr")
        self.lock = threading.RLock()
        self.config_option = ""

    @property
    def is_complete(self) -> bool:
        """Return whether everything that was printed could be written."""
        return self.stdout.failure is None and self.stderr.failure is None

    def result(self, text: str) -> None:
        """Print a result for people on stdout."""
        self.stdout.text(_harmless(_redacted(self._runnable(text))), end="" if text.endswith("\n") else "\n")

    def document(self, text: str, *, commands: bool = False) -> None:
        """Print a result for programs on stdout. ``commands``: its lines may be our workflow commands."""
        shown = redactor.redact_document(self._runnable(text, in_json=True))
        self.stdout.document(_line(shown if commands else _harmless(shown)))

    def talk(self, text: str, *, end: str = "\n") -> None:
        """Print lines on stderr. Every character that does not display as itself is written as an escape."""
        lines = _redacted(self._runnable(text)).removesuffix("\n").split("\n")
        with self.lock:
            self.stderr.text(_harmless("\n".join(map(visible, lines))) + end)

    def paint(self, text: str) -> None:
        """Print on stderr without changes: styles and movements are ours, and foreign text is escaped already."""
        with self.lock:
            self.stderr.text(_harmless(_redacted(self._runnable(text))))

    def _runnable(self, text: str, *, in_json: bool = False) -> str:
        """Return ``text`` with the config directory in each command of ours that needs it."""
        option = self.config_option
        if not option:
            return text
        if in_json:
            option = json.dumps(option)[1:-1]
        return _COMMAND.sub(lambda found: found[0] if " --config" in found[0] + found[1] else found[0] + option, text)


def open_missing_streams() -> None:
    """Replace streams that the parent process closed by a file that refuses writes."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Opened for reading: a write fails as it does on the missing stream.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8"))


def reason(failure: OSError) -> str:
    """Return the reason why a stream could not be written, in the system's words."""
    return "it is closed" if failure.errno == errno.EBADF else (failure.strerror or "error").lower()


def _write(stream: TextIO | None, data: bytes) -> None:
    """Write every byte. Raises OSError."""
    if stream is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    buffer: Any = getattr(stream, "buffer", None)
    if buffer is None:  # a stream of text only, set by a caller in the same process
        stream.write(data.decode(getattr(stream, "encoding", None) or "utf-8"))
        return
    stream.flush()
    raw = getattr(buffer, "raw", buffer)
    rest = memoryview(data)
    while rest:
        count = raw.write(rest)
        if count is None:  # shared with a program that made it non-blocking, and full
            import select  # rare

            select.select([], [raw], [])
        else:
            rest = rest[count:]


def _redacted(text: str) -> str:
    return redactor.redact(text)


def _harmless(text: str) -> str:
    return without_commands(text)


def _line(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
