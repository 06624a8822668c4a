"""Guards: the reasons to refuse a plan. They mark changes, and never hide one.

Each is a function of the plan's input, the changes and the options of the person, and yields :class:`Blocked`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioner.components.snapshot import OrgFacts, Unreadable
from provisioner.errors import ExitStatus
from provisioner.model.types import TYPES, MetadataType, Risk
from provisioner.planning.deployment_guards import deployment_guards
from provisioner.planning.destinations import destination_guards
from provisioner.planning.external import depends_on_unknown
from provisioner.planning.plan import Action, Blocked, Change
from provisioner.planning.settings_changes import settings_guards
from provisioner.words import enumerated

if TYPE_CHECKING:
    from provisioner.jose.material import Derivation
    from provisioner.planning.plan_input import PlanInput


@dataclass(frozen=True, slots=True)
class Allowed:
    """The permissions of the person, by options and in the environment file.

    ``revoke`` names the one key whose deactivation may leave a channel with nothing usable: a leaked one. ``command``
    is the command that takes the options, if it is not ``apply``.
    """

    destroy: bool = False
    old_api: bool = False
    production: bool = False
    revoke: str | None = None
    permanent: bool = False
    command: str = ""

    def by(self, option: str) -> str:
        """Return the words for the command with an option that allows more."""
        return f"run: {self.command} {option}" if self.command else f"apply with {option}."


NOTHING_ALLOWED = Allowed()
#: The fields of a key that can change without a new JWK.
_BESIDE_THE_JWK = ("label", "description", "active")


def unreadable(found: Mapping[str, Unreadable], who: str = "user") -> Iterator[Blocked]:
    """Yield a guard for each part that could not be read: it may refer to the components that the plan changes.

    ``who`` needs the missing permission.
    """
    for address, why in found.items():
        yield Blocked(
            "unreadable",
            f"{address} could not be read: {why.reason}",
            why.next(who),
            None if address in {kind.word for kind in TYPES} else address,
            unread=True,
        )


def differs_by_case(inputs: PlanInput, changes: Sequence[Change]) -> Iterator[Blocked]:
    """Refuse a new component if only the case of its name differs from one in the org, which it could overwrite."""
    created = [change for change in changes if change.action is Action.CREATE]
    known: dict[tuple[MetadataType, str], str] = {}
    for kind in dict.fromkeys(change.type for change in created):
        for name in inputs.snapshot.names(kind):
            known.setdefault((kind, name.casefold()), name)
    for change in created:
        same = known.get((change.type, change.full_name.casefold()), change.full_name)
        if same != change.full_name:
            yield Blocked(
                "name-differs-by-case",
                f"{change.address} would be created, and the org has {change.type.address(same)}: the names differ "
                "only by upper and lower case. Whether an org tells them apart is not documented.",
                f"Write {same} if that component is meant; else choose another name.",
                change.address,
                declared_at=change.declared_at,
            )


def destructive(changes: Sequence[Change], allowed: Allowed) -> Iterator[Blocked]:
    """Refuse destructive changes without --allow-destroy."""
    if allowed.destroy:
        return
    for change in changes:
        if change.risk is Risk.DESTRUCTIVE:
            what = "; ".join(change.removals) or "customers verified today would no longer be verified"
            yield Blocked(
                "destructive",
                f"{change.address} would be changed destructively: {what}.",
                f"To do this, {allowed.by('--allow-destroy')}",
                change.address,
                declared_at=change.declared_at,
            )


def activity(inputs: PlanInput) -> Iterator[Blocked]:
    """Refuse to activate a channel if its state is unknown."""
    active = inputs.snapshot.active_channels
    for channel in inputs.estate.channels.values():
        if channel.active and isinstance(active, Unreadable):
            yield Blocked(
                "activity-unreadable",
                f"Whether {channel.name} is active could not be read: {active.reason}",
                active.next(),
                MetadataType.CHANNEL.address(channel.name),
                declared_at=channel.places.of("active"),
                unread=True,
            )


def permanent(changes: Sequence[Change], allowed: Allowed) -> Iterator[Blocked]:
    """Refuse to create a component that an org cannot delete without --allow-permanent."""
    for change in changes:
        if change.risk is Risk.PERMANENT and not allowed.permanent:
            why = (
                "it leaves a site in the org: no API is known that deletes the site of a web deployment"
                if change.type is MetadataType.DEPLOYMENT
                else f"an org cannot delete a {change.type.word}: neither Setup nor an API does"
            )
            yield Blocked(
                "permanent",
                f"{change.address} would be created, and {why}.",
                f"To create it, {allowed.by('--allow-permanent')}",
                change.address,
                declared_at=change.declared_at,
            )


def last_usable(inputs: PlanInput, changes: Sequence[Change], allowed: Allowed) -> Iterator[Blocked]:
    """Refuse to leave a channel verifying without a usable configuration, unless it is in that state already.

    A leaked key may be revoked anyway, by a plan that does nothing else.
    """
    if not changes or is_revocation(changes, allowed.revoke):
        return
    for name, after in inputs.after.channels.items():
        if not after.enabled or inputs.after.has_usable_configuration(after, inputs.now):
            continue
        if depends_on_unknown(inputs, after):
            continue
        before = inputs.before.channels.get(name)
        if before is not None and before.enabled and not inputs.before.has_usable_configuration(before, inputs.now):
            continue
        channel = inputs.estate.channels.get(name)
        yield Blocked(
            "no-usable-configuration",
            f"channel.{name} would have verification on without a usable configuration: no customer could chat on it.",
            "Keep one active configuration whose keyset is an endpoint or has an active key with a valid certificate.",
            f"channel.{name}",
            declared_at=channel.places.of("user_verification") if channel is not None else None,
        )


def is_revocation(changes: Sequence[Change], key: str | None) -> bool:
    """Tell if the only change is the deactivation of ``key``."""
    if key is None or len(changes) != 1:
        return False
    (change,) = changes
    what = (change.type, change.full_name, change.action)
    switched = [(field.path, field.before, field.after) for field in change.fields]
    return what == (MetadataType.KEY, key, Action.UPDATE) and switched == [("active", True, False)]


def still_referenced(inputs: PlanInput, changes: Sequence[Change]) -> Iterator[Blocked]:
    """Refuse to delete a component that a keyset or channel of the org, declared or not, would still refer to."""
    for change in changes:
        if change.action is not Action.DELETE:
            continue
        if change.type is MetadataType.KEY:
            holders = [f"keyset.{name}" for name in inputs.after.keysets_of_key(change.full_name)]
        else:
            holders = [f"channel.{name}" for name in inputs.after.channels_of_keyset(change.full_name)]
        if holders:
            yield Blocked(
                "still-referenced",
                f"{change.address} cannot be deleted: {enumerated(holders)} would still refer to it.",
                f"Remove it from {enumerated(holders)} first: in the declaration, or in Setup if that is not managed.",
                change.address,
                declared_at=change.declared_at,
            )


def dates(inputs: PlanInput, changes: Sequence[Change], derivations: dict[str, Derivation]) -> Iterator[Blocked]:
    """Refuse to send a JWK with a certificate that the org refuses; a JWK that stays may have an expired one."""
    from provisioner.jose.certificates import DATE_RULES

    for change in changes:
        if change.type is not MetadataType.KEY or change.action is Action.DELETE:
            continue
        if all(field.path in _BESIDE_THE_JWK for field in change.fields):
            continue
        key = inputs.estate.keys[change.full_name]
        for defect in derivations[change.full_name].defects:
            if defect.rule in DATE_RULES:
                yield Blocked(
                    defect.rule,
                    defect.message,
                    defect.fix,
                    change.address,
                    ExitStatus.WRONG_INPUT,
                    key.places.of("certificate") or key.places.of("jwk"),
                )


def production(org: OrgFacts, changes: Sequence[Change], *, allowed: bool) -> Iterator[Blocked]:
    """Refuse changes to a production org without ``production: true`` in the environment file."""
    if not changes or allowed or org.is_production is False:
        return
    if org.is_production:
        message = f"{org.instance_url} is a production org, but the environment file does not declare it as production."
    else:
        message = f"Whether {org.instance_url} is a production org could not be read."
    yield Blocked(
        "production",
        message,
        "If this is the right org, write `production: true` in the environment file.",
        unread=org.is_production is None,
    )


def borrowed_session(inputs: PlanInput, changes: Sequence[Change]) -> Iterator[Blocked]:
    """Refuse to change a production org with a person's session of the official CLI."""
    org = inputs.snapshot.org
    if not changes or not org.borrowed or org.is_production is False:
        return
    kind = "is a production org" if org.is_production else "may be a production org"
    yield Blocked(
        "borrowed-session",
        f"{org.instance_url} {kind}, and the session of the Salesforce CLI does not change production.",
        "Write username, consumer_key and private_key into the environment file in place of sf_org; "
        "`provisioner init` writes a commented example.",
    )


def old_api(inputs: PlanInput, changes: Sequence[Change], allowed: Allowed) -> Iterator[Blocked]:
    """Refuse to rewrite channels below the org's newest API version: newer elements could be lost."""
    snapshot = inputs.snapshot
    touches_channel = any(change.type is MetadataType.CHANNEL for change in changes)
    if allowed.old_api or not touches_channel or _number(snapshot.api_version) >= _number(snapshot.newest_api_version):
        return
    yield Blocked(
        "old-api",
        f"Channels would be rewritten at API version {snapshot.api_version}, but the org offers "
        f"{snapshot.newest_api_version}: elements of the newer version could be lost.",
        f"Remove `api_version` from the environment file, or {allowed.by('--allow-old-api')}",
    )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def all_guards(
    inputs: PlanInput,
    changes: Sequence[Change],
    allowed: Allowed,
    derivations: dict[str, Derivation],
    could_not_be_read: dict[str, Unreadable],
) -> Iterable[Blocked]:
    """Return the refusals of all guards, in the order in which a person reads them."""
    yield from unreadable(could_not_be_read)
    yield from differs_by_case(inputs, changes)
    yield from dates(inputs, changes, derivations)
    yield from still_referenced(inputs, changes)
    yield from last_usable(inputs, changes, allowed)
    yield from activity(inputs)
    yield from destination_guards(inputs)
    yield from deployment_guards(inputs)
    yield from settings_guards(inputs)
    yield from permanent(changes, allowed)
    yield from destructive(changes, allowed)
    yield from production(inputs.snapshot.org, changes, allowed=allowed.production)
    yield from borrowed_session(inputs, changes)
    yield from old_api(inputs, changes, allowed)
