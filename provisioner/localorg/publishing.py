"""Publishes deployments by the Connect API: visitors' browsers load a snapshot of that moment.

Source: two public accounts of the call (201 with ``isSuccess``, ``publishStatus`` and the id; 404 below version 67.0).
Several clients observed that keys and configurations are read at each exchange, and that only the mode is a snapshot.
As long as ``chat-config-snapshot`` is off, the public configuration follows the channel without publishing it again.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from provisioner.localorg.answers import Cut, json_answer, not_found
from provisioner.localorg.chat_deployments import ChatChannel, Deployment, channel_of, deployments
from provisioner.localorg.deployment_files import PUBLISHED
from provisioner.localorg.ids import same
from provisioner.localorg.org import Org

_FIRST_VERSION = 67
_SLOW_LOOKS = 2


def publish(org: Org, version: int, record_id: str) -> Response:
    """Publish the deployment of that id; the answer of the resource."""
    deployment = next((each for each in deployments(org) if same(each.id, record_id)), None)
    if version < _FIRST_VERSION or deployment is None or org.faults.on("publish-404"):
        raise not_found()
    if org.faults.on("publish-not-success"):
        return json_answer({"isSuccess": False, "publishStatus": "Failure", "embeddedServiceConfigId": record_id}, 201)
    keep_published(org, deployment)
    if org.faults.strike("publish-answer-lost"):
        raise Cut
    done = {"isSuccess": True, "publishStatus": "Success", "embeddedServiceConfigId": deployment.id}
    return json_answer(done, 201)


def keep_published(org: Org, deployment: Deployment) -> None:
    """Store the published state of a deployment for its visitors."""
    channel = channel_of(org, deployment)
    if channel is not None:
        looks = _SLOW_LOOKS if org.faults.on("publish-slow") else 0
        before = _shown(org, deployment)
        _keep(org, deployment, {"verified": channel.verified, "looks": looks, "before": before})


def is_published(org: Org, deployment: Deployment) -> bool:
    """Return whether the deployment was ever published."""
    return deployment.id in _all(org) and not org.faults.on("chat-unpublished")


def shows_verification(org: Org, deployment: Deployment, channel: ChatChannel) -> bool:
    """Return whether visitors get the mode that verifies customers."""
    if not org.faults.on("chat-config-snapshot"):
        return channel.verified
    kept = _all(org).get(deployment.id)
    if kept is not None and kept["looks"] > 0:
        _keep(org, deployment, {**kept, "looks": kept["looks"] - 1})
        return bool(kept["before"])
    return _shown(org, deployment)


def _shown(org: Org, deployment: Deployment) -> bool:
    kept = _all(org).get(deployment.id)
    return bool(kept["verified"]) if kept is not None else False


def _all(org: Org) -> dict[str, Any]:
    found = org.store.meta(PUBLISHED)
    return found if isinstance(found, dict) else {}


def _keep(org: Org, deployment: Deployment, value: dict[str, Any]) -> None:
    with org.store.transaction():
        org.store.set_meta(PUBLISHED, {**_all(org), deployment.id: value})
