"""What the probes saw, as frozen values. None means: not looked at, or not to be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.salesforce.hosts import host_of

#: Stands for an environment that nobody named, in commands that messages recommend.
UNNAMED = "NAME"


@dataclass(frozen=True, slots=True)
class Configured:
    """The login as it is written down. ``problems`` says by cause what cannot be used: ``(cause, sentence, remedy)``.

    ``shown_username`` is what sentences call the user: the reference if there is one, never the value that it gave.

    ``app_kind`` is ``connected``, ``external`` or None; a field is None if it is missing or does not resolve.
    """

    environment: str = UNNAMED
    file: str = "the environment file"
    login_url: str | None = None
    audience: str | None = None
    username: str | None = None
    shown_username: str = ""
    consumer_key: str | None = None
    app_name: str | None = None
    app_kind: str | None = None
    org_id: str | None = None
    problems: tuple[tuple[str, str, str], ...] = ()

    @property
    def user(self) -> str:
        """What sentences call the user; empty if there is none."""
        return self.shown_username or self.username or ""

    @property
    def host(self) -> str:
        """The login URL's host; empty if there is none."""
        return host_of(self.login_url) if self.login_url else ""

    @property
    def host_kind(self) -> HostKind:
        return host_kind(self.host)[0]

    @property
    def sandbox(self) -> str | None:
        """The sandbox that the login URL names."""
        return host_kind(self.host)[1]

    @property
    def audience_host(self) -> str:
        return host_of(self.audience) if self.audience else self.host

    @property
    def audience_is_generic(self) -> bool:
        return host_kind(self.audience_host)[0] in (HostKind.LOGIN, HostKind.TEST)


@dataclass(frozen=True, slots=True)
class CertificateSeen:
    """A certificate: where it was found, its dates, and whether it is this private key's (None: no key to compare)."""

    place: str
    not_before: datetime
    not_after: datetime
    matches: bool | None


@dataclass(frozen=True, slots=True)
class KeySeen:
    """The private key: ``cause`` and ``words`` where it is of no use; ``notes`` are harmless oddities."""

    cause: str | None = None
    words: str = ""
    remedy: str = ""
    bits: int | None = None
    notes: tuple[str, ...] = ()
    beside: CertificateSeen | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that got no answer: ``code`` as in errors (``host-not-found``, ``tls-untrusted``, ``proxy`` …).

    ``remedy`` is for this very failure; the catalogue's own steps count if it is empty.
    """

    code: str
    words: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class NetworkSeen:
    """The way to the host. ``refused`` says why nothing may be sent there; ``skew`` is the host's clock minus ours."""

    host: str = ""
    refused: str | None = None
    addresses: tuple[str, ...] = ()
    proxy: str | None = None
    failure: Failure | None = None
    tls_issuer: str | None = None
    versions: tuple[str, ...] = ()
    page: str | None = None
    """What answered ``/services/data/`` in place of the list of versions: status and title."""
    status: int | None = None
    issuer: str | None = None
    """What the discovery document calls the issuer."""
    skew: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the token endpoint said. ``ours`` is false for an answer that somebody pasted.

    ``shape`` is ``json``, ``html``, ``redirect``, ``empty`` or ``text``; ``shown`` the title, location or text.
    """

    status: int | None = None
    error: str = ""
    description: str = ""
    shape: str = "json"
    shown: str = ""
    ours: bool = True
    tries: int = 1
    seconds: float = 0.0
    """How long it was tried again, waiting included."""

    @property
    def words(self) -> str:
        return ": ".join(filter(None, (self.error, self.description))) or self.shown


@dataclass(frozen=True, slots=True)
class Call:
    """One call with the token: well, or the org's code and words."""

    ok: bool
    code: str = ""
    text: str = ""

    @property
    def words(self) -> str:
        return ": ".join(filter(None, (self.code, self.text)))


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """What a login gave, and what two calls with it showed. ``scope`` is None if the answer had none."""

    org_id: str = ""
    instance_url: str = ""
    jwt_format: bool = False
    scope: str | None = None
    rest: Call | None = None
    soap: Call | None = None
    sandbox: bool | None = None
    api_version: str = ""


@dataclass(frozen=True, slots=True)
class AdminQuery:
    """One question to the org, by an administrator: its rows, or why there are none to be had."""

    question: str
    rows: tuple[Mapping[str, Any], ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class AdminSeen:
    """The org's own record. ``problem`` where the administrator could not get in at all."""

    who: str = ""
    host: str = ""
    """Where the administrator's session is."""
    problem: str | None = None
    asked: Mapping[str, AdminQuery] = field(default_factory=dict)
    certificate: CertificateSeen | None = None
    certificate_missing: bool = False
    app_kind: str | None = None
    """``connected`` or ``external``, where the org has the app."""

    def rows(self, name: str) -> tuple[Mapping[str, Any], ...] | None:
        """The rows of a question that was answered; None if it was not."""
        found = self.asked.get(name)
        return None if found is None or found.problem is not None else found.rows


@dataclass(frozen=True, slots=True)
class PastedAttempt:
    """One attempt in a client's output. ``worthless`` says why it tells nothing."""

    number: int
    answer: Answer
    login: str | None = None
    audience: str | None = None
    worthless: str | None = None


@dataclass(frozen=True, slots=True)
class PastedToken:
    """A JWT in pasted text: its header and claims, never its signature.

    ``standard`` holds the signs of standard base64 (``+``, ``/``, ``=``) that it is written with; base64url has none.
    """

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    standard: str = ""

    @property
    def issuer(self) -> str:
        return str(self.claims.get("iss", ""))

    @property
    def is_for_chat(self) -> bool:
        """Whether it is of the kind that customers show to a messaging channel: no audience, no consumer key."""
        named = "kid" in self.header or "@" not in str(self.claims.get("sub", ""))
        return "aud" not in self.claims and "sub" in self.claims and not self.issuer.startswith("3MVG") and named

    @property
    def is_of_a_provider(self) -> bool:
        """Whether an identity provider issued it: the issuer is an address, and a consumer key is none."""
        return "://" in self.issuer

    @property
    def is_foreign(self) -> bool:
        """Whether its claims say nothing about a login to an org."""
        return self.is_for_chat or self.is_of_a_provider


@dataclass(frozen=True, slots=True)
class PastedFacts:
    """The facts of a login that pasted text names beside the error; None if it names none.

    ``expiry`` is an ``exp`` as it is written, ``date`` the host's ``Date`` header. ``scratch``: the text is about a
    scratch org that is being made.
    """

    login_url: str | None = None
    audience: str | None = None
    username: str | None = None
    consumer_key: str | None = None
    expiry: str | None = None
    date: datetime | None = None
    token: PastedToken | None = None
    holds_private_key: bool = False
    sent_private_key: bool = False
    scratch: bool = False


@dataclass(frozen=True, slots=True)
class Pasted:
    """A client's output, understood. ``chat_words`` are words of the chat runtime, its page or its console."""

    text: str
    client: str = "of a client"
    """Whose output it is, as it is shown."""
    attempts: tuple[PastedAttempt, ...] = ()
    facts: PastedFacts = field(default_factory=PastedFacts)
    chat_words: str = ""

    @property
    def token(self) -> PastedToken | None:
        return self.facts.token


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known about one login. ``now`` is when it was gathered (UTC)."""

    now: datetime
    configured: Configured = field(default_factory=Configured)
    key: KeySeen | None = None
    network: NetworkSeen | None = None
    answer: Answer | None = None
    session: SessionSeen | None = None
    admin: AdminSeen | None = None
    pasted: Pasted | None = None
