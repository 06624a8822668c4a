"""The deployments to publish after a change: clients use the published configuration, not the channel itself.

Keys, keysets and configurations are read at each exchange and need no publishing; a changed mode does.
"""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.components.deployments import Deployments, PublicConfig
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Channel, Deployment
from provisioner.model.types import AUTH, AUTH_MODE, MetadataType
from provisioner.planning.changes import ComparedField
from provisioner.planning.plan import PUBLISHED
from provisioner.planning.plan_input import PlanInput

#: No older version publishes.
FIRST_VERSION = 67


def published_fields(
    inputs: PlanInput, channel: Channel, *, switched: bool, verification_on: bool
) -> Iterator[ComparedField]:
    """Yield the mode that each declared deployment of the channel shows to visitors.

    ``switched``: the plan changes the mode; then a deployment is published even if its configuration is not shown.
    """
    for deployment in _of(inputs, channel.name):
        seen = _seen(inputs, deployment)
        if seen is None or not can_publish(inputs) or seen.published is False:
            continue
        before = None if seen.auth_mode is None else seen.auth_mode == AUTH
        if before is not None or switched:
            place = deployment.places.of("publish") or deployment.places.own
            yield ComparedField(f"{PUBLISHED}{deployment.name}", before, verification_on, place)


def publication_warnings(inputs: PlanInput) -> Iterator[Diagnostic]:
    """Yield a warning for each declared deployment with an unknown public mode, or that is not published."""
    for deployment in inputs.estate.deployments.values():
        seen = _seen(inputs, deployment)
        if not deployment.publish:
            continue
        if seen is None:
            if deployment.create is not None and inputs.snapshot.deployments is not None and not can_publish(inputs):
                yield _cannot(deployment)
        elif seen.published is False and (deployment.create is None or not can_publish(inputs)):
            yield _warning(
                f"{deployment.name} was never published: no customer can load it.",
                "Publish it once in Setup > Embedded Service Deployments when it is ready.", deployment,
            )  # fmt: skip
        elif seen.published is None:
            yield _warning(
                f"What is published of {deployment.name} could not be read ({seen.why}), so whether it must be "
                "published is not known. It is published if this plan changes the mode.",
                "Check chat_url in the environment file, and the network to the chat host.", deployment,
            )  # fmt: skip
        elif not can_publish(inputs):
            yield _cannot(deployment)


def can_publish(inputs: PlanInput) -> bool:
    """Tell if the org has the resource that publishes."""
    return int(inputs.snapshot.newest_api_version.partition(".")[0]) >= FIRST_VERSION


def mode_name(verification_on: bool) -> str:
    """Return the mode as the public configuration writes it."""
    return AUTH_MODE.encode(verification_on)


def verifies_after(inputs: PlanInput, channel: str) -> bool | None:
    """Tell if a channel verifies customers after the plan; None if the org does not have it, or it is not shown."""
    declared, observed = inputs.estate.channels.get(channel), inputs.channels.get(channel)
    if declared is not None:
        return declared.verifies_after(observed.enabled if observed is not None else False)
    return observed.enabled if observed is not None else None


def _cannot(deployment: Deployment) -> Diagnostic:
    return _warning(
        f"{deployment.name} cannot be published here: that needs API version {FIRST_VERSION}.0.",
        "Publish it in Setup > Embedded Service Deployments after a change of the mode.", deployment,
    )  # fmt: skip


def _warning(message: str, fix: str, deployment: Deployment) -> Diagnostic:
    return Diagnostic(
        "deployment-not-published", Severity.WARNING, message, fix, deployment.places.own,
        MetadataType.DEPLOYMENT.address(deployment.name),
    )  # fmt: skip


def _of(inputs: PlanInput, channel: str) -> Iterator[Deployment]:
    return (each for each in inputs.estate.deployments.values() if each.channel == channel and each.publish)


def _seen(inputs: PlanInput, deployment: Deployment) -> PublicConfig | None:
    found = inputs.snapshot.deployments
    return found.public.get(deployment.name) if isinstance(found, Deployments) else None
