"""The guards against publishing and creating declared deployments, and adding origins to them."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner import names
from provisioner.components.deployments import Deployments
from provisioner.components.snapshot import Unreadable
from provisioner.diagnostics import Location
from provisioner.errors import ExitStatus
from provisioner.model.estate import Deployment, DeploymentType
from provisioner.model.types import MetadataType
from provisioner.planning.deployment_changes import exists, is_web, observed, unread_origins
from provisioner.planning.plan import Blocked
from provisioner.planning.plan_input import PlanInput
from provisioner.planning.publications import FIRST_VERSION, can_publish

_PERMISSIONS = "Give the user View Setup and Configuration and Customize Application."


def deployment_guards(inputs: PlanInput) -> Iterator[Blocked]:
    """Yield a refusal for each defect of the declared deployments."""
    found = inputs.snapshot.deployments
    if inputs.snapshot.declaration is not None:
        return  # no org is read
    for deployment in inputs.estate.deployments.values():
        if not isinstance(found, Deployments):
            why = found.reason if isinstance(found, Unreadable) else "they were not requested"
            what = f"The org's deployments could not be read: {why}"
            yield _unread("deployments-unreadable", what, deployment)
            continue
        if exists(inputs, deployment):
            yield from _existing(inputs, found, deployment)
        elif deployment.create is None:
            yield _missing(found, deployment)
        else:
            yield from _created(inputs, found, deployment)
        yield from _origins(inputs, found, deployment)


def _existing(inputs: PlanInput, found: Deployments, deployment: Deployment) -> Iterator[Blocked]:
    seen, shown = observed(inputs, deployment), found.public.get(deployment.name)
    if seen is not None:
        other = seen.channel if seen.channel != deployment.channel else None
    else:
        address = shown.channel_address if shown is not None else None
        own = found.addresses.get(deployment.channel)
        other = "another channel" if address is not None and address != own else None
    if other is not None or (seen is not None and seen.channel is None):
        serves = f"serves {other or 'no channel'}, and not {deployment.channel}"
        yield _wrong(
            "deployment-on-another-channel", f"deployment.{deployment.name} {serves}.",
            "Write the channel that it serves, or declare a new deployment: no API is known that changes the channel "
            "of a deployment.", deployment, deployment.places.of("channel"),
        )  # fmt: skip


def _missing(found: Deployments, deployment: Deployment) -> Blocked:
    return _wrong(
        "deployment-missing",
        f"deployment.{deployment.name} does not exist in the org.{names.hint(deployment.name, found.ids)}",
        f"Write the API name of a deployment, or how to create it under `create:`. The org has: "
        f"{names.listed(sorted(found.ids))}.",
        deployment,
    )


def _created(inputs: PlanInput, found: Deployments, deployment: Deployment) -> Iterator[Blocked]:
    channel = inputs.channels.get(deployment.channel)
    if deployment.channel not in inputs.estate.channels and (channel is None or not channel.is_enhanced_chat):
        chats = sorted(name for name, each in inputs.channels.items() if each.is_enhanced_chat)
        yield _wrong(
            "deployment-channel-missing",
            f"The org has no Enhanced Chat channel {deployment.channel} for deployment.{deployment.name}."
            f"{names.hint(deployment.channel, chats)}",
            f"Write the API name of a channel, or declare the channel. The org has: {names.listed(chats)}.",
            deployment, deployment.places.of("channel"),
        )  # fmt: skip
    if deployment.type is not DeploymentType.WEB:
        return
    if not can_publish(inputs):
        yield _wrong(
            "deployment-needs-newer-api",
            f"deployment.{deployment.name} cannot be created: an org sets up web deployments from API version "
            f"{FIRST_VERSION}.0 on, and this one offers {inputs.snapshot.newest_api_version}.",
            "Create it in Setup > Embedded Service Deployments, and remove `create:` here.", deployment,
        )  # fmt: skip
    if isinstance(found.digital_experiences, Unreadable):
        what = f"Whether the org has Digital Experiences could not be read: {found.digital_experiences.reason}"
        yield _unread("digital-experiences-unreadable", what, deployment)
    elif found.digital_experiences is False:
        yield Blocked(
            "digital-experiences-off",
            f"deployment.{deployment.name} needs a site, and the org does not show Digital Experiences to this user.",
            "Enable them in Setup > Digital Experiences > Settings, which also registers a domain; or give the user "
            "access.",
            MetadataType.DEPLOYMENT.address(deployment.name), declared_at=deployment.places.own,
        )  # fmt: skip


def _origins(inputs: PlanInput, found: Deployments, deployment: Deployment) -> Iterator[Blocked]:
    if not deployment.origins:
        return
    unread = unread_origins(inputs)
    if unread is not None or MetadataType.CORS_ORIGIN not in inputs.snapshot.others:
        why = unread.reason if unread is not None else "they were not requested"
        yield _unread("origins-unreadable", f"The origins in Setup > CORS could not be read: {why}", deployment)
    if not (exists(inputs, deployment) and is_web(inputs, deployment)):
        return
    if isinstance(found.sites, Unreadable):
        what = f"The site of {deployment.name} could not be read: {found.sites.reason}"
        yield _unread("site-unreadable", what, deployment)
    elif deployment.name not in found.sites:
        what = f"The site of {deployment.name} was not found, so its trusted frames are not known."
        yield _unread("site-unreadable", what, deployment)


def _wrong(guard: str, message: str, fix: str, deployment: Deployment, at: Location | None = None) -> Blocked:
    address = MetadataType.DEPLOYMENT.address(deployment.name)
    return Blocked(guard, message, fix, address, ExitStatus.WRONG_INPUT, at or deployment.places.own)


def _unread(guard: str, message: str, deployment: Deployment) -> Blocked:
    address = MetadataType.DEPLOYMENT.address(deployment.name)
    return Blocked(guard, message, _PERMISSIONS, address, declared_at=deployment.places.own, unread=True)
