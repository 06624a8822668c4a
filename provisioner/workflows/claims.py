"""The comparison of a declaration with those of other teams that are on this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from provisioner.declaration.load import DECLARATION_FILE, ConfigDirectory
from provisioner.diagnostics import Diagnostic
from provisioner.errors import InputError, UsageError
from provisioner.model.environment import Environment
from provisioner.model.ids import same_id
from provisioner.model.salesforce_hosts import HostKind, host_kind
from provisioner.planning.claims import claimed_twice
from provisioner.rules.check import by_place
from provisioner.words import enumerated
from provisioner.workflows.console import Console

#: Hosts that belong to one org each.
_OF_ONE_ORG = (HostKind.SANDBOX, HostKind.MY_DOMAIN, HostKind.OTHER_ORG, HostKind.LOOPBACK)
NO_ORG = "no environment there is known to be an org of this directory (an equal org_id, username or My Domain)."


def others(config: ConfigDirectory, directories: Sequence[str]) -> list[ConfigDirectory]:
    """Return the other config directories. Raises :class:`UsageError` for ``config`` itself, :class:`InputError`."""
    for each in directories:
        if os.path.realpath(each) == os.path.realpath(config.directory):
            raise UsageError(
                f"--also {each} names the config directory that is checked.", next="Name the directory of another team."
            )
    return [_other(each) for each in directories]


def _other(directory: str) -> ConfigDirectory:
    try:
        return ConfigDirectory(Path(directory))
    except InputError as error:
        there = os.path.lexists(Path(directory) / DECLARATION_FILE)
        advice = error.next if there else "Name the config directory of another team."
        raise InputError(f"--also {directory}: {error.message}", next=advice, code=error.code) from None


def claims(
    console: Console, config: ConfigDirectory, names: Sequence[str] | None, directories: Sequence[str]
) -> tuple[Diagnostic, ...]:
    """Return an error for each component that another declaration over the same org claims as well.

    The errors of another declaration are among them: it may claim more than could be read. ``names`` are the
    environments to compare, None for all of them.
    """
    found: dict[Diagnostic, list[str]] = {}
    unread: dict[Diagnostic, None] = {}
    for other in others(config, directories):
        pairs = _same_orgs(config, other, config.environment_names() if names is None else names)
        for ours, theirs in pairs:
            place = f"{ours} here, {theirs} in {other.declaration_file}"
            loaded = other.load(theirs)
            unread |= {finding: None for finding in loaded.findings if finding.is_error}
            for finding in claimed_twice(config.load(ours).estate, loaded.estate, place):
                found.setdefault(finding, []).append(ours)
        same = enumerated([f"{one} here and {another} there" for one, another in pairs])
        compared = f"the same org is {same}." if pairs else NO_ORG
        console.say(f"Compared with {other.declaration_file}: {compared}")
    twice = (replace(each, environments=tuple(dict.fromkeys(under))) for each, under in found.items())
    return by_place([*twice, *unread])


def _same_orgs(config: ConfigDirectory, other: ConfigDirectory, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of environments, ours and theirs, that are one org."""
    theirs = [other.environment_file(name).environment for name in other.environment_names()]
    return [
        (name, each.name)
        for name in names
        for each in theirs
        if is_same_org(config.environment_file(name).environment, each)
    ]


def is_same_org(one: Environment, other: Environment) -> bool:
    """Return whether two environments name the same org for certain: its id, alias, username, My Domain or folder."""
    if one.org_id and other.org_id:
        return same_id(one.org_id, other.org_id)
    if one.embedded_org is not None and other.embedded_org is not None:
        return os.path.normpath(one.embedded_org) == os.path.normpath(other.embedded_org)
    if one.sf_org is not None and one.sf_org == other.sf_org:
        return True  # one machine's official CLI
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
