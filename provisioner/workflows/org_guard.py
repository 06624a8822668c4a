"""The guard ``org_id``: it refuses any other org than the one of the environment file."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from provisioner.errors import RefusedError
from provisioner.model.environment import Environment
from provisioner.model.ids import same_id
from provisioner.model.salesforce_hosts import HostKind, host_kind

_REFRESHED = (
    "The address and the username are those of this environment, so the sandbox was probably refreshed: a refresh "
    "replaces the org by a new copy of production, which has a new id."
)
_RESET = "The local org was reset, or its folder was made again: a new org has a new id."
_DIFFERS = (
    "In a refreshed sandbox keys, keysets and channels are production's: the plan lists each difference, and sets "
    "issuers and keys back to this environment's only with --allow-destroy."
)


def require_org(found: str, url: str, environment: Environment, *, login_url: str, username: str) -> None:
    """Raise :class:`RefusedError` if ``org_id`` names another org than ``found``, where the login led to.

    ``url`` is the org's own address; ``login_url`` and ``username`` are what the login used.
    """
    wanted = environment.org_id
    if wanted is None or same_id(wanted, found):
        return
    place = environment.places.of("org_id") or environment.file
    message = f"The login led to org {found} ({url}), and {place} names org {wanted}."
    why = _why_new(environment, url, login_url, username)
    if why is None:
        raise RefusedError(
            message,
            next=f"Check {_login_of(environment)}, or correct org_id (its first 15 characters count, case-sensitive).",
            code="another-org",
        )
    raise RefusedError(
        f"{message} {why}",
        next=f"If that is so, change the line {place} from `org_id: {wanted}` to `org_id: {found}`, and run "
        f"`provisioner plan --env {environment.name}`. {_DIFFERS if why is _REFRESHED else ''}".rstrip(),
        code="another-org",
    )


def _login_of(environment: Environment) -> str:
    """Return what leads to the org."""
    if environment.sf_org is None:
        return "login_url and username"
    return f"the org of sf_org (`sf org display --target-org {shlex.quote(environment.sf_org)}`)"


def _why_new(environment: Environment, url: str, login_url: str, username: str) -> str | None:
    """Return why the org of this very environment can have another id; None if it is rather another org."""
    if environment.embedded_org is not None:
        return _RESET
    host, login_host = ((urlsplit(each).hostname or "").lower() for each in (url, login_url))
    kind, sandbox = host_kind(host)
    if kind is not HostKind.SANDBOX:
        return None  # the id of production never changes, and another address means another org
    of_name = sandbox is not None and username.lower().endswith(f".{sandbox}")
    is_own = login_host == host or (host_kind(login_host)[0] is HostKind.TEST and of_name)
    return _REFRESHED if is_own else None
