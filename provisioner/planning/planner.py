"""Estate and Snapshot to Plan. Pure: the same values give the same plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from provisioner import names
from provisioner.components.deployments import Deployments
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.errors import ExitStatus, UsageError
from provisioner.jose.material import Derivation
from provisioner.model.estate import Channel, Deployment, Estate, Org
from provisioner.model.types import MESSAGING_SETTINGS, TYPES, MetadataType
from provisioner.planning.channel_changes import (
    compare_channel,
    create_channel,
    not_in_force_of,
    preserved_of,
    routing_warnings,
)
from provisioner.planning.deletions import compare_removed
from provisioner.planning.deployment_changes import deployment_changes, exists, kept_of
from provisioner.planning.external import Owned, external_errors, external_warnings, owned_elsewhere
from provisioner.planning.guards import NOTHING_ALLOWED, Allowed, all_guards
from provisioner.planning.key_changes import compare_key, leaked_keys
from provisioner.planning.keyset_changes import compare_keyset
from provisioner.planning.package_limits import package_limits
from provisioner.planning.plan import (
    Blocked,
    Change,
    NotInForce,
    OwnedElsewhere,
    Plan,
    Preserved,
    Reason,
    Unmanaged,
)
from provisioner.planning.plan_input import PlanInput
from provisioner.planning.publications import publication_warnings
from provisioner.planning.settings_changes import settings_changes
from provisioner.rules.ignores import Ignores

#: The reasons for changes in an offline plan.
_OFFLINE = {
    Reason.NOT_IN_ORG: Reason.NOT_IN_BASE,
    Reason.DIFFERS: Reason.DIFFERS_FROM_BASE,
    Reason.TOMBSTONE: Reason.REMOVED_FROM_BASE,
}


def make_plan(
    estate: Estate,
    derivations: Mapping[str, Derivation],
    snapshot: Snapshot,
    *,
    environment: str,
    declaration_digest: str,
    now: datetime,
    allowed: Allowed = NOTHING_ALLOWED,
    targets: Sequence[str] = (),
    warnings: Iterable[Diagnostic] = (),
) -> Plan:
    """Return the plan that applies ``estate`` to the org of a snapshot.

    ``derivations`` has a JWK for every declared key; ``targets`` are addresses that narrow the plan; ``warnings`` are
    the declaration's own. Raises :class:`UsageError` if a target names nothing.
    """
    known = frozenset(_addresses(estate)) if targets else frozenset()
    for target in targets:
        _check_target(target, known, estate)
    jwks = {name: derivation.jwk for name, derivation in derivations.items() if derivation.jwk is not None}
    # Changes outside of the targets do not happen: guards and impact must not count on them.
    inputs = PlanInput(_narrowed(estate, frozenset(targets), snapshot) if targets else estate, jwks, snapshot, now)
    could_not_be_read = dict(_unreadable(snapshot))
    changes = tuple(_changes(inputs))
    if snapshot.declaration is not None:
        changes = tuple(replace(each, reason=_OFFLINE.get(each.reason, each.reason)) for each in changes)
    changed = {change.address for change in changes}
    present = {kind.address(name) for kind in TYPES for name in snapshot.present(kind)}
    deployments = inputs.estate.deployments.values()
    present |= {each.address for each in snapshot.present(MetadataType.SETTINGS).values()}
    present |= {MetadataType.DEPLOYMENT.address(each.name) for each in deployments if exists(inputs, each)}
    as_declared = present - changed
    owned = owned_elsewhere(estate, inputs.keysets)
    return Plan(
        environment=environment,
        org=snapshot.org,
        api_version=snapshot.api_version,
        newest_api_version=snapshot.newest_api_version,
        declaration_digest=declaration_digest,
        narrowed=bool(targets),
        compared_with=snapshot.declaration,
        changes=changes,
        unchanged=tuple(address for address in _declared(inputs.estate) if address in as_declared),
        blocked=(
            *_channel_errors(inputs),
            *external_errors(inputs, narrowed=bool(targets)),
            *all_guards(inputs, changes, allowed, dict(derivations), could_not_be_read),
            *package_limits(inputs, changes, environment),
        ),
        unmanaged=tuple(_unmanaged(estate, owned, snapshot)),
        external=tuple(_external(owned, snapshot)),
        preserved=tuple(_preserved(inputs)),
        not_in_force=tuple(_not_in_force(inputs)),
        unreadable=could_not_be_read,
        warnings=(*warnings, *Ignores(estate.ignore).keep(_org_warnings(inputs, changes))),
    )


def _narrowed(estate: Estate, targets: Collection[str], snapshot: Snapshot) -> Estate:
    """Only what the targets name; and the existing deployments of the named channels, which are published with them."""
    deployments: dict[str, Deployment] = {}
    for each in estate.deployments.values():
        found = snapshot.deployments
        if MetadataType.DEPLOYMENT.address(each.name) in targets:
            deployments[each.name] = each
        elif MetadataType.CHANNEL.address(each.channel) in targets and (
            each.create is None or (isinstance(found, Deployments) and each.name in found.ids)
        ):
            deployments[each.name] = replace(each, create=None, origins=())
    sections: dict[str, Any] = {
        kind.section: {name: each for name, each in estate.components(kind).items() if kind.address(name) in targets}
        for kind in TYPES
    }
    tombstones: dict[str, Any] = {
        kind.section: tuple(name for name in estate.removed.names(kind) if kind.address(name) in targets)
        for kind in TYPES
        if kind.creatable
    }
    removed = replace(estate.removed, **tombstones)
    org = estate.org if MetadataType.SETTINGS.address(MESSAGING_SETTINGS) in targets else Org()
    return replace(estate, org=org, removed=removed, deployments=deployments, **sections)


def _addresses(estate: Estate) -> list[str]:
    """Return the addresses that a target can name: declared and removed components."""
    return [
        *_declared(estate),
        *(kind.address(name) for kind in TYPES for name in estate.removed.names(kind)),
    ]


def _declared(estate: Estate) -> list[str]:
    settings = [MetadataType.SETTINGS.address(MESSAGING_SETTINGS)] if estate.org.messaging else []
    kinds = (*TYPES, MetadataType.DEPLOYMENT)
    return [*settings, *(kind.address(name) for kind in kinds for name in estate.components(kind))]


def _check_target(target: str, known: Collection[str], estate: Estate) -> None:
    if any(target == kind.address(name) for kind in TYPES for name in estate.external.names(kind)):
        raise UsageError(
            f"{target} is external: another team owns it, and this declaration never changes it.",
            next="Name a component that the declaration has, or remove the name from external.",
            code="external",
        )
    if target not in known:
        advice = "A target is an address: key.NAME, keyset.NAME, channel.NAME or deployment.NAME."
        raise names.unknown("target", target, known, place="the declaration", advice=advice)


def _unreadable(snapshot: Snapshot) -> Iterator[tuple[str, Unreadable]]:
    for kind, observed in snapshot.types.items():
        if isinstance(observed, Unreadable):
            yield kind.word, observed
        else:
            for name, found in observed.items():
                if isinstance(found, Unreadable):
                    yield kind.address(name), found


def _changes(inputs: PlanInput) -> Iterator[Change]:
    """Yield the changes in the order of dependency. An unreadable component is neither created nor deleted."""
    yield from settings_changes(inputs)
    yield from filter(None, _comparisons(inputs))
    yield from deployment_changes(inputs)
    yield from compare_removed(inputs)


def _comparisons(inputs: PlanInput) -> Iterator[Change | None]:
    estate, snapshot = inputs.estate, inputs.snapshot
    for key in estate.keys.values():
        if key.name in inputs.jwks and not isinstance(snapshot.find(MetadataType.KEY, key.name), Unreadable):
            yield compare_key(inputs, key)
    for keyset in estate.keysets.values():
        if not isinstance(snapshot.find(MetadataType.KEYSET, keyset.name), Unreadable):
            yield compare_keyset(inputs, keyset)
    for channel in estate.channels.values():
        observed = inputs.channels.get(channel.name)
        if observed is not None and observed.is_enhanced_chat:
            yield compare_channel(inputs, channel)
        elif channel.create is not None and snapshot.find(MetadataType.CHANNEL, channel.name) is None:
            yield create_channel(inputs, channel, channel.create)


def _channel_errors(inputs: PlanInput) -> Iterator[Blocked]:
    for channel in inputs.estate.channels.values():
        address = MetadataType.CHANNEL.address(channel.name)
        if isinstance(inputs.snapshot.find(MetadataType.CHANNEL, channel.name), Unreadable):
            continue
        observed = inputs.channels.get(channel.name)
        if observed is None and channel.create is not None:
            continue
        if observed is None:
            yield _missing_channel(inputs, channel)
        elif not observed.is_enhanced_chat:
            yield Blocked(
                "channel-not-enhanced-chat",
                f"{address} is a channel of type {observed.channel_type or 'unknown'}, but only Enhanced Web and "
                f"In-App Chat (EmbeddedMessaging) has user verification.",
                "Name an Enhanced Chat channel, or remove this one from the declaration.",
                address,
                ExitStatus.WRONG_INPUT,
                channel.places.own,
            )
        elif inputs.after.channels[channel.name].enabled and observed.session_based:
            yield Blocked(
                "channel-session-based-chat",
                f"{address} has session-based chat (isSynchronousChatEnabled) on, and an org refuses it together "
                f"with user verification.",
                "Turn off session-based chat for it in Setup > Messaging Settings, or keep verification off.",
                address,
                ExitStatus.WRONG_INPUT,
                channel.places.of("user_verification", "enabled"),
            )


def _missing_channel(inputs: PlanInput, channel: Channel) -> Blocked:
    chats = sorted(name for name, found in inputs.channels.items() if found.is_enhanced_chat)
    same = next((name for name in inputs.channels if name.casefold() == channel.name.casefold()), None)
    hint = f" Did you mean {same}?" if same else names.hint(channel.name, chats)
    have = (
        f"The org's Enhanced Chat channels: {', '.join(chats)}." if chats else "The org has no Enhanced Chat channel."
    )
    return Blocked(
        "channel-missing",
        f"channel.{channel.name} does not exist in the org.{hint} {have}",
        "Write the API name of the channel; or create it, in Setup > Messaging Settings or with `create:` here.",
        MetadataType.CHANNEL.address(channel.name),
        ExitStatus.WRONG_INPUT,
        channel.places.own,
    )


def _external(owned: Owned, snapshot: Snapshot) -> Iterator[OwnedElsewhere]:
    for kind in TYPES:
        present = snapshot.present(kind)
        yield from (OwnedElsewhere(kind, name) for name in owned[kind] if name in present)


def _unmanaged(estate: Estate, owned: Owned, snapshot: Snapshot) -> Iterator[Unmanaged]:
    for kind in TYPES:
        named = {*estate.components(kind), *estate.removed.names(kind), *owned[kind]}
        for name in sorted(snapshot.present(kind)):
            if name not in named:
                yield Unmanaged(kind, name)


def _preserved(inputs: PlanInput) -> Iterator[Preserved]:
    for channel in inputs.estate.channels.values():
        observed = inputs.channels.get(channel.name)
        if observed is not None:
            yield from preserved_of(channel, observed)
    yield from kept_of(inputs)


def _not_in_force(inputs: PlanInput) -> Iterator[NotInForce]:
    for channel in inputs.estate.channels.values():
        observed = inputs.channels.get(channel.name)
        if observed is not None and observed.is_enhanced_chat:
            yield from not_in_force_of(channel, observed)


def _org_warnings(inputs: PlanInput, changes: Sequence[Change]) -> Iterator[Diagnostic]:
    yield from leaked_keys(inputs)
    yield from publication_warnings(inputs)
    yield from external_warnings(inputs)
    yield from routing_warnings(inputs, changes)
    snapshot = inputs.snapshot
    active = snapshot.active_channels
    for channel in inputs.estate.channels.values():
        if channel.name not in inputs.channels or isinstance(active, Unreadable):
            continue
        if active.get(channel.name) is False and not channel.active:
            yield Diagnostic(
                "channel-inactive",
                Severity.WARNING,
                f"The channel {channel.name} is inactive in the org: no customer can chat on it, whatever its "
                f"configuration.",
                "Activate it in Setup > Messaging Settings when it is ready.",
                channel.places.own,
                MetadataType.CHANNEL.address(channel.name),
            )
    if isinstance(active, Unreadable) and inputs.estate.channels:
        yield Diagnostic(
            "channel-inactive",
            Severity.WARNING,
            f"Whether the channels are active could not be read: {active.reason}",
            active.next(),
        )
    if snapshot.api_version != snapshot.newest_api_version:
        yield Diagnostic(
            "api-version-old",
            Severity.WARNING,
            f"API version {snapshot.api_version} is used, but the org offers {snapshot.newest_api_version}: elements "
            f"of the newer version are not read.",
            "Remove `api_version` from the environment file to use the newest.",
        )
