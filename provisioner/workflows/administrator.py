"""The session of an administrator: of the official CLI, of another environment, or an access token."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner import localorg
from provisioner.errors import UsageError
from provisioner.model.environment import Environment
from provisioner.salesforce import SfSettings, TokenSettings
from provisioner.secrets import Reference, ReferenceKind
from provisioner.words import enumerated
from provisioner.workflows.connect import access, local_org, local_settings, my_domain, require_environments_org
from provisioner.workflows.console import Console

if TYPE_CHECKING:
    from provisioner.salesforce import Access, Org


@dataclass(frozen=True, slots=True)
class AdminOptions:
    """The source of the administrator's session, at most one of three. ``instance_url`` belongs to the token."""

    sf_org: str | None = None
    admin_env: str | None = None
    admin_token_env: str | None = None
    instance_url: str | None = None

    def __post_init__(self) -> None:
        if len(self._given) > 1:
            raise UsageError(f"{enumerated(self._given)} were given.", next="Name one administrator's session.")
        if self.instance_url is not None and self.admin_token_env is None:
            raise UsageError(
                "--instance-url needs --admin-token-env, and none was given.",
                next="Give --admin-token-env VAR, or omit --instance-url.",
            )

    @property
    def _given(self) -> list[str]:
        ways = {
            "--sf-org": self.sf_org,
            "--admin-env": self.admin_env,
            "--admin-token-env": self.admin_token_env,
        }
        return [option for option, value in ways.items() if value]

    @property
    def is_given(self) -> bool:
        return bool(self._given)

    @property
    def typed(self) -> str:
        """Return the options as they were typed, for a command to print; each begins with a blank."""
        ways = {
            "--sf-org": self.sf_org,
            "--admin-env": self.admin_env,
            "--admin-token-env": self.admin_token_env,
            "--instance-url": self.instance_url,
        }
        return "".join(f" {option} {shlex.quote(value)}" for option, value in ways.items() if value)


@contextlib.contextmanager
def administrator(
    console: Console, environment: Environment, options: AdminOptions, *, own_login: bool = False
) -> Iterator[Org]:
    """Yield the org of ``environment`` with the session of an administrator.

    ``own_login`` admits the environment's own login if no option names another one. Raises :class:`UsageError`,
    :class:`RefusedError` if the session belongs to another org, and the errors of a login.
    """
    from provisioner.salesforce import Org  # a diagnosis does without the client

    with admin_settings(console, environment, options, own_login=own_login) as settings:
        org = Org.connect(settings)
        require_environments_org(org, settings, environment)
        yield org


@contextlib.contextmanager
def admin_settings(
    console: Console, environment: Environment, options: AdminOptions, *, own_login: bool = False
) -> Iterator[Access]:
    """Yield the access that the options name. Raises :class:`UsageError` if they name none."""
    if options.admin_env is not None:
        with admin_access(console, console.config.environment_file(options.admin_env).environment) as found:
            yield found
        return
    if not options.is_given:
        if not own_login:
            raise UsageError(
                "No administrator's session was named.",
                next="Give --sf-org ALIAS, --admin-env NAME, or --admin-token-env VAR with --instance-url URL.",
            )
        with access(console, environment) as found:
            yield found
        return
    with local_org(console, environment) as local:
        written = environment.login_url
        url = local.url if local is not None else my_domain(written, environment) if written is not None else None
        bundle = Path(local.ca_bundle) if local is not None else environment.ca_bundle
        version, timeout, name = environment.api_version, console.given.timeout, environment.name
        if options.sf_org is not None:
            yield SfSettings(
                options.sf_org, url, ca_bundle=bundle, api_version=version, timeout=timeout, environment=name
            )
            return
        assert options.admin_token_env is not None
        instance = options.instance_url or url
        if instance is None:
            raise UsageError(
                "--admin-token-env needs --instance-url: the environment file names no My Domain.",
                next="Give --instance-url https://NAME.my.salesforce.com, the org that the token belongs to.",
            )
        token = console.resolver(Path()).resolve(Reference(ReferenceKind.ENV, options.admin_token_env))
        source = f"the access token in {options.admin_token_env}"
        yield TokenSettings(
            token, instance, source, ca_bundle=bundle, api_version=version, timeout=timeout, environment=name
        )


@contextlib.contextmanager
def admin_access(console: Console, environment: Environment) -> Iterator[Access]:
    """Yield the access of an administrator's environment. Faults of a local org do not affect its administrator."""
    if environment.embedded_org is None:
        with access(console, environment) as found:
            yield found
        return

    with local_org(console, environment) as served:
        assert served is not None
        admin = localorg.administrator(Path(served.private_key_file).parent)
        yield local_settings(console, environment, admin)
