"""Between the client and the org: every request is named and counted, and one of them meets a fault."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from provisioner.salesforce import transport
from tests.clock import skipping_clock

Send = Callable[[], requests.Response]
#: Done to a request in the place of sending it: given the request, the way to send it, and how often it was done.
Meddle = Callable[[requests.PreparedRequest, Send, int], requests.Response]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request: what it was for, and the how many-th of these it was."""

    purpose: str
    number: int

    def __str__(self) -> str:
        return f"{self.purpose} #{self.number}"


@dataclass
class Wire:
    """What goes over the wire while it is tapped. ``target`` meets ``meddle``: once, or from there on."""

    target: Seen | None = None
    meddle: Meddle | None = None
    from_there_on: bool = False
    seen: list[Seen] = field(default_factory=list)
    struck: int = 0
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, request: requests.PreparedRequest, send: Send) -> requests.Response:
        with self._lock:
            purpose = purpose_of(request)
            self._counts[purpose] += 1
            seen = Seen(purpose, self._counts[purpose])
            self.seen.append(seen)
            struck = self.meddle is not None and (seen == self.target or (self.struck > 0 and self.from_there_on))
            if struck:
                self.struck += 1
            times = self.struck
        if struck and self.meddle is not None:
            return self.meddle(request, send, times)
        return send()


@contextmanager
def tapped(wire: Wire) -> Iterator[None]:
    """Let everything that the product sends go over ``wire``, on a clock that does not wait."""

    class Adapter(transport.TrustAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            return wire.send(request, lambda: super(Adapter, self).send(request, *args, **kwargs))

    with pytest.MonkeyPatch.context() as patch, skipping_clock() as nap:
        patch.setattr(transport, "TrustAdapter", Adapter)
        patch.setattr(time, "sleep", nap)
        yield


def purpose_of(request: requests.PreparedRequest) -> str:
    """A request in a few words, the same in every run: requests side by side arrive in any order."""
    parts = urlsplit(str(request.url))
    path = parts.path
    if "/services/Soap/" in path:
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        operation = re.search(rb"Body><(?:\w+:)?(\w+)", re.sub(rb"\s+xmlns[^>\s]*", b"", body)) or re.search(
            rb"Body[^>]*>\s*<(?:\w+:)?(\w+)", body
        )
        kinds = sorted({each.decode() for each in re.findall(rb"<(?:\w+:)?type>(\w+)<", body)})
        return " ".join(["soap", operation[1].decode() if operation else "?", *kinds])
    if path.endswith("/oauth2/token"):
        return "login"
    query = parse_qs(parts.query)
    if "q" in query:
        table = re.search(r"\bFROM\s+(\w+)", query["q"][0])
        return f"query {table[1] if table else '?'}"
    # Versions, and ids of records, which differ from run to run.
    words = [word for word in path.split("/") if word and not re.fullmatch(r"v?\d[\w.]*|(?=\w*\d)\w{18}", word)]
    return f"{request.method} {'/'.join(words[-2:])}"
