"""The one client for JWKS endpoints: HTTPS, no credentials, only public addresses, within limits.

- Addresses: a host is resolved once, every address is checked, and the connection goes to a checked address, so a
  name cannot mean another host a moment later. Private addresses are refused unless ``allow_private`` is set.
- Redirects: each is a new request that is checked in the same way; three at most. The answer lists them. It is not
  documented how Salesforce treats a redirect, so callers decide what one means.
- Proxies: HTTPS_PROXY and NO_PROXY hold as for the org, except towards this machine. The proxy is asked to connect to
  the checked address, not to the name. With ``allow_private`` nothing is checked, and the proxy gets the name.
- Authorities: the public ones first; if they do not suffice, ``ca_bundle``, else REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE.
- No netrc and no cookies. One deadline ends everything, however slowly bytes arrive.
"""

from __future__ import annotations

import socket
import ssl
import threading
import zlib
from contextlib import closing, suppress
from http.client import HTTPException
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from requests.utils import get_environ_proxies, select_proxy
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse
from urllib3.util import make_headers

from provisioner import __version__
from provisioner.jose.jwks_answer import REDIRECTS, Hop, JwksAnswer, NoAnswer
from provisioner.model.salesforce_hosts import is_loopback
from provisioner.salesforce.addresses import is_public
from provisioner.salesforce.clock import SYSTEM_CLOCK, Clock
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.refused_certificates import OLDER_PYTHON, form_flaw, why_refused
from provisioner.salesforce.trust import Trust, endpoint_trusts
from provisioner.untrusted import require_trusted

MOST_REDIRECTS = 3
SECONDS = 10.0
#: A JWKS of ten keys with certificates has some 20 KiB.
LARGEST_BODY = 1 << 20
_CHUNK = 1 << 16
_MOST_ADDRESSES = 3


def fetch(
    url: str,
    *,
    allow_private: bool = False,
    ca_bundle: Path | None = None,
    timeout: float | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> JwksAnswer | NoAnswer:
    """Ask ``url`` once, redirects included. ``timeout`` (seconds) covers all requests.

    Raises :class:`InputError` if the CA bundle cannot be used, and :class:`RefusedError` in an untrusted run.
    """
    require_trusted("Nothing is asked over the network")
    return _Fetch(allow_private, endpoint_trusts(ca_bundle), timeout or SECONDS, clock).run(url)


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises OSError."""
    require_trusted("No name is looked up")
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Stopped(Exception):
    """Ends a fetch without an answer; see :class:`NoAnswer`."""

    def __init__(self, rule: str, message: str, fix: str, *, certain: bool) -> None:
        super().__init__(message)
        self.rule, self.message, self.fix, self.certain = rule, message, fix, certain


class _Fetch:
    def __init__(self, allow_private: bool, trusts: tuple[Trust, ...], seconds: float, clock: Clock) -> None:
        self._allow_private = allow_private
        self._trusts = trusts
        self._seconds = seconds
        self._clock = clock
        self._deadline = clock.monotonic() + seconds
        self._hops: list[Hop] = []
        self._public = True
        self._private_ca = False

    def run(self, url: str) -> JwksAnswer | NoAnswer:
        try:
            for _ in range(MOST_REDIRECTS + 1):
                parts = _parts(url)
                status, headers, body = self._ask(parts)
                location = headers.get("location")
                if status not in REDIRECTS or not location:
                    last = _shown(parts)
                    return JwksAnswer(last, tuple(self._hops), status, headers, body, self._public, self._private_ca)
                url = _joined(url, location)
            raise _Stopped(
                "endpoint-redirect",
                f"It redirects more than {MOST_REDIRECTS} times.",
                "Give the URL that serves the JWKS directly.",
                certain=True,
            )
        except _Stopped as stop:
            return NoAnswer(stop.rule, stop.message, stop.fix, stop.certain, tuple(self._hops))

    def _ask(self, parts: SplitResult) -> tuple[int, dict[str, str], bytes]:
        host, port = parts.hostname or "", parts.port or 443
        proxy = _proxy(parts)
        if proxy is not None and self._allow_private:
            return self._ask_address(parts, host, proxy)
        failure: _Stopped | None = None
        for address in self._addresses(host, port, proxy)[:_MOST_ADDRESSES]:
            try:
                return self._ask_address(parts, address, proxy)
            except _Stopped as stop:
                if stop.rule != "endpoint-unreachable" or self._left() <= 0:
                    raise
                failure = stop
        assert failure is not None
        raise failure

    def _addresses(self, host: str, port: int, proxy: SplitResult | None) -> list[str]:
        """Return the addresses that may be asked.

        Without --allow-private, one private address makes all of them refused.
        """
        try:
            addresses = in_background(lambda: resolve(_ascii(host), port)).result(timeout=max(self._left(), 0.001))
        except TimeoutError:
            raise self._late() from None
        except (OSError, UnicodeError) as error:
            by_name = " Behind a proxy, --allow-private lets the proxy look up the name." if proxy is not None else ""
            raise _Stopped(
                "endpoint-unreachable",
                f"The host {host} was not found ({getattr(error, 'strerror', None) or 'no host name'}).",
                f"Check the URL for a typo; the name must be in public DNS.{by_name}",
                certain=False,
            ) from None
        private = [address for address in addresses if not is_public(address)]
        if private:
            self._public = False
        if (private and not self._allow_private) or not addresses:
            where = private[0] if private else "no address"
            raise _Stopped(
                "keyset-endpoint-private-host",
                f"The host {host} leads to {where}, which is not on the public Internet: Salesforce cannot reach it, "
                f"and no request was sent.",
                "Serve the JWKS under a public name. To request it from this machine anyway, add --allow-private.",
                certain=True,
            )
        return addresses

    def _ask_address(
        self, parts: SplitResult, address: str, proxy: SplitResult | None
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask one address. Trust the public authorities, then the CA bundle if they do not suffice."""
        refused: _Stopped | None = None
        for trust in self._trusts:
            try:
                answer = self._exchange(parts, address, proxy, trust)
            except ssl.SSLCertVerificationError as error:
                refused = _untrusted(parts.hostname or "", error, trust)
            else:
                self._private_ca = trust.bundle is not None
                return answer
        assert refused is not None
        raise refused

    def _exchange(
        self, parts: SplitResult, address: str, proxy: SplitResult | None, trust: Trust
    ) -> tuple[int, dict[str, str], bytes]:
        left = self._left()
        if left <= 0:
            raise self._late()
        host = parts.hostname or ""
        connection = _connection(parts, address, proxy, trust, left)
        with closing(connection), _CutOff(left) as cut_off:
            try:
                connection.connect()  # its handshake obeys the timeout as a whole
                cut_off.socket = connection.sock
                connection.request("GET", _target(parts), headers=_headers(parts), preload_content=False)
                response = connection.getresponse()
                with closing(response):
                    self._hops.append(Hop(_shown(parts), address, response.status))
                    headers = {name.lower(): value for name, value in response.headers.items()}
                    body = self._body(response, headers)
            except ssl.SSLCertVerificationError:
                raise
            except (HTTPError, HTTPException, OSError, ValueError) as error:
                if cut_off.late or self._left() <= 0:
                    raise self._late() from None
                raise _broken(host, error, proxy) from None
        if cut_off.late:  # the part before the cut may look like a whole answer
            raise self._late()
        return response.status, headers, body

    def _body(self, response: HTTPResponse, headers: dict[str, str]) -> bytes:
        raw = bytearray()
        while chunk := response.read(_CHUNK, decode_content=False):
            raw += chunk
            if len(raw) > LARGEST_BODY:
                raise _too_large()
        return _decoded(bytes(raw), headers.get("content-encoding", "").strip().lower())

    def _left(self) -> float:
        return self._deadline - self._clock.monotonic()

    def _late(self) -> _Stopped:
        return _Stopped(
            "endpoint-too-slow",
            f"It did not answer within {self._seconds:.0f} seconds.",
            "Serve it quickly, from a cache if needed: a customer waits for it. --timeout SECONDS waits longer.",
            certain=False,
        )


class _CutOff:
    """Shuts a connection's socket after ``seconds``, even if each single byte came in time."""

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


# Connections


def _proxy(parts: SplitResult) -> SplitResult | None:
    """Return the proxy that the environment names for this URL; None towards this machine and without one."""
    if is_loopback(parts.hostname or ""):
        return None
    url = parts.geturl()
    named = select_proxy(url, get_environ_proxies(url))
    if named is None:
        return None
    try:
        proxy = urlsplit(named if "://" in named else f"http://{named}")
        good = proxy.scheme.lower() == "http" and bool(proxy.hostname) and proxy.port != 0
    except ValueError:
        good, proxy = False, urlsplit("")
    if not good:
        raise _Stopped(
            "endpoint-unreachable",
            "The proxy from the environment variables cannot be used: its URL must have the form http://HOST:PORT.",
            "Check HTTPS_PROXY and ALL_PROXY, or name the host in NO_PROXY.",
            certain=False,
        )
    return proxy


def _connection(
    parts: SplitResult, address: str, proxy: SplitResult | None, trust: Trust, seconds: float
) -> HTTPSConnection:
    """Make a connection to ``address``, or through the proxy to it; the TLS certificate must be the host's."""
    port = parts.port or 443
    connection = HTTPSConnection(
        address if proxy is None else proxy.hostname or "",
        port if proxy is None else proxy.port or 80,
        timeout=seconds,
        server_hostname=parts.hostname,
        cert_reqs="CERT_REQUIRED",
        ssl_context=trust.context,
    )
    if proxy is not None:
        login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}" if proxy.username else None
        there = f"[{address}]" if ":" in address else _ascii(address)
        connection.set_tunnel(there, port, headers=make_headers(proxy_basic_auth=login))
    return connection


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode()


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        good = parts.scheme.lower() == "https" and bool(_ascii(parts.hostname or "")) and parts.port != 0
    except ValueError:  # a name that IDNA also refuses
        good, parts = False, urlsplit("")
    if not good:
        raise _Stopped(
            "keyset-endpoint-not-https",
            "It is not an https URL, or it redirects to one that is not.",
            "Give the full URL, such as https://id.example.com/.well-known/jwks.json.",
            certain=True,
        )
    if "@" in parts.netloc:
        raise _Stopped(
            "keyset-endpoint-credentials",
            f"The URL at {parts.hostname} has a user name or a password in it; no request was sent.",
            "Remove the part before the @: Salesforce sends no credentials, and a JWKS is public.",
            certain=True,
        )
    return parts


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return f"{path}?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else path


def _headers(parts: SplitResult) -> dict[str, str]:
    host = _ascii(parts.hostname or "")
    named = f"[{host}]" if ":" in host else host
    return {
        "Host": f"{named}:{parts.port}" if parts.port not in (None, 443) else named,
        "Accept": "application/json, application/jwk-set+json",
        "Accept-Encoding": "identity",
        "User-Agent": f"provisioner/{__version__}",
    }


def _shown(parts: SplitResult) -> str:
    return parts._replace(fragment="").geturl()


# Bodies, and errors


def _decoded(raw: bytes, encoding: str) -> bytes:
    """Return the body without its content encoding; decoding stops at the limit."""
    if encoding in ("", "identity"):
        return raw
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise _Stopped(
            "endpoint-encoding",
            f"The answer is encoded as {encoding[:20]!r}, although no encoding was requested.",
            "Serve the JWKS without content encoding if the client asks for none.",
            certain=False,
        )
    # Some servers send "deflate" without its frame (RFC 1951 in place of RFC 1950), and browsers accept it.
    for window in (47, -15) if encoding == "deflate" else (47,):
        unfolding = zlib.decompressobj(wbits=window)
        try:
            body = unfolding.decompress(raw, LARGEST_BODY + 1)
        except zlib.error:
            continue
        if len(body) > LARGEST_BODY:
            raise _too_large()
        if not unfolding.eof:
            raise _Stopped(
                "endpoint-encoding",
                f"The answer stops in the middle of its {encoding} data: it was cut short.",
                "Request it again. If it happens again, check what limits the answer on its way.",
                certain=False,
            )
        return body
    raise _Stopped(
        "endpoint-encoding",
        f"The answer declares the encoding {encoding}, but is not encoded so.",
        "Correct the server.",
        certain=True,
    )


def _too_large() -> _Stopped:
    return _Stopped(
        "endpoint-too-large",
        f"The answer is larger than {LARGEST_BODY >> 20} MiB; reading was stopped there.",
        "Serve only the JWKS, with the keys that are in use.",
        certain=False,
    )


def _untrusted(host: str, error: ssl.SSLCertVerificationError, trust: Trust) -> _Stopped:
    flaw = form_flaw(error)
    if flaw is not None:
        fix = f"{flaw.cure}. {OLDER_PYTHON}."
    elif trust.named_by == "ca_bundle":
        fix = (
            "Use a certificate of a public authority, with its complete chain: Salesforce trusts no others. To "
            f"request it from this machine anyway, add the certificate of its authority (PEM) to {trust.bundle}."
        )
    else:
        fix = (
            "Use a certificate of a public authority, with its complete chain. If a proxy of your company inspects "
            "TLS, or the authority is your own, add --ca-bundle FILE."
        )
    message = f"The TLS certificate of {host} is not trusted: {why_refused(error)}."
    return _Stopped("endpoint-tls", message, fix, certain=False)


def _broken(host: str, error: Exception, proxy: SplitResult | None) -> _Stopped:
    inner = error.args[-1] if error.args and isinstance(error, HTTPError) else error
    named = (getattr(each, "strerror", None) for each in (inner, error.__cause__, error.__context__))
    words = next((each for each in named if each), type(error).__name__)
    fix = "Check that it answers on the public Internet without a login or an allowlist."
    if isinstance(error, ssl.SSLError):
        message = f"{host} does not answer with valid TLS ({error.reason or 'no TLS'})."
    elif proxy is None:
        message = f"The connection to {host} failed ({words})."
    else:
        words = str(error) if str(error).startswith("Tunnel connection failed") else words
        message = f"The connection to {host} through the proxy {proxy.hostname} failed ({words})."
        fix = (
            "Check HTTPS_PROXY and NO_PROXY. The proxy receives the checked address; if it accepts only names, add "
            "--allow-private: then it receives the name."
        )
    return _Stopped("endpoint-unreachable", message, fix, certain=False)
