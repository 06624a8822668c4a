"""From a config directory to a plan: checked declaration, observed org, one plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provisioner.components.deployments import Deployments, read_deployment
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.declaration.load import ConfigDirectory, Loaded
from provisioner.diagnostics import Diagnostic
from provisioner.errors import ProvisionerError
from provisioner.jose.material import Derivation, jwks_of
from provisioner.model.environment import Environment
from provisioner.model.estate import Estate
from provisioner.model.jwk import Jwk
from provisioner.model.types import TYPES, MetadataType
from provisioner.planning.destinations import routes
from provisioner.planning.digests import declaration_digest
from provisioner.planning.guards import Allowed
from provisioner.planning.plan import Plan
from provisioner.planning.planner import make_plan
from provisioner.rules.check import check
from provisioner.salesforce.chat_answers import ChatAnswer, silence
from provisioner.salesforce.published import Ask, read_deployments
from provisioner.salesforce.read_org import EVERYTHING, Scope
from provisioner.workflows.chat_settings import settings_of
from provisioner.workflows.console import Console
from provisioner.workflows.load_declaration import FindingsError, blocking

if TYPE_CHECKING:
    from provisioner.salesforce import Org


#: For a plan that is not applied: the options that an apply would need are no objection to it.
EVERYTHING_ALLOWED = Allowed(destroy=True, old_api=True, production=True, permanent=True)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A declaration under an environment, without errors. ``warnings`` are its findings."""

    environment: Environment
    loaded: Loaded
    derivations: Mapping[str, Derivation]
    warnings: tuple[Diagnostic, ...]

    @property
    def estate(self) -> Estate:
        return self.loaded.estate

    @property
    def jwks(self) -> dict[str, Jwk]:
        return jwks_of(self.derivations)

    def planner(
        self, console: Console, allowed: Allowed | None = None, targets: Sequence[str] = ()
    ) -> Callable[[Snapshot], Plan]:
        """Return a function that makes the plan from a snapshot; a plan without ``allowed`` is only shown."""
        allowed = allowed or Allowed(production=self.environment.production)
        digest = declaration_digest(self.loaded, self.jwks)

        def plan(snapshot: Snapshot) -> Plan:
            return make_plan(
                self.loaded.estate,
                self.derivations,
                snapshot,
                environment=self.environment.name,
                declaration_digest=digest,
                now=console.now,
                allowed=allowed,
                targets=targets,
                warnings=self.warnings,
            )

        return plan


def prepare(console: Console, name: str, config: ConfigDirectory | None = None) -> Prepared:
    """Load and check the declaration. Raises :class:`FindingsError` for errors other than certificate dates.

    ``config`` replaces the person's own config directory.
    """
    loaded = (config or console.config).load(name)
    checked = check(loaded, now=console.now)
    if blocking(checked.findings):
        raise FindingsError(name, checked.findings)
    assert loaded.environment is not None
    warnings = tuple(finding for finding in checked.findings if not finding.is_error)
    # Only the rules need the library's certificates, which take as much memory as all of the JWKs.
    derivations = {name: replace(each, certificate=None) for name, each in checked.derivations.items()}
    return Prepared(loaded.environment, loaded, derivations, warnings)


def observe(console: Console, org: Org, environment: Environment, estate: Estate | None = None) -> Snapshot:
    """Read the org with a message; for a plan of ``estate``, also the routing targets of new and activated channels."""
    console.say(f"Reading {org.session.instance_url} at API version {org.versions.chosen}.")
    snapshot = org.observe(_wanted(estate))
    if estate is not None and estate.org.messaging:
        snapshot = replace(snapshot, others={**snapshot.others, **org.messaging_settings()})
    if estate is not None and estate.deployments:
        snapshot = replace(snapshot, deployments=_deployments(console, org, environment, estate, snapshot))
    wanted = routes(estate, snapshot).values() if estate is not None else ()
    if not wanted:
        return snapshot
    queues = {route.queue for route in wanted if route.queue is not None}
    flows = {route.flow for route in wanted if route.flow is not None}
    return replace(snapshot, destinations=org.destinations(queues, flows))


def observe_for_import(console: Console, org: Org, environment: Environment) -> Snapshot:
    """Read the org with all of its deployments, but not their public configuration: an import declares no mode."""
    console.say(f"Reading {org.session.instance_url} at API version {org.versions.chosen}.")
    snapshot = org.observe(Scope(kinds=(*TYPES, MetadataType.DEPLOYMENT)))
    return replace(snapshot, deployments=read_deployments(org, config_reader(console, org, environment), ()))


def _wanted(estate: Estate | None) -> Scope:
    """Return the scope of a plan: the declared deployments, and CORS only if the declaration has origins."""
    if estate is None or not estate.deployments:
        return EVERYTHING
    cors = (MetadataType.CORS_ORIGIN,) if any(each.origins for each in estate.deployments.values()) else ()
    return Scope({MetadataType.DEPLOYMENT: list(estate.deployments)}, (*TYPES, MetadataType.DEPLOYMENT, *cors))


def _deployments(
    console: Console, org: Org, environment: Environment, estate: Estate, snapshot: Snapshot
) -> Deployments | Unreadable:
    declared = {name: each for name, each in estate.deployments.items() if each.origins}
    shown = snapshot.present(MetadataType.DEPLOYMENT)
    sites = {name: read_deployment(each.xml).site for name, each in shown.items() if name in declared}
    created = [each.name for each in estate.deployments.values() if each.create is not None and each.type == "web"]
    return read_deployments(
        org, config_reader(console, org, environment), list(estate.deployments),
        sites={name: site for name, site in sites.items() if site is not None}, created=created,
    )  # fmt: skip


def hidden(snapshot: Snapshot) -> Iterator[tuple[str, Unreadable]]:
    """Yield the name of each component, and of each whole type, that the user cannot read, with the reason."""
    for kind, observed in snapshot.types.items():
        if isinstance(observed, Unreadable):
            yield kind.xml_name, observed
        else:
            yield from ((name, found) for name, found in observed.items() if isinstance(found, Unreadable))


def config_reader(console: Console, org: Org, environment: Environment) -> Ask:
    """Return a function that requests a deployment's public configuration, without any credential."""

    def ask(deployment: str) -> ChatAnswer:
        from provisioner.salesforce.chat import ChatRuntime  # only for declarations with deployments

        try:
            return ChatRuntime(settings_of(console, environment, org, deployment, org.ca_bundle)).config()
        except ProvisionerError as error:  # the environment names no chat host that may be asked
            return silence(error.message, error.code)

    return ask
