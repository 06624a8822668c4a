"""The API version: the newest that the org offers, or the pinned one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from provisioner.errors import LoginError, RefusedError
from provisioner.salesforce.api_errors import not_understood, redirected
from provisioner.salesforce.connection import Connection
from provisioner.salesforce.hosts import host_of
from provisioner.salesforce.login import Session, TokenFormat
from provisioner.salesforce.settings import LOWEST_API_VERSION, version_number

#: SOAP accepts access tokens in JWT format from this version on. Source: jsforce, lib/soap ("v68.0 (core 264)").
FIRST_SOAP_VERSION_WITH_JWT = "68.0"


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions.

    ``chosen`` is used everywhere: reading at one version and writing at another would lose elements.
    """

    chosen: str
    newest: str


def discover(connection: Connection) -> Versions:
    """Ask the org for its versions (no session is sent) and choose one.

    Raises :class:`RefusedError` if the org offers no suitable version, and for a token that SOAP would refuse.
    """
    pinned = connection.settings.api_version
    offered = connection.call(_offered)
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


def _offered(http: requests.Session, session: Session) -> list[str]:
    host, request = host_of(session.instance_url), "the request for its API versions"
    response = http.get(f"{session.instance_url}/services/data", headers={"Accept": "application/json"})
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
