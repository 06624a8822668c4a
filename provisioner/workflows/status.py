"""The state of an environment by channel, read as for a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from provisioner.components.channel import ObservedChannel
from provisioner.components.deployments import Deployments, PublicConfig
from provisioner.components.snapshot import Snapshot
from provisioner.diagnosis.chat.guests import Guests
from provisioner.errors import OrgRefusedError, UnreachableError
from provisioner.model.types import MetadataType
from provisioner.model.verification import KnownConfiguration
from provisioner.planning.drift import drift_of
from provisioner.planning.plan import Plan
from provisioner.planning.plan_input import PlanInput
from provisioner.report.status_state import Chain, ChannelState, EnvironmentState, Expiry, KeyState, publication_of
from provisioner.salesforce.parallel import in_background
from provisioner.salesforce.published import public_config
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.guests import GuestOptions, guests_of
from provisioner.workflows.prepare import Prepared, config_reader, observe, prepare

if TYPE_CHECKING:
    from provisioner.salesforce import Org


def status_of(console: Console, name: str) -> EnvironmentState:
    """Return the state of an environment. Raises the errors of the login, of the reading and of the declaration."""
    prepared = prepare(console, name)
    with connected(console, prepared.environment) as org:
        snapshot = observe(console, org, prepared.environment, prepared.estate)
        public = _public(console, prepared, org, snapshot)
        guests, unknown = _guests(console, prepared, org)
    return replace(state_of(console, prepared, snapshot, public), guests=guests, guests_unknown=unknown)


def _public(console: Console, prepared: Prepared, org: Org, snapshot: Snapshot) -> dict[str, PublicConfig]:
    """Return the public configuration of each known deployment, by name; known ones are not requested again."""
    ask = config_reader(console, org, prepared.environment)
    known = snapshot.deployments.public if isinstance(snapshot.deployments, Deployments) else {}
    names = {name for each in _deployments(prepared).values() for name in each} - known.keys()
    asked = {name: in_background(partial(ask, name)) for name in names}
    return {**known, **{name: public_config(answer.result()) for name, answer in asked.items()}}


def _guests(console: Console, prepared: Prepared, org: Org) -> tuple[Guests | None, str]:
    """Return the sessions of the last days, or why the user cannot count them, which is no failure of a status."""
    try:
        return guests_of(console, prepared, org, GuestOptions()), ""
    except (UnreachableError, OrgRefusedError) as error:
        return None, error.message


def state_of(
    console: Console, prepared: Prepared, snapshot: Snapshot, public: Mapping[str, PublicConfig] | None = None
) -> EnvironmentState:
    """Return the state of a snapshot beside the declaration; ``public`` are the configurations that visitors get."""
    plan = prepared.planner(console)(snapshot)
    inputs = PlanInput(prepared.estate, prepared.jwks, snapshot, console.now)
    channels = tuple(_channels(inputs, _owners(plan), _deployments(prepared), public or {}))
    expiries = tuple(_expiries(inputs, prepared.environment.name))
    return EnvironmentState(drift_of(plan, snapshot), prepared.environment.production, channels, expiries)


def _deployments(prepared: Prepared) -> dict[str, tuple[str, ...]]:
    """Return the deployments of each channel: the declared ones, and the one that `verify` uses."""
    found: dict[str, dict[str, None]] = {}
    for name, deployment in prepared.estate.deployments.items():
        if deployment.channel:
            found.setdefault(deployment.channel, {})[name] = None
    for channel, target in prepared.environment.verify.items():
        if target.deployment:
            found.setdefault(channel, {})[target.deployment] = None
    return {channel: tuple(names) for channel, names in found.items()}


def _owners(plan: Plan) -> dict[str, str]:
    """Return the owner of each component that this declaration does not manage, by address."""
    unmanaged = {each.address: "unmanaged" for each in plan.unmanaged}
    return {**unmanaged, **{each.address: "owned elsewhere" for each in plan.external}}


def _channels(
    inputs: PlanInput,
    owners: Mapping[str, str],
    deployments: Mapping[str, tuple[str, ...]],
    public: Mapping[str, PublicConfig],
) -> Iterator[ChannelState]:
    active = inputs.snapshot.active_channels
    for name, channel in sorted(inputs.channels.items()):
        if not channel.is_enhanced_chat:
            continue
        known = inputs.before.channels[name]
        yield ChannelState(
            name=name,
            owner=owners.get(MetadataType.CHANNEL.address(name), "declared"),
            enabled=channel.enabled,
            active=active.get(name) if isinstance(active, Mapping) else None,
            usable=inputs.before.has_usable_configuration(known, inputs.now),
            verified_minutes=channel.verified_minutes,
            chains=tuple(_chains(inputs, name, channel)),
            deployments=tuple(
                publication_of(each, public.get(each, PublicConfig(None)), channel.enabled)
                for each in deployments.get(name, ())
            ),
        )


def _chains(inputs: PlanInput, name: str, channel: ObservedChannel) -> Iterator[Chain]:
    known = {each.name: each for each in inputs.before.channels[name].configurations or ()}
    for each in channel.configurations:
        if each.is_ours and each.name in known:
            yield _chain(inputs, known[each.name])


def _chain(inputs: PlanInput, configuration: KnownConfiguration) -> Chain:
    keyset = inputs.before.keysets.get(configuration.keyset or "")
    return Chain(
        configuration=configuration.name,
        active=configuration.active,
        keyset=configuration.keyset,
        found=keyset is not None,
        issuer=keyset.issuer if keyset is not None else None,
        endpoint=keyset.endpoint if keyset is not None else None,
        keys=tuple(_key(inputs, name) for name in keyset.keys) if keyset is not None else (),
        usable=inputs.before.is_usable(configuration, inputs.now),
    )


def _key(inputs: PlanInput, name: str) -> KeyState:
    found = inputs.before.keys.get(name)
    if found is None:
        return KeyState(name, None, False, None)
    dates = inputs.before.validity(found.jwk) if found.jwk is not None else None
    kid = found.jwk.kid if found.jwk is not None else None
    return KeyState(name, kid, found.active, dates[1] if dates is not None else None)


def _expiries(inputs: PlanInput, environment: str) -> Iterator[Expiry]:
    listed = {key for keyset in inputs.before.keysets.values() for key in keyset.keys}
    for name in sorted(inputs.before.keys):
        key = _key(inputs, name)
        if key.expires is not None:
            yield Expiry(environment, name, key.kid, key.expires, key.active and name in listed)
