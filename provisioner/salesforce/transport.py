"""HTTPS to the org: certificates, proxies, time limits, and a count of what was sent.

Built on requests, with four changes to its defaults:

- REQUESTS_CA_BUNDLE would override a session's own CA bundle, and without both the list of certifi would count:
  one TLS context decides (:mod:`provisioner.salesforce.trust`);
- a netrc file would replace our Authorization header, or add one to the token request: it is never read;
- redirects are never followed;
- its time limit counts from byte to byte, and not for names: here a deadline covers the whole attempt.

The size of an answer, decompressed, has a limit: no server can fill this machine's memory.

Proxy variables apply, except to this machine, which no proxy could reach.
"""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter

from provisioner import __version__
from provisioner.model.salesforce_hosts import is_loopback
from provisioner.salesforce import wirelog
from provisioner.salesforce.api_errors import AttemptFailed
from provisioner.salesforce.clock import Clock, skew_of
from provisioner.salesforce.hosts import host_of
from provisioner.salesforce.network import explain, too_large, too_slow
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.trust import Trust, choose_trust
from provisioner.untrusted import require_trusted

CONNECT_SECONDS = 10.0
#: The time limit for one answer without --timeout.
ANSWER_SECONDS = 30.0
#: Bytes of an answer: a retrieved zip of 39 MB has 52 MB in base64.
LARGEST_ANSWER = 80_000_000


class Settings(Protocol):
    """The settings of the connection: a private authority, and the time limit for one answer in seconds."""

    @property
    def ca_bundle(self) -> Path | None: ...

    @property
    def timeout(self) -> float | None: ...


class Transport:
    """Makes short-lived sessions over one pool of connections (urllib3's pools are thread-safe; sessions are not).

    ``trust`` replaces the authorities that the settings and the environment name.
    """

    def __init__(self, settings: Settings, clock: Clock, trust: Trust | None = None) -> None:
        require_trusted("Nothing is asked over the network")
        self.clock = clock
        self.trust = trust or choose_trust(settings.ca_bundle)
        self.answer_seconds = settings.timeout or ANSWER_SECONDS
        self.adapter = TrustAdapter(self.trust.context)
        self._lock = threading.Lock()
        self._requests_made = 0

    @property
    def requests_made(self) -> int:
        """Return the number of requests so far, failed ones included."""
        return self._requests_made

    def count(self) -> int:
        """Count one more; return its number."""
        with self._lock:
            self._requests_made += 1
            return self._requests_made

    def session(self, deadline: float, largest: int = LARGEST_ANSWER) -> requests.Session:
        """Return a session for one attempt, which must be over at ``deadline`` (monotonic seconds).

        An answer of more than ``largest`` bytes is not read further; it raises :class:`AttemptFailed`.
        """
        return _Attempt(self, deadline, largest)


class TrustAdapter(HTTPAdapter):
    """Verifies every host with one TLS context, with or without a proxy."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_maxsize=20)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **{**kwargs, "ssl_context": self._context})

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        contexts = {"ssl_context": self._context}
        if proxy.lower().startswith("https:"):
            contexts["proxy_ssl_context"] = self._context
        return super().proxy_manager_for(proxy, **kwargs, **contexts)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the context unchanged: requests would load certifi's list into it."""
        conn.cert_reqs = "CERT_REQUIRED"


class _Attempt(requests.Session):
    def __init__(self, transport: Transport, deadline: float, largest: int) -> None:
        super().__init__()
        self._transport = transport
        self._deadline = deadline
        self._largest = largest
        self.adapters.clear()
        self.mount("https://", transport.adapter)
        self.headers["User-Agent"] = f"provisioner/{__version__}"
        self.auth = _no_authentication
        self._seconds = 0.0

    def __exit__(self, *failure: object) -> None:
        """Pass the waiting time of the answer to a failed attempt.

        The connections belong to the transport: they stay open.
        """
        for error in failure:
            if isinstance(error, AttemptFailed):
                error.seconds = max(error.seconds, self._seconds)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        host = host_of(url)
        left = self._deadline - self._transport.clock.monotonic()
        if left <= 0:
            raise AttemptFailed(too_slow(host))
        kwargs["allow_redirects"] = False
        kwargs["timeout"] = min(CONNECT_SECONDS, left), min(self._transport.answer_seconds, left)
        if is_loopback(host):
            kwargs["proxies"] = {"no_proxy": host}
        answer = in_background(partial(super().request, method, url, *args, **kwargs))
        try:
            response = answer.result(timeout=left)
            self._seconds = seconds_to_wait(response, self._transport.clock)
            return response
        except TimeoutError as error:
            raise AttemptFailed(too_slow(host), lost=True) from error
        except (requests.RequestException, OSError) as error:
            raise explain(error, host, self._transport.trust) from error

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        number = self._transport.count()
        wirelog.log_request(number, request)
        response = super().send(request, **{**kwargs, "stream": True, "verify": True})
        self._read(response)
        wirelog.log_response(number, response)
        return response

    def resolve_redirects(self, *_: Any, **__: Any) -> Iterator[Any]:
        """Yield nothing: no redirect is followed, and requests would fail at a Location that it cannot parse."""
        return iter(())

    def _read(self, response: requests.Response) -> None:
        """Read the body as requests does, but no more of it than the limit."""
        content = bytearray()
        for part in response.iter_content(1 << 16):
            content += part
            if len(content) > self._largest:
                response.close()
                raise AttemptFailed(too_large(host_of(response.url), self._largest), lost=True)
        response._content = bytes(content)


def seconds_to_wait(response: requests.Response, clock: Clock) -> float:
    """Return the waiting time of an answer (Retry-After, RFC 9110 §10.2.3); 0 if there is none, or it is unclear."""
    asked = response.headers.get("Retry-After", "")
    if response.status_code not in (429, 503):
        return 0.0
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return float(asked)
    return max(0.0, (skew_of({"Date": asked}, clock) or 0.0))


def _no_authentication(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from reading netrc; used as the session's ``auth``."""
    return request
