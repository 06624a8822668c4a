"""Which deployments are published after a change: clients go by what was published, not by the channel.

Keys, keysets and configurations are read at each exchange and need no publishing; a changed mode does.
"""

from __future__ import annotations

from collections.abc import Iterator

from provisioner import names
from provisioner.components.deployments import Deployments, PublicConfig
from provisioner.components.snapshot import Unreadable
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.errors import ExitStatus
from provisioner.model.estate import Channel, Deployment
from provisioner.model.types import AUTH, AUTH_MODE
from provisioner.planning.changes import ComparedField
from provisioner.planning.plan import PUBLISHED, Blocked
from provisioner.planning.world import World

#: No older version publishes.
FIRST_VERSION = 67


def published_fields(
    world: World, channel: Channel, *, switched: bool, verification_on: bool
) -> Iterator[ComparedField]:
    """Yield the mode that each declared deployment of the channel shows to visitors.

    ``switched``: the plan changes the mode; then a deployment is published even if its configuration is not shown.
    """
    for deployment in _of(world, channel.name):
        seen = _seen(world, deployment)
        if seen is None or not can_publish(world) or seen.published is False:
            continue
        before = None if seen.auth_mode is None else seen.auth_mode == AUTH
        if before is not None or switched:
            place = deployment.places.of("publish") or deployment.places.own
            yield ComparedField(f"{PUBLISHED}{deployment.name}", before, verification_on, place)


def publication_guards(world: World) -> Iterator[Blocked]:
    """Yield what is wrong with the declared deployments."""
    found = world.snapshot.deployments
    for deployment in world.estate.deployments.values():
        address, own = f"deployment.{deployment.name}", deployment.places.own
        if deployment.channel not in world.estate.channels or world.snapshot.declaration is not None:
            continue  # the plan is narrowed to others, or no org is read
        if not isinstance(found, Deployments):
            why = found.reason if isinstance(found, Unreadable) else "they were not requested"
            yield Blocked(
                "deployments-unreadable", f"The org's deployments could not be read: {why}",
                "Give the user View Setup and Configuration and Customize Application.", address, unread=True,
            )  # fmt: skip
        elif deployment.name not in found.ids:
            yield Blocked(
                "deployment-missing",
                f"{address} does not exist in the org.{names.hint(deployment.name, found.ids)}",
                f"Write the API name of a deployment. The org has: {names.listed(sorted(found.ids))}.",
                address, ExitStatus.WRONG_INPUT, own,
            )  # fmt: skip
        elif _serves_another(found, deployment):
            yield Blocked(
                "deployment-on-another-channel",
                f"{address} serves another channel than {deployment.channel}.",
                "Write the channel that it serves: the channel of a deployment cannot be changed here.",
                address, ExitStatus.WRONG_INPUT, deployment.places.of("channel") or own,
            )  # fmt: skip


def publication_warnings(world: World) -> Iterator[Diagnostic]:
    """Yield what is not known, or not done, about the declared deployments."""
    for deployment in world.estate.deployments.values():
        seen = _seen(world, deployment)
        if seen is None or not deployment.publish:
            continue
        if seen.published is False:
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
        elif not can_publish(world):
            yield _warning(
                f"{deployment.name} cannot be published here: that needs API version {FIRST_VERSION}.0.",
                "Publish it in Setup > Embedded Service Deployments after a change of the mode.", deployment,
            )  # fmt: skip


def can_publish(world: World) -> bool:
    """Tell if the org has the resource that publishes."""
    return int(world.snapshot.newest_api_version.partition(".")[0]) >= FIRST_VERSION


def mode_name(verification_on: bool) -> str:
    """Return the mode as the public configuration writes it."""
    return AUTH_MODE.encode(verification_on)


def _warning(message: str, fix: str, deployment: Deployment) -> Diagnostic:
    return Diagnostic(
        "deployment-not-published", Severity.WARNING, message, fix, deployment.places.own,
        f"deployment.{deployment.name}",
    )  # fmt: skip


def _of(world: World, channel: str) -> Iterator[Deployment]:
    return (each for each in world.estate.deployments.values() if each.channel == channel and each.publish)


def _seen(world: World, deployment: Deployment) -> PublicConfig | None:
    found = world.snapshot.deployments
    return found.public.get(deployment.name) if isinstance(found, Deployments) else None


def _serves_another(found: Deployments, deployment: Deployment) -> bool:
    seen = found.public.get(deployment.name)
    shown, own = seen.channel_address if seen is not None else None, found.addresses.get(deployment.channel)
    return shown is not None and shown != own
