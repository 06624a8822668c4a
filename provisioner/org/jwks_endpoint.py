"""A JWKS fetched as Salesforce fetches it: HTTPS, no credentials, from the public Internet; and with limits.

Names are resolved first, every address is looked at, and the connection goes to an address that was looked at: a name
cannot mean another host a moment later. A redirect is a new request, looked at in the same way. No netrc, no cookies,
no proxy: neither has Salesforce. One deadline ends everything, however slowly bytes drip.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import closing, suppress
from http.client import HTTPException
from pathlib import Path
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from provisioner import __version__
from provisioner.keys.jwks_answer import Answer, Hop, NoAnswer
from provisioner.org.addresses import is_public
from provisioner.org.clock import SYSTEM_CLOCK, Clock
from provisioner.org.jwks_stops import LARGEST_BODY, Stopped, broken, decoded, too_large, untrusted
from provisioner.org.parallel import in_background
from provisioner.org.trust import Trust, endpoint_trusts

MOST_REDIRECTS = 3
SECONDS = 10.0
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16
_TIMED_OUT = "It did not answer within {:.0f} seconds."


def fetch(
    url: str,
    *,
    allow_private: bool = False,
    ca_bundle: Path | None = None,
    timeout: float | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Answer | NoAnswer:
    """Ask ``url`` once, following redirects. ``timeout`` (seconds) is for all of it.

    :func:`endpoint_trusts` says which authorities count.

    Raises :class:`InputError` if the CA bundle cannot be used, and nothing else.
    """
    return _Fetch(allow_private, endpoint_trusts(ca_bundle), timeout or SECONDS, clock).run(url)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Fetch:
    def __init__(self, allow_private: bool, trusts: tuple[Trust, ...], seconds: float, clock: Clock) -> None:
        self._allow_private = allow_private
        self._trusts = trusts
        self._private_ca = False
        self._seconds = seconds
        self._clock = clock
        self._deadline = clock.monotonic() + seconds
        self._hops: list[Hop] = []
        self._public = True

    def run(self, url: str) -> Answer | NoAnswer:
        try:
            for _ in range(MOST_REDIRECTS + 1):
                parts = _parts(url)
                status, headers, body = self._ask(parts)
                location = headers.get("location")
                if status not in _REDIRECTS or not location:
                    last = _shown(parts)
                    return Answer(last, tuple(self._hops), status, headers, body, self._public, self._private_ca)
                url = _joined(url, location)
            raise Stopped(
                "endpoint-redirect",
                f"It leads from redirect to redirect, more than {MOST_REDIRECTS} times.",
                "Give the URL that answers itself.",
                certain=True,
            )
        except Stopped as stop:
            return NoAnswer(stop.rule, stop.message, stop.fix, stop.certain, tuple(self._hops))

    def _ask(self, parts: SplitResult) -> tuple[int, dict[str, str], bytes]:
        host, port = parts.hostname or "", parts.port or 443
        addresses = self._addresses(host, port)
        failure: Stopped | None = None
        for address in addresses[:3]:
            try:
                return self._ask_address(parts, host, port, address)
            except Stopped as stop:
                if stop.rule != "endpoint-unreachable" or self._left() <= 0:
                    raise
                failure = stop
        assert failure is not None
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            ascii_host = host.encode("idna").decode() if not host.isascii() else host
            addresses = in_background(lambda: resolve(ascii_host, port)).result(timeout=max(self._left(), 0.001))
        except TimeoutError:
            raise self._late() from None
        except (OSError, UnicodeError) as error:
            raise Stopped(
                "endpoint-unreachable",
                f"The host {host} was not found ({getattr(error, 'strerror', None) or 'no host name'}).",
                "Check the URL for a typing error; the name must be in public DNS.",
                certain=False,
            ) from None
        private = [address for address in addresses if not is_public(address)]
        if private:
            self._public = False
        if (private and not self._allow_private) or not addresses:
            where = private[0] if private else "no address"
            raise Stopped(
                "keyset-endpoint-private-host",
                f"The host {host} leads to {where}, which is not on the public Internet: Salesforce cannot reach it, "
                "and it was not asked.",
                "Serve the JWKS under a public name. To look at it from here all the same, add --allow-private.",
                certain=True,
            )
        return addresses

    def _ask_address(self, parts: SplitResult, host: str, port: int, address: str) -> tuple[int, dict[str, str], bytes]:
        *others, last = self._trusts
        for trust in others:
            try:
                return self._ask_trusting(trust, parts, host, port, address)
            except Stopped as stop:
                if stop.rule != "endpoint-tls":
                    raise
        return self._ask_trusting(last, parts, host, port, address)

    def _ask_trusting(
        self, trust: Trust, parts: SplitResult, host: str, port: int, address: str
    ) -> tuple[int, dict[str, str], bytes]:
        self._private_ca = trust.bundle is not None
        left = self._left()
        if left <= 0:
            raise self._late()
        connection = HTTPSConnection(
            address,
            port,
            timeout=left,
            server_hostname=host,
            cert_reqs="CERT_REQUIRED",
            ssl_context=trust.context,
        )
        with closing(connection), _CutOff(left) as cut_off:
            try:
                connection.connect()  # its handshake keeps to the timeout as a whole
                cut_off.socket = connection.sock
                connection.request("GET", _target(parts), headers=_headers(parts), preload_content=False)
                response = connection.getresponse()
                with closing(response):
                    self._hops.append(Hop(_shown(parts), address, response.status))
                    headers = {name.lower(): value for name, value in response.headers.items()}
                    body = self._body(response, headers)
            except ssl.SSLCertVerificationError as error:
                raise untrusted(host, error, trust) from None
            except (HTTPError, HTTPException, OSError, ValueError) as error:
                if cut_off.late or self._left() <= 0:
                    raise self._late() from None
                raise broken(host, error) from None
        if cut_off.late:  # what came until then may look like a whole answer
            raise self._late()
        return response.status, headers, body

    def _body(self, response: HTTPResponse, headers: dict[str, str]) -> bytes:
        raw = bytearray()
        while chunk := response.read(_CHUNK, decode_content=False):
            raw += chunk
            if len(raw) > LARGEST_BODY:
                raise too_large()
        return decoded(bytes(raw), headers.get("content-encoding", "").strip().lower())

    def _left(self) -> float:
        return self._deadline - self._clock.monotonic()

    def _late(self) -> Stopped:
        return Stopped(
            "endpoint-too-slow",
            _TIMED_OUT.format(self._seconds),
            "Answer at once, from a cache if need be: a customer waits for it. --timeout SECONDS waits longer here.",
            certain=False,
        )


class _CutOff:
    """Shuts a connection's socket after ``seconds``, even where each single byte came in time."""

    def __init__(self, seconds: float) -> None:
        self.socket: socket.socket | None = None
        self.late = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> _CutOff:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self.late = True
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        good = parts.scheme.lower() == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good, parts = False, urlsplit("")
    if not good:
        raise Stopped(
            "keyset-endpoint-not-https",
            "It is no https URL, or leads to one that is none.",
            "Give the whole URL, such as https://id.example.com/.well-known/jwks.json.",
            certain=True,
        )
    if "@" in parts.netloc:
        raise Stopped(
            "keyset-endpoint-credentials",
            f"The URL at {parts.hostname} has a user name or a password in it; nothing was asked.",
            "Remove what stands before the @: Salesforce asks without credentials, and a JWKS is public.",
            certain=True,
        )
    return parts


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return f"{path}?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else path


def _headers(parts: SplitResult) -> dict[str, str]:
    host = (parts.hostname or "").encode("idna").decode() if not parts.netloc.isascii() else (parts.hostname or "")
    named = f"[{host}]" if ":" in host else host
    return {
        "Host": f"{named}:{parts.port}" if parts.port not in (None, 443) else named,
        "Accept": "application/json, application/jwk-set+json",
        "Accept-Encoding": "identity",
        "User-Agent": f"provisioner/{__version__}",
    }


def _shown(parts: SplitResult) -> str:
    return parts._replace(fragment="").geturl()
