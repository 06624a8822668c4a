"""The deploy operations over SOAP, and a DeployResult in the order of the WSDL."""

from __future__ import annotations

from typing import Any

from provisioner.localorg import deployments
from provisioner.localorg.clock import soap_time
from provisioner.localorg.metadata_api import CallContext
from provisioner.localorg.org import Org
from provisioner.localorg.records import Deployment, Message
from provisioner.localorg.soap import Call, truth
from provisioner.localorg.xmltree import Node, branch, leaf, written


def deploy(context: CallContext, call: Call) -> list[Node]:
    node = call.body.find("DeployOptions")
    given: dict[str, Any] = {child.name: child.text.strip() for child in (node.children if node else ())}
    given["runTests"] = [child.text.strip() for child in (node.all("runTests") if node else ())]
    content = deployments.decoded(call.body.value("ZipFile") or "")
    deployment = deployments.submit(context.org, context.user, content, given)
    return [branch("result", (leaf("done", "false"), leaf("id", deployment.id), leaf("state", "Queued")))]


def check(context: CallContext, call: Call) -> list[Node]:
    deployment = deployments.polled(context.org, call.body.value("asyncProcessId"))
    return [result(context.org, deployment, details=truth(call.body.value("includeDetails")))]


def cancel(context: CallContext, call: Call) -> list[Node]:
    """Cancel a deployment. The parameter's element is really named String; a known client sends ``id``."""
    wanted = call.body.value("String") or call.body.value("id")
    deployment = deployments.cancel(context.org, context.user, wanted)
    return [branch("result", (leaf("done", deployment.done), leaf("id", deployment.id)))]


def deploy_recent_validation(context: CallContext, call: Call) -> list[Node]:
    wanted = call.body.value("validationId")
    deployment = deployments.deploy_validated(context.org, context.user, wanted)
    return [leaf("result", deployment.id)]


def result(org: Org, deployment: Deployment, *, details: bool) -> Node:
    who, canceler = org.user(deployment.user_id), org.user(deployment.canceled_by or "")
    options = deployment.options
    fields: tuple[tuple[str, object], ...] = (
        ("canceledBy", deployment.canceled_by[:15] if deployment.canceled_by else None),
        ("canceledByName", canceler.name if canceler else None),
        ("checkOnly", deployment.check_only),
        ("completedDate", _moment(deployment.completed)),
        ("createdBy", deployment.user_id[:15]),
        ("createdByName", who.name if who else ""),
        ("createdDate", _moment(deployment.created)),
        ("details", _details(deployment, full=details)),
        ("done", deployment.done),
        ("errorMessage", deployment.error_message),
        ("errorStatusCode", deployment.error_code),
        ("id", deployment.id),
        ("ignoreWarnings", bool(options.get("ignoreWarnings"))),
        ("lastModifiedDate", _moment(deployment.modified or deployment.created)),
        ("numberComponentErrors", deployment.errors),
        ("numberComponentsDeployed", deployment.deployed),
        ("numberComponentsTotal", deployment.total),
        ("numberTestErrors", 0),
        ("numberTestsCompleted", 0),
        ("numberTestsTotal", 0),
        ("rollbackOnError", bool(options.get("rollbackOnError"))),
        ("runTestsEnabled", False),
        ("startDate", _moment(deployment.started)),
        ("stateDetail", deployment.state_detail),
        ("status", deployment.status),
        ("success", deployment.success),
    )
    return branch("result", (_field(name, value) for name, value in fields))


def _field(name: str, value: object) -> Node | None:
    if value is None or isinstance(value, Node):
        return value
    return leaf(name, value if isinstance(value, bool) else str(value))


def _moment(value: int | None) -> str | None:
    return None if value is None else soap_time(value)


def _details(deployment: Deployment, *, full: bool) -> Node:
    shown = full and deployment.done
    moment = _moment(deployment.completed or deployment.created)
    rows = [
        *(_message(row, moment, "componentFailures") for row in deployment.failures if shown),
        *(_message(row, moment, "componentSuccesses") for row in deployment.successes if shown),
    ]
    tests = branch("runTestResult", (leaf("numFailures", "0"), leaf("numTestsRun", "0"), leaf("totalTime", "0.0")))
    return branch("details", (*rows, tests))


def _message(row: Message, moment: str | None, tag: str) -> Node:
    return written(tag, (
        ("changed", row.changed), ("columnNumber", row.column), ("componentType", row.component_type),
        ("created", row.created), ("createdDate", moment), ("deleted", row.deleted), ("fileName", row.file_name),
        ("fullName", row.full_name), ("id", row.id), ("lineNumber", row.line), ("problem", row.problem),
        ("problemType", row.problem_type), ("success", row.success),
    ))  # fmt: skip
