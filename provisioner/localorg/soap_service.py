"""The SOAP endpoint of the Metadata API: session, limits, permission, and the requested operation."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from provisioner.localorg import deploy_soap, metadata_api, retrieving, soap, versions
from provisioner.localorg.answers import ApiProblem, Unavailable, html_page
from provisioner.localorg.metadata_api import CallContext
from provisioner.localorg.org import Org
from provisioner.localorg.sessions import is_jwt, may_use_metadata, user_of, within_limits

#: 50 MB: a zip of 39 MB fits in base64 only if its megabytes are a million bytes each.
LARGEST_MESSAGE = 52_428_800
_JWT_ACCEPTED_SINCE = 68
_LIMIT = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
_OPERATIONS: dict[str, metadata_api.Operation] = {
    "describeMetadata": metadata_api.describe,
    "listMetadata": metadata_api.list_metadata,
    "readMetadata": metadata_api.read,
    "createMetadata": metadata_api.save(creates=True, updates=False),
    "updateMetadata": metadata_api.save(creates=False, updates=True),
    "upsertMetadata": metadata_api.save(creates=True, updates=True),
    "deleteMetadata": metadata_api.delete,
    "renameMetadata": metadata_api.rename,
    "retrieve": retrieving.retrieve,
    "checkRetrieveStatus": retrieving.check,
    "deploy": deploy_soap.deploy,
    "checkDeployStatus": deploy_soap.check,
    "cancelDeploy": deploy_soap.cancel,
    "deployRecentValidation": deploy_soap.deploy_recent_validation,
}

_READS = ("describeMetadata", "listMetadata", "readMetadata", "retrieve", "checkRetrieveStatus")
_POLLS = ("checkDeployStatus", "checkRetrieveStatus")


async def serve(request: Request, org: Org) -> Response:
    if request.method != "POST":
        return html_page(405, "Only POST allowed", "Only POST allowed")
    try:
        version = versions.parse(request.path_params["version"])
        if version is None or not versions.OLDEST <= version <= org.newest:
            raise ApiProblem("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
        content = await request.body()
        if len(content) > LARGEST_MESSAGE:
            text = f"Maximum size of request reached. Maximum size of request is {LARGEST_MESSAGE} bytes"
            raise ApiProblem("LIMIT_EXCEEDED", text)
        call = soap.read(content)
        refused = is_jwt(call.session_id or "") and version < _JWT_ACCEPTED_SINCE
        user = user_of(org, None if refused else call.session_id)
        within_limits(org, _LIMIT)
        may_use_metadata(org, user)
        operation = _OPERATIONS.get(call.operation)
        if operation is None:
            raise ApiProblem("UNKNOWN_EXCEPTION", f"No operation available for request {call.operation}")
        if call.operation in _READS and org.faults.has_begun("unreadable-after-deploy"):
            raise Unavailable
        if call.operation not in _POLLS or not org.faults.on("polls-not-counted"):
            org.store.tally("calls")
        return soap.answer(call.operation, operation(CallContext(org, user, version), call))
    except ApiProblem as problem:
        return soap.fault(problem)
