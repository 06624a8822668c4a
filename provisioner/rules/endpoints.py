"""The declared endpoints, parsed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from provisioner.diagnostics import Location
from provisioner.model.estate import Endpoint
from provisioner.rules.context import RuleInput, is_open


@dataclass(frozen=True, slots=True)
class DeclaredEndpoint:
    """A keyset's endpoint. ``parts`` is None if the text is not a URL."""

    url: str
    parts: SplitResult | None
    at: Location | None
    address: str

    @property
    def host(self) -> str:
        return (self.parts.hostname or "").rstrip(".") if self.parts is not None else ""


def split(url: str) -> SplitResult | None:
    """Return the parts of a URL; None if its host or its port cannot be read."""
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


def endpoints(context: RuleInput) -> Iterator[DeclaredEndpoint]:
    """Yield every keyset's endpoint that is known under the environment."""
    for keyset in context.estate.keysets.values():
        if isinstance(keyset.source, Endpoint) and not is_open(keyset.source.url):
            url = keyset.source.url
            yield DeclaredEndpoint(url, split(url), keyset.places.of("endpoint"), f"keyset.{keyset.name}")
