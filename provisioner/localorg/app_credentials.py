"""The Connect REST API's resources for external client apps and their consumer keys.

Source: Connect REST API Developer Guide, "OAuth Usage" and "OAuth Credentials"; the members of the answers are those
that client programs read.
"""

from __future__ import annotations

from starlette.responses import Response

from provisioner.localorg.answers import ApiProblem, json_answer, not_found
from provisioner.localorg.app_tables import installed
from provisioner.localorg.apps import satellites
from provisioner.localorg.content import root_of
from provisioner.localorg.ids import same
from provisioner.localorg.org import Org
from provisioner.localorg.records import APP_TYPES, App, MetadataType, User

_PARTS = {"key": ("key",), "secret": ("secret",), "keyandsecret": ("key", "secret")}
_NOT_ENABLED = "This feature is not currently enabled for this user."


def _require(org: Org, user: User, *needed: str) -> None:
    closed = org.faults.on("connect-credentials-closed") and "ExternalClientAppDeveloper" in needed
    if closed or not set(needed) <= org.permissions_of(user.id):
        raise ApiProblem("FUNCTIONALITY_NOT_ENABLED", _NOT_ENABLED, 403)


def usage(org: Org, user: User) -> Response:
    """Return the external client apps."""
    _require(org, user, "ExternalClientAppViewer")
    rows = [
        {"developerName": app.name, "identifier": app.id, "label": app.label} for app in installed(org, external=True)
    ]
    return json_answer({"apps": rows, "nextPageUrl": None})


def _app(org: Org, app_id: str) -> App:
    found = next((app for app in installed(org, external=True) if same(app.id, app_id)), None)
    if found is None:
        raise not_found()
    return found


def consumers(org: Org, user: User, app_id: str, version: int) -> Response:
    """Return the OAuth consumer of an app."""
    _require(org, user, "ExternalClientAppDeveloper")
    app = _app(org, app_id)
    url = f"/services/data/v{version}.0/apps/oauth/credentials/{app.id}/{app.consumer_id}"
    row = {
        "id": app.consumer_id, "key": app.consumer_key, "name": app.name, "url": url,
        "stagedCredentialsUrl": f"{url}/staged",
    }  # fmt: skip
    return json_answer({"consumers": [row]})


def consumer(org: Org, user: User, app_id: str, consumer_id: str, part: str) -> Response:
    """Return the requested parts of a consumer's credentials."""
    wanted = _PARTS.get(part)
    app = _app(org, app_id)
    if wanted is None or not same(app.consumer_id, consumer_id):
        raise not_found()
    _require(org, user, "ExternalClientAppDeveloper")
    if "secret" in wanted:
        _require(org, user, "ViewClientSecret")
    parts = satellites(org.view(org.store.components(*APP_TYPES)).components, app.name)
    secret = root_of(parts[MetadataType.ECA_GLOBAL]).value("consumerSecret") or ""
    values = {"key": app.consumer_key, "secret": secret}
    return json_answer({"id": app.consumer_id, **{name: values[name] for name in wanted}})
