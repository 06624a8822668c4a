"""The answer of a JWKS endpoint: ``salesforce.jwks_endpoint`` fetches it, ``jose.endpoint_diagnosis`` judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Statuses that lead to another URL (RFC 9110 §15.4).
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Hop:
    """One request: the URL, the address that was connected to, and the status that came back."""

    url: str
    address: str
    status: int


@dataclass(frozen=True, slots=True)
class JwksAnswer:
    """The last answer. ``headers`` have lower-case names; ``body`` is decoded and within the limit.

    ``public`` says whether every address was one of the public Internet; ``private_ca`` whether another authority than
    the public ones had to be trusted.
    """

    url: str
    hops: tuple[Hop, ...]
    status: int
    headers: Mapping[str, str]
    body: bytes
    public: bool = True
    private_ca: bool = False

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The reason for a missing answer. ``certain``: Salesforce would get none either; ``hops`` are the redirects."""

    rule: str
    message: str
    fix: str
    certain: bool
    hops: tuple[Hop, ...] = field(default=())
