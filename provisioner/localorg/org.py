"""The org as one request sees it: the store, the faults that hold now, the org's own clock and kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta, timezone

from provisioner.localorg import versions
from provisioner.localorg.certificates import new_login_identity
from provisioner.localorg.clock import now_ms
from provisioner.localorg.faults import Faults
from provisioner.localorg.records import App, Identity, MetadataType, User
from provisioner.localorg.store import Store

#: Time zones of users without daylight saving time, by their hours ahead of UTC.
TIME_ZONES = {"Pacific/Kiritimati": 14, "Pacific/Pago_Pago": -11}
_NEWEST = {"too-old-api": 61, "old-api": 64, "new-api": 68}


class Org:
    """Made anew for each request: nothing of it outlives one."""

    def __init__(self, store: Store, wake: Callable[[], None] = lambda: None) -> None:
        """``wake`` tells who works through the deployments that there is a new one."""
        self.store = store
        self.wake = wake
        self.faults = Faults(store)
        identity = store.identity()
        assert identity is not None, "an org is born before it is served"
        self.identity: Identity = identity

    @property
    def now(self) -> int:
        """The org's time in milliseconds since 1970."""
        return now_ms() + self.faults.milliseconds("clock-skew")

    @property
    def newest(self) -> int:
        """The newest API version on offer."""
        return next((version for fault, version in _NEWEST.items() if self.faults.on(fault)), versions.NEWEST)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.identity.port}"

    @property
    def user_zone(self) -> timezone:
        """The time zone of every user; its name is that of ``user-time-zone``."""
        hours = TIME_ZONES.get(self.faults.argument("user-time-zone") or "")
        return UTC if hours is None else timezone(timedelta(hours=hours))

    @property
    def is_sandbox(self) -> bool:
        return not any(self.faults.on(name) for name in ("production", "production-trial", "developer-edition"))

    @property
    def is_production(self) -> bool:
        return self.faults.on("production")

    def offered(self) -> frozenset[MetadataType]:
        """The types that the user can list, read and deploy at the newest version."""
        missing = {self.faults.argument("type-missing")}
        if self.faults.on("channel-unreadable"):
            missing.add(MetadataType.CHANNEL.xml_name)
        return frozenset(kind for kind in MetadataType if kind.xml_name not in missing and kind.since <= self.newest)

    def users(self) -> list[User]:
        """With what the faults make of the first one."""
        first, *others = self.store.users()
        if self.faults.on("user-inactive"):
            first = replace(first, is_active=False)
        if self.faults.on("user-frozen"):
            first = replace(first, is_frozen=True)
        if self.faults.on("wrong-username"):
            first = replace(first, username=f"renamed.{first.username}")
        return [first, *others]

    def user(self, user_id: str) -> User | None:
        return next((user for user in self.users() if user.id == user_id), None)

    def apps(self) -> list[App]:
        """With what the faults make of the first one."""
        first, *others = self.store.apps()
        if self.faults.on("user-not-approved"):
            first = replace(first, admin_approved_only=False)
        if self.faults.on("user-not-preauthorized"):
            first = replace(first, profiles=())
        if self.faults.on("wrong-consumer-key"):
            first = replace(first, consumer_key=first.consumer_key[::-1])
        if self.faults.on("certificate-expired"):
            first = replace(first, certificate=str(self.store.meta("certificate-expired")))
        if self.faults.on("wrong-certificate"):
            first = replace(first, certificate=self._other_certificate())
        if self.faults.on("digital-signatures-not-enabled"):
            first = replace(first, certificate="")
        if self.faults.on("external-client-app"):
            first = replace(first, external=True)
        if self.faults.on("app-not-installed"):
            first = replace(first, installed=False)
        lost = {"no-refresh-token-scope": "refresh_token", "no-api-scope": "api"}
        gone = {scope for fault, scope in lost.items() if self.faults.on(fault)}
        return [replace(first, scopes=tuple(scope for scope in first.scopes if scope not in gone)), *others]

    def _other_certificate(self) -> str:
        """A certificate that no one here has the key of; made once."""
        known = self.store.meta("other-certificate")
        if isinstance(known, str):
            return known
        made = new_login_identity("Some other key").certificate.decode()
        self.store.set_meta("other-certificate", made)
        return made
