"""The org that an environment's login URL indicates."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.rules.context import RuleInput
from provisioner.rules.endpoints import split


@dataclass(frozen=True, slots=True)
class LoginHost:
    """A login host. ``sandbox`` is the sandbox's name, if the host contains it."""

    host: str
    kind: HostKind
    sandbox: str | None


def login_host(context: RuleInput) -> LoginHost | None:
    """Return the host of the environment's login URL; None if it cannot be read."""
    environment = context.environment
    if environment is None or environment.login is None or environment.login.login_url is None:
        return None
    parts = split(environment.login.login_url)
    if parts is None or not parts.hostname:
        return None
    kind, sandbox = host_kind(parts.hostname)
    return LoginHost(parts.hostname, kind, sandbox)
