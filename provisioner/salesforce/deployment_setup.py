"""Sets up web deployments by the Connect API, and reads and extends the lists of frames that their sites trust.

Source: two public descriptions of ``connect/embeddedmessaging/deployment/setup`` (API version 67.0 and later). It is
not idempotent, so it is sent once; whether a lost request was carried out is found out by looking for the deployment.
SiteIframeWhiteListUrl: records of the ChatterNetwork site ``ESW_NAME_DIGITS``; ``site`` of the metadata is that name
with ``1`` behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any

from provisioner.components.deployments import Site
from provisioner.components.snapshot import Unreadable
from provisioner.errors import UnreachableError
from provisioner.model.ids import require_id
from provisioner.salesforce.api_errors import AttemptFailed, OrgFault
from provisioner.salesforce.rest import Rest, Unsent
from provisioner.salesforce.simple import format_soql

SET_UP = "connect/embeddedmessaging/deployment/setup"
_DEPLOYMENT = "SELECT Id, DeploymentType FROM EmbeddedServiceConfig WHERE DeveloperName = {}"
_SITES = "SELECT Id, Name FROM Site WHERE SiteType = 'ChatterNetwork' AND Name IN {}"
_FRAMES = "SELECT SiteId, Url FROM SiteIframeWhiteListUrl WHERE SiteId IN {}"
_SITES_PERMISSION = "View Setup and Configuration, and Customize Application"
#: The org's code for a request that failed at an unknown place: it may have been executed.
_PROVES_NOTHING = frozenset({"INTERNAL_ERROR", "UNKNOWN_EXCEPTION"})
#: The org's codes for a resource that requires Digital Experiences.
_OFF = frozenset({"NOT_FOUND", "FORBIDDEN", "API_DISABLED_FOR_ORG"})
Query = Callable[..., list[dict[str, Any]]]


class SetupAnswer(Enum):
    """The result of a request to set up a deployment."""

    MADE = auto()
    REFUSED = auto()
    NOT_SENT = auto()
    UNKNOWN = auto()


def set_up(rest: Rest, values: dict[str, Any]) -> tuple[SetupAnswer, str]:
    """Send the request once; return the result, and the org's message. Raises only errors before it is sent."""
    try:
        said = rest.post_once(SET_UP, values)
    except OrgFault as fault:
        busy = isinstance(fault.__cause__, AttemptFailed) or fault.fault_code in _PROVES_NOTHING
        return (SetupAnswer.UNKNOWN if busy else SetupAnswer.REFUSED), fault.words
    except UnreachableError as error:
        return SetupAnswer.UNKNOWN, error.message
    if isinstance(said, Unsent):
        return SetupAnswer.NOT_SENT, said.why.message
    if said.get("isSuccess") is True:
        return SetupAnswer.MADE, ""
    words = [str(value) for name in ("errorMsg", "errorMessage") if isinstance(value := said.get(name), str) and value]
    return (SetupAnswer.REFUSED if said.get("isSuccess") is False else SetupAnswer.UNKNOWN), ": ".join(
        words
    ) or "nothing"


def find_deployment(query: Query, name: str) -> tuple[str, str] | None:
    """Return the id and the type of a deployment; None if the org lists none of that name."""
    rows = query(format_soql(_DEPLOYMENT, name), tooling=True)
    return (require_id(str(rows[0]["Id"]), "", "a deployment"), str(rows[0]["DeploymentType"])) if rows else None


def read_sites(query: Query, sites: Mapping[str, str]) -> Mapping[str, Site] | Unreadable:
    """Return the sites of web deployments by the names of these; ``sites`` are the names in their metadata."""
    names = {name: site.removesuffix("1") for name, site in sites.items()}
    if not names:
        return {}
    try:
        ids = {row["Name"]: str(row["Id"]) for row in query(format_soql(_SITES, sorted(set(names.values()))))}
        rows = query(format_soql(_FRAMES, sorted(ids.values()))) if ids else []
    except (OrgFault, UnreachableError) as error:
        return Unreadable(error.words if isinstance(error, OrgFault) else error.message, _SITES_PERMISSION)
    frames: dict[str, list[str]] = {}
    for row in rows:
        frames.setdefault(str(row["SiteId"])[:15], []).append(str(row["Url"]))
    return {name: Site(ids[site], tuple(frames.get(ids[site][:15], ()))) for name, site in names.items() if site in ids}


def has_digital_experiences(rest: Rest) -> bool | Unreadable:
    """Return whether the org has Digital Experiences, which the site of a web deployment needs."""
    try:
        rest.get("connect/communities")
    except OrgFault as fault:
        return False if fault.fault_code in _OFF else _unknown(fault.words)
    except UnreachableError as error:
        return _unknown(error.message)
    return True


def _unknown(why: str) -> Unreadable:
    return Unreadable(why, _SITES_PERMISSION)
