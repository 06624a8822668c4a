"""The Connect resource that sets up a chat deployment: the only way to a web deployment, because it makes the sites.

Source: two public descriptions of the resource (API version 67.0 and later; 404 below it). It is not idempotent.
Whether a second request for one name is refused or makes a second deployment is not known, so both are played.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from provisioner.localorg import rules
from provisioner.localorg.answers import ApiProblem, Cut, html_page, json_answer, json_object, not_found
from provisioner.localorg.chat_deployments import Deployment, deployments, find
from provisioner.localorg.content import text_of
from provisioner.localorg.deployment_files import deployment_file
from provisioner.localorg.ids import same
from provisioner.localorg.org import Org
from provisioner.localorg.publishing import keep_published
from provisioner.localorg.records import Component, MetadataType, User
from provisioner.localorg.site_records import make_sites

_FIRST_VERSION = 67
_FIELDS = {"name", "masterLabel", "deploymentType", "clientVersion", "hostDomain", "messagingChannelId"}
#: The store's name for the number of queries that do not find a deployment, by its id.
_LATE = "setup-late"
_TYPES = ("Web", "Mobile", "API")


async def set_up(request: Request, org: Org, user: User, version: int) -> Response:
    """Create a deployment and publish it; return the answer of the resource."""
    if version < _FIRST_VERSION or org.faults.on("setup-404"):
        raise not_found()
    if org.faults.strike("setup-not-arrived"):
        raise Cut
    kind = org.faults.argument("setup-internal-error")
    if kind == "not-made":
        raise ApiProblem("INTERNAL_ERROR", "An unexpected error occurred.", 500)
    made = _make(await _body(request), org, user)
    if isinstance(made, str):
        return json_answer({
            "isSuccess": False, "embeddedServiceDeploymentId": None, "isPublishSuccess": False, "errorMsg": made,
        }, 201)  # fmt: skip
    if org.faults.strike("setup-answer-lost"):
        raise Cut
    if kind == "made":
        raise ApiProblem("INTERNAL_ERROR", "An unexpected error occurred.", 500)
    if org.faults.strike("setup-gateway-timeout"):
        return html_page(504, "Gateway Timeout", "The server did not answer in time.")
    done = {"isSuccess": True, "embeddedServiceDeploymentId": made.id, "isPublishSuccess": True, "errorMsg": None}
    return json_answer(done, 201)


async def _body(request: Request) -> dict[str, Any]:
    body = json_object(await request.body())
    unknown = sorted(set(body) - _FIELDS)
    if unknown:
        raise ApiProblem("JSON_PARSER_ERROR", f"Unrecognized field {unknown[0]}")
    missing = [each for each in ("name", "masterLabel", "deploymentType") if not isinstance(body.get(each), str)]
    if missing:
        raise ApiProblem("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{missing[0]}]")
    return body


def _make(body: dict[str, Any], org: Org, user: User) -> Deployment | str:
    """Make the deployment with its sites; or return the error in the request."""
    with org.store.transaction():
        name, kind = body["name"], body["deploymentType"]
        wrong = rules.name_problem(MetadataType.CHAT_DEPLOYMENT, name, org.faults)
        if wrong is not None:
            return wrong
        if kind not in _TYPES:
            return f"'{kind}' is not a valid value for deploymentType"
        if find(org, name) is not None:
            if not org.faults.on("setup-duplicate"):
                return f"This API Name already exists or has been previously used: {name}"
            name = _next_name(org, name)
        channel = _channel(org, body.get("messagingChannelId"))
        site = make_sites(org.store, name, org.now, body.get("hostDomain")) if kind == "Web" else None
        content = deployment_file(body["masterLabel"], channel, kind, site, body.get("clientVersion"))
        type_ = MetadataType.CHAT_DEPLOYMENT
        made = Component(
            type_, name, org.store.new_id(type_.prefix), text_of(content), org.now, user.id, org.now, user.id
        )
        org.store.put_components([made])
        found = next(each for each in deployments(org) if each.id == made.id)
        keep_published(org, found)
        if org.faults.on("setup-late"):
            org.store.set_meta(_LATE, {**(org.store.meta(_LATE) or {}), made.id: org.faults.number("setup-late")})
        return found


def listed(org: Org) -> list[Deployment]:
    """Return the deployments that a query finds now: one that was just set up may be missing at first."""
    late = org.store.meta(_LATE) or {}
    if late:
        org.store.set_meta(_LATE, {record: looks - 1 for record, looks in late.items() if looks > 0})
    return [each for each in deployments(org) if late.get(each.id, 0) <= 0]


def _next_name(org: Org, name: str) -> str:
    taken = {each.name for each in deployments(org)}
    return next(each for number in range(1, 1000) if (each := f"{name}_{number}") not in taken)


def _channel(org: Org, wanted: Any) -> str:
    """Return the name of the channel; empty if the request names none, which leaves an unusable deployment."""
    if wanted is None:
        return ""
    channels = org.store.components(MetadataType.CHANNEL).values()
    found = next((each for each in channels if isinstance(wanted, str) and same(each.id, wanted)), None)
    if found is None:
        raise ApiProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id: messagingChannelId")
    return found.name
