"""The content of a new org: users, five channels and the login's connected app; no keys and no keysets.

A bare org has no app, and its login's user has only the rights of an integration user: no login by JWT is possible
before an app exists.
"""

from __future__ import annotations

import secrets
from importlib import resources

from provisioner.localorg.clock import now_ms
from provisioner.localorg.content import text_of
from provisioner.localorg.deployment_files import PUBLISHED, deployment_file
from provisioner.localorg.ids import new_org_id
from provisioner.localorg.permissions import ADMINISTRATOR as PROFILE
from provisioner.localorg.permissions import INTEGRATION, INTEGRATION_LICENSE, STANDARD
from provisioner.localorg.records import MESSAGING_SETTINGS, Component, Identity, MetadataType, User
from provisioner.localorg.site_records import make_sites
from provisioner.localorg.store import Store
from provisioner.localorg.xmltree import Node, branch, leaf

#: The channels of ``seeds/``, and whether each is active.
CHANNELS = {"Web_Chat": True, "App_Chat": True, "Kiosk_Chat": False, "WhatsApp_US": True, "SMS_Alerts": True}
#: The deployments on these channels, with their types and the hosts of web pages that show them.
DEPLOYMENTS = {
    "Shop_Web": ("Web_Chat", "Web", "shop.example.com"),
    "Shop_Api": ("Web_Chat", "API", None),
    "Shop_App": ("App_Chat", "Mobile", None),
    "App_Api": ("App_Chat", "API", None),
    "Kiosk_Web": ("Kiosk_Chat", "Web", None),
}
APP = "Provisioner"
#: The administrator. No query lists this user, and no fault of a login touches it.
ADMINISTRATOR = User("005LO0000000000AAA", "overseer@localorg.example", "Otto", "Overseer", PROFILE)
_KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"


def new_identity(*, bare: bool = False) -> Identity:
    """Return the names of an org that is to be created. They survive a reset."""
    if bare:
        return Identity(new_org_id(), "Local Sandbox", "integration@localorg.example", "")
    consumer_key = "3MVG9" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(80))
    return Identity(new_org_id(), "Local Sandbox", "admin@localorg.example", consumer_key)


def fill(store: Store, identity: Identity, certificate: str) -> None:
    """Fill an empty store. ``certificate`` is the PEM text with which the app checks assertions."""
    now = now_ms()
    ada = User(store.new_id("005"), "admin@localorg.example", "Ada", "Admin", PROFILE)
    berta = User(store.new_id("005"), "agent@localorg.example", "Berta", "Basic", STANDARD)
    users = [ada, berta]
    if not identity.consumer_key:
        ingo = User(store.new_id("005"), identity.username, "Ingo", "Integration", INTEGRATION, INTEGRATION_LICENSE)
        users.insert(0, ingo)
    store.set_identity(identity)
    store.set_users(users)
    store.set_meta("born", now)
    for name, active in CHANNELS.items():
        kind = MetadataType.CHANNEL
        xml = (resources.files("provisioner.localorg") / "seeds" / f"{name}.{kind.suffix}").read_text(encoding="utf-8")
        made = Component(kind, name, store.new_id(kind.prefix), xml, now, ada.id, now, ada.id, active)
        store.put_components([made])
    _add_deployments(store, ada, now)
    kind = MetadataType.SETTINGS
    xml = text_of(branch(kind.root_name, (leaf("enableCheckCEUserPerm", "false"), leaf("enableLiveMessage", "false"))))
    store.put_components(
        [Component(kind, MESSAGING_SETTINGS, store.new_id(kind.prefix), xml, now, ada.id, now, ada.id)]
    )
    if identity.consumer_key:
        kind = MetadataType.CONNECTED_APP
        xml = text_of(_connected_app(identity, certificate))
        store.put_components([Component(kind, APP, store.new_id(kind.prefix), xml, now, ada.id, now, ada.id)])


def _add_deployments(store: Store, user: User, now: int) -> None:
    """Add the chat deployments. They were published while none of the channels verified."""
    kind, published = MetadataType.CHAT_DEPLOYMENT, {}
    for name, (channel, type_, host) in DEPLOYMENTS.items():
        web = type_ == "Web"
        site = make_sites(store, name, now, host) if web else None
        content = deployment_file(name.replace("_", " "), channel, type_, site, "WebV2" if web else None)
        made = Component(kind, name, store.new_id(kind.prefix), text_of(content), now, user.id, now, user.id)
        store.put_components([made])
        published[made.id] = {"verified": False, "looks": 0, "before": False}
    store.set_meta(PUBLISHED, published)


def _connected_app(identity: Identity, certificate: str) -> Node:
    config = branch("oauthConfig", (
        leaf("callbackUrl", "https://login.salesforce.com/services/oauth2/success"), leaf("certificate", certificate),
        leaf("consumerKey", identity.consumer_key), leaf("isAdminApproved", "true"), leaf("scopes", "Api"),
        leaf("scopes", "RefreshToken"),
    ))  # fmt: skip
    return branch(MetadataType.CONNECTED_APP.xml_name, (
        leaf("contactEmail", identity.username), leaf("label", APP), config,
        branch("oauthPolicy", (leaf("ipRelaxation", "ENFORCE"), leaf("refreshTokenPolicy", "infinite"))),
        leaf("profileName", PROFILE),
    ))  # fmt: skip
