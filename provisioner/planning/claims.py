"""Components that two declarations over one org claim: each would undo the changes of the other."""

from __future__ import annotations

from collections.abc import Iterator
from os.path import normpath
from urllib.parse import urlsplit

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.model.environment import Environment
from provisioner.model.estate import Estate
from provisioner.model.ids import same_id
from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.model.types import TYPES

#: Hosts that belong to one org each.
_OF_ONE_ORG = (HostKind.SANDBOX, HostKind.MY_DOMAIN, HostKind.OTHER_ORG, HostKind.LOOPBACK)


def is_same_org(one: Environment, other: Environment) -> bool:
    """Tell if two environments name the same org for certain: its id, a username, its My Domain or its folder."""
    if one.org_id and other.org_id:
        return same_id(one.org_id, other.org_id)
    if one.embedded_org is not None and other.embedded_org is not None:
        return normpath(one.embedded_org) == normpath(other.embedded_org)
    if one.login is None or other.login is None:
        return False
    names = one.login.username, other.login.username
    if all(isinstance(name, str) for name in names) and names[0] == names[1]:
        return True  # a username is unique among all orgs
    hosts = _own_host(one.login.login_url), _own_host(other.login.login_url)
    return hosts[0] is not None and hosts[0] == hosts[1]


def _own_host(login_url: str | None) -> str | None:
    """Return the host and port of a login URL that only one org has."""
    try:
        parts = urlsplit(login_url or "")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    return f"{host}:{port or 443}" if host_kind(host)[0] in _OF_ONE_ORG else None


def claimed_twice(estate: Estate, other: Estate, place: str) -> Iterator[Diagnostic]:
    """Yield an error for each component that both declare or list under ``removed``.

    ``place`` says where the other one is: its file and its environment.
    """
    theirs = dict(_claims(other))
    for address, at in _claims(estate):
        if address in theirs:
            yield Diagnostic(
                "component-claimed-twice",
                Severity.ERROR,
                f"{address} is claimed here and at {theirs[address] or place}, and both declarations are for the same "
                f"org ({place}).",
                "Keep it in the declaration of its owner, and list it under external in the other one.",
                at,
                address,
            )


def _claims(estate: Estate) -> Iterator[tuple[str, Location | None]]:
    """Yield the address and the place of each component that a declaration makes or deletes."""
    for kind in TYPES:
        for index, name in enumerate(estate.removed.names(kind)):
            yield kind.address(name), estate.removed.places.of(kind.section, index)
        for name, component in estate.components(kind).items():
            yield kind.address(name), component.places.own
