"""The operations of the Metadata API over SOAP, except deploy: describe, list, read, save, delete, retrieve.

Source: Metadata API Developer Guide; the order of the answers' elements is the WSDL's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from provisioner.localorg import app_content, permissions, schema, versions
from provisioner.localorg.answers import ApiProblem
from provisioner.localorg.app_changes import begin
from provisioner.localorg.app_changes import save as save_draft
from provisioner.localorg.clock import soap_time
from provisioner.localorg.content import rendered
from provisioner.localorg.deploy import FORBIDDEN
from provisioner.localorg.org import Org
from provisioner.localorg.pending_deploy import Draft, SavedChange
from provisioner.localorg.records import Component, MetadataType, User
from provisioner.localorg.soap import Call
from provisioner.localorg.xmltree import Node, branch, leaf, written

#: Replaces a missing component.
_NOTHING = Node("records", attributes={"xsi:nil": "true"})
_MOST_NAMES = 10
_MOST_QUERIES = 3
_CODES = (
    ("Required field is missing", "REQUIRED_FIELD_MISSING"),
    ("duplicate value found", "DUPLICATE_DEVELOPER_NAME"),
    ("In field:", "INVALID_CROSS_REFERENCE_KEY"),
    ("is referenced elsewhere", "DEPENDENCY_EXISTS"),
    ("data value too large", "STRING_TOO_LONG"),
    (FORBIDDEN, "INSUFFICIENT_ACCESS_OR_READONLY"),
)


@dataclass(frozen=True, slots=True)
class CallContext:
    """The user and the API version of a call."""

    org: Org
    user: User
    version: int


Operation = Callable[[CallContext, Call], list[Node]]
_Item = TypeVar("_Item")


def offered_type(context: CallContext, name: str) -> MetadataType:
    """Return the type of a name if the user can have it at this version; raises :class:`ApiProblem`."""
    kind = MetadataType.named(name)
    if kind is None:
        raise ApiProblem("INVALID_TYPE", f"Unknown type:{name}")
    if kind is MetadataType.CHANNEL and context.org.faults.on("channel-unreadable"):
        raise ApiProblem("INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id", 403)
    if kind not in context.org.offered() or kind.since > context.version:
        raise ApiProblem("INVALID_TYPE", f"Cannot use: {name} in this organization")
    return kind


def describe(context: CallContext, call: Call) -> list[Node]:
    version = _as_of(context, call)
    objects = [
        branch("metadataObjects", (
            leaf("directoryName", kind.directory), leaf("inFolder", "false"), leaf("metaFile", "false"),
            leaf("suffix", kind.suffix), leaf("xmlName", kind.xml_name),
        ))
        for kind in MetadataType
        if kind in context.org.offered() and kind.since <= version
    ]  # fmt: skip
    tail = (leaf("organizationNamespace"), leaf("partialSaveAllowed", not context.org.is_production),
            leaf("testRequired", context.org.is_production))  # fmt: skip
    return [branch("result", (*objects, *tail))]


def _as_of(context: CallContext, call: Call) -> int:
    text = call.body.value("asOfVersion") or ""
    version = versions.parse(text) if text.strip() else context.version
    if version is None or not versions.OLDEST <= version <= context.org.newest:
        raise ApiProblem("UNSUPPORTED_API_VERSION", f"Invalid api version:{text.strip()}")
    return version


def list_metadata(context: CallContext, call: Call) -> list[Node]:
    queries = call.body.all("queries")
    if len(queries) > _MOST_QUERIES:
        raise ApiProblem("LIMIT_EXCEEDED", f"The maximum number of queries per call is {_MOST_QUERIES}")
    at = CallContext(context.org, context.user, _as_of(context, call))
    wanted = [offered_type(at, (query.value("type") or "").strip()) for query in queries]
    nameless = context.org.faults.on("list-nameless")
    names = {} if nameless else context.org.user_names()
    rows = context.org.components() if wanted else {}
    return [
        file_properties(replace(component, modified=0) if nameless else component, names, "result")
        for kind in wanted
        for component in rows.values()
        if component.type is kind
    ]


def file_properties(component: Component, names: dict[str, str], tag: str, prefix: str = "") -> Node:
    """Return the FileProperties of a component; ``prefix`` precedes its path."""
    return written(tag, (
        ("createdById", component.created_by), ("createdByName", names.get(component.created_by, "")),
        ("createdDate", soap_time(component.created)), ("fileName", prefix + component.type.path(component.name)),
        ("fullName", component.name), ("id", component.id), ("lastModifiedById", component.modified_by),
        ("lastModifiedByName", names.get(component.modified_by, "")),
        ("lastModifiedDate", soap_time(component.modified)), ("manageableState", "unmanaged"),
        ("type", component.type.xml_name),
    ))  # fmt: skip


def read(context: CallContext, call: Call) -> list[Node]:
    names = _few([node.text.strip() for node in call.body.all("fullNames")])
    kind = offered_type(context, (call.body.value("type") or "").strip())
    if kind.by_retrieve:
        raise ApiProblem("INVALID_TYPE", "Settings are read by a retrieve, or under the name of the settings")
    components = context.org.components()
    return [branch("result", (_record(context, kind, name, components.get((kind, name))) for name in names))]


def _record(context: CallContext, kind: MetadataType, name: str, component: Component | None) -> Node:
    if component is None:
        return _NOTHING.copy()
    root = shown(context.org, component, context.version)
    if context.org.faults.on("read-differs"):
        root.children = [child for child in root.children if child.name != "masterLabel"]
    return Node("records", children=[leaf("fullName", name), *root.children], attributes={"xsi:type": kind.xml_name})


def shown(org: Org, component: Component, version: int) -> Node:
    """Return the component for a reader at ``version``."""
    root = rendered(component, version, org.faults)
    if not component.type.of_apps:
        return root
    names_of = {}
    if org.faults.argument("eca-permission-set-form") == "ids":
        names_of = {each.name: each.id for each in org.store.components(MetadataType.PERMISSION_SET).values()}
    return app_content.shown(root, component, org.faults, names_of)


def _few(items: list[_Item]) -> list[_Item]:
    if len(items) > _MOST_NAMES:
        raise ApiProblem("LIMIT_EXCEEDED", f"The maximum number of components per call is {_MOST_NAMES}")
    return items


def save(*, creates: bool, updates: bool) -> Operation:
    """Return createMetadata, updateMetadata or upsertMetadata."""

    def operation(context: CallContext, call: Call) -> list[Node]:
        sent = _few(call.body.all("metadata"))
        kinds = {(node.attributes.get("type") or "").rpartition(":")[2] for node in sent}
        if len(kinds) > 1:
            raise ApiProblem("INVALID_TYPE", "All components of a call must be of one type")

        def one(draft: Draft, node: Node) -> tuple[str, SavedChange]:
            kind = offered_type(context, (node.attributes.get("type") or "").rpartition(":")[2])
            name = (node.value("fullName") or "").strip()
            if kind in _forbidden(context):
                return name, _refused(FORBIDDEN)
            exists = (kind, name) in draft.components
            if exists and not updates:
                return name, _refused(f"duplicate value found: fullName {name}")
            if not exists and not creates:
                return name, _refused(f"In field: fullName - no {kind.xml_name} named {name} found")
            return name, draft.put(kind, name, _trimmed(node))

        return _each(context, call, sent, one, with_created=creates and updates)

    return operation


def _trimmed(node: Node) -> Node:
    """Return the node with trimmed values: the server trims the strings of saves."""
    node.children = [_trimmed(child) for child in node.children if child.name != "fullName"]
    node.text = node.text.strip()
    return node


def delete(context: CallContext, call: Call) -> list[Node]:
    kind = offered_type(context, (call.body.value("type") or "").strip())

    def one(draft: Draft, node: Node) -> tuple[str, SavedChange]:
        name = node.text.strip()
        if kind in _forbidden(context):
            return name, _refused(FORBIDDEN)
        return name, draft.delete(kind, name) or _refused(f"In field: fullName - no {kind.xml_name} named {name} found")

    return _each(context, call, _few(call.body.all("fullNames")), one, with_created=False)


def rename(context: CallContext, call: Call) -> list[Node]:
    kind = offered_type(context, (call.body.value("type") or "").strip())
    old, new = ((call.body.value(name) or "").strip() for name in ("oldFullName", "newFullName"))

    def one(draft: Draft, _node: Node) -> tuple[str, SavedChange]:
        return new, draft.rename(kind, old, new) or _refused(
            f"In field: fullName - no {kind.xml_name} named {old} found"
        )

    return _each(context, call, [call.body], one, with_created=False)


def _forbidden(context: CallContext) -> frozenset[MetadataType]:
    return permissions.may_not_deploy(context.org.permissions_of(context.user.id))


def _refused(text: str) -> SavedChange:
    return SavedChange(problems=(schema.SchemaProblem(text, 0, 0),))


def _each(
    context: CallContext,
    call: Call,
    sent: list[Node],
    one: Callable[[Draft, Node], tuple[str, SavedChange]],
    *,
    with_created: bool,
) -> list[Node]:
    """Process each item; successful ones are saved, unless all must succeed and one did not."""
    org = context.org
    with org.store.transaction():
        draft = begin(org, context.version, context.user.id, org.now)
        done = [one(draft, node) for node in sent]
        draft.complete()
        broken = call.all_or_none and any(change.problems for _, change in done)
        if not broken:
            save_draft(org, draft)
    return [_result(name, change, rolled_back=broken, with_created=with_created) for name, change in done]


def _result(name: str, change: SavedChange, *, rolled_back: bool, with_created: bool) -> Node:
    errors = [(_code(problem.text), problem.text) for problem in change.problems]
    if rolled_back and not errors:
        errors = [
            (
                "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                "Record rolled back because not all records were valid and the request was using AllOrNone header",
            )
        ]
    ok = not errors
    return branch("result", (
        leaf("created", change.created and ok) if with_created else None,
        *(branch("errors", (leaf("message", text), leaf("statusCode", code))) for code, text in errors),
        leaf("fullName", name), leaf("success", ok),
    ))  # fmt: skip


def _code(text: str) -> str:
    return next((code for part, code in _CODES if part in text), "FIELD_INTEGRITY_EXCEPTION")
