"""Deployments for callers of both protocols: submit, poll, cancel, deploy a validated one."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from provisioner.localorg.answers import ApiProblem, Cut, Unavailable
from provisioner.localorg.org import Org
from provisioner.localorg.records import Deployment, User

_FLAGS = (
    "allowMissingFiles", "autoUpdatePackage", "checkOnly", "ignoreWarnings", "performRetrieve", "purgeOnDelete",
    "rollbackOnError", "singlePackage",
)  # fmt: skip
_TEST_LEVELS = ("NoTestRun", "RunSpecifiedTests", "RunLocalTests", "RunAllTestsInOrg", "RunRelevantTests")
LARGEST_ZIP = 39 * 1024 * 1024
_VALIDATION_LIFE_MS = 10 * 86_400_000
_NOT_CANCELABLE = ("Finalizing", "FinalizingDeploy")


def options(org: Org, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a deployment in their own types; raises :class:`ApiProblem` if the org refuses one."""
    chosen: dict[str, Any] = {name: _flag(given.get(name)) for name in _FLAGS}
    level = given.get("testLevel") or None
    if level is not None and level not in _TEST_LEVELS:
        raise ApiProblem("INVALID_OPERATION", f"'{level}' is not a valid value for the enum 'TestLevel'")
    chosen["testLevel"] = level
    chosen["runTests"] = list(given.get("runTests") or ())
    if org.is_production:
        if not chosen["rollbackOnError"]:
            raise ApiProblem("INVALID_OPERATION", "rollbackOnError option must be true on a production org")
        if level == "NoTestRun":
            raise ApiProblem("INVALID_OPERATION", "testLevel of NoTestRun cannot be used in production organizations")
        for name in ("allowMissingFiles", "autoUpdatePackage"):
            if chosen[name]:
                raise ApiProblem("INVALID_OPERATION", f"{name} option must be false on a production org")
    if chosen["runTests"] and level not in (None, "RunSpecifiedTests"):
        raise ApiProblem("INVALID_OPERATION", "runTests can be used only with a testLevel of RunSpecifiedTests")
    return chosen


def _flag(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() in ("true", "1"))


def decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        raise ApiProblem("UNKNOWN_EXCEPTION", "The zip file isn't valid base64.") from None


def submit(org: Org, user: User, content: bytes, given: dict[str, Any]) -> Deployment:
    """Accept a deployment; raises :class:`ApiProblem`, or :class:`Cut` if a fault loses the answer."""
    if org.faults.strike("deploy-not-accepted-lost"):
        raise Cut
    chosen = options(org, given)
    if len(content) > LARGEST_ZIP:
        raise ApiProblem("LIMIT_EXCEEDED", "Maximum size of request reached. Maximum size of request is 39 MB")
    deployment = Deployment(org.store.new_id("0Af"), user.id, chosen, org.now)
    org.store.add_deployment(deployment, content)
    org.wake()
    if org.faults.strike("deploy-answer-lost"):
        raise Cut
    return deployment


def found(org: Org, deployment_id: str | None) -> Deployment:
    """Return the deployment of an id; raises :class:`ApiProblem`."""
    deployment = org.store.deployment((deployment_id or "").strip())
    if deployment is None:
        raise ApiProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", 404)
    return deployment


def polled(org: Org, deployment_id: str | None) -> Deployment:
    """Return the deployment, with one more poll counted."""
    if org.faults.strike("poll-cut"):
        raise Cut
    if org.faults.strike("poll-html"):
        raise Unavailable
    deployment = found(org, deployment_id)
    if org.store.tally(f"poll/{deployment.id}") <= org.faults.number("early-poll-fails"):
        raise ApiProblem("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", 500)
    if not deployment.done:
        org.store.count_poll(deployment.id)
    return deployment


def cancel(org: Org, user: User, deployment_id: str | None) -> Deployment:
    """Request the cancellation of a deployment; raises :class:`ApiProblem` if that is no longer possible."""
    deployment = org.store.deployment((deployment_id or "").strip())
    if deployment is None:
        raise ApiProblem("INVALID_ID_FIELD", "Invalid deploy ID")
    if deployment.done:
        raise ApiProblem("INVALID_ID_FIELD", "Deployment already completed")
    if org.faults.on("cancel-refused"):
        raise ApiProblem("INVALID_ID_FIELD", "You cannot cancel this deployment")
    if deployment.status in _NOT_CANCELABLE:
        raise ApiProblem("INVALID_ID_FIELD", "You cannot cancel the deployment while finalizing is in progress")
    deployment.status = "Canceling"
    deployment.canceled_by = user.id
    org.store.save_deployment(deployment)
    return deployment


def deploy_validated(org: Org, user: User, validation_id: str | None) -> Deployment:
    """Deploy the package of a recent successful validation, under a new id; raises :class:`ApiProblem`."""
    validation = org.store.deployment((validation_id or "").strip())
    later = [
        deployment for deployment in org.store.deployments()
        if validation and deployment.success and not deployment.check_only and deployment.created > validation.created
    ]  # fmt: skip
    if (
        validation is None
        or not (validation.check_only and validation.success)
        or later
        or org.now - validation.created > _VALIDATION_LIFE_MS
        or org.faults.on("no-quick-deploy")
    ):
        raise ApiProblem(
            "INVALID_ID_FIELD", "Invalid validation ID: the validation doesn't qualify for a quick deploy", 404
        )
    chosen = {**validation.options, "checkOnly": False}
    deployment = Deployment(org.store.new_id("0Af"), user.id, chosen, org.now, validated_id=validation.id)
    org.store.add_deployment(deployment, org.store.deployment_zip(validation.id))
    org.wake()
    return deployment
