"""The host of an org's chat runtime, and the hosts that may receive an identity token.

An identity token identifies a customer: it goes to Salesforce's chat hosts, to this machine, and to the hosts that the
user admits on the command line, always over https. A chat_url in a file admits no host. Source for the host's form: the
messaging API reference, ``{scrt-url}``; for sandboxes and Developer Editions, observed hosts.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from provisioner.errors import InputError, RefusedError
from provisioner.model.salesforce_hosts import is_chat_host, is_loopback
from provisioner.salesforce.hosts import host_of, parse_origin

_MY_DOMAIN, _CHAT_HOST = ".my.salesforce.com", ".my.salesforce-scrt.com"
_WRITE_IT = (
    "Write chat_url in the environment file: Setup > Embedded Service Deployments > the deployment > Install "
    "Code Snippet shows it as scrt2URL."
)


@dataclass(frozen=True, slots=True)
class ChatHost:
    """An https origin without a trailing slash."""

    origin: str

    @property
    def host(self) -> str:
        return host_of(self.origin)


def declared_chat_host(url: str) -> ChatHost:
    """Return the chat host of an environment file; raises :class:`InputError` if it is not an https origin."""
    origin = parse_origin(url.strip())
    if origin is None:
        raise InputError(
            f"`chat_url` is not an https origin: {url!r}.",
            next="Write https:// and the chat host, and nothing after it.",
            code="chat-url-invalid",
        )
    return ChatHost(origin)


def derived_chat_host(org_url: str) -> ChatHost:
    """Return the chat host of an org's My Domain; raises :class:`InputError` if the URL is not a My Domain.

    ``acme.my.salesforce.com`` gives ``acme.my.salesforce-scrt.com``; an org on this machine is its own chat host.
    """
    origin = parse_origin(org_url)
    host = host_of(origin) if origin is not None else ""
    if origin is not None and is_loopback(host):
        return ChatHost(origin)
    if not host.endswith(_MY_DOMAIN) or host == _MY_DOMAIN.lstrip("."):
        raise InputError(
            f"The chat host cannot be derived from {org_url}: it is not a My Domain (https://NAME.my.salesforce.com).",
            next=_WRITE_IT,
            code="chat-url-unknown",
        )
    return ChatHost(f"https://{host.removesuffix(_MY_DOMAIN)}{_CHAT_HOST}")


def is_my_domain(url: str) -> bool:
    """Return whether a chat host can be derived from the URL."""
    try:
        derived_chat_host(url)
    except InputError:
        return False
    return True


def require_chat_host(chat: ChatHost, admitted: Set[str] = frozenset()) -> str:
    """Return the origin that may receive an identity token. Raises :class:`RefusedError` before anything is sent.

    ``admitted`` are the hosts that the user named on the command line.
    """
    host = chat.host
    if is_chat_host(host) or host in admitted:
        return chat.origin
    raise RefusedError(
        f"{host} is neither a chat host of Salesforce nor this machine, so nothing was sent there.",
        next=f"Correct chat_url in the environment file, or remove it. If {host} is the chat host of the org, "
        f"give --allow-chat-host {host}.",
        code="untrusted-host",
    )
