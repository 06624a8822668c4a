"""The org of one request: the store, the active faults, the org's clock and kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta, timezone

from cryptography.hazmat.primitives.hashes import SHA256

from provisioner.localorg import permissions, versions
from provisioner.localorg.app_faults import View, view
from provisioner.localorg.apps import apps_of
from provisioner.localorg.certificates import expired_twin, new_login_identity, read_certificate
from provisioner.localorg.clock import now_ms
from provisioner.localorg.faults import Faults
from provisioner.localorg.ids import same
from provisioner.localorg.records import APP_TYPES, App, Component, Identity, MetadataType, User
from provisioner.localorg.seed import ADMINISTRATOR
from provisioner.localorg.store import Store

#: Time zones of users without daylight saving time, by their hours ahead of UTC.
TIME_ZONES = {"Pacific/Kiritimati": 14, "Pacific/Pago_Pago": -11}
_NEWEST = {"too-old-api": 61, "old-api": 64, "new-api": 68}


class Org:
    """The org of one request: each request creates it again."""

    def __init__(self, store: Store, wake: Callable[[], None] = lambda: None) -> None:
        """Create the org of a request; ``wake`` signals a new deployment to the worker."""
        self.store = store
        self.wake = wake
        self.faults = Faults(store)
        identity = store.identity()
        assert identity is not None, "an org is created before it is served"
        self.identity: Identity = identity

    @property
    def now(self) -> int:
        """Return the org's time in milliseconds since 1970."""
        return now_ms() + self.faults.milliseconds("clock-skew")

    @property
    def newest(self) -> int:
        """Return the newest API version on offer."""
        return next((version for fault, version in _NEWEST.items() if self.faults.on(fault)), versions.NEWEST)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.identity.port}"

    @property
    def user_zone(self) -> timezone:
        """Return the time zone of every user; its name is that of ``user-time-zone``."""
        hours = TIME_ZONES.get(self.faults.argument("user-time-zone") or "")
        return UTC if hours is None else timezone(timedelta(hours=hours))

    @property
    def is_sandbox(self) -> bool:
        return not any(self.faults.on(name) for name in ("production", "production-trial", "developer-edition"))

    @property
    def is_production(self) -> bool:
        return self.faults.on("production")

    def offered(self) -> frozenset[MetadataType]:
        """Return the types that the user can list, read and deploy at the newest version."""
        missing = {self.faults.argument("type-missing")}
        if self.faults.on("channel-unreadable"):
            missing.add(MetadataType.CHANNEL.xml_name)
        return frozenset(kind for kind in MetadataType if kind.xml_name not in missing and kind.since <= self.newest)

    def users(self) -> list[User]:
        """Return the users as the faults show them; the first one is the login's user."""
        first, *others = self.store.users()
        if self.faults.on("integration-license"):
            first = replace(first, license=permissions.INTEGRATION_LICENSE)
        if self.faults.on("user-inactive"):
            first = replace(first, is_active=False)
        if self.faults.on("user-frozen"):
            first = replace(first, is_frozen=True)
        if self.faults.on("wrong-username"):
            first = replace(first, username=f"renamed.{first.username}")
        approved = {fault: self.faults.on(fault) for fault in ("user-approved", "app-has-other-users")}
        keys = tuple(app.consumer_key for app in self.apps()) if any(approved.values()) else ()
        if approved["user-approved"]:
            first = replace(first, approvals=keys)
        if approved["app-has-other-users"]:
            others = [replace(each, approvals=keys) for each in others]
        return [first, *others]

    def user(self, user_id: str) -> User | None:
        """Return a user by id. It may be the administrator, although no query lists that user."""
        return next((user for user in (*self.users(), ADMINISTRATOR) if same(user.id, user_id)), None)

    def user_names(self) -> dict[str, str]:
        """Return the users' names by id."""
        return {user.id: user.name for user in (*self.users(), ADMINISTRATOR)}

    def profile_permissions(self, profile: str) -> frozenset[str]:
        """Return the permissions of a profile; faults change those of the login's user."""
        given = permissions.PROFILES[profile]
        if profile != self.store.users()[0].profile:
            return given
        gone = {
            "api-not-enabled": "ApiEnabled", "channel-unreadable": "ViewSetup",
            "metadata-permission-missing": "ModifyMetadata", "sessions-not-shared": "ViewAllData",
            "view-all-by-object": "ViewAllData",
        }  # fmt: skip
        return permissions.without(given, *(name for fault, name in gone.items() if self.faults.on(fault)))

    def permissions_of(self, user_id: str) -> frozenset[str]:
        """Return the permissions that a user holds by profile and permission sets."""
        user = self.user(user_id)
        if user is None:
            return frozenset()
        if user == ADMINISTRATOR:
            return permissions.without(permissions.EVERYTHING, self.faults.argument("administrator-lacks"))
        held = [permissions.in_set(each) for each in self.permission_sets(user_id)]
        return self.profile_permissions(user.profile).union(*held)

    def permission_sets(self, user_id: str) -> list[Component]:
        """Return the permission sets that are assigned to the user now."""
        held = {
            each.permission_set_id
            for each in self.store.assignments()
            if each.user_id == user_id and (each.expires is None or each.expires > self.now)
        }
        sets = self.store.components(MetadataType.PERMISSION_SET) if held else {}
        return [each for each in sets.values() if each.id in held]

    def components(self) -> dict[tuple[MetadataType, str], Component]:
        """Return all components, those of the first app as the faults show them."""
        return self.view(self.store.components()).components

    def view(self, stored: dict[tuple[MetadataType, str], Component]) -> View:
        """Return stored components as the faults show them."""
        return view(stored, self.identity, self.faults, self._certificate)

    def apps(self) -> list[App]:
        """Return the apps, the uninstalled one of a fault first."""
        seen = self.view(self.store.components(*APP_TYPES))
        return [*([seen.hidden] if seen.hidden else []), *apps_of(seen.components)]

    def _certificate(self, fault: str, current: str) -> str:
        """Return the certificate that a fault puts into the app; an expired one has the key of the ``current`` one."""
        if fault != "certificate-expired":
            return self._other_certificate()
        ours, handed_out = read_certificate(current), str(self.store.meta(fault))
        expired = read_certificate(handed_out)
        if ours is None or expired is None or ours.public_key() == expired.public_key():
            return handed_out
        kept = f"expired/{ours.fingerprint(SHA256()).hex()}"
        if self.store.meta(kept) is None:
            self.store.set_meta(kept, expired_twin(ours).decode())
        return str(self.store.meta(kept))

    def _other_certificate(self) -> str:
        """Return a certificate without an available private key; it is created once."""
        known = self.store.meta("other-certificate")
        if isinstance(known, str):
            return known
        made = new_login_identity("Some other key").certificate.decode()
        self.store.set_meta("other-certificate", made)
        return made
