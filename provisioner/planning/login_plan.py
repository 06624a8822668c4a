"""The plan of logins: the changes that an administrator would make in an org, and the reasons to refuse them.

Pure: its input is the declared logins, a snapshot of the apps and permission sets, and the records. The result is a
:class:`Plan` like any other, so it is shown and confirmed like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.components import xml
from provisioner.components.login_app import (
    CERTIFICATE,
    ENABLED,
    FIELDS,
    GATES,
    JWT_TOKENS,
    LEVEL,
    PERMITTED,
    SCOPES_PATH,
    ObservedApp,
    Value,
    observed_app,
    read_values,
)
from provisioner.components.login_package import user_permissions
from provisioner.components.login_records import LoginRecords
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.errors import ExitStatus
from provisioner.model.login_types import ASSIGNMENT, CONNECTED_APP, HEADER, PERMISSION_SET
from provisioner.model.logins import ADMIN_APPROVED, AppType, DeclaredLogin
from provisioner.model.types import MetadataType, Risk, default_label
from provisioner.planning.guards import unreadable
from provisioner.planning.login_guards import login_guards
from provisioner.planning.plan import Action, Blocked, Change, FieldChange, Plan, Preserved, Reason
from provisioner.words import enumerated


@dataclass(frozen=True, slots=True)
class LoginWorld:
    """The input of a plan of logins.

    ``usernames`` are the users of the logins, by the login's name: that of the environment is already filled in.
    ``own`` is the login that the environment uses, if it is declared. ``production`` is that of the environment.
    """

    environment: str
    logins: Mapping[str, DeclaredLogin]
    usernames: Mapping[str, str]
    snapshot: Snapshot
    records: LoginRecords
    digest: str
    production: bool
    own: str | None = None
    destroy: bool = False
    warnings: tuple[Diagnostic, ...] = ()

    def app(self, login: DeclaredLogin) -> ObservedApp | Unreadable | None:
        """Return the login's app in the org."""
        return observed_app(self.snapshot, login.app.type, login.app.name)

    def set(self, name: str) -> Component | Unreadable | None:
        """Return a permission set of the org."""
        return self.snapshot.find(PERMISSION_SET, name)


@dataclass(slots=True)
class _Found:
    """The changes and refusals that were found so far."""

    changes: list[Change] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)
    unreadable: dict[str, Unreadable] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    preserved: list[Preserved] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)


def plan_logins(inputs: LoginWorld) -> Plan:
    """Return the plan in the order of its application: permission sets, assignments, apps."""
    found = _Found()
    for login in inputs.logins.values():
        _plan_sets(inputs, login, found)
    for login in inputs.logins.values():
        _plan_assignments(inputs, login, found)
    for login in inputs.logins.values():
        _plan_app(inputs, login, found)
    found.blocked[:0] = unreadable(found.unreadable, "administrator")
    found.blocked += login_guards(inputs, found.changes)
    return replace(
        _without_changes(inputs),
        changes=tuple(found.changes),
        unchanged=tuple(dict.fromkeys(found.unchanged)),
        blocked=tuple(found.blocked),
        preserved=tuple(found.preserved),
        unreadable=found.unreadable,
        warnings=(*inputs.warnings, *found.warnings),
    )


def plan_removal(inputs: LoginWorld, login: DeclaredLogin) -> Plan:
    """Return the plan that deletes the app of a login, which ``inputs`` knows; its permission sets stay."""
    app = inputs.app(login)
    assert isinstance(app, ObservedApp)
    impact = (
        f"nobody can log in through {app.name} again: a new app of this name would have another consumer key",
        "its settings and policies are deleted as well",
    )
    change = Change(
        HEADER, app.name, Action.DELETE, Reason.REPLACED, impact=impact, risk=Risk.DESTRUCTIVE,
        removals=tuple(part.full_name for part in app.parts.values()), declared_at=login.places.of("app", "replaces"),
    )  # fmt: skip
    return replace(_without_changes(inputs), changes=(change,), blocked=tuple(login_guards(inputs, [change])))


def _without_changes(inputs: LoginWorld) -> Plan:
    snapshot = inputs.snapshot
    return Plan(
        environment=inputs.environment,
        org=snapshot.org,
        api_version=snapshot.api_version,
        newest_api_version=snapshot.newest_api_version,
        declaration_digest=inputs.digest,
    )


# Permission sets and assignments


def _plan_sets(inputs: LoginWorld, login: DeclaredLogin, found: _Found) -> None:
    if login.gate is not None:
        _plan_gate(inputs, login, login.gate, found)
    declared = login.permission_set
    if declared is None:
        return
    address, at = PERMISSION_SET.address(declared.name), login.places.of("access", "permission_set")
    present = inputs.set(declared.name)
    if isinstance(present, Unreadable):
        found.unreadable[address] = present
        return
    wanted: dict[str, Value] = {"user_permissions": declared.user_permissions}
    if declared.label is not None or present is None:
        wanted["label"] = declared.setup_label
    before: dict[str, Value] = {}
    if present is not None:
        before = {"user_permissions": user_permissions(present.xml), "label": xml.text_of(present.xml, "label")}
    fields = tuple(
        FieldChange(path, before.get(path), value, _permission_risk(path, before.get(path), value), at)
        for path, value in sorted(wanted.items())
        if before.get(path) != value
    )
    if present is None or fields:
        impact = _permission_impact(inputs, declared.name, fields) if present is not None else ()
        found.changes.append(_change(PERMISSION_SET, declared.name, present is None, fields, impact, at))
    else:
        found.unchanged.append(address)


def _permission_risk(path: str, before: Value, after: Value) -> Risk:
    lost = set(before) - set(after) if isinstance(before, tuple) and isinstance(after, tuple) else set()
    return Risk.DISRUPTIVE if path == "user_permissions" and lost else Risk.NONE


def _permission_impact(inputs: LoginWorld, name: str, fields: Sequence[FieldChange]) -> tuple[str, ...]:
    for each in fields:
        if each.risk is Risk.DISRUPTIVE and isinstance(each.before, tuple) and isinstance(each.after, tuple):
            lost = enumerated([name for name in each.before if name not in each.after])
            holders = inputs.records.holders(name)
            who = enumerated(holders) if holders else "every user who has this permission set"
            return (f"{who} will no longer have {lost} through it",)
    return ()


def _plan_gate(inputs: LoginWorld, login: DeclaredLogin, name: str, found: _Found) -> None:
    address, at = PERMISSION_SET.address(name), login.places.of("access", "gate")
    present = inputs.set(name)
    if isinstance(present, Unreadable):
        found.unreadable[address] = present
    elif present is None:
        label = FieldChange("label", None, default_label(name), declared_at=at)
        found.changes.append(_change(PERMISSION_SET, name, True, (label,), (), at))
    elif granted := user_permissions(present.xml):
        found.blocked.append(
            Blocked(
                "gate-grants-permissions",
                f"The permission set {name} is a gate, but it grants {enumerated(granted)}: everyone who may use the "
                f"app would have them.",
                "Name another permission set as the gate; `login apply` creates it.",
                address,
                declared_at=at,
            )
        )
    else:
        found.unchanged.append(address)
        _other_holders(inputs, login, name, found)


def _other_holders(inputs: LoginWorld, login: DeclaredLogin, name: str, found: _Found) -> None:
    username = inputs.usernames.get(login.name, "")
    others = [each for each in inputs.records.holders(name) if each.casefold() != username.casefold()]
    if others:
        found.warnings.append(
            Diagnostic(
                "login-gate-shared",
                Severity.WARNING,
                f"{enumerated(others)} may use the app {login.app.name} as well, because they have {name}.",
                f"Remove their assignment of {name} in Setup > Permission Sets, unless it is meant.",
                login.places.of("access", "gate"),
                login.address,
            )
        )


def _plan_assignments(inputs: LoginWorld, login: DeclaredLogin, found: _Found) -> None:
    username = inputs.usernames.get(login.name)
    if username is None or not login.permission_sets:
        return
    at = login.places.of("assigned_to")
    users = inputs.records.users
    if isinstance(users, Unreadable) or isinstance(inputs.records.assignments, Unreadable):
        why = users if isinstance(users, Unreadable) else inputs.records.assignments
        assert isinstance(why, Unreadable)
        found.unreadable[f"assignment.{login.name}"] = why
        return
    user = users.get(username.casefold())
    if user is None or not user.is_active or user.is_frozen:
        state = "does not exist" if user is None else "is frozen" if user.is_frozen else "is not active"
        found.blocked.append(
            Blocked(
                "user-unusable",
                f"The user {username} of {login.address} {state} in this org.",
                "Create or activate the user in Setup > Users, or correct the username: no command changes users.",
                login.address,
                ExitStatus.WRONG_INPUT,
                at,
            )
        )
        return
    for name in login.permission_sets:
        if inputs.records.has(user.id, name):
            found.unchanged.append(ASSIGNMENT.address(name))
        else:
            given = FieldChange("user", None, username, declared_at=at)
            found.changes.append(_change(ASSIGNMENT, name, True, (given,), (), at))


# Apps


def _plan_app(inputs: LoginWorld, login: DeclaredLogin, found: _Found) -> None:
    kind = HEADER if login.app.type is AppType.EXTERNAL else CONNECTED_APP
    address, at = kind.address(login.app.name), login.places.of("app")
    app = inputs.app(login)
    if isinstance(app, Unreadable):
        found.unreadable[address] = app
    elif app is None:
        found.blocked += _against_creation(inputs, login, address)
        found.changes.append(_change(kind, login.app.name, True, tuple(_new_fields(login)), (), at))
    else:
        _session_level(inputs, login, app, found)
        changed = tuple(_changed_fields(inputs, login, app, found))
        if changed:
            impact = tuple(_impact(inputs, login, changed))
            found.changes.append(_change(kind, login.app.name, False, changed, impact, at))
        else:
            found.unchanged.append(address)


def _session_level(inputs: LoginWorld, login: DeclaredLogin, app: ObservedApp, found: _Found) -> None:
    if login.policy.session_level is None and read_values(app, {}).get(LEVEL) == "high_assurance":
        found.warnings.append(
            Diagnostic(
                "login-session-level",
                Severity.WARNING,
                f"The policy of the app {login.app.name} asks for a high-assurance session, which stops logins by JWT.",
                "Write `session_level: standard` under policy.",
                login.places.of("policy"),
                login.address,
            )
        )


def _new_fields(login: DeclaredLogin) -> Iterator[FieldChange]:
    for each in FIELDS:
        declared = each.declared(login)
        value = each.default(login) if declared is None else declared
        if value not in (None, ()):
            yield FieldChange(each.path, None, value, declared_at=_place(login, each.path))


def _changed_fields(inputs: LoginWorld, login: DeclaredLogin, app: ObservedApp, found: _Found) -> Iterator[FieldChange]:
    before = read_values(app, inputs.records.set_names)
    for each in FIELDS:
        wanted = each.declared(login)
        if wanted is None or each.path not in before:
            continue
        has = before[each.path]
        if each.path == GATES:
            wanted = _gates(login, has, found)
        if not _is_same(each.path, has, wanted):
            yield FieldChange(each.path, has, wanted, _risk(each.path, has, wanted), _place(login, each.path))


def _gates(login: DeclaredLogin, has: Value, found: _Found) -> tuple[str, ...]:
    """Return the permission sets that the app admits, with the gate. None is removed."""
    present = has if isinstance(has, tuple) else ()
    others = [name for name in present if name != login.gate]
    if others:
        kind = HEADER if login.app.type is AppType.EXTERNAL else CONNECTED_APP
        found.preserved.append(
            Preserved(kind.address(login.app.name), f"the app admits users with {enumerated(others)} as well")
        )
    assert login.gate is not None
    return present if login.gate in present else (*present, login.gate)


def _is_same(path: str, has: Value, wanted: Value) -> bool:
    if path == SCOPES_PATH and isinstance(has, tuple) and isinstance(wanted, tuple):
        return set(has) == set(wanted)
    return has == wanted


def _risk(path: str, has: Value, wanted: Value) -> Risk:
    """Return the risk of a change for the current users of an app."""
    if path == ENABLED:
        return Risk.NONE if wanted else Risk.DESTRUCTIVE
    if path == SCOPES_PATH:
        lost = set(has or ()) - set(wanted or ()) if isinstance(has, tuple) and isinstance(wanted, tuple) else set()
        return Risk.DISRUPTIVE if lost else Risk.NONE
    if path in (CERTIFICATE, PERMITTED):
        return Risk.DISRUPTIVE if has is not None else Risk.NONE
    return Risk.DISRUPTIVE if path == JWT_TOKENS else Risk.NONE


def _impact(inputs: LoginWorld, login: DeclaredLogin, fields: Sequence[FieldChange]) -> Iterator[str]:
    """Yield the sentences about the effect on logins through the app."""
    users = inputs.records.app_users.get(login.app.name, ())
    for each in fields:
        match each.path:
            case "app.certificate" if each.before is not None:
                yield (
                    "anyone who signs with the private key of the earlier certificate can no longer log in; for up to "
                    "15 minutes the org may accept either key, or neither"
                )
            case "policy.permitted_users" if each.after == ADMIN_APPROVED:
                known = f"; seen so far: {enumerated(users)}" if users else ""
                yield (
                    f"users whom neither {login.gate} nor another permission set or profile of the app admits lose "
                    f"access at once{known}"
                )
            case "app.enabled" if not each.after:
                yield "nobody can log in through the app any longer"
            case "app.scopes" if each.risk is not Risk.NONE:
                yield "clients that use a removed scope stop working when their session ends"
            case _:
                pass


def _against_creation(inputs: LoginWorld, login: DeclaredLogin, address: str) -> Iterator[Blocked]:
    at = login.places.of("app")
    if login.app.type is AppType.CONNECTED:
        yield Blocked(
            "connected-app-missing",
            f"The org has no connected app {login.app.name}, and orgs no longer let anyone create connected apps.",
            "Write `type: external`, with contact_email: `login apply` creates an external client app.",
            address,
            ExitStatus.WRONG_INPUT,
            at,
        )
        return
    if isinstance(inputs.snapshot.find(CONNECTED_APP, login.app.name), Component):
        yield Blocked(
            "app-name-taken",
            f"The org has a connected app {login.app.name}; an external client app cannot have the same name.",
            "Adopt it with `type: connected`, or choose another name.",
            address,
            declared_at=at,
        )
    observed = inputs.snapshot.types[HEADER]
    names = () if isinstance(observed, Unreadable) else tuple(observed)
    same = next((name for name in names if name.casefold() == login.app.name.casefold()), None)
    if same is not None:
        yield Blocked(
            "name-differs-by-case",
            f"{address} would be created, and the org has app.{same}: the names differ only by upper and lower case.",
            f"Write {same} if that app is meant; else choose another name.",
            address,
            declared_at=at,
        )


def _change(
    kind: MetadataType,
    name: str,
    is_new: bool,
    fields: tuple[FieldChange, ...],
    impact: tuple[str, ...],
    at: Any,
) -> Change:
    return Change(
        type=kind,
        full_name=name,
        action=Action.CREATE if is_new else Action.UPDATE,
        reason=Reason.NOT_IN_ORG if is_new else Reason.DIFFERS,
        fields=fields,
        impact=impact,
        risk=max((each.risk for each in fields), key=lambda risk: risk.weight, default=Risk.NONE),
        declared_at=at,
    )


def _place(login: DeclaredLogin, path: str) -> Any:
    return login.places.of(*path.split(".")) or login.places.of("app")
