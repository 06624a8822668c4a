"""Retrieves: a package of components as files, made between two calls, returned once."""

from __future__ import annotations

import base64
import io
import zipfile
from functools import lru_cache
from typing import Any

from provisioner.localorg import package, versions
from provisioner.localorg.answers import ApiProblem
from provisioner.localorg.clock import now_ms, soap_time
from provisioner.localorg.content import rendered_file
from provisioner.localorg.metadata_api import CallContext, file_properties, offered_type, shown
from provisioner.localorg.org import Org
from provisioner.localorg.records import Component, MetadataType
from provisioner.localorg.soap import Call, truth
from provisioner.localorg.xmltree import Node, branch, file_text, leaf

#: An org queues: a retrieve is not done at the first poll.
_WORK_MS = 40


class _TooManyFiles(Exception):
    """The retrieve has more files than an org packs."""


def retrieve(context: CallContext, call: Call) -> list[Node]:
    """Start a retrieve. Accepts ``request`` for ``retrieveRequest``, as a known client sends it."""
    request = call.body.find("retrieveRequest") or call.body.find("request")
    if request is None:
        raise ApiProblem("UNKNOWN_EXCEPTION", "retrieveRequest is missing")
    unpackaged = request.find("unpackaged")
    text = (unpackaged.value("version") if unpackaged else None) or request.value("apiVersion") or ""
    version = versions.parse(text) if text.strip() else context.version
    if version is None or not versions.OLDEST <= version <= context.org.newest:
        raise ApiProblem("UNSUPPORTED_API_VERSION", f"Invalid api version:{text.strip()}")
    single = request.value("singlePackage")
    wanted = {
        "version": version,
        "single": truth(single),
        "types": [
            [(types.value("name") or "").strip(), [member.text.strip() for member in types.all("members")]]
            for types in (unpackaged.all("types") if unpackaged else ())
        ],
        "packages": [node.text.strip() for node in request.all("packageNames")],
        "files": [node.text.strip() for node in request.all("specificFiles")],
        "created": now_ms(),
        "read": False,
    }
    retrieval_id = context.org.store.new_id("09S")
    context.org.store.put_retrieval(retrieval_id, wanted, None)
    return [branch("result", (leaf("done", "false"), leaf("id", retrieval_id), leaf("state", "Queued")))]


def check(context: CallContext, call: Call) -> list[Node]:
    stored = context.org.store.retrieval((call.body.value("asyncProcessId") or "").strip())
    if stored is None:
        raise ApiProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", 404)
    retrieval_id, wanted, content = stored
    if now_ms() - wanted["created"] < _WORK_MS:
        return [branch("result", (
            leaf("done", "false"), leaf("id", retrieval_id), leaf("status", "InProgress"), leaf("success", "false"),
        ))]  # fmt: skip
    try:
        files, problems, content = _collect(context, wanted)
    except _TooManyFiles:
        text = f"Too many files in retrieve call, limit is: {package.MOST_FILES}"
        return [branch("result", (
            leaf("done", "true"), leaf("errorMessage", text), leaf("errorStatusCode", "LIMIT_EXCEEDED"),
            leaf("id", retrieval_id), leaf("status", "Failed"), leaf("success", "false"),
        ))]  # fmt: skip
    include = call.body.value("includeZip")
    give = (include is None or truth(include)) and not wanted["read"]
    if give:
        context.org.store.put_retrieval(retrieval_id, {**wanted, "read": True}, None)
    messages = (branch("messages", (leaf("fileName", "package.xml"), leaf("problem", text))) for text in problems)
    return [branch("result", (
        leaf("done", "true"), *files, leaf("id", retrieval_id), *messages,
        leaf("status", "Succeeded"), leaf("success", "true"),
        Node("zipFile", markup=base64.b64encode(content).decode()) if give else None,
    ))]  # fmt: skip


def _collect(context: CallContext, wanted: dict[str, Any]) -> tuple[list[Node], list[str], bytes]:
    """Return the files' properties, the problems, and the zip. Raises :class:`_TooManyFiles`."""
    at = CallContext(context.org, context.user, wanted["version"])
    components = context.org.components()
    chosen: dict[MetadataType, list[Component]] = {}
    problems = [f"No package named '{name}' found" for name in wanted["packages"]]
    for type_name, members in wanted["types"]:
        try:
            kind = offered_type(at, type_name)
        except ApiProblem as problem:
            unknown = MetadataType.named(type_name) is None
            problems.append(f"Entity type: '{type_name}' is unknown" if unknown else problem.message)
            continue
        for member in members:
            if member == "*":
                found = [component for (type_, _), component in components.items() if type_ is kind]
                chosen.setdefault(kind, []).extend(found)
            elif (kind, member) in components:
                chosen.setdefault(kind, []).append(components[kind, member])
            else:
                problems.append(f"Entity of type '{type_name}' named '{member}' cannot be found")
    prefix = "" if wanted["single"] else "unpackaged/"
    names = context.org.user_names()
    files = {
        component.type.path(component.name): component
        for group in chosen.values()
        for component in group
        if not wanted["files"] or prefix + component.type.path(component.name) in wanted["files"]
    }
    if len(files) >= package.MOST_FILES:  # the manifest is one more
        raise _TooManyFiles
    texts = {path: _text(context.org, component, at.version) for path, component in files.items()}
    listed = {kind: [component.name for component in files.values() if component.type is kind] for kind in MetadataType}
    texts[package.MANIFEST] = package.manifest(listed, at.version)
    properties = [file_properties(component, names, "fileProperties", prefix) for component in files.values()]
    properties.append(_manifest_properties(context, names, prefix))
    return properties, problems, _zipped(tuple((prefix + path, text) for path, text in texts.items()))


def _text(org: Org, component: Component, version: int) -> str:
    if component.type.of_apps:
        return file_text(shown(org, component, version))
    return rendered_file(component, version, org.faults)


def _manifest_properties(context: CallContext, names: dict[str, str], prefix: str) -> Node:
    user, now = context.user, soap_time(now_ms())
    return branch("fileProperties", (
        leaf("createdById", user.id), leaf("createdByName", names.get(user.id, "")), leaf("createdDate", now),
        leaf("fileName", prefix + package.MANIFEST), leaf("fullName", prefix + package.MANIFEST), leaf("id", ""),
        leaf("lastModifiedById", user.id), leaf("lastModifiedByName", names.get(user.id, "")),
        leaf("lastModifiedDate", now), leaf("manageableState", "unmanaged"), leaf("type", "Package"),
    ))  # fmt: skip


@lru_cache(maxsize=8)
def _zipped(texts: tuple[tuple[str, str], ...]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, text in texts:
            archive.writestr(path, text)
    return buffer.getvalue()
