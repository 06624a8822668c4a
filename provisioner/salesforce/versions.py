"""The API version: the newest that the org offers, or the pinned one."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import requests

from provisioner.errors import LoginError, RefusedError
from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.salesforce.api_errors import not_understood, redirected
from provisioner.salesforce.connection import Connection
from provisioner.salesforce.hosts import host_of
from provisioner.salesforce.login import Session, TokenFormat
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.retries import retry_policy
from provisioner.salesforce.settings import LOWEST_API_VERSION, version_number
from provisioner.salesforce.transport import Transport

#: SOAP accepts access tokens in JWT format from this version on. Source: jsforce, lib/soap ("v68.0 (core 264)").
FIRST_SOAP_VERSION_WITH_JWT = "68.0"


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions.

    ``chosen`` is used everywhere: reading at one version and writing at another would lose elements.
    """

    chosen: str
    newest: str


class EarlyVersions:
    """The request for an org's versions, sent beside the login: it needs no session.

    A host is asked only after the login's checks have admitted it, and only if it is the org's own domain:
    login.salesforce.com may run on another version than the org.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._answers: dict[str, Future[list[str]]] = {}

    def ask(self, origin: str) -> None:
        """Send the request to a host, unless it was asked before."""
        kind, _ = host_kind(host_of(origin))
        if kind not in (HostKind.LOGIN, HostKind.TEST) and origin not in self._answers:
            self._answers[origin] = in_background(lambda: self._ask(origin))

    def take(self, origin: str) -> Future[list[str]] | None:
        """Return the answer of a host that was asked, once."""
        return self._answers.pop(origin, None)

    def _ask(self, origin: str) -> list[str]:
        deadline = self._transport.clock.monotonic() + retry_policy(self._transport.answer_seconds).seconds
        with self._transport.session(deadline) as http:
            return _offered(http, origin)


def discover(connection: Connection, early: EarlyVersions) -> Versions:
    """Return the versions that the org offers, and choose one. No session is sent.

    The request beside the login is the first attempt. Raises :class:`RefusedError` if the org offers no suitable
    version, and for a token that SOAP would refuse.
    """

    def ask(http: requests.Session, session: Session) -> list[str]:
        answer = early.take(session.instance_url)
        return answer.result() if answer is not None else _offered(http, session.instance_url)

    pinned = connection.settings.api_version
    offered = connection.call(ask)
    newest = max(offered, key=version_number)
    chosen = pinned or newest
    if _below(newest, LOWEST_API_VERSION):
        raise RefusedError(
            f"The org's newest API version is {newest}, but chat user verification requires {LOWEST_API_VERSION} or "
            f"later.",
            next="This org cannot be provisioned until Salesforce has upgraded it; check that login_url names the "
            "right org.",
            code="api-version",
        )
    if chosen not in offered or _below(chosen, LOWEST_API_VERSION):
        usable = sorted((v for v in offered if not _below(v, LOWEST_API_VERSION)), key=version_number)
        raise RefusedError(
            f"api_version is {chosen}, which "
            + ("the org does not offer." if chosen not in offered else f"is below the minimum, {LOWEST_API_VERSION}."),
            next=f"Remove api_version from the environment file, or set one of: {', '.join(usable)}.",
            code="api-version",
        )
    if connection.session.token_format is TokenFormat.JWT and _below(chosen, FIRST_SOAP_VERSION_WITH_JWT):
        raise LoginError(
            f"The app issues access tokens in JWT format, which the Metadata API accepts only from version "
            f"{FIRST_SOAP_VERSION_WITH_JWT} on; this connection uses {chosen}.",
            next="In the app's settings in Setup, switch off \"Issue JSON Web Token (JWT)-based access tokens for "
            'named users", wait some minutes, and run the command again.',
            code="jwt-format-token",
        )
    return Versions(chosen, newest)


def _offered(http: requests.Session, origin: str) -> list[str]:
    host, request = host_of(origin), "the request for its API versions"
    response = http.get(f"{origin}/services/data", headers={"Accept": "application/json"})
    if 300 <= response.status_code < 400:
        raise redirected(host, response.status_code, response.headers.get("Location", ""), request=request)
    try:
        rows: Any = response.json()
        versions = [str(row["version"]) for row in rows]
        _ = [version_number(version) for version in versions]
    except (ValueError, TypeError, KeyError, RecursionError):
        versions = []
    if response.status_code != 200 or not versions:
        raise not_understood(host, response.status_code, response.text, request=request)
    return versions


def _below(version: str, other: str) -> bool:
    return version_number(version) < version_number(other)
