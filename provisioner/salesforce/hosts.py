"""The hosts that may receive an assertion or a session.

An assertion is a credential for three minutes, a session for hours: an edited URL alone must not send either to a host.
They go to Salesforce's own login domains, to this machine, and to the host in the assertion's audience (``aud``),
because no other host could use it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from provisioner.errors import RefusedError
from provisioner.model.salesforce_hosts import LOGIN_DOMAINS, is_loopback, is_under

#: An origin and nothing else: on a match, two URL parsers cannot disagree about the host.
_ORIGIN = re.compile(
    r"https://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?P<port>:[0-9]{1,5})?/?", re.I
)

#: The claims of an assertion, and their shapes: the parts of a login that are public.
_NAMES = {
    "iss": ("consumer_key", re.compile(r"3MVG[A-Za-z0-9._]{20,}|PlatformCLI|[A-Za-z0-9]{80}")),
    "sub": ("username", re.compile(r"[\w.+%'-]{1,64}@[\w.-]{1,64}")),
}
_NO_CLAIMS: Mapping[str, str] = MappingProxyType({})


def parse_origin(url: str) -> str | None:
    """Return ``url`` as ``https://host[:port]`` in lower case; None if it is not an https origin."""
    match = _ORIGIN.fullmatch(url)
    return f"https://{match['host']}{match['port'] or ''}".lower() if match and host_of(url) else None


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, without port and brackets; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:  # such as https://[
        return ""


def is_login_domain(host: str) -> bool:
    """Return whether the host is one of Salesforce's own login domains, or below one."""
    return is_under(host, LOGIN_DOMAINS)


def require_login_host(url: str, audience: str, claims: Mapping[str, str] = _NO_CLAIMS) -> str:
    """Return the origin for an assertion with these ``claims``, or, without any, for a request.

    Raises :class:`RefusedError` before anything is sent. A host that only the audience admits is not proven to be
    Salesforce: the author of a file can name it, and a secret in place of ``iss`` or ``sub``.
    """
    origin = parse_origin(url)
    if origin is None:
        raise RefusedError(
            f"The login URL {url!r} is not an https origin (https://HOST and nothing after it), so no assertion was "
            f"sent there.",
            next="Write login_url as https://HOST: the org's My Domain, or https://login.salesforce.com, "
            "or https://test.salesforce.com for a sandbox.",
            code="untrusted-host",
        )
    if not _may_see_credentials(host_of(origin), audience):
        raise RefusedError(
            f"{host_of(origin)} is neither a Salesforce login host, nor this machine, nor the audience's host "
            f"({host_of(audience) or audience}), so no assertion was sent there.",
            next="Check login_url for a typo; use the org's My Domain (https://NAME.my.salesforce.com), and omit "
            "audience unless you need a different one.",
            code="untrusted-host",
        )
    if not (is_login_domain(host_of(origin)) or is_loopback(host_of(origin))):
        _require_names(host_of(origin), claims)
    return origin


def _require_names(host: str, claims: Mapping[str, str]) -> None:
    for claim, (field, shape) in _NAMES.items():
        if claim in claims and shape.fullmatch(claims[claim]) is None:
            raise RefusedError(
                f"{host} is not a Salesforce host, and the value of `{field}` does not look like one: it could be a "
                f"secret, so nothing was sent there.",
                next=f"Check `{field}` and login_url in the environment file, and find out who changed them last.",
                code="untrusted-host",
            )


def require_instance(url: str, audience: str) -> str:
    """Return the origin for a session from the login's answer. Raises :class:`RefusedError`."""
    origin = parse_origin(url)
    if origin is None or not _may_see_credentials(host_of(origin), audience):
        raise RefusedError(
            f"The login response places the org at {url!r}, which is neither a Salesforce host, nor this machine, nor "
            "the host of the audience, so the session was not sent there.",
            next="Check login_url and any proxy between this machine and Salesforce: the response is not from "
            "Salesforce.",
            code="untrusted-host",
        )
    return origin


def _may_see_credentials(host: str, audience: str) -> bool:
    return is_login_domain(host) or is_loopback(host) or host == host_of(audience)
