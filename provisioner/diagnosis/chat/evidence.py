"""The evidence about one channel: from the org's metadata, the chat runtime, and the keysets' endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioner.components.channel import ObservedChannel, ObservedConfiguration
from provisioner.components.snapshot import Unreadable
from provisioner.jose.endpoint_diagnosis import EndpointDiagnosis
from provisioner.model.types import MetadataType
from provisioner.planning.plan_input import PlanInput
from provisioner.salesforce.chat_answers import ChatAnswer
from provisioner.salesforce.chat_site import SitePage


@dataclass(frozen=True, slots=True)
class ChatEvidence:
    """The evidence about a channel. A value that was not requested or is not available is None or empty.

    ``inputs`` holds the org and the declaration. ``config``: the deployment's public configuration. ``probe``: the
    answer to a token that nobody signed. ``address``: the channel's ChannelAddressIdentifier. ``endpoints``: the judged
    answers of keysets' endpoints, by keyset. ``deployments``: the names of the org's deployments. ``origins``: those of
    the pages, each with the origin that the answer allows. ``site``: the page that a web deployment shows in a frame.
    """

    environment: str
    channel: str
    inputs: PlanInput
    deployment: str | None = None
    chat_url: str | None = None
    config: ChatAnswer | None = None
    probe: ChatAnswer | None = None
    address: str | None = None
    endpoints: Mapping[str, EndpointDiagnosis] = field(default_factory=dict)
    deployments: tuple[str, ...] = ()
    origins: Mapping[str, str | None] = field(default_factory=dict)
    site: SitePage | None = None

    @property
    def observed(self) -> ObservedChannel | None:
        """Return the channel as the org has it; None if it is missing or unreadable."""
        return self.inputs.channels.get(self.channel)

    @property
    def unreadable(self) -> Unreadable | None:
        found = self.inputs.snapshot.find(MetadataType.CHANNEL, self.channel)
        return found if isinstance(found, Unreadable) else None

    @property
    def is_active(self) -> bool | None:
        """Return MessagingChannel.IsActive; None if it could not be read."""
        active = self.inputs.snapshot.active_channels
        return None if isinstance(active, Unreadable) else active.get(self.channel)

    @property
    def active_configurations(self) -> tuple[ObservedConfiguration, ...]:
        observed = self.observed
        return tuple(each for each in observed.ours.values() if each.active) if observed is not None else ()

    @property
    def is_declared(self) -> bool:
        return self.channel in self.inputs.estate.channels


def endpoint_keysets(inputs: PlanInput, channel: str) -> dict[str, str]:
    """Return the endpoints of the keysets in a channel's active configurations, by keyset."""
    observed = inputs.channels.get(channel)
    names = [each.keyset for each in observed.ours.values() if each.active] if observed is not None else []
    found = {name: inputs.keysets[name] for name in names if name in inputs.keysets}
    return {name: keyset.endpoint for name, keyset in found.items() if keyset.is_endpoint and keyset.endpoint}
