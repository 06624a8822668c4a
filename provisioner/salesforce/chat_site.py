"""The page of a web deployment's site, which the web client shows in a frame."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests

from provisioner.errors import ProvisionerError
from provisioner.model.salesforce_hosts import OWN_DOMAINS, is_loopback, is_under
from provisioner.salesforce.api_errors import AttemptFailed
from provisioner.salesforce.chat import ChatSettings
from provisioner.salesforce.clock import SYSTEM_CLOCK, Clock
from provisioner.salesforce.frame_ancestors import frame_ancestors, may_frame
from provisioner.salesforce.hosts import host_of
from provisioner.salesforce.transport import ANSWER_SECONDS, Transport

_LARGEST = 5_000_000
_HOPS = 3


@dataclass(frozen=True, slots=True)
class SitePage:
    """The page of a site. ``policies`` are the sources of each frame-ancestors directive; none: any page.

    ``status`` is None without an answer; ``why`` is then the reason. ``asked``: a request was sent.
    """

    url: str
    status: int | None
    why: str = ""
    policies: tuple[tuple[str, ...], ...] = ()
    asked: bool = True

    def may_be_framed_by(self, origin: str) -> bool:
        """Return whether a page of that origin may show the site in a frame."""
        return may_frame(self.policies, origin, _origin(self.url))


def ask_site(settings: ChatSettings, url: str, clock: Clock = SYSTEM_CLOCK) -> SitePage:
    """Return what a site answers, without any credential.

    Only Salesforce's hosts are asked; and this machine, if the chat host is on it.
    """
    host = _https_host(url)
    is_local = is_loopback(host) and is_loopback(settings.host.host)
    if not (is_under(host, OWN_DOMAINS) or is_local or host in settings.admitted):
        return SitePage(url, None, f"{host or url} is not a host of Salesforce, so it was not asked", asked=False)
    transport = Transport(settings, clock)
    deadline = clock.monotonic() + max(ANSWER_SECONDS, settings.timeout or 0.0)
    try:
        answer = transport.session(deadline, _LARGEST).request("GET", url)
        for _ in range(_HOPS):
            target = _target(answer)
            if target is None or _origin(target) != _origin(url):
                break
            answer = transport.session(deadline, _LARGEST).request("GET", target)
    except AttemptFailed as failed:
        return SitePage(url, None, failed.verdict.message)
    except ProvisionerError as error:
        return SitePage(url, None, error.message)
    return SitePage(url, answer.status_code, policies=frame_ancestors(answer.headers.get("Content-Security-Policy")))


def _target(answer: requests.Response) -> str | None:
    """Return the address that a redirect names; None if it names none that can be parsed."""
    try:
        target = urljoin(answer.url, answer.headers.get("Location", ""))
        return target if answer.is_redirect and urlsplit(target).hostname else None
    except ValueError:
        return None


def _https_host(url: str) -> str:
    return host_of(url) if url.lower().startswith("https://") else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
