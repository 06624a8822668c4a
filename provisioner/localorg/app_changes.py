"""The begin and the end of a change, and its effects: sessions of apps end, and changes of apps propagate slowly.

Source: Salesforce Help, "Configure the External Client App OAuth Settings" (distributed within 15 minutes), "Manage
Access to an External Client App" (users of the app lose access).
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from provisioner.localorg import app_faults
from provisioner.localorg.apps import apps_of
from provisioner.localorg.org import Org
from provisioner.localorg.pending_deploy import Draft
from provisioner.localorg.records import APP_TYPES, App, MetadataType
from provisioner.localorg.store import Store

_HISTORY = "app-changes"
_KEPT_MS = 24 * 60 * 60 * 1000


def begin(org: Org, version: int, user_id: str, now: int, *, blind: bool = False) -> Draft:
    """Return the draft that a deployment of that user works on."""
    before = org.components()
    held = {each.permission_set_id for each in org.store.assignments()}
    return Draft(
        before, version, org.faults, user_id, now, org.store.new_ids, blind=blind, org_id=org.identity.org_id,
        assigned=frozenset(each.name for each in before.values() if each.id in held),
    )  # fmt: skip


def save(org: Org, draft: Draft) -> None:
    """Save the draft's components as the org's."""
    before, after = (
        {key: found for key, found in components.items() if key[0] in APP_TYPES}
        for components in (draft.before, draft.components)
    )
    changed = {key for key in before.keys() | after.keys() if before.get(key) is not after.get(key)}
    if changed:
        _follow(org, {app.consumer_key: app for app in apps_of(before)}, apps_of(after))
        _settle(org, draft, changed)
    draft.save(org.store)
    gone = {found.id for key, found in before.items() if key[0] is MetadataType.PERMISSION_SET and key not in after}
    if gone:
        org.store.set_assignments(each for each in org.store.assignments() if each.permission_set_id not in gone)


def _settle(org: Org, draft: Draft, changed: set[app_faults.Key]) -> None:
    """Store the first app as faults show it, and mend these faults, if a part of the app was deployed."""
    touched = org.view(org.store.components(*APP_TYPES)).touched
    if not touched & changed:
        return
    for kind, name in touched - draft.components.keys():
        org.store.delete_component(kind, name)
    org.store.put_components(draft.components[key] for key in touched & draft.components.keys())
    for name in app_faults.FAULTS:
        org.store.delete_fault(name)


def _follow(org: Org, before: dict[str, App], after: list[App]) -> None:
    """End the sessions of an app that is gone or now wants approval, and remember the app as it was."""
    now = {app.consumer_key: app for app in after}
    history: list[dict[str, Any]] = [
        each for each in org.store.meta(_HISTORY) or [] if abs(org.now - each["at"]) < _KEPT_MS
    ]
    for key in before.keys() | now.keys():
        old, new = before.get(key), now.get(key)
        if old == new:
            continue
        stricter = old is not None and new is not None and new.admin_approved_only and not old.admin_approved_only
        if new is None or (stricter and org.faults.on("eca-policy-ends-session")):
            org.store.end_sessions(key)
        history.append({"at": org.now, "key": key, "before": asdict(old) if old is not None else None})
    org.store.set_meta(_HISTORY, history)


def age(store: Store, by: int) -> None:
    """Make apps, changes of apps, sessions and logins older by so many milliseconds."""
    store.put_components(
        replace(each, created=each.created - by, modified=each.modified - by)
        for each in store.components(*APP_TYPES).values()
    )
    store.set_meta(_HISTORY, [{**each, "at": each["at"] - by} for each in store.meta(_HISTORY) or []])
    store.age(by)


def as_propagated(org: Org, consumer_key: str) -> App | None:
    """Return the app as this login sees it: for a while after a change, the old and the new app answer in turn."""
    app = next((app for app in org.apps() if app.consumer_key == consumer_key), None)
    window = org.faults.milliseconds("eca-propagation")
    recent = [
        each
        for each in org.store.meta(_HISTORY) or []
        if each["key"] == consumer_key and 0 <= org.now - each["at"] < window
    ]
    if not recent:
        return app
    if recent[0]["before"] is None:
        return None
    before = _remembered(recent[0]["before"])
    match org.faults.argument("eca-propagation-form"):
        case "old":
            return before
        case "both" if app is not None:
            return replace(app, old_certificate=before.certificate)
        case _:
            return app if org.store.tally(f"propagation/{consumer_key}") % 2 == 0 else before


def _remembered(value: dict[str, Any]) -> App:
    lists = {name: tuple(value[name]) for name in ("profiles", "permission_sets", "scopes")}
    return App(**{**value, **lists})
