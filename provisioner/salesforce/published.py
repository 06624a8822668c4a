"""Reads the deployments and their published state, and publishes them.

Source: Tooling API, EmbeddedServiceConfig (ids begin with 04I); the Connect resource that publishes, from API version
67.0 on (404 below it), seen to answer 201 with ``isSuccess`` and ``publishStatus``. No field of an org has the
published state: the public configuration, which the chat host serves to everyone, is the only evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from provisioner.components.deployments import Deployments, PublicConfig
from provisioner.components.snapshot import Unreadable
from provisioner.errors import ProvisionerError, UnreachableError
from provisioner.model.types import MetadataType
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.chat_answers import ChatAnswer, Kind
from provisioner.salesforce.metadata import unreadable
from provisioner.salesforce.parallel import in_background

if TYPE_CHECKING:
    from provisioner.salesforce.client import Org

_DEPLOYMENTS = "SELECT Id, DeveloperName FROM EmbeddedServiceConfig"
_ADDRESSES = "SELECT DeveloperName, ChannelAddressIdentifier FROM MessagingChannel"
_NOT_PUBLISHED = 412
_NONE: Mapping[str, str] = MappingProxyType({})
#: Seconds before each read of the public configuration after publishing: ten minutes together.
WAITS = (0.0, 5.0, 10.0, 15.0, 30.0, *[60.0] * 9)
_MOST_UNSEEN = 3
#: Asks the chat host for the public configuration of a deployment.
Ask = Callable[[str], ChatAnswer]


def read_deployments(
    org: Org, ask: Ask, names: Collection[str], *, sites: Mapping[str, str] = _NONE, created: Collection[str] = ()
) -> Deployments | Unreadable:
    """Return the org's deployments, and the published state of the named ones.

    ``sites`` are the names of the sites to read, by deployment; ``created`` are web deployments to create if they are
    missing.
    """
    try:
        ids = in_background(lambda: deployment_ids(org))
        addresses = org.query(_ADDRESSES)
        known = ids.result()
    except (OrgFault, UnreachableError) as error:
        return unreadable(MetadataType.CHANNEL, error)
    asked = {name: in_background(partial(ask, name)) for name in names if name in known}
    return Deployments(
        known,
        {str(row["DeveloperName"]): str(row["ChannelAddressIdentifier"]) for row in addresses},
        {name: public_config(answer.result()) for name, answer in asked.items()},
        org.sites(sites),
        org.has_digital_experiences() if any(name not in known for name in created) else None,
    )


def deployment_ids(org: Org) -> dict[str, str]:
    """Return the ids of the org's deployments by name. Raises :class:`OrgFault` and :class:`UnreachableError`."""
    return {str(row["DeveloperName"]): str(row["Id"]) for row in org.query(_DEPLOYMENTS, tooling=True)}


def public_config(answer: ChatAnswer) -> PublicConfig:
    """Return the public configuration of a deployment in an answer of the chat host."""
    if answer.kind is Kind.GOOD and answer.auth_mode is not None:
        return PublicConfig(True, answer.auth_mode, answer.channel_address)
    if answer.status == _NOT_PUBLISHED:
        return PublicConfig(False, why=answer.words)
    status = f"HTTP {answer.status}" if answer.status is not None else "no answer"
    return PublicConfig(None, why=": ".join(filter(None, (status, answer.words))))


class Publisher:
    """Publishes deployments and waits until visitors get them. ``pause`` waits."""

    def __init__(self, org: Org, ask: Ask, pause: Callable[[float], None]) -> None:
        self._org = org
        self._ask = ask
        self._pause = pause

    def publish(self, deployment_id: str) -> str | None:
        """Publish a deployment; return the org's reason if it did not do so. Raises :class:`OrgFault`.

        Publishing twice does no harm, so the request is repeated after a lost answer.
        """
        answer = self._org.publish(deployment_id)
        if answer.get("isSuccess") is True:
            return None
        said = {name: value for name, value in answer.items() if isinstance(value, str | bool)}
        return ", ".join(f"{name} {value}" for name, value in said.items()) or "nothing"

    def wait(self, name: str, auth_mode: str) -> PublicConfig:
        """Return the public configuration once it has that mode, or the last one that was read.

        If the host shows nothing several times in a row, the wait stops.
        """
        seen, unseen = PublicConfig(None), 0
        for seconds in WAITS:
            self._pause(seconds)
            seen = self._look(name)
            unseen = unseen + 1 if seen.auth_mode is None else 0
            if seen.auth_mode == auth_mode or unseen == _MOST_UNSEEN:
                break
        return seen

    def _look(self, name: str) -> PublicConfig:
        try:
            return public_config(self._ask(name))
        except ProvisionerError as error:
            return PublicConfig(None, why=error.message)
