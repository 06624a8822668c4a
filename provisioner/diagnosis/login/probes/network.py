"""The network path to the host: name, guard, proxy, certificate, and the answers without a login."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from cryptography import x509
from requests.utils import get_environ_proxies, select_proxy

from provisioner.diagnosis.login.evidence import Failure, NetworkSeen
from provisioner.errors import ProvisionerError, RefusedError
from provisioner.model.salesforce_hosts import is_loopback
from provisioner.salesforce.api_errors import AttemptFailed, page_title
from provisioner.salesforce.clock import Clock, skew_of
from provisioner.salesforce.hosts import host_of, require_login_host
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.settings import LoginSettings
from provisioner.salesforce.transport import Transport

LOOKUP_SECONDS = 10.0
ANSWER_SECONDS = 30.0


def look_at_network(settings: LoginSettings, transport: Transport, clock: Clock) -> NetworkSeen:
    """Return all evidence that needs no login. For a host that must not see an assertion, only the name is checked."""
    host = host_of(settings.login_url)
    proxy = _proxy_for(settings.login_url, host)
    addresses, unknown = _resolve(settings.login_url)
    failure = None if proxy else unknown
    shown = _without_password(proxy) if proxy else None
    try:
        origin = require_login_host(settings.login_url, settings.audience)
    except RefusedError as refused:
        return NetworkSeen(host, refused.message, addresses, shown, failure)
    if failure is not None:
        return NetworkSeen(host, None, addresses, shown, failure)
    issuer = _certificate_issuer(origin, proxy)
    response, failure = get(f"{origin}/services/data", transport, clock)
    if response is None:
        return NetworkSeen(host, None, addresses, shown, failure, issuer)
    versions = _versions(response)
    discovery, _ = get(f"{origin}/.well-known/openid-configuration", transport, clock)
    return NetworkSeen(
        host=host,
        addresses=addresses,
        proxy=shown,
        tls_issuer=issuer,
        versions=versions,
        page=None if versions else _page(response),
        status=response.status_code,
        issuer=_issuer(discovery),
        skew=skew_of(response.headers, clock),
    )


def get(url: str, transport: Transport, clock: Clock) -> tuple[requests.Response | None, Failure | None]:
    """Send one GET without credentials; return its response, or the failure."""
    try:
        session = transport.session(clock.monotonic() + ANSWER_SECONDS)
        return session.get(url, headers={"Accept": "application/json"}), None
    except (AttemptFailed, ProvisionerError) as error:
        return None, failure_of(error)


def failure_of(error: AttemptFailed | ProvisionerError) -> Failure:
    """Return a failed request as evidence."""
    verdict = error.verdict if isinstance(error, AttemptFailed) else error
    return Failure(verdict.code, verdict.message, verdict.next if verdict.code == "tls-untrusted" else "")


def _resolve(url: str) -> tuple[tuple[str, ...], Failure | None]:
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    lookup = in_background(lambda: socket.getaddrinfo(host, _port(url), type=socket.SOCK_STREAM))
    try:
        found = lookup.result(timeout=LOOKUP_SECONDS)
    except TimeoutError:
        return (), Failure("host-not-found", f"The name server gave no answer for {host} in {LOOKUP_SECONDS:.0f} s.")
    except OSError as error:
        return (), Failure("host-not-found", f"The host {host} was not found ({error.strerror or 'no such name'}).")
    except UnicodeError:
        return (), Failure("host-not-found", f"{host} is not a valid host name.")
    return tuple(dict.fromkeys(str(each[4][0]) for each in found)), None


def _port(url: str) -> int:
    try:
        return urlsplit(url).port or 443
    except ValueError:
        return 443


def _proxy_for(url: str, host: str) -> str | None:
    if is_loopback(host):
        return None
    return select_proxy(url, get_environ_proxies(url, no_proxy=None))


def _without_password(proxy: str) -> str:
    """Return a proxy's URL for display."""
    try:
        parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
        return f"{parts.scheme or 'http'}://{parts.hostname or '?'}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "a URL that cannot be read"


def _certificate_issuer(origin: str, proxy: str | None) -> str | None:
    """Return the issuer of the host's certificate. Only the handshake is sent, so no trust is needed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    target, port = host_of(origin), _port(origin)

    def look() -> bytes | None:
        if proxy is None:
            connection = http.client.HTTPSConnection(target, port, timeout=LOOKUP_SECONDS, context=context)
        else:
            parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
            connection = http.client.HTTPSConnection(
                parts.hostname or "", parts.port or 80, timeout=LOOKUP_SECONDS, context=context
            )
            connection.set_tunnel(target, port, headers=_proxy_headers(parts.username, parts.password))
        try:
            connection.connect()
            sock: Any = connection.sock
            der = sock.getpeercert(binary_form=True)
            return der if isinstance(der, bytes) else None
        finally:
            connection.close()

    try:
        der = in_background(look).result(timeout=LOOKUP_SECONDS)
        return x509.load_der_x509_certificate(der).issuer.rfc4514_string() if der else None
    except (OSError, ValueError, TimeoutError, http.client.HTTPException):
        return None


def _proxy_headers(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    from requests.auth import _basic_auth_str

    return {"Proxy-Authorization": _basic_auth_str(unquote(user), unquote(password or ""))}


def _versions(response: requests.Response) -> tuple[str, ...]:
    try:
        rows = response.json()
        return tuple(str(row["version"]) for row in rows) if response.status_code == 200 else ()
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()


def _page(response: requests.Response) -> str:
    title = page_title(response.text)
    location = response.headers.get("Location")
    said = f"a redirect to {location}" if location else f'"{title}"' if title else "something that is no page"
    return f"HTTP {response.status_code} and {said}"


def _issuer(response: requests.Response | None) -> str | None:
    try:
        issuer = response.json().get("issuer") if response is not None and response.status_code == 200 else None
    except (ValueError, AttributeError, RecursionError):
        return None
    return str(issuer) if issuer else None
