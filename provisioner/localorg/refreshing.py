"""The apps after a refresh of the sandbox. It is not known in which of these states a real sandbox is."""

from __future__ import annotations

from dataclasses import replace

from provisioner.localorg.app_content import new_key
from provisioner.localorg.apps import apps_of
from provisioner.localorg.content import root_of, text_of
from provisioner.localorg.records import APP_TYPES, Component, MetadataType
from provisioner.localorg.store import Store
from provisioner.localorg.xmltree import leaf

#: The store's list of consumer keys that this org no longer has, and that other orgs have.
ELSEWHERE = "apps-elsewhere"
WORDS = ("gone", "broken", "copied")


def change_apps(store: Store, apps: str) -> None:
    """Remove or damage the apps; see :data:`WORDS`. Permission sets and their assignments stay."""
    if apps == "copied":
        return
    found = store.components(*APP_TYPES)
    known = store.meta(ELSEWHERE) or []
    store.set_meta(ELSEWHERE, [*known, *(app.consumer_key for app in apps_of(found))])
    for (kind, name), component in found.items():
        if kind is MetadataType.CONNECTED_APP and apps == "broken":
            store.put_components([_with_another_key(component)])
        elif kind is not MetadataType.PERMISSION_SET and (apps == "gone" or kind is MetadataType.ECA_GLOBAL):
            store.delete_component(kind, name)


def _with_another_key(component: Component) -> Component:
    root = root_of(component).copy()
    config = root.find("oauthConfig")
    if config is not None:
        config.children = [
            leaf(child.name, new_key()) if child.name == "consumerKey" else child for child in config.children
        ]
    return replace(component, xml=text_of(root))
