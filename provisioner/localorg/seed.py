"""What a newborn org holds: one administrator, one app, five channels; no keys and no keysets."""

from __future__ import annotations

import secrets
from importlib import resources

from provisioner.localorg.clock import now_ms
from provisioner.localorg.ids import new_org_id
from provisioner.localorg.records import App, Component, Identity, MetadataType, User
from provisioner.localorg.store import Store

#: The channels of ``seeds/``, and whether each is active.
CHANNELS = {"Web_Chat": True, "App_Chat": True, "Kiosk_Chat": False, "WhatsApp_US": True, "SMS_Alerts": True}
PROFILE = "System Administrator"
_KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"


def new_identity() -> Identity:
    """The names of an org that is to be born. They outlive a reset."""
    consumer_key = "3MVG9" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(80))
    return Identity(new_org_id(), "Local Sandbox", "admin@localorg.example", consumer_key)


def plant(store: Store, identity: Identity, certificate: str) -> None:
    """Fill an empty store. ``certificate`` is the PEM text that the app checks assertions with."""
    now = now_ms()
    admin = User(store.new_id("005"), identity.username, "Ada", "Admin", PROFILE)
    agent = User(store.new_id("005"), "agent@localorg.example", "Berta", "Basic", "Standard User")
    app = App(store.new_id("0H4"), "Provisioner", identity.consumer_key, certificate, profiles=(PROFILE,))
    store.set_identity(identity)
    store.set_users([admin, agent])
    store.set_apps([app])
    store.set_meta("born", now)
    for name, active in CHANNELS.items():
        kind = MetadataType.CHANNEL
        xml = (resources.files("provisioner.localorg") / "seeds" / f"{name}.{kind.suffix}").read_text(encoding="utf-8")
        made = Component(kind, name, store.new_id(kind.prefix), xml, now, admin.id, now, admin.id, active)
        store.put_components([made])
