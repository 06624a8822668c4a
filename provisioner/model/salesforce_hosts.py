"""Salesforce's host names, as data: its domains, and the org that the host of a login URL indicates."""

from __future__ import annotations

import re
from enum import StrEnum
from ipaddress import ip_address

#: The domains with a token endpoint (``login.``, ``test.``, My Domain). Sources: @salesforce/core (util/sfdcUrl);
#: Salesforce Help, "My Domain URL Formats".
LOGIN_DOMAINS = (
    *("salesforce.com", "cloudforce.com"),
    *("salesforce.mil", "crmforce.mil", "cloudforce.mil"),  # government
    "sfcrmproducts.cn",  # China
)

#: All domains on which Salesforce serves its customers' content. Source: Salesforce Help, "My Domain URL Formats".
OWN_DOMAINS = (
    *LOGIN_DOMAINS,
    *("force.com", "site.com", "salesforce-sites.com", "salesforce-experience.com", "salesforce-scrt.com"),
    *("salesforce-setup.com", "visualforce.com", "documentforce.com", "database.com", "sfcrmapps.cn"),
)


#: The domain of the chat runtimes. Source: the messaging API reference, ``{scrt-url}``.
CHAT_DOMAIN = "salesforce-scrt.com"


class HostKind(StrEnum):
    """The kind of a login URL's host, by its shape."""

    LOGIN = "login"
    TEST = "test"
    MY_DOMAIN = "my-domain"
    SANDBOX = "sandbox"
    OTHER_ORG = "other-org"  # a scratch org, a Developer Edition, a trial
    LOOPBACK = "loopback"
    LIGHTNING = "lightning"
    INSTANCE = "instance"
    UNKNOWN = "unknown"


_DOMAIN = "(?:" + "|".join(map(re.escape, (*LOGIN_DOMAINS, "database.com"))) + ")"
_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_SHAPES = (
    (HostKind.LOGIN, re.compile(rf"login\.{_DOMAIN}")),
    (HostKind.TEST, re.compile(rf"test\.{_DOMAIN}")),
    (HostKind.SANDBOX, re.compile(rf"{_LABEL}--(?P<sandbox>[a-z0-9]+)\.sandbox\.my\.{_DOMAIN}")),
    (HostKind.SANDBOX, re.compile(rf"{_LABEL}--(?P<sandbox>[a-z0-9]+)(?:\.cs[0-9]+)?\.my\.{_DOMAIN}")),
    (HostKind.MY_DOMAIN, re.compile(rf"{_LABEL}\.my\.{_DOMAIN}")),
    # develop, scratch, demo, trailblaze, …: the part after the org's name gives the kind.
    (HostKind.OTHER_ORG, re.compile(rf"{_LABEL}\.[a-z]+\.my\.{_DOMAIN}")),
    (HostKind.LIGHTNING, re.compile(r".+\.(?:lightning\.force|my\.salesforce-setup)\.com")),
    (HostKind.INSTANCE, re.compile(rf"[a-z]{{2,4}}[0-9]+s?\.{_DOMAIN}")),
)


def host_kind(host: str) -> tuple[HostKind, str | None]:
    """Return the kind of a host, and the sandbox's name if the host contains one."""
    host = host.lower().rstrip(".")
    if is_loopback(host):
        return HostKind.LOOPBACK, None
    for kind, shape in _SHAPES:
        if match := shape.fullmatch(host):
            return kind, match.groupdict().get("sandbox")
    return HostKind.UNKNOWN, None


def is_loopback(host: str) -> bool:
    """Return whether the name means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_chat_host(host: str) -> bool:
    """Return whether the host is a chat runtime of Salesforce, or this machine."""
    return is_loopback(host) or (is_under(host, (CHAT_DOMAIN,)) and host.rstrip(".") != CHAT_DOMAIN)


def is_under(host: str, domains: tuple[str, ...]) -> bool:
    """Return whether the host is one of the domains, or below one."""
    host = host.lower().rstrip(".")
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
