"""The REST deploy resource: the same deployments, in JSON, with nulls and empty lists for elements that SOAP omits.

Source: Metadata API Developer Guide, "Deploying and Retrieving Metadata with REST".
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from provisioner.localorg import deployments
from provisioner.localorg.answers import ApiProblem, json_answer, json_object
from provisioner.localorg.clock import rest_time
from provisioner.localorg.org import Org
from provisioner.localorg.records import Deployment, Message, User

_SHOWN_OPTIONS = (
    "checkOnly", "singlePackage", "allowMissingFiles", "performRetrieve", "autoUpdatePackage", "rollbackOnError",
    "ignoreWarnings", "purgeOnDelete",
)  # fmt: skip


async def submit(request: Request, org: Org, user: User) -> Response:
    """Accept a multipart body with options and a zip, or JSON that names a validation."""
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        given, content = await _parts(request)
        deployment = deployments.submit(org, user, content, given)
    else:
        body = json_object(await request.body())
        validated = body.get("validatedDeployRequestId")
        if not isinstance(validated, str):
            raise ApiProblem("UNSUPPORTED_MEDIA_TYPE", "Send multipart/form-data, or a validatedDeployRequestId", 415)
        deployment = deployments.deploy_validated(org, user, validated)
    shown = {name: deployment.options[name] for name in _SHOWN_OPTIONS}
    return json_answer(
        {
            "id": deployment.id,
            "validatedDeployRequestId": deployment.validated_id,
            "url": f"{org.origin}{request.url.path.rstrip('/')}/{deployment.id}",
            "deployOptions": {**shown, "runAllTests": False},
            "deployResult": {
                "id": deployment.id,
                "success": False,
                "checkOnly": deployment.check_only,
                "ignoreWarnings": shown["ignoreWarnings"],
                "rollbackOnError": shown["rollbackOnError"],
                "status": deployment.status,
                "runTestsEnabled": False,
                "done": False,
            },
        },
        201,
    )


async def _parts(request: Request) -> tuple[dict[str, Any], bytes]:
    """Return the options and the zip, in any order and with any file name.

    Their parts are ``json`` or ``entity_content``, and ``file``.
    """
    async with request.form(max_part_size=deployments.LARGEST_ZIP + 1) as form:
        options, zip_part = form.get("json") or form.get("entity_content"), form.get("file")
        if options is None or not isinstance(zip_part, UploadFile):
            raise ApiProblem("INVALID_MULTIPART_REQUEST", "Two parts are needed: json, and file")
        text = await options.read() if isinstance(options, UploadFile) else options.encode()
        content = await zip_part.read()
    given = json_object(text).get("deployOptions")
    if not isinstance(given, dict):
        raise ApiProblem("JSON_PARSER_ERROR", "deployOptions is missing")
    return given, content


def look(request: Request, org: Org, deployment_id: str) -> Response:
    deployment = deployments.polled(org, deployment_id)
    details = request.query_params.get("includeDetails", "").lower() == "true"
    return json_answer(_whole(org, deployment, details=details))


async def cancel(request: Request, org: Org, user: User, deployment_id: str) -> Response:
    body = json_object(await request.body())
    wanted = body.get("deployResult")
    if not isinstance(wanted, dict) or wanted.get("status") != "Canceling":
        raise ApiProblem("INVALID_INPUT", "The only change possible is the status Canceling")
    return json_answer(_whole(org, deployments.cancel(org, user, deployment_id), details=False), 202)


def _whole(org: Org, deployment: Deployment, *, details: bool) -> dict[str, Any]:
    return {
        "id": deployment.id,
        "validatedDeployRequestId": deployment.validated_id,
        "deployOptions": None,
        "deployResult": _result(org, deployment, details=details),
    }


def _result(org: Org, deployment: Deployment, *, details: bool) -> dict[str, Any]:
    who, canceler = org.user(deployment.user_id), org.user(deployment.canceled_by or "")
    return {
        "id": deployment.id,
        "messages": None,
        "retrieveResult": None,
        "success": deployment.success,
        "checkOnly": deployment.check_only,
        "ignoreWarnings": bool(deployment.options.get("ignoreWarnings")),
        "rollbackOnError": bool(deployment.options.get("rollbackOnError")),
        "status": deployment.status,
        "numberComponentsDeployed": deployment.deployed,
        "numberComponentsTotal": deployment.total,
        "numberComponentErrors": deployment.errors,
        "numberTestsCompleted": 0,
        "numberTestsTotal": 0,
        "numberTestErrors": 0,
        "details": _details(deployment) if details else None,
        "createdDate": _moment(deployment.created),
        "startDate": _moment(deployment.started),
        "lastModifiedDate": _moment(deployment.modified or deployment.created),
        "completedDate": _moment(deployment.completed),
        "errorStatusCode": deployment.error_code,
        "errorMessage": deployment.error_message,
        "stateDetail": deployment.state_detail,
        "createdBy": deployment.user_id[:15],
        "createdByName": who.name if who else "",
        "canceledBy": deployment.canceled_by[:15] if deployment.canceled_by else None,
        "canceledByName": canceler.name if canceler else None,
        "done": deployment.done,
        "runTestsEnabled": False,
        "runTestResult": None,
    }


def _moment(value: int | None) -> str | None:
    return None if value is None else rest_time(value)


def _details(deployment: Deployment) -> dict[str, Any]:
    shown = deployment.messages if deployment.done else []
    return {
        "componentFailures": [_message(deployment, row) for row in shown if not row.success],
        "componentSuccesses": [_message(deployment, row) for row in shown if row.success],
        "retrieveResult": None,
        "allComponentMessages": [_message(deployment, row) for row in shown],
        "runTestResult": {
            "successes": [], "failures": [], "totalTime": 0.0, "apexLogId": None, "flowCoverage": [],
            "numFailures": 0, "codeCoverage": [], "codeCoverageWarnings": [], "flowCoverageWarnings": [],
            "numTestsRun": 0,
        },
    }  # fmt: skip


def _message(deployment: Deployment, row: Message) -> dict[str, Any]:
    return {
        "componentType": row.component_type,
        "fileName": row.file_name,
        "fullName": row.full_name,
        "id": row.id,
        "problem": row.problem,
        "success": row.success,
        "warning": row.problem_type == "Warning",
        "created": row.created,
        "changed": row.changed,
        "deleted": row.deleted,
        "lineNumber": row.line,
        "columnNumber": row.column,
        "requiresProductionTestRun": False,
        "createdDate": _moment(deployment.completed or deployment.created),
        "knownPackagingProblem": False,
        "forPackageManifestFile": row.file_name == "package.xml",
        "problemType": row.problem_type,
    }
