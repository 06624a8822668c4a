"""Records that are inserted, read and deleted individually: permission set assignments, access to apps, trusted frames.

Source: object reference, PermissionSetAssignment and SetupEntityAccess: neither can be updated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from provisioner.localorg import permissions, tables
from provisioner.localorg.access_tables import assignments, user_row
from provisioner.localorg.answers import ApiProblem, Cut, json_answer, json_object, not_found
from provisioner.localorg.app_changes import begin, save
from provisioner.localorg.app_content import with_gates
from provisioner.localorg.app_tables import accesses
from provisioner.localorg.clock import parse_time
from provisioner.localorg.ids import same
from provisioner.localorg.org import Org
from provisioner.localorg.records import App, Assignment, Component, MetadataType, User
from provisioner.localorg.site_records import FRAME
from provisioner.localorg.sites import trust_frame
from provisioner.localorg.versions import NEWEST

_ASSIGNMENT, _ACCESS = "PermissionSetAssignment", "SetupEntityAccess"
_FIELDS = {
    _ASSIGNMENT: ("AssigneeId", "PermissionSetId", "ExpirationDate"),
    _ACCESS: ("ParentId", "SetupEntityId"),
    FRAME: ("SiteId", "Url"),
}


async def create(request: Request, org: Org, user: User) -> Response:
    """Insert a record, and return its id with status 201."""
    name = request.path_params["name"]
    if name not in _FIELDS:
        raise not_found()
    body = json_object(await request.body())
    for field in body:
        if field not in _FIELDS[name]:
            raise ApiProblem("INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {field}")
    with org.store.transaction():
        record_id = _INSERTS[name](org, user, body)
    if name == FRAME and org.faults.strike("frame-answer-lost"):
        raise Cut
    return json_answer({"id": record_id, "success": True, "errors": []}, 201)


def _trust_frame(org: Org, user: User, body: dict[str, Any]) -> str:
    if org.faults.on("frame-refused"):
        raise ApiProblem("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", 403)
    _require(org, user, frozenset(("CustomizeApplication",)))
    return trust_frame(org, body)


def _text(body: dict[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not value:
        raise ApiProblem("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{field}]")
    return value


def _set_of(org: Org, wanted: str, field: str) -> Component:
    sets = org.store.components(MetadataType.PERMISSION_SET).values()
    found = next((each for each in sets if same(each.id, wanted)), None)
    if found is None:
        raise ApiProblem("INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {field}")
    return found


def _require(org: Org, user: User, needed: frozenset[str]) -> None:
    if not needed & org.permissions_of(user.id):
        raise ApiProblem("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on cross-reference id", 403)


def _assign(org: Org, user: User, body: dict[str, Any]) -> str:
    _require(org, user, permissions.ASSIGN)
    who, wanted = org.user(_text(body, "AssigneeId")), _set_of(org, _text(body, "PermissionSetId"), "PermissionSetId")
    if who is None:
        raise ApiProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id: AssigneeId")
    expires = _moment(body.get("ExpirationDate"))
    held = org.store.assignments()
    again = next((each for each in held if (each.user_id, each.permission_set_id) == (who.id, wanted.id)), None)
    if again is not None:
        text = f"duplicate value found: PermissionSetId duplicates value on record with id: {again.id}"
        raise ApiProblem("DUPLICATE_VALUE", text)
    _check_license(org, who, wanted)
    made = Assignment(org.store.new_id("0Pa"), who.id, wanted.id, expires)
    org.store.set_assignments([*held, made])
    return made.id


def _moment(value: Any) -> int | None:
    if value is None:
        return None
    try:
        return parse_time(value)
    except (TypeError, ValueError):
        raise ApiProblem(
            "JSON_PARSER_ERROR", "Cannot deserialize instance of datetime from the value of ExpirationDate"
        ) from None


def _check_license(org: Org, who: User, wanted: Component) -> None:
    refused = permissions.in_set(wanted) & permissions.NOT_FOR_INTEGRATION
    if refused and who.license == permissions.INTEGRATION_LICENSE and org.faults.on("integration-license"):
        label = permissions.LABELS[min(refused)]
        text = f"Can't assign permission set {wanted.name}: The user license doesn't allow the permission: {label}"
        raise ApiProblem("FIELD_INTEGRITY_EXCEPTION", text)


def _give_access(org: Org, user: User, body: dict[str, Any]) -> str:
    _require(org, user, frozenset(("ViewSetup",)))
    wanted = _set_of(org, _text(body, "ParentId"), "ParentId")
    app = _app(org, _text(body, "SetupEntityId"))
    if wanted.name in app.permission_sets:
        text = "duplicate value found: SetupEntityId duplicates value on record with id: "
        raise ApiProblem("DUPLICATE_VALUE", text + _access_id(org, wanted.id, app.id))
    _set_gates(org, user, app, (*app.permission_sets, wanted.name))
    return _access_id(org, wanted.id, app.id)


def _app(org: Org, wanted: str) -> App:
    found = next((app for app in org.apps() if app.installed and same(app.id, wanted)), None)
    if found is None:
        raise ApiProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id: SetupEntityId")
    return found


def _access_id(org: Org, parent_id: str, app_id: str) -> str:
    rows = accesses(org)
    return next(str(row["Id"]) for row in rows if (row["ParentId"], row["SetupEntityId"]) == (parent_id, app_id))


def _set_gates(org: Org, user: User, app: App, gates: tuple[str, ...]) -> None:
    """Bind an app to these permission sets, in the component that shows them."""
    draft = begin(org, NEWEST, user.id, org.now)
    for component in with_gates(draft.components, app, gates):
        draft.components[component.type, component.name] = replace(component, modified=org.now, modified_by=user.id)
    save(org, draft)


def delete(org: Org, user: User, name: str, record_id: str) -> Response:
    """Delete a record, and return status 204."""
    if name not in (_ASSIGNMENT, _ACCESS):
        raise not_found()
    with org.store.transaction():
        if name == _ASSIGNMENT:
            _unassign(org, user, record_id)
        else:
            _take_access(org, user, record_id)
    return Response(status_code=204)


def _unassign(org: Org, user: User, record_id: str) -> None:
    _require(org, user, permissions.ASSIGN)
    held = org.store.assignments()
    kept = [each for each in held if not same(each.id, record_id)]
    if len(kept) == len(held):
        raise _no_record(of_profile=any(same(row["Id"], record_id) for row in assignments(org)))
    org.store.set_assignments(kept)


def _take_access(org: Org, user: User, record_id: str) -> None:
    _require(org, user, frozenset(("ViewSetup",)))
    row = next((row for row in accesses(org) if same(row["Id"], record_id)), None)
    if row is None or row["Parent.IsOwnedByProfile"]:
        raise _no_record(of_profile=row is not None)
    app = _app(org, row["SetupEntityId"])
    _set_gates(org, user, app, tuple(each for each in app.permission_sets if each != row["Parent.Name"]))


def _no_record(*, of_profile: bool) -> ApiProblem:
    """Return the refusal: there is no such record, or it belongs to a profile."""
    if of_profile:
        return ApiProblem(
            "INSUFFICIENT_ACCESS_OR_READONLY", "The record belongs to a profile and can't be deleted", 403
        )
    return not_found()


def read(org: Org, user: User, name: str, record_id: str, version: int) -> Response:
    """Return a record of any object that can be queried. A user may also read its own record."""
    found = tables.data_tables(org, user).get(name)
    rows = found.rows() if found is not None else []
    if name == "User":
        rows.append(user_row(org, user))
    row = next((row for row in rows if isinstance(row.get("Id"), str) and same(row["Id"], record_id)), None)
    if row is None:
        raise not_found()
    url = f"/services/data/v{version}.0/sobjects/{name}/{row['Id']}"
    plain = {field: value for field, value in row.items() if "." not in field}
    return json_answer({"attributes": {"type": name, "url": url}, **plain})


def describe(org: Org, user: User, name: str) -> Response:
    """Return the fields of an object."""
    found = tables.data_tables(org, user).get(name)
    if found is None:
        raise not_found()
    fields = [{"name": field} for field in sorted(found.fields) if "." not in field]
    return json_answer({
        "name": name, "createable": name in _FIELDS, "deletable": name in (_ASSIGNMENT, _ACCESS), "updateable": False,
        "fields": fields,
    })  # fmt: skip


_INSERTS = {_ASSIGNMENT: _assign, _ACCESS: _give_access, FRAME: _trust_frame}
