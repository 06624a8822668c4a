"""The input of a check of the logins: the logins under one environment, and their certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from provisioner.declaration.login_schema import LOGINS
from provisioner.declaration.logins import LoadedLogins
from provisioner.declaration.shape import lacks
from provisioner.declaration.tree import branch_at, text
from provisioner.diagnostics import Location
from provisioner.jose.login_certificate import LoginCertificate, read_login_certificate
from provisioner.model.environment import Environment
from provisioner.model.logins import DeclaredLogin
from provisioner.model.places import Path


@dataclass(frozen=True)
class LoginContext:
    """The input of a check of the logins. ``now`` is aware of its zone."""

    loaded: LoadedLogins
    now: datetime

    @property
    def environment(self) -> Environment | None:
        return self.loaded.environment

    @property
    def logins(self) -> tuple[DeclaredLogin, ...]:
        return tuple(self.loaded.logins.values())

    def lacks(self, login: DeclaredLogin, path: Path, *fields: str) -> bool:
        """Return whether a mapping of a login has none of the fields, and no mistake in it may be one of them."""
        return lacks(self.loaded.tree, LOGINS, ("logins", login.name, *path), *fields)

    def listed(self, login: DeclaredLogin, *path: str) -> list[tuple[str, Location]] | None:
        """Return the texts in a list of a login as written, each with its place, without those with a reference.

        None if there is no list.
        """
        branch = branch_at(self.loaded.tree, "logins", login.name, *path[:-1])
        items = branch.items(path[-1]) if branch is not None else None
        if items is None:
            return None
        texts = ((text(item), item.location) for item in items)
        return [(written, at) for written, at in texts if written is not None and "${" not in written]

    @cached_property
    def certificates(self) -> Mapping[str, LoginCertificate]:
        """Return the certificate of each login that names one, by the login's name; no paths with a reference."""
        return dict(self._certificates())

    def _certificates(self) -> Iterator[tuple[str, LoginCertificate]]:
        for login in self.logins:
            file = login.app.certificate
            if file is not None and "${" not in file.declared_path:
                yield login.name, read_login_certificate(file)
