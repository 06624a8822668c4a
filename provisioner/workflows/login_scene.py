"""The declared logins of an environment, and a plan of them from the state of its org."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from provisioner.components.login_app import declared_certificate
from provisioner.declaration.logins import LoadedLogins
from provisioner.declaration.tree import plain
from provisioner.diagnostics import has_errors
from provisioner.errors import InputError
from provisioner.execution.login_apply import Planned
from provisioner.jose.certificates import fingerprint
from provisioner.model.environment import Environment
from provisioner.model.login_types import CONNECTED_APP, LOGIN_TYPES, PERMISSION_SET
from provisioner.model.logins import DeclaredLogin, EnvField
from provisioner.model.reference_values import resolve
from provisioner.planning.login_plan import LoginWorld, plan_logins
from provisioner.planning.plan import Blocked
from provisioner.rules.check import check_logins
from provisioner.salesforce import Scope
from provisioner.salesforce.login_records import read_login_records
from provisioner.salesforce.parallel import in_background
from provisioner.secrets import Reference
from provisioner.untrusted import require_trusted
from provisioner.workflows.connect import local_org
from provisioner.workflows.console import Console
from provisioner.workflows.load_declaration import FindingsError

if TYPE_CHECKING:
    from provisioner.declaration.load import ConfigDirectory
    from provisioner.execution.login_apply import Planned
    from provisioner.salesforce import Org


@dataclass(frozen=True, slots=True)
class DeclaredLogins:
    """The logins of an environment, without errors. ``usernames`` are by the login's name.

    ``own`` is the login that the environment file describes: its user is the environment's, and so is its app, if the
    file names one.
    """

    environment: Environment
    loaded: LoadedLogins
    usernames: dict[str, str]
    own: str | None
    digest: str
    now: datetime

    @property
    def own_login(self) -> DeclaredLogin | None:
        return self.loaded.logins.get(self.own) if self.own is not None else None


@contextlib.contextmanager
def declared_logins(console: Console, name: str, config: ConfigDirectory | None = None) -> Iterator[DeclaredLogins]:
    """Yield the logins under an environment; its local org runs as long. ``config``: the directory, read again.

    Raises :class:`FindingsError` if anything is wrong with them, or with the environment file.
    """
    require_trusted("The logins of an org are neither read nor changed")
    config = config or console.config
    loaded = config.logins(name)
    file = config.environment_file(name)
    findings = (*file.findings, *check_logins(loaded, now=console.now))
    if has_errors(findings):
        raise FindingsError(name, findings)
    environment = file.environment
    with local_org(console, environment) as local:
        username = local.username if local is not None else None
        usernames = dict(_usernames(console, environment, loaded, username))
        yield DeclaredLogins(environment, loaded, usernames, _own(environment, loaded), _digest(loaded), console.now)


def _usernames(
    console: Console, environment: Environment, loaded: LoadedLogins, local: str | None
) -> Iterator[tuple[str, str]]:
    for name, login in loaded.logins.items():
        if isinstance(login.assigned_to, EnvField):
            yield name, local if local is not None else _username(console, environment)
        elif login.assigned_to is not None:
            yield name, login.assigned_to


def _username(console: Console, environment: Environment) -> str:
    written = environment.login.username if environment.login is not None else None
    if isinstance(written, Reference):
        return resolve(console.resolver(environment.folder), environment, "username").reveal()
    if written is None:
        raise InputError(
            f"The environment {environment.name} names no user, and a login is assigned to its user.",
            next=f"Write username, consumer_key and private_key into {environment.file}.",
            code="incomplete-environment",
        )
    return written.strip()


def _own(environment: Environment, loaded: LoadedLogins) -> str | None:
    """Return the login of the environment's user; of several, the one with the app that the environment file names."""
    mine = [name for name, login in loaded.logins.items() if isinstance(login.assigned_to, EnvField)]
    if len(mine) > 1 and environment.app.name is not None:
        wanted = environment.app.name.casefold()
        mine = [name for name in mine if wanted in _app_names(loaded.logins[name])]
    return mine[0] if len(mine) == 1 else None


def _app_names(login: DeclaredLogin) -> tuple[str, ...]:
    return login.app.name.casefold(), login.app.setup_label.casefold()


def _digest(loaded: LoadedLogins) -> str:
    """Return a digest of the declaration and of the certificates that it names."""
    certificates = {
        name: fingerprint(der)
        for name, login in loaded.logins.items()
        if (der := declared_certificate(login)) is not None
    }
    document = [plain(loaded.tree) if loaded.tree is not None else None, certificates]
    canonical = json.dumps(document, sort_keys=True, ensure_ascii=False, default=str)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def planner(
    declared: DeclaredLogins, org: Org, *, destroy: bool = False, against: tuple[Blocked, ...] = ()
) -> Callable[[], Planned]:
    """Return a function that reads the org and plans the logins.

    ``against`` are further reasons to refuse a plan that changes something.
    """
    return partial(_plan, declared, org, destroy, against)


def _plan(declared: DeclaredLogins, org: Org, destroy: bool, against: tuple[Blocked, ...]) -> Planned:
    logins = declared.loaded.logins
    sets = sorted({name for login in logins.values() for name in login.permission_sets})
    apps = {login.app.name: login.app.setup_label for login in logins.values()}
    records = in_background(lambda: read_login_records(org, set(declared.usernames.values()), sets, apps))
    wanted = Scope(names={PERMISSION_SET: sets, CONNECTED_APP: list(apps)}, kinds=LOGIN_TYPES)
    snapshot = org.observe(wanted)
    inputs = LoginWorld(
        environment=declared.environment.name,
        logins=logins,
        usernames=declared.usernames,
        snapshot=snapshot,
        records=records.result(),
        digest=declared.digest,
        production=declared.environment.production,
        own=declared.own,
        destroy=destroy,
    )
    plan = plan_logins(inputs)
    return Planned(inputs, plan if plan.is_empty else replace(plan, blocked=(*plan.blocked, *against)))
