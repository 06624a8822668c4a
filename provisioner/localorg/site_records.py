"""The records of the sites of web deployments.

Source: retrieved sites: a web deployment has two sites of one name, ``ESW_<name>_<13 digits>`` (ChatterNetwork), which
has the list of trusted frames, and the same with ``1`` (ChatterNetworkPicasso), which visitors load. The prefix of the
ids of trusted frames is made up.
"""

from __future__ import annotations

from typing import Any

from provisioner.localorg.clock import rest_time
from provisioner.localorg.store import Store

SITE, FRAME = "Site", "SiteIframeWhiteListUrl"
PICASSO = "ChatterNetworkPicasso"
_NETWORK = "ChatterNetwork"


def make_sites(store: Store, deployment: str, now: int, host: str | None) -> str:
    """Make the sites of a web deployment, and trust its host; return the name of the site that visitors load."""
    name, prefix = f"ESW_{deployment}_{now}", f"ESW{deployment.replace('_', '')}{now}"
    network, picasso = store.new_ids("0DM", 2)
    store.put_records(SITE, [
        _site(network, name, f"{prefix}vforcesite", _NETWORK, now), _site(picasso, f"{name}1", prefix, PICASSO, now),
    ])  # fmt: skip
    for url in (host, f"*.{host}") if host else ():
        trust(store, network, url)
    return f"{name}1"


def _site(record_id: str, name: str, prefix: str, kind: str, now: int) -> dict[str, Any]:
    return {
        "Id": record_id, "Name": name, "MasterLabel": name, "Status": "Active", "UrlPathPrefix": prefix,
        "SiteType": kind, "CreatedDate": rest_time(now),
    }  # fmt: skip


def trust(store: Store, site_id: str, url: str) -> str:
    """Add a domain to the trusted frames of a site; return the id of the record."""
    record_id = store.new_id("1sW")
    store.put_records(FRAME, [{"Id": record_id, "SiteId": site_id, "Url": url}])
    return record_id
