"""One org: the only interface through which the program reaches Salesforce."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from provisioner.components.deployments import Site
from provisioner.components.snapshot import ChannelRecord, Component, Destinations, Snapshot, Unreadable
from provisioner.errors import OrgRefusedError
from provisioner.model.ids import require_id
from provisioner.model.types import MESSAGING_SETTINGS, MetadataType
from provisioner.salesforce.api_errors import OrgFault
from provisioner.salesforce.channel_records import read_channel_records
from provisioner.salesforce.clock import SYSTEM_CLOCK, Clock
from provisioner.salesforce.connection import Connection
from provisioner.salesforce.deploy import Deployments, RecentDeploy, keys_of, wait_for
from provisioner.salesforce.deploy_status import DeployStatus
from provisioner.salesforce.deployment_setup import (
    SetupAnswer,
    find_deployment,
    has_digital_experiences,
    read_sites,
    set_up,
)
from provisioner.salesforce.destinations import read_destinations
from provisioner.salesforce.login import Session
from provisioner.salesforce.metadata import describe, unreadable
from provisioner.salesforce.read_org import EVERYTHING, Scope, observe, read_again
from provisioner.salesforce.reading import retrieved
from provisioner.salesforce.rest import Rest
from provisioner.salesforce.settings import Access
from provisioner.salesforce.simple import format_soql
from provisioner.salesforce.soap import Soap
from provisioner.salesforce.transport import Transport
from provisioner.salesforce.versions import EarlyVersions, Versions, discover

log = logging.getLogger(__name__)


class Org:
    """A login in one org, usable from several threads. Create it with :meth:`connect`."""

    def __init__(self, connection: Connection, clock: Clock, versions: Versions) -> None:
        self._connection = connection
        self._clock = clock
        self.versions = versions
        self._soap = Soap(connection, self.versions.chosen)
        self._rest = Rest(connection, self.versions.chosen)
        self._deployments = Deployments(connection, self._soap, self._rest)

    @classmethod
    def connect(cls, settings: Access, *, clock: Clock = SYSTEM_CLOCK) -> Org:
        """Log in and choose an API version: two requests, at the same time if the login goes to the org's own domain.

        Raises :class:`LoginError`, :class:`UnreachableError`, :class:`InputError` (the key, the CA bundle) and
        :class:`RefusedError` (a host that must not see an assertion, an unsuitable version).
        """
        transport = Transport(settings, clock)
        early = EarlyVersions(transport)
        connection = Connection(settings, transport, clock, admitted=early.ask)
        return cls(connection, clock, discover(connection, early))

    @property
    def session(self) -> Session:
        """Return the current session; a later one of the same org replaces it when it expires."""
        return self._connection.session

    @property
    def requests_made(self) -> int:
        """Return the number of requests so far, with the login and failed ones."""
        return self._connection.transport.requests_made

    def observe(self, wanted: Scope = EVERYTHING) -> Snapshot:
        """Return everything that a plan needs from the org, as it is now."""
        return observe(self._soap, self._rest, self.session, self.versions, self._clock, wanted)

    def read(
        self, names: Mapping[MetadataType, Collection[str]]
    ) -> Mapping[tuple[MetadataType, str], Component | Unreadable | None]:
        """Read some components again; None for those that the org does not have."""
        return read_again(self._soap, names, self._clock)

    def retrieve(
        self, names: Mapping[MetadataType, Collection[str]]
    ) -> Mapping[tuple[MetadataType, str], Component | Unreadable | None]:
        """Return some components by a retrieve, even if they are few; :meth:`read` chooses the faster way."""
        return retrieved(self._soap, names, self._clock)

    def messaging_settings(self) -> Mapping[MetadataType, Mapping[str, Component | Unreadable] | Unreadable]:
        """Return the settings of Messaging, by a retrieve: the Metadata API reads settings under other names than it
        lists.
        """
        kind = MetadataType.SETTINGS
        try:
            found = self.retrieve({kind: [MESSAGING_SETTINGS]})[kind, MESSAGING_SETTINGS]
        except OrgRefusedError as error:
            return {kind: unreadable(kind, error)}
        return {kind: {} if found is None else {MESSAGING_SETTINGS: found}}

    def destinations(self, queues: Collection[str], flows: Collection[str]) -> Destinations | Unreadable:
        """Return all queues and flows of the org, and details of the named ones."""
        return read_destinations(self._rest.query, queues, flows)

    @property
    def ca_bundle(self) -> Path | None:
        """Return the CA bundle that the login trusts besides the system's authorities."""
        return self._connection.settings.ca_bundle

    def publish(self, deployment_id: str) -> Mapping[str, Any]:
        """Publish an Embedded Service deployment at the newest version; return the org's answer.

        Raises :class:`OrgFault`.
        """
        path = f"connect/embeddedservice/embeddedserviceconfig/publish/{require_id(deployment_id, '', 'a deployment')}"
        return Rest(self._connection, self.versions.newest).post(path)

    def set_up_deployment(self, values: dict[str, Any]) -> tuple[SetupAnswer, str]:
        """Set up a web deployment, by one request that is never repeated; return the result and the org's message."""
        return set_up(Rest(self._connection, self.versions.newest), values)

    def find_deployment(self, name: str) -> tuple[str, str] | None:
        """Return the id and the type of a deployment, as the Tooling API lists it now. Raises :class:`OrgFault`."""
        return find_deployment(self._rest.query, name)

    def sites(self, sites: Mapping[str, str]) -> Mapping[str, Site] | Unreadable:
        """Return the sites of web deployments, by their names; ``sites`` are the names in their metadata."""
        return read_sites(self._rest.query, sites)

    def trust_frame(self, site_id: str, url: str) -> None:
        """Add a trusted frame to a site; no effect if it exists. Raises :class:`OrgFault`."""
        self._rest.create("SiteIframeWhiteListUrl", {"SiteId": site_id, "Url": url})

    def has_digital_experiences(self) -> bool | Unreadable:
        """Return whether the org has Digital Experiences, which the site of a web deployment needs."""
        return has_digital_experiences(self._rest)

    def query(self, soql: str, *, tooling: bool = False) -> list[dict[str, Any]]:
        """Return all records of a SOQL query. Raises :class:`OrgFault` and :class:`UnreachableError`."""
        return self._rest.query(soql, tooling=tooling)

    def calls_left(self) -> int:
        """Return the number of API calls that remain today for all users of the org."""
        return self._rest.calls_left()

    def assign_permission_set(self, user_id: str, permission_set_id: str) -> None:
        """Give a user a permission set; no effect if the user has it. Raises :class:`OrgFault`."""
        self._rest.create("PermissionSetAssignment", {"AssigneeId": user_id, "PermissionSetId": permission_set_id})

    def consumer_key(self, app: str) -> str | None:
        """Return an external client app's consumer key by the Connect REST API; None if the org does not show it.

        Source: Connect REST API Developer Guide, "OAuth Credentials". The secret is not requested.
        """
        try:
            rows = self._rest.query(
                format_soql("SELECT Id FROM ExternalClientApplication WHERE DeveloperName = {}", app)
            )
            path = f"apps/oauth/credentials/{require_id(str(rows[0]['Id']), '', 'an app')}" if rows else None
            consumers = self._rest.get(path)["consumers"] if path is not None else []
            return str(consumers[0]["key"]) if consumers else None
        except (OrgFault, KeyError, TypeError, IndexError) as error:
            log.info("The org does not show the consumer key of %s: %s", app, error)
            return None

    def offered_types(self) -> frozenset[str]:
        """Return the XML names of the metadata types that the org offers: one call of the Metadata API."""
        return describe(self._soap)

    def recent_deploys(self) -> tuple[RecentDeploy, ...] | None:
        """Return the newest deployments of all users; None if the org does not show them."""
        return self._deployments.recent()

    def deploy(
        self,
        package: bytes,
        *,
        check_only: bool,
        known: frozenset[str] | None = None,
        ignore_warnings: bool = False,
    ) -> str:
        """Send a package, at most once; return the deployment's id.

        ``ignore_warnings``: the org's warnings do not fail the deployment.
        ``known`` are the ids (15 characters) of :meth:`recent_deploys` shortly before; without them the org is asked
        first. Raises :class:`DeployUnsettled` if the answer was lost and the deployment cannot be found.
        """
        before = known if known is not None else keys_of(self._deployments.recent())
        return self._deployments.submit(package, check_only=check_only, known=before, ignore_warnings=ignore_warnings)

    def deploy_status(self, deploy_id: str) -> DeployStatus:
        """Return the current status of a deployment."""
        return self._deployments.status(deploy_id)

    def cancel_deploy(self, deploy_id: str) -> None:
        """Request the cancellation of a deployment; the caller must still wait for it, because it may be too late."""
        self._deployments.cancel(deploy_id)

    def wait_for(self, deploy_id: str, *, minutes: float, on_progress: Callable[[DeployStatus], None]) -> DeployStatus:
        """Poll until the deployment is done. Raises :class:`DeployUnsettled` with its id if that takes too long."""
        environment = self._connection.settings.environment
        return wait_for(
            self._deployments,
            deploy_id,
            minutes=minutes,
            on_progress=on_progress,
            clock=self._clock,
            environment=environment,
        )

    def pause(self, seconds: float) -> None:
        """Wait, by this org's clock."""
        self._clock.sleep(seconds)

    def is_channel_active(self, full_name: str) -> bool:
        """Return the current MessagingChannel.IsActive; False if the org has no such channel."""
        query = "SELECT IsActive FROM MessagingChannel WHERE DeveloperName = {}"
        rows = self._rest.query(format_soql(query, full_name))
        return bool(rows) and rows[0]["IsActive"] is True

    def channel_id(self, full_name: str) -> str:
        """Return the id of a channel's record. Raises :class:`OrgRefusedError` if the org has no such channel."""
        rows = self._rest.query(format_soql("SELECT Id FROM MessagingChannel WHERE DeveloperName = {}", full_name))
        if not rows:
            raise OrgRefusedError(
                f"The org has no messaging channel {full_name} with a record.",
                next="Check in Setup > Messaging Settings whether it still exists.",
                code="channel-missing",
            )
        return require_id(str(rows[0]["Id"]), "", "a channel")

    def channel_records(self) -> Mapping[str, ChannelRecord]:
        """Return the records of all channels by API name. Raises :class:`OrgFault` and :class:`UnreachableError`."""
        return read_channel_records(self._rest)

    def activate_channel(self, full_name: str, *, active: bool = True) -> None:
        """Set MessagingChannel.IsActive. Raises :class:`OrgFault`."""
        self.change_channel_record(full_name, {"IsActive": active})

    def change_channel_record(self, full_name: str, values: dict[str, Any]) -> None:
        """Set fields of a MessagingChannel record, which no deployment contains. Raises :class:`OrgFault`."""
        self._rest.update("MessagingChannel", self.channel_id(full_name), values)
