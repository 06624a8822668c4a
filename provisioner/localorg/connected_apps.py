"""Connected apps as metadata: to be listed and read, so that an administrator sees certificate, scopes and policy.

Source: Metadata API Developer Guide, ConnectedApp. Consumer secrets are never shown.
"""

from __future__ import annotations

from provisioner.localorg.clock import soap_time
from provisioner.localorg.org import Org
from provisioner.localorg.records import App
from provisioner.localorg.xmltree import Node, branch, leaf

TYPE = "ConnectedApp"
_SCOPES = {"api": "Api", "refresh_token": "RefreshToken"}


def apps(org: Org) -> dict[str, App]:
    """The installed connected apps, by full name; external client apps are other types."""
    return {app.name: app for app in org.apps() if app.installed and not app.external}


def properties(org: Org, app: App) -> Node:
    """The FileProperties of a connected app."""
    admin, born = org.users()[0], soap_time(org.store.meta("born") or org.now)
    return branch("result", (
        leaf("createdById", admin.id), leaf("createdByName", admin.name), leaf("createdDate", born),
        leaf("fileName", f"connectedApps/{app.name}.connectedApp"), leaf("fullName", app.name), leaf("id", app.id),
        leaf("lastModifiedById", admin.id), leaf("lastModifiedByName", admin.name), leaf("lastModifiedDate", born),
        leaf("manageableState", "unmanaged"), leaf("type", TYPE),
    ))  # fmt: skip


def record(app: App, contact: str) -> Node:
    """The app as readMetadata gives it."""
    config = branch("oauthConfig", (
        leaf("callbackUrl", "https://login.salesforce.com/services/oauth2/success"),
        leaf("certificate", app.certificate) if app.certificate else None,
        leaf("consumerKey", app.consumer_key),
        leaf("isAdminApproved", "true" if app.admin_approved_only else "false"),
        *(leaf("scopes", _SCOPES.get(scope, scope)) for scope in app.scopes),
    ))  # fmt: skip
    policy = branch("oauthPolicy", (leaf("ipRelaxation", "ENFORCE"), leaf("refreshTokenPolicy", "infinite")))
    content = (
        leaf("fullName", app.name), leaf("contactEmail", contact), leaf("label", app.name), config, policy,
        *(leaf("profileName", profile) for profile in app.profiles[:1]),
    )  # fmt: skip
    return Node("records", children=list(content), attributes={"xsi:type": TYPE})
