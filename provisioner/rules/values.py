"""The declared values that several rules check, with their places: texts, endpoints, expirations, the login host."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from provisioner.diagnostics import Location
from provisioner.jose.defects import excerpt, shown
from provisioner.model import characters
from provisioner.model.environment import Environment
from provisioner.model.estate import CertificateSource, Endpoint, Estate
from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.rules.context import RuleInput, is_open


@dataclass(frozen=True, slots=True)
class Text:
    """One text. ``name`` begins a sentence. ``is_compared``: every byte counts, as in an issuer, a kid or an endpoint.

    ``is_masked``: the value is not printed.
    """

    name: str
    value: str
    at: Location | None
    address: str | None
    is_compared: bool
    is_masked: bool = False

    @property
    def shown(self) -> str:
        """Return the value in quotes on one line, hidden characters as escapes; whole if every byte counts."""
        if self.is_masked:
            return "its value is not printed"
        return shown(self.value) if self.is_compared else excerpt(self.value)

    @property
    def invisible(self) -> str | None:
        """Return the first forbidden character that is invisible; at the edges, also white space."""
        return next(filter(self._is_wrong, self.value.strip()), None)

    @property
    def has_lines(self) -> bool:
        """Return whether the text has several lines, and no other white space at its edges than line breaks."""
        return self.invisible == "\n" and self.value.strip() == self.value.rstrip("\n")

    def _is_wrong(self, character: str) -> bool:
        # A format character, as in the emoji of a family, is part of a label; no byte-compared value has one.
        is_format = unicodedata.category(character) == "Cf"
        return characters.is_invisible(character) and (self.is_compared or not is_format)


def compared(context: RuleInput) -> Iterator[Text]:
    """Yield the texts that are compared byte for byte, without those that have an open reference."""
    return (text for text in texts(context.estate) if text.is_compared and not is_open(text.value))


def login_texts(environment: Environment | None) -> Iterator[Text]:
    """Yield the values of a login, and the chat URL, that are in the environment file itself."""
    if environment is None:
        return
    login = environment.login
    values: dict[str, object] = {"chat_url": environment.chat_url}
    for field in ("login_url", "audience", "username", "consumer_key") if login is not None else ():
        values[field] = getattr(login, field)
    for field, value in values.items():
        if isinstance(value, str) and not is_open(value):
            is_masked = field == "consumer_key" or (field != "username" and "@" in value)
            yield Text(f"`{field}`", value, environment.places.of(field), None, True, is_masked)


def length_problem(value: str, longest: int) -> str | None:
    """Return the problem of a text that is empty or too long, as the end of a sentence; None if it is neither."""
    if is_open(value) or 0 < len(value) <= longest:
        return None
    return f"has {len(value)} characters; the maximum is {longest}" if value else "is empty"


def is_damaged(value: str) -> bool:
    """Return whether white space or quotation marks are in a URL, which the rules about texts report."""
    return any(character.isspace() for character in value) or bool(characters.quotes_around(value))


def texts(estate: Estate) -> Iterator[Text]:
    """Yield the declared labels, descriptions, kids, issuers and endpoints."""
    for name, value in estate.issuers.items():
        yield Text(f"The issuer {name}", value, estate.issuer_places.of(name), None, True)
    for key in estate.keys.values():
        kid = key.source.kid if isinstance(key.source, CertificateSource) else None
        for field, text in (("label", key.label), ("description", key.description), ("kid", kid)):
            if text is not None:
                yield Text(f"The {field}", text, key.places.of(field), key.address, field == "kid")
    for keyset in estate.keysets.values():
        issuer = keyset.issuer.value if keyset.issuer is not None and keyset.issuer.name is None else None
        endpoint = keyset.source.url if isinstance(keyset.source, Endpoint) else None
        fields = (
            ("label", keyset.label),
            ("description", keyset.description),
            ("issuer", issuer),
            ("endpoint", endpoint),
        )
        for field, text in fields:
            if text is not None:
                at = keyset.places.of(field, "literal")  # which is the field itself if it has none below it
                yield Text(f"The {field}", text, at, keyset.address, field in ("issuer", "endpoint"))


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
            yield DeclaredEndpoint(url, split(url), keyset.places.of("endpoint"), keyset.address)


@dataclass(frozen=True, slots=True)
class DeclaredExpiration:
    """One expiration. ``whose`` is ``verified`` or ``unverified``."""

    whose: str
    minutes: int
    at: Location | None
    address: str

    @property
    def shown(self) -> str:
        """Return the number, or its size if it is too long to read."""
        return str(self.minutes) if abs(self.minutes) < 10**12 else "a very large number of"


def expirations(context: RuleInput) -> Iterator[DeclaredExpiration]:
    """Yield every channel's expirations that are whole numbers."""
    for channel in context.estate.channels.values():
        for expiration, minutes in channel.minutes.items():
            if minutes is not None:
                at = channel.places.of(*expiration.path)
                yield DeclaredExpiration(expiration.value, minutes, at, channel.address)


@dataclass(frozen=True, slots=True)
class LoginHost:
    """A login host. ``sandbox`` is the sandbox's name, if the host contains it."""

    host: str
    kind: HostKind
    sandbox: str | None


def login_host(context: RuleInput) -> LoginHost | None:
    """Return the host of the environment's login URL; None if it cannot be read."""
    environment = context.environment
    if environment is None or environment.login_url is None:
        return None
    parts = split(environment.login_url)
    if parts is None or not parts.hostname:
        return None
    kind, sandbox = host_kind(parts.hostname)
    return LoginHost(parts.hostname, kind, sandbox)
