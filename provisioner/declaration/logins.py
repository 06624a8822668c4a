"""``logins.yaml``: read under an environment, checked for shape, and turned into :class:`DeclaredLogin` values."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from provisioner.declaration.environment_files import LOGINS_FILE, renaming
from provisioner.declaration.environments import EnvironmentFile
from provisioner.declaration.key_files import KeyFiles
from provisioner.declaration.login_schema import LOGINS
from provisioner.declaration.requires import written_for_another
from provisioner.declaration.shape import check_shape, read_mapping
from provisioner.declaration.tree import Branch, Entry, Node, Scalar, branch_at, places, text
from provisioner.declaration.variables import Substitution
from provisioner.declaration.yaml_text import read_file
from provisioner.diagnostics import Diagnostic
from provisioner.errors import InputError
from provisioner.files import UnreadableError
from provisioner.model.environment import Environment
from provisioner.model.logins import (
    ENV_FIELD,
    AppType,
    DeclaredLogin,
    DeclaredPermissionSet,
    EnvField,
    LoginApp,
    LoginPolicy,
    Replaced,
    permission_name,
    with_dependencies,
)


@dataclass(frozen=True, slots=True)
class LoadedLogins:
    """The logins of a config directory under one environment (or, with ``environment`` None, under none).

    ``tree`` is the substituted text; ``findings`` is what was wrong with the text, the shape and the references.
    """

    file: str
    logins: Mapping[str, DeclaredLogin] = field(default_factory=dict)
    environment: Environment | None = None
    tree: Branch | None = None
    findings: tuple[Diagnostic, ...] = ()


def read_logins(directory: Path, shown: str, under: EnvironmentFile | None) -> LoadedLogins:
    """Return the logins of a config directory. Raises :class:`InputError` if the file cannot be read."""
    file = os.path.normpath(os.path.join(shown, LOGINS_FILE))
    try:
        content = read_file(directory / LOGINS_FILE, directory)
    except UnreadableError as error:
        begin = f"Declare the logins in {file}; docs/login.md has an example."
        missing = renaming(directory / LOGINS_FILE) or begin
        raise InputError(
            f"The logins {file} {error.problem}.",
            next=error.remedy if os.path.lexists(directory / LOGINS_FILE) else missing,
            code="no-logins",
        ) from None
    environment = under.environment if under is not None else None
    begin = "Write `version: 1` and `logins:` at the left margin."
    tree, findings = read_mapping(content, file, "The file of the logins", begin)
    if tree is None:
        return LoadedLogins(file, {}, environment, None, tuple(findings))
    refused = written_for_another(tree)
    if refused is not None:
        return LoadedLogins(file, {}, environment, None, (refused,))
    substitution = Substitution(under.variables if under is not None else None)
    substituted = substitution.apply(_escaped(tree) if under is not None else tree)
    assert isinstance(substituted, Branch)
    findings += substitution.findings
    findings += check_shape(substituted, LOGINS, substitution.unresolved)
    logins = dict(_logins(substituted, KeyFiles(directory, shown)))
    return LoadedLogins(file, logins, environment, substituted, tuple(dict.fromkeys(findings)))


def _escaped(tree: Branch) -> Branch:
    """Return the tree with each ``${env_field:}`` of a login's ``assigned_to`` escaped, because it is no variable."""
    logins = tree.branch("logins")
    if logins is None:
        return tree
    escaped = {name: replace(entry, value=_login_escaped(entry.value)) for name, entry in logins.entries.items()}
    return _with(tree, "logins", replace(logins, entries=escaped))


def _login_escaped(login: Node) -> Node:
    assigned = login.get("assigned_to") if isinstance(login, Branch) else None
    written = text(assigned)
    if not isinstance(login, Branch) or assigned is None or written is None or not ENV_FIELD.fullmatch(written):
        return login
    return _with(login, "assigned_to", Scalar(f"${written}", assigned.location))


def _with(branch: Branch, key: str, value: Node) -> Branch:
    """Return the mapping with another value under one of its keys."""
    return replace(branch, entries={**branch.entries, key: replace(branch.entries[key], value=value)})


def _logins(tree: Branch, files: KeyFiles) -> Iterator[tuple[str, DeclaredLogin]]:
    declared = tree.branch("logins")
    for name, entry in declared.entries.items() if declared is not None else ():
        if isinstance(entry.value, Branch) and (app := _app(entry.value.branch("app"), files)) is not None:
            yield name, _login(name, entry.value, app, entry)


def _login(name: str, branch: Branch, app: LoginApp, entry: Entry) -> DeclaredLogin:
    access = branch.branch("access")
    named = branch_at(access, "permission_set")
    return DeclaredLogin(
        name=name,
        app=app,
        policy=_policy(branch.branch("policy")),
        gate=access.text("gate") if access is not None else None,
        permission_set=_permission_set(named) if named is not None else None,
        assigned_to=_assigned(branch.text("assigned_to")),
        self_managed=branch.flag("self_managed") or False,
        places=places(entry.value, entry.key_location),
    )


def _app(branch: Branch | None, files: KeyFiles) -> LoginApp | None:
    """Return the app; None if it has no usable type or name, which the shape check reports."""
    if branch is None:
        return None
    kind, name = branch.text("type"), branch.text("name")
    if kind not in set(AppType) or name is None:
        return None
    certificate, enabled = branch.text("certificate"), branch.flag("enabled")
    return LoginApp(
        type=AppType(kind),
        name=name,
        label=branch.text("label"),
        contact_email=branch.text("contact_email"),
        description=branch.text("description"),
        certificate=files.read(certificate) if certificate is not None else None,
        scopes=_texts(branch.items("scopes")),
        callback_url=branch.text("callback_url"),
        enabled=True if enabled is None else enabled,
        jwt_access_tokens=branch.flag("jwt_access_tokens"),
        replaces=_replaced(branch.branch("replaces"), files),
    )


def _replaced(branch: Branch | None, files: KeyFiles) -> Replaced | None:
    if branch is None:
        return None
    certificate = branch.text("certificate")
    return Replaced(
        branch.text("name"), branch.text("label"), files.read(certificate) if certificate is not None else None
    )


def _policy(branch: Branch | None) -> LoginPolicy:
    if branch is None:
        return LoginPolicy()
    return LoginPolicy(
        permitted_users=branch.text("permitted_users"),
        ip=branch.text("ip"),
        session_timeout_minutes=branch.whole("session_timeout_minutes"),
        session_level=branch.text("session_level"),
        refresh_token_hours=branch.whole("refresh_token_hours"),
    )


def _permission_set(branch: Branch) -> DeclaredPermissionSet | None:
    name = branch.text("name")
    if name is None:
        return None
    written = _texts(branch.items("user_permissions")) or ()
    known = tuple(found for found in map(permission_name, written) if found is not None)
    return DeclaredPermissionSet(name, branch.text("label"), with_dependencies(known))


def _texts(items: tuple[Node, ...] | None) -> tuple[str, ...] | None:
    if items is None:
        return None
    return tuple(dict.fromkeys(found for found in map(text, items) if found is not None))


def _assigned(written: str | None) -> EnvField | str | None:
    if written is None:
        return None
    match = ENV_FIELD.fullmatch(written)
    return EnvField(match[1]) if match else written
