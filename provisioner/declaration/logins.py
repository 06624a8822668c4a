"""``logins.yaml``: read under an environment, checked for shape, and turned into :class:`DeclaredLogin` values."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.declaration.environment_files import LOGINS_FILE
from provisioner.declaration.environments import EnvironmentFile
from provisioner.declaration.key_files import KeyFiles
from provisioner.declaration.login_schema import LOGINS
from provisioner.declaration.requires import written_for_another
from provisioner.declaration.shape import check_shape, no_mapping
from provisioner.declaration.tree import Branch, Entry, Node, Scalar, places, text, without_own_fields
from provisioner.declaration.variables import Substitution
from provisioner.declaration.yaml_text import parse, read_file
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


def has_logins(directory: Path) -> bool:
    """Tell if the config directory declares logins."""
    return os.path.lexists(directory / LOGINS_FILE)


def read_logins(directory: Path, shown: str, under: EnvironmentFile | None) -> LoadedLogins:
    """The logins of a config directory. Raises :class:`InputError` if the file cannot be read."""
    file = os.path.normpath(os.path.join(shown, LOGINS_FILE))
    try:
        content = read_file(directory / LOGINS_FILE, directory)
    except UnreadableError as error:
        missing = f"Declare the logins in {file}; docs/login.md has an example."
        raise InputError(
            f"The logins {file} {error.problem}.",
            next=error.remedy if has_logins(directory) else missing,
            code="no-logins",
        ) from None
    environment = under.environment if under is not None else None
    written, findings = parse(content, file)
    tree = without_own_fields(written)
    if not isinstance(tree, Branch):
        if tree is not None:
            findings.append(
                no_mapping(tree, "The logins are a mapping.", "Write `version: 1` and `logins:` at the left margin.")
            )
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
    """The tree with each ``${env_field:}`` that is an ``assigned_to`` escaped, because it is no variable."""

    def below(node: Node, depth: int, key: str) -> Node:
        if isinstance(node, Branch) and depth < 3:
            entries = {
                name: Entry(name, entry.key_location, below(entry.value, depth + 1, name))
                for name, entry in node.entries.items()
            }
            return Branch(entries, node.location)
        written = text(node)
        if depth == 3 and key == "assigned_to" and written is not None and ENV_FIELD.fullmatch(written):
            return Scalar(f"${written}", node.location)
        return node

    found = below(tree, 0, "")
    assert isinstance(found, Branch)
    return found


def _logins(tree: Branch, files: KeyFiles) -> Iterator[tuple[str, DeclaredLogin]]:
    declared = tree.branch("logins")
    for name, entry in declared.entries.items() if declared is not None else ():
        if isinstance(entry.value, Branch) and (app := _app(entry.value.branch("app"), files)) is not None:
            yield name, _login(name, entry.value, app, entry)


def _login(name: str, branch: Branch, app: LoginApp, entry: Entry) -> DeclaredLogin:
    access = branch.branch("access")
    return DeclaredLogin(
        name=name,
        app=app,
        policy=_policy(branch.branch("policy")),
        gate=access.text("gate") if access is not None else None,
        permission_set=_permission_set(access.branch("permission_set") if access is not None else None),
        assigned_to=_assigned(branch.text("assigned_to")),
        self_managed=branch.flag("self_managed") or False,
        places=places(entry.value, entry.key_location),
    )


def _app(branch: Branch | None, files: KeyFiles) -> LoginApp | None:
    """The app; None if it has no usable type or name, which the shape check reports."""
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


def _permission_set(branch: Branch | None) -> DeclaredPermissionSet | None:
    name = branch.text("name") if branch is not None else None
    if branch is None or name is None:
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
