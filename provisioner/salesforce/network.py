"""The meaning of network errors."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from provisioner.errors import UnreachableError
from provisioner.salesforce.api_errors import AttemptFailed
from provisioner.salesforce.refused_certificates import cure_of, why_refused
from provisioner.salesforce.trust import Trust

_CHECK_NETWORK = "Check the network and the proxy variables (HTTPS_PROXY, NO_PROXY), and run the command again."


def explain(error: Exception, host: str, trust: Trust) -> Exception:
    """Return the typed exception for an error of requests: worth another attempt, or final."""
    causes = list(_causes(error))
    refused = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if refused is not None:
        return _untrusted(refused, host, trust)
    if isinstance(error, requests.exceptions.InvalidURL):  # ours are valid: it is the proxy's
        return UnreachableError(
            "The proxy that the environment names cannot be used: its URL must be of the form http://HOST:PORT.",
            next="Check HTTPS_PROXY and ALL_PROXY, or name the host in NO_PROXY.",
            code="proxy",
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return _proxy(causes)
    lookup = next((cause for cause in causes if isinstance(cause, socket.gaierror)), None)
    if lookup is not None:
        failure = UnreachableError(
            f"The host {host} was not found ({lookup.strerror}).",
            next="Check login_url for a typo, that the org exists, and the name server of this machine.",
            code="host-not-found",
        )
        return AttemptFailed(failure) if lookup.errno == socket.EAI_AGAIN else failure
    if isinstance(error, requests.ReadTimeout):
        return AttemptFailed(too_slow(host), lost=True)
    if any(isinstance(cause, (NewConnectionError, ConnectTimeoutError)) for cause in causes):
        return AttemptFailed(
            UnreachableError(f"Cannot connect to {host} ({_last_words(causes)}).", next=_CHECK_NETWORK)
        )
    if isinstance(
        error,
        requests.ConnectionError | requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError,
    ):
        return AttemptFailed(
            UnreachableError(f"The connection to {host} broke ({_last_words(causes)}).", next=_CHECK_NETWORK), lost=True
        )
    return UnreachableError(f"The request to {host} could not be sent: {error}", next=_CHECK_NETWORK)


def too_slow(host: str) -> UnreachableError:
    """Return the error for an answer that did not come in time."""
    return UnreachableError(
        f"{host} did not answer in time.", next="Run the command again; --timeout SECONDS waits longer for one answer."
    )


def too_large(host: str, largest: int) -> UnreachableError:
    """Return the error for an answer that was too long to read."""
    return UnreachableError(
        f"The answer of {host} is larger than {largest // 1_000_000} MB; reading was stopped there.",
        next="Check which server answers there: no response that provisioner requests is so large.",
    )


def _untrusted(error: ssl.SSLCertVerificationError, host: str, trust: Trust) -> UnreachableError:
    return UnreachableError(
        f"The certificate of {host} is not trusted: {why_refused(error)}. It was checked against {trust.words}.",
        next=cure_of(error, host, trust),
        code="tls-untrusted",
    )


def _proxy(causes: list[BaseException]) -> Exception:
    words = _last_words(causes)
    failure = UnreachableError(
        f"The proxy refused the connection ({words}).",
        next="Check HTTPS_PROXY and NO_PROXY; for 407 also check the user and password in the proxy URL.",
        code="proxy",
    )
    refused = any(status in words.split() for status in ("403", "405", "407"))
    return failure if refused else AttemptFailed(failure)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and all its causes, outermost first; requests and urllib3 hide them in four places."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        under = [getattr(current, "reason", None), current.__cause__, current.__context__, *current.args]
        waiting += [cause for cause in under if isinstance(cause, BaseException)]


def _last_words(causes: list[BaseException]) -> str:
    """Return the clearest message: that of the innermost error of the operating system, else of the innermost."""
    system = [cause for cause in causes if isinstance(cause, OSError) and cause.strerror]
    if system:
        return str(system[-1].strerror)
    words = str(causes[-1]) if causes else ""
    return words.rpartition("object at 0x")[2].partition(": ")[2] or words or type(causes[0]).__name__
