"""The sites of web deployments: their records, their trusted frames, and their pages.

Source: the header of a site's page showed the list of trusted frames, and the refusals were seen in answers of orgs.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from provisioner.localorg.answers import ApiProblem, html_page, json_answer
from provisioner.localorg.ids import same
from provisioner.localorg.org import Org
from provisioner.localorg.site_records import FRAME, PICASSO, SITE, trust
from provisioner.localorg.soql_tables import Table, table

#: Formats of the message with which an org refuses others.
_FORMATS = "https://example.com, wss://example.com, *.example.com, example.com, or example.com:8080"
_URL = re.compile(r"(?:(?:https|wss|http)://)?(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]{1,5})?")


def site_tables(org: Org) -> dict[str, Table]:
    """Return the tables; an org without them for this user does not know their names."""
    if org.faults.on("sites-unreadable"):
        return {}
    return {
        SITE: table("Id Name MasterLabel Status UrlPathPrefix SiteType CreatedDate", lambda: org.store.records(SITE)),
        FRAME: table("Id SiteId Url", lambda: org.store.records(FRAME)),
    }


def trust_frame(org: Org, body: dict[str, Any]) -> str:
    """Insert a SiteIframeWhiteListUrl, and return its id. It belongs to the ChatterNetwork site only."""
    wanted, url = body.get("SiteId"), body.get("Url")
    for field, value in (("SiteId", wanted), ("Url", url)):
        if not isinstance(value, str) or not value:
            raise ApiProblem("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{field}]")
    site = next((row for row in org.store.records(SITE) if same(row["Id"], str(wanted))), None)
    if site is None:
        raise ApiProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id: SiteId")
    if site["SiteType"] == PICASSO:
        raise ApiProblem(
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", f"insufficient access rights on cross-reference id: "
            f"{site['Id']}",
        )  # fmt: skip
    if not _URL.fullmatch(str(url)):
        text = f"Enter a valid URL or URI. Use one of these formats: {_FORMATS}"
        raise ApiProblem("FIELD_INTEGRITY_EXCEPTION", text)
    known = (row for row in org.store.records(FRAME) if (row["SiteId"], row["Url"]) == (site["Id"], url))
    if (again := next(known, None)) is not None:
        text = f"duplicate value found: Url duplicates value on record with id: {again['Id']}"
        raise ApiProblem("DUPLICATE_VALUE", text)
    return trust(org.store, site["Id"], str(url))


def site_url(org: Org, name: str | None) -> str:
    """Return the URL of the site that visitors load; empty if there is none of that name."""
    found = next((row for row in org.store.records(SITE) if row["Name"] == name), None)
    return "" if found is None else f"{org.origin}/{found['UrlPathPrefix']}"


async def page(request: Request, org: Org) -> Response:
    """Return the page of a site: its header names the domains that may show it in a frame."""
    prefix = f"ESW{request.path_params['site']}"
    rows = org.store.records(SITE)
    shown = next((row for row in rows if row["UrlPathPrefix"] == prefix and row["SiteType"] == PICASSO), None)
    if shown is None or org.faults.on("site-unavailable"):
        return html_page(404, "URL No Longer Exists", "You have attempted to reach a URL that no longer exists.")
    network = next(row["Id"] for row in rows if f"{row['Name']}1" == shown["Name"])
    frames = [] if org.faults.on("frames-missing") else org.store.records(FRAME)
    trusted = [row["Url"] for row in frames if row["SiteId"] == network]
    answer = html_page(200, shown["MasterLabel"], "Embedded Service deployment.")
    answer.headers["Content-Security-Policy"] = " ".join(["frame-ancestors 'self'", *trusted])
    return answer


def communities(org: Org) -> Response:
    """Return the list of communities; without Digital Experiences there is no such resource."""
    if org.faults.on("digital-experiences-off"):
        raise ApiProblem("FORBIDDEN", "You don't have access to communities.", 403)
    return json_answer({"communities": [], "total": 0})
