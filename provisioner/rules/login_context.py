"""The input of a check of the logins: the logins under one environment, and their certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from provisioner.declaration.logins import LoadedLogins
from provisioner.jose.login_certificate import LoginCertificate, read_login_certificate
from provisioner.model.environment import Environment
from provisioner.model.logins import DeclaredLogin


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

    @cached_property
    def certificates(self) -> Mapping[str, LoginCertificate]:
        """Return the certificate of each login that names one, by the login's name; no paths with a reference."""
        return dict(self._certificates())

    def _certificates(self) -> Iterator[tuple[str, LoginCertificate]]:
        for login in self.logins:
            file = login.app.certificate
            if file is not None and "${" not in file.declared_path:
                yield login.name, read_login_certificate(file)
