"""Compares deployments: those to create, and the origins that an org and their sites must trust.

A deployment or an origin of the org is never changed; missing ones are added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.components import xml
from provisioner.components.deployments import Deployments, ObservedDeployment, label_of, read_deployment
from provisioner.components.origins import cors_name, is_trusted, same_origin
from provisioner.components.snapshot import Component, Unreadable
from provisioner.model.estate import Deployment, DeploymentType
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.changes import ComparedField, change_of
from provisioner.planning.plan import FRAME, PUBLISHED, Action, Change, Preserved, Reason
from provisioner.planning.plan_input import PlanInput
from provisioner.planning.publications import can_publish, verifies_after


def deployment_changes(inputs: PlanInput) -> Iterator[Change]:
    """Yield the deployments to create and the origins to add; nothing if those of the org could not be read."""
    found = inputs.snapshot.deployments
    if not isinstance(found, Deployments):
        return
    yield from _origins(inputs)
    for deployment in inputs.estate.deployments.values():
        if exists(inputs, deployment):
            change = _existing(inputs, deployment)
        else:
            change = _created(inputs, deployment) if deployment.create is not None else None
        if change is not None:
            yield change


def exists(inputs: PlanInput, deployment: Deployment) -> bool:
    """Tell if the org has a deployment of that name: it lists it, or shows its metadata."""
    found, name = inputs.snapshot.deployments, deployment.name
    listed = isinstance(found, Deployments) and name in found.ids
    return listed or isinstance(inputs.snapshot.find(MetadataType.DEPLOYMENT, name), Component)


def observed(inputs: PlanInput, deployment: Deployment) -> ObservedDeployment | None:
    """Return the deployment as its metadata has it; None if it is missing or could not be read."""
    component = inputs.snapshot.find(MetadataType.DEPLOYMENT, deployment.name)
    return read_deployment(component.xml) if isinstance(component, Component) else None


def kept_of(inputs: PlanInput) -> Iterator[Preserved]:
    """Yield the differences of existing deployments from their declaration: they stay as they are."""
    for deployment in inputs.estate.deployments.values():
        seen, address = observed(inputs, deployment), MetadataType.DEPLOYMENT.address(deployment.name)
        if seen is None:
            continue
        if deployment.type is not None and seen.type != deployment.type.metadata:
            yield Preserved(address, f"its type in the org stays {seen.type or 'unknown'}")
        if deployment.create is not None and deployment.create.label not in (None, seen.label):
            yield Preserved(address, f"its label in the org stays {seen.label or 'empty'}")


def _created(inputs: PlanInput, deployment: Deployment) -> Change:
    create, places = deployment.create, deployment.places
    assert create is not None
    web = deployment.type is DeploymentType.WEB
    fields = [
        ComparedField("type", None, str(deployment.type), places.of("type")),
        ComparedField("channel", None, deployment.channel, places.of("channel")),
        ComparedField("create.label", None, label_of(deployment), places.of("create", "label")),
        ComparedField("create.domain", None, create.domain, places.of("create", "domain")),
        *_frames(inputs, deployment),
        *_first_publication(inputs, deployment),
    ]
    site = " It has a site of its own, which stays if the deployment is deleted." if web else ""
    impact = f"{deployment.name} is created for {deployment.channel}.{site}"
    return Change(
        MetadataType.DEPLOYMENT, deployment.name, Action.CREATE, Reason.NOT_IN_ORG,
        tuple(field.change() for field in fields if field.after is not None), (), (impact,),
        Risk.PERMANENT if web else Risk.NONE, places.own,
    )  # fmt: skip


def _first_publication(inputs: PlanInput, deployment: Deployment) -> Iterator[ComparedField]:
    mode = verifies_after(inputs, deployment.channel)
    if deployment.publish and can_publish(inputs) and mode is not None:
        place = deployment.places.of("publish") or deployment.places.own
        yield ComparedField(f"{PUBLISHED}{deployment.name}", None, mode, place)


def _existing(inputs: PlanInput, deployment: Deployment) -> Change | None:
    fields = [*_frames(inputs, deployment), *_unpublished(inputs, deployment)]
    if deployment.channel not in inputs.estate.channels:
        fields += _published(inputs, deployment)
    impact = [f"{deployment.name} is published: from then on its visitors load it as its channel is now."]
    publishes = any(each.path.startswith(PUBLISHED) and each.differs for each in fields)
    return change_of(
        MetadataType.DEPLOYMENT, deployment.name, fields, impact if publishes else (), deployment.places.own
    )


def _unpublished(inputs: PlanInput, deployment: Deployment) -> Iterator[ComparedField]:
    """Yield the publication of a deployment that this declaration created, and that was never published."""
    found = inputs.snapshot.deployments
    seen = found.public.get(deployment.name) if isinstance(found, Deployments) else None
    if deployment.create is not None and seen is not None and seen.published is False:
        yield from _first_publication(inputs, deployment)


def _published(inputs: PlanInput, deployment: Deployment) -> Iterator[ComparedField]:
    """Yield the public mode of a deployment with a channel that is not declared here."""
    found = inputs.snapshot.deployments
    seen = found.public.get(deployment.name) if isinstance(found, Deployments) else None
    if seen is not None and seen.auth_mode is not None:
        for each in _first_publication(inputs, deployment):
            yield ComparedField(each.path, seen.auth_mode == "Auth", each.after, each.place)


def _frames(inputs: PlanInput, deployment: Deployment) -> Iterator[ComparedField]:
    """Yield the origins that the site of a web deployment does not trust yet."""
    if not is_web(inputs, deployment):
        return
    found = inputs.snapshot.deployments
    sites = found.sites if isinstance(found, Deployments) else {}
    site = sites.get(deployment.name) if not isinstance(sites, Unreadable) else None
    if site is None and exists(inputs, deployment):
        return  # a guard says so
    for index, origin in enumerate(deployment.origins):
        if site is None or not is_trusted(origin, site.frames):
            yield ComparedField(f"{FRAME}{origin}", None, True, deployment.places.of("origins", index))


def is_web(inputs: PlanInput, deployment: Deployment) -> bool:
    """Tell if a deployment has a site: by the org, or by the declaration if the org does not have it."""
    seen = observed(inputs, deployment)
    return seen.type == "Web" if seen is not None else deployment.type is DeploymentType.WEB


def unread_origins(inputs: PlanInput) -> Unreadable | None:
    """Return the reason why not every entry of CORS could be read; None if each could be."""
    found = inputs.snapshot.others.get(MetadataType.CORS_ORIGIN)
    if not isinstance(found, Mapping):
        return found
    return next((each for each in found.values() if isinstance(each, Unreadable)), None)


def _origins(inputs: PlanInput) -> Iterator[Change]:
    """Yield an entry of CORS for each origin that has none; entries are found by their URL, never by their name.

    Yields nothing if an entry could not be read: it may be that of any origin. A guard says so.
    """
    kind = MetadataType.CORS_ORIGIN
    if unread_origins(inputs) is not None:
        return
    present = inputs.snapshot.present(kind)
    known = [xml.text_of(each.xml, "urlPattern") or "" for each in present.values()]
    taken = list(inputs.snapshot.names(kind))
    for deployment in inputs.estate.deployments.values():
        for index, origin in enumerate(deployment.origins):
            if any(same_origin(origin, each) for each in known):
                continue
            known.append(origin)
            taken.append(cors_name(origin, taken))
            place = deployment.places.of("origins", index) or deployment.places.own
            impact = f"Pages of {origin} can load chats, and use every other resource of the org that CORS opens."
            field = ComparedField("url_pattern", None, origin, place).change()
            yield Change(kind, taken[-1], Action.CREATE, Reason.NOT_IN_ORG, (field,), (), (impact,), Risk.NONE, place)
