"""Which hosts may be shown an assertion or a session.

An assertion is a credential for three minutes, a session for hours: neither may reach a host only because
somebody edited a URL. They go to Salesforce's own login domains, to this machine, and to the host that the
assertion is made out to (``aud``), where nobody else could use it anyway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from types import MappingProxyType
from urllib.parse import urlsplit

from provisioner.errors import RefusedError

#: Salesforce's domains that carry the token endpoint (``login.``, ``test.``, My Domain, instances), by cloud.
#: Source: the allowlist of @salesforce/core (util/sfdcUrl), and Salesforce Help, "My Domain URL Formats".
LOGIN_DOMAINS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "commercial": ("salesforce.com", "cloudforce.com"),
        "government": ("salesforce.mil", "crmforce.mil", "cloudforce.mil"),
        "china": ("sfcrmproducts.cn",),
    }
)

#: An origin and nothing else: two URL parsers cannot disagree about the host of what this matches.
_ORIGIN = re.compile(
    r"https://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?P<port>:[0-9]{1,5})?/?", re.I
)


def parse_origin(url: str) -> str | None:
    """``url`` as ``https://host[:port]`` in lower case, or None where it is not an https origin."""
    match = _ORIGIN.fullmatch(url)
    return f"https://{match['host']}{match['port'] or ''}".lower() if match else None


def host_of(url: str) -> str:
    """The host of a URL in lower case, without port and brackets; empty where there is none."""
    return (urlsplit(url).hostname or "").rstrip(".")


def is_loopback(host: str) -> bool:
    """Whether the name means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_login_domain(host: str) -> bool:
    """Whether the host is, or is under, one of Salesforce's own login domains."""
    return any(
        host == domain or host.endswith(f".{domain}") for domains in LOGIN_DOMAINS.values() for domain in domains
    )


def require_trusted(url: str, *, audience: str, purpose: str) -> str:
    """The origin of ``url``, if it may be shown a credential.

    ``purpose`` is what would be sent there, as the message names it ("the assertion", "the session").
    Raises :class:`RefusedError` before anything is sent.
    """
    origin = parse_origin(url)
    if origin is None:
        raise RefusedError(
            f"{url!r} is not an https origin (https://HOST, nothing behind it), so {purpose} was not sent there.",
            next="Write login_url and audience as https://HOST: the org's My Domain, or https://login.salesforce.com, "
            "or https://test.salesforce.com for a sandbox.",
            code="untrusted-host",
        )
    host = host_of(origin)
    if is_login_domain(host) or is_loopback(host) or host == host_of(audience):
        return origin
    raise RefusedError(
        f"{host} is not a Salesforce login host, not this machine, and not the audience's host "
        f"({host_of(audience) or audience}), so {purpose} was not sent there.",
        next="Check login_url for a typing error; use the org's My Domain (https://NAME.my.salesforce.com), "
        "and leave audience out unless you need another one.",
        code="untrusted-host",
    )
