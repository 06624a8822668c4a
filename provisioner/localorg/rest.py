"""The REST data resources: versions, limits, queries, and the changes of records."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from provisioner.localorg import routing, soql, tables, versions
from provisioner.localorg.answers import ApiProblem, Cut, json_answer, json_object, not_found
from provisioner.localorg.org import Org
from provisioner.localorg.records import Component, MetadataType, User
from provisioner.localorg.soql_values import QueryProblem

DAILY_REQUESTS = 100_000
#: The most records in one answer to a query: usually, and with the fault query-pages.
_BATCH, _SMALL_BATCH = 2_000, 2
_KEY_PREFIXES = {"Organization": "00D", "User": "005", "MessagingChannel": "0Mj", "DeployRequest": "0Af"}


def version_of(org: Org, text: str) -> int:
    """Return the version in a URL such as ``/services/data/v67.0``; raises :class:`ApiProblem`."""
    version = versions.parse(text.removeprefix("v")) if text.startswith("v") else None
    if version is not None and version < versions.OLDEST:
        raise ApiProblem("UNSUPPORTED_API_VERSION", f"The API version {version}.0 is retired", 410)
    if version is None or version > org.newest:
        raise not_found()
    return version


def resources(version: int) -> Response:
    base = f"/services/data/v{version}.0"
    names = ("limits", "query", "queryAll", "sobjects", "tooling", "metadata")
    return json_answer({**{name: f"{base}/{name}" for name in names}, "identity": "/id"})


def limits(org: Org) -> Response:
    used = org.store.tally("calls")
    return json_answer(
        {
            "DailyApiRequests": {"Max": DAILY_REQUESTS, "Remaining": max(0, DAILY_REQUESTS - used)},
            "DailyAsyncApexExecutions": {"Max": 250_000, "Remaining": 250_000},
        }
    )


def query(request: Request, org: Org, user: User, version: int, *, tooling: bool) -> Response:
    """Return the answer to a query, or its columns; of many records the first ones, and the URL of the next ones."""
    text = request.query_params.get("q")
    if not text:
        raise ApiProblem("MALFORMED_QUERY", "A query string has to be specified")
    result = _run(org, user, text, tooling=tooling)
    if request.query_params.get("columns") == "true":
        return json_answer(_columns(result))
    if tooling and result.object == "DeployRequest":
        _count_looks(org, result)
    locator = ""
    if len(result.records) > _batch(org):
        locator = org.store.new_id("01g")
        org.store.set_meta(f"query/{locator}", text)
    return _page(org, result, version, locator, 0, tooling=tooling)


def next_page(org: Org, user: User, version: int, cursor: str, *, tooling: bool) -> Response:
    """Return the records of a query from a place on, as the URL of the next ones names it."""
    locator, _, place = cursor.rpartition("-")
    text = org.store.meta(f"query/{locator}")
    if not isinstance(text, str) or not (place.isascii() and place.isdecimal()):
        raise ApiProblem("INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(org, _run(org, user, text, tooling=tooling), version, locator, int(place), tooling=tooling)


def _batch(org: Org) -> int:
    return _SMALL_BATCH if org.faults.on("query-pages") else _BATCH


def _run(org: Org, user: User, text: str, *, tooling: bool) -> soql.Result:
    known = tables.tooling_tables(org, user) if tooling else tables.data_tables(org, user)
    try:
        return soql.run(text, known, org.now, org.user_zone)
    except QueryProblem as problem:
        raise ApiProblem(problem.code, problem.message) from None


def _page(org: Org, result: soql.Result, version: int, locator: str, start: int, *, tooling: bool) -> Response:
    base, end = f"/services/data/v{version}.0{'/tooling' if tooling else ''}", start + _batch(org)
    records = result.records[start:end]
    answer: dict[str, Any] = {
        "totalSize": result.size,
        "done": end >= len(result.records),
        "records": [_attributed(record, result.object, f"{base}/sobjects") for record in records],
    }
    if not answer["done"]:
        answer["nextRecordsUrl"] = f"{base}/query/{locator}-{end}"
    if tooling:
        answer = {"size": result.size, "queryLocator": None, "entityTypeName": result.object, **answer}
    return json_answer(answer)


def _columns(result: soql.Result) -> dict[str, Any]:
    """Return the answer to ``columns=true``: the columns of a query, a relationship's below its name."""
    top: dict[str, list[str]] = {}
    for name in result.fields:
        head, _, inner = name.partition(".")
        top.setdefault(head, []).extend([inner] if inner else [])
    return {
        "entityName": result.object,
        "groupBy": False,
        "idSelected": "Id" in result.fields,
        "keyPrefix": _KEY_PREFIXES.get(result.object),
        "columnMetadata": [_column(name, [_column(each, []) for each in inner]) for name, inner in top.items()],
    }


def _column(name: str, inner: list[dict[str, Any]]) -> dict[str, Any]:
    truth, number = name.startswith(("Is", "Options", "CheckOnly")), name.startswith("Number")
    kind = "Id" if name.endswith("Id") else "Boolean" if truth else "Integer" if number else "String"
    return {
        "aggregate": False, "apexType": kind, "booleanType": truth, "columnName": name, "custom": False,
        "displayName": name, "foreignKeyName": None, "insertable": False, "joinColumns": inner, "numberType": number,
        "textType": not truth and not number, "updatable": False,
    }  # fmt: skip


def _count_looks(org: Org, result: soql.Result) -> None:
    """Count queries of a deployment as polls, so that they advance it in the same way."""
    seen = {record.get("Id") for record in result.records}
    for deployment in org.store.deployments(open_only=True):
        if deployment.id in seen:
            org.store.count_poll(deployment.id)


def _attributed(record: dict[str, Any], name: str, base: str) -> dict[str, Any]:
    attributes = {"type": name}
    if isinstance(record.get("Id"), str):
        attributes["url"] = f"{base}/{name}/{record['Id']}"
    inner = {key: _attributed(value, key, base) if isinstance(value, dict) else value for key, value in record.items()}
    return {"attributes": attributes, **inner}


def _channel(org: Org, record_id: str) -> Component:
    for (kind, _), component in org.store.components().items():
        if kind is MetadataType.CHANNEL and component.id[:15] == record_id[:15] and len(record_id) in (15, 18):
            return component
    raise not_found()


def read_channel(org: Org, record_id: str, version: int) -> Response:
    record = tables.channel(org, _channel(org, record_id), org.store.bound_routing())
    url = f"/services/data/v{version}.0/sobjects/MessagingChannel/{record['Id']}"
    return json_answer({"attributes": {"type": "MessagingChannel", "url": url}, **record})


async def change_channel(request: Request, org: Org, user: User, record_id: str) -> Response:
    """Activate or deactivate a channel, or bind its routing: fields that are not in metadata."""
    body = json_object(await request.body())
    known = ("IsActive", *routing.offered(org.faults))
    if any(name not in known for name in body):
        raise ApiProblem(
            "INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields other than {', '.join(known)}"
        )
    component = _channel(org, record_id)
    active = body.pop("IsActive", component.active)
    if active is True and org.faults.on("activation-refused"):
        raise ApiProblem(
            "FIELD_INTEGRITY_EXCEPTION", "Consent type and opt-out keywords are required to activate the channel."
        )
    if not isinstance(active, bool):
        raise ApiProblem("JSON_PARSER_ERROR", "Cannot deserialize instance of boolean from the value of IsActive")
    if body:
        bound = {**org.store.bound_routing().get(component.id, {}), **body}
        wrong = routing.wrong_binding(routing.routing_of(component, bound))
        if wrong is not None:
            raise ApiProblem("FIELD_INTEGRITY_EXCEPTION", wrong)
        org.store.bind_routing({component.id: bound})
    if not org.faults.on("activation-ignored"):
        org.store.put_components([replace(component, active=active, modified=org.now, modified_by=user.id)])
    if org.faults.strike("activation-lost"):
        raise Cut
    return Response(status_code=204)
