"""The pages that may show another page in a frame: the directive frame-ancestors of a Content-Security-Policy.

Source: Content Security Policy Level 3, sections 6.4.2 and 6.7.2. One observation showed that the site of a web
deployment names its trusted domains for inline frames there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_DIRECTIVE = "frame-ancestors"
_PORTS = {"http": 80, "https": 443}
_HOST_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>\*|[0-9]{1,5}))?(?:/.*)?"
)


def frame_ancestors(header: str | None) -> tuple[tuple[str, ...], ...]:
    """Return the sources of each policy's directive. Policies are separated by commas; each must allow a page."""
    found = (_sources(policy) for policy in (header or "").split(","))
    return tuple(sources for sources in found if sources is not None)


def _sources(policy: str) -> tuple[str, ...] | None:
    for directive in policy.split(";"):
        words = directive.split()
        if words and words[0].lower() == _DIRECTIVE:
            return tuple(words[1:])
    return None


def may_frame(policies: Sequence[Sequence[str]], origin: str, own: str) -> bool:
    """Return whether a page of ``origin`` may show a page of ``own`` that has these policies. Both are origins."""
    return all(any(_matches(source.lower(), origin.lower(), own.lower()) for source in each) for each in policies)


def _matches(source: str, origin: str, own: str) -> bool:
    if source == "'self'":
        return origin == own
    page, framed = urlsplit(origin), urlsplit(own)
    if source == "*":
        return page.scheme in _PORTS
    if re.fullmatch(r"[a-z][a-z0-9+.-]*:", source):
        return _same_scheme(source[:-1], page.scheme)
    match = _HOST_SOURCE.fullmatch(source)
    if match is None:
        return False
    return (
        _same_scheme(match["scheme"] or framed.scheme, page.scheme)
        and _same_host(match["host"], page.hostname or "")
        and _same_port(match["port"], page.port, page.scheme)
    )


def _same_scheme(wanted: str, given: str) -> bool:
    """Return whether the schemes match: a source with http also matches https."""
    return wanted == given or (wanted, given) == ("http", "https")


def _same_host(wanted: str, given: str) -> bool:
    """Return whether the hosts match: ``*.`` replaces one label or more, not none."""
    return wanted == "*" or (given.endswith(wanted[1:]) if wanted.startswith("*.") else given == wanted)


def _same_port(wanted: str | None, given: int | None, scheme: str) -> bool:
    usual = _PORTS.get(scheme)
    return wanted == "*" or (given or usual) == (int(wanted) if wanted is not None else usual)
