"""The results of the probes, as frozen values. None means: not checked, or not available."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.salesforce.hosts import host_of

#: Replaces an environment that was not given, in commands that messages recommend.
UNNAMED = "NAME"


@dataclass(frozen=True, slots=True)
class Configured:
    """The login as declared. ``problems`` lists unusable values by cause: ``(cause, sentence, remedy)``.

    ``shown_username`` names the user in sentences: the reference if there is one, never its resolved value.

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
        """Return the user's name for sentences; empty if there is none."""
        return self.shown_username or self.username or ""

    @property
    def host(self) -> str:
        """Return the login URL's host; empty if there is none."""
        return host_of(self.login_url) if self.login_url else ""

    @property
    def host_kind(self) -> HostKind:
        return host_kind(self.host)[0]

    @property
    def sandbox(self) -> str | None:
        """Return the sandbox that the login URL names."""
        return host_kind(self.host)[1]

    @property
    def audience_host(self) -> str:
        return host_of(self.audience) if self.audience else self.host

    @property
    def audience_is_generic(self) -> bool:
        return host_kind(self.audience_host)[0] in (HostKind.LOGIN, HostKind.TEST)


@dataclass(frozen=True, slots=True)
class CertificateSeen:
    """A certificate: its place, its dates, and whether it matches the private key (None: no key to compare)."""

    place: str
    not_before: datetime
    not_after: datetime
    matches: bool | None


@dataclass(frozen=True, slots=True)
class KeySeen:
    """The private key. ``cause`` and ``words`` are set if it is unusable; ``notes`` are harmless oddities."""

    cause: str | None = None
    words: str = ""
    remedy: str = ""
    bits: int | None = None
    notes: tuple[str, ...] = ()
    beside: CertificateSeen | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A request without an answer: ``code`` as in errors (``host-not-found``, ``tls-untrusted``, ``proxy`` …).

    ``remedy`` is for this failure; if it is empty, the catalogue's steps apply.
    """

    code: str
    words: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class NetworkSeen:
    """The network path to the host.

    ``refused``: why nothing may be sent to it. ``skew``: the host's clock minus ours.
    """

    host: str = ""
    refused: str | None = None
    addresses: tuple[str, ...] = ()
    proxy: str | None = None
    failure: Failure | None = None
    tls_issuer: str | None = None
    versions: tuple[str, ...] = ()
    page: str | None = None
    """The page that ``/services/data/`` returned in place of the list of versions: status and title."""
    status: int | None = None
    issuer: str | None = None
    """The issuer in the discovery document."""
    skew: float | None = None


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """The token endpoint's answer. ``ours`` is false for an answer in pasted text.

    ``shape`` is ``json``, ``html``, ``redirect``, ``empty`` or ``text``; ``shown`` is the title, location or text.
    """

    status: int | None = None
    error: str = ""
    description: str = ""
    shape: str = "json"
    shown: str = ""
    ours: bool = True
    tries: int = 1
    seconds: float = 0.0
    """The duration of the retries, with the waiting times."""

    @property
    def words(self) -> str:
        return ": ".join(filter(None, (self.error, self.description))) or self.shown


@dataclass(frozen=True, slots=True)
class Call:
    """One call with the token: its success, or the org's error code and message."""

    ok: bool
    code: str = ""
    text: str = ""

    @property
    def words(self) -> str:
        return ": ".join(filter(None, (self.code, self.text)))


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """The session of a login, and two calls with it. ``scope`` is None if the answer had none."""

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
    """One query of an administrator to the org: its rows, or why there are none."""

    question: str
    rows: tuple[Mapping[str, Any], ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class AdminSeen:
    """The org's own record. ``problem`` is set if the administrator could not log in."""

    who: str = ""
    host: str = ""
    """The host of the administrator's session."""
    problem: str | None = None
    asked: Mapping[str, AdminQuery] = field(default_factory=dict)
    certificate: CertificateSeen | None = None
    certificate_missing: bool = False
    app_kind: str | None = None
    """``connected`` or ``external``, if the org has the app."""

    def rows(self, name: str) -> tuple[Mapping[str, Any], ...] | None:
        """Return the rows of a query that was answered; None if it was not."""
        found = self.asked.get(name)
        return None if found is None or found.problem is not None else found.rows


def app_with_key(apps: Iterable[Mapping[str, Any]], consumer_key: str | None) -> Mapping[str, Any] | None:
    """Return the app with a consumer key; None if no app shows it, or if the login has no consumer key."""
    return next((app for app in apps if consumer_key and app.get("consumerKey") == consumer_key), None)


@dataclass(frozen=True, slots=True)
class PastedAttempt:
    """One attempt in a client's output. ``not_usable_because``: why it gives no evidence.

    ``is_of_text``: it is one of several answers in a text, of which none is known to be the newest.
    """

    number: int
    answer: TokenAnswer
    login: str | None = None
    audience: str | None = None
    not_usable_because: str | None = None
    is_of_text: bool = False


@dataclass(frozen=True, slots=True)
class PastedToken:
    """A JWT in pasted text: its header and claims, never its signature.

    ``standard`` holds the characters of standard base64 (``+``, ``/``, ``=``) in it; base64url has none of them.
    """

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    standard: str = ""

    @property
    def issuer(self) -> str:
        return str(self.claims.get("iss", ""))

    @property
    def is_for_chat(self) -> bool:
        """Return whether it is a token of a customer for a messaging channel: no audience, no consumer key."""
        named = "kid" in self.header or "@" not in str(self.claims.get("sub", ""))
        return "aud" not in self.claims and "sub" in self.claims and not self.issuer.startswith("3MVG") and named

    @property
    def is_of_a_provider(self) -> bool:
        """Return whether an identity provider issued it: the issuer is an address, and a consumer key is not."""
        return "://" in self.issuer

    @property
    def is_foreign(self) -> bool:
        """Return whether its claims are unrelated to a login to an org."""
        return self.is_for_chat or self.is_of_a_provider


@dataclass(frozen=True, slots=True)
class PastedFacts:
    """The facts about a login that pasted text contains besides the error; None if it has none.

    ``expiry`` is an ``exp`` as written, ``date`` the host's ``Date`` header. ``scratch``: the text is about the
    creation of a scratch org. ``other_flow`` names the OAuth flow that the client runs, if it is not JWT bearer, and
    ``is_jwt_bearer`` is true if the text has a sign of JWT bearer; ``basic``: the request has credentials in an
    Authorization header. ``history``: the status of the first login in rows of LoginHistory.
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
    other_flow: str | None = None
    is_jwt_bearer: bool = False
    basic: bool = False
    history: str | None = None


@dataclass(frozen=True, slots=True)
class PastedRefusal:
    """The org's words about a component of a deployment, or about a whole request: then ``type`` and ``name`` are
    empty.
    """

    words: str
    type: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A client's output, parsed. ``chat_words``: messages of the chat runtime, its page or its console.

    ``refusals``: the org's words about a deployment or a request that it refused after the login.
    """

    text: str
    client: str = "of a client"
    """The program that printed the output, for display."""
    attempts: tuple[PastedAttempt, ...] = ()
    facts: PastedFacts = field(default_factory=PastedFacts)
    chat_words: str = ""
    refusals: tuple[PastedRefusal, ...] = ()

    @property
    def token(self) -> PastedToken | None:
        return self.facts.token


@dataclass(frozen=True, slots=True)
class LoginEvidence:
    """All evidence about one login. ``now`` is the time when it was gathered (UTC)."""

    now: datetime
    configured: Configured = field(default_factory=Configured)
    key: KeySeen | None = None
    network: NetworkSeen | None = None
    answer: TokenAnswer | None = None
    session: SessionSeen | None = None
    admin: AdminSeen | None = None
    pasted: Pasted | None = None
