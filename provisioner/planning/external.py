"""The components of the org that another declaration owns, and the guards on plans that refer to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from provisioner import names
from provisioner.components.keyset import ObservedKeyset, read_keyset
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.errors import ExitStatus
from provisioner.model.estate import Configuration, Estate, UploadedKeys
from provisioner.model.types import TYPES, MetadataType
from provisioner.model.verification import KnownChannel, KnownConfiguration
from provisioner.planning.plan import Blocked
from provisioner.planning.plan_input import PlanInput

#: Names by type, in their order; looking one up takes no time.
Owned = Mapping[MetadataType, Collection[str]]


def owned_elsewhere(estate: Estate, keysets: Mapping[str, ObservedKeyset]) -> Owned:
    """Return the names that another declaration owns: external ones, and keys that only external keysets hold.

    ``keysets`` are those of the org.
    """
    owned = {kind: dict.fromkeys(estate.external.names(kind)) for kind in TYPES}
    theirs = owned[MetadataType.KEYSET]
    held = {key for name in theirs if name in keysets for key in keysets[name].keys}
    ours = {key for name, keyset in keysets.items() if name not in theirs for key in keyset.keys}
    owned[MetadataType.KEY] |= dict.fromkeys(sorted(held - ours - {*estate.keys, *estate.removed.keys}))
    return owned


def owned_elsewhere_in(snapshot: Snapshot, estate: Estate) -> Owned:
    """Return :func:`owned_elsewhere` for an org as it was read."""
    keysets = {name: read_keyset(found.xml) for name, found in snapshot.present(MetadataType.KEYSET).items()}
    return owned_elsewhere(estate, keysets)


def external_errors(inputs: PlanInput, *, narrowed: bool = False) -> Iterator[Blocked]:
    """Yield an error for each external component that is missing or of no use, or that conflicts with a declared one.

    One that could not be read has a guard of its own. ``narrowed``: only those that the estate of the plan refers to.
    Without an org nothing is known of them.
    """
    if inputs.snapshot.declaration is not None:
        return
    external = inputs.estate.external
    referred = _referred_to(inputs.estate)
    for kind in TYPES:
        observed = inputs.snapshot.types[kind]
        if isinstance(observed, Unreadable):
            continue
        for index, name in enumerate(external.names(kind)):
            if isinstance(observed.get(name), Unreadable) or (narrowed and kind.address(name) not in referred):
                continue
            why = None if name in observed else _missing(kind, name, list(observed))
            place = external.places.of(kind.section, index)
            if why is not None:
                yield _error("external-missing", why, _IN_ORG.format(word=kind.word), kind.address(name), place)
            elif (why := _USE[kind](inputs, name)) is not None:
                message = f"{kind.address(name)} is external, and {why}."
                fix = _OWNER if kind is not MetadataType.CHANNEL else _NO_CHAT
                yield _error("external-unusable", message, fix, kind.address(name), place)
    yield from _same_kids(inputs)


def depends_on_unknown(inputs: PlanInput, channel: KnownChannel) -> bool:
    """Tell if tokens verify on a channel by an external component that is not known.

    It is missing in the org, which is an error of its own; or no org was asked.
    """
    keys, external = frozenset(inputs.estate.external.keys), frozenset(inputs.estate.external.keysets)
    named = [each.keyset for each in channel.configurations or () if each.active and each.keyset in external]
    if inputs.snapshot.declaration is not None:
        return bool(named) or any(not keys.isdisjoint(each.keys) for each in inputs.after.active_keysets(channel))
    declared = inputs.estate.channels.get(channel.name)
    is_judged = declared is not None and declared.configurations is not None
    return is_judged and any(name not in inputs.after.keysets for name in named)


def _referred_to(estate: Estate) -> frozenset[str]:
    """Return the addresses that declared keysets and channels refer to."""
    keys = (name for each in estate.keysets.values() if isinstance(each.source, UploadedKeys)
            for name in each.source.names)  # fmt: skip
    keysets = (each.keyset for channel in estate.channels.values() for each in (channel.configurations or {}).values())
    return frozenset(
        [
            *(MetadataType.KEY.address(name) for name in keys),
            *(MetadataType.KEYSET.address(name or "") for name in keysets),
        ]
    )


_IN_ORG = "Correct the name under external, or ask the owner of the {word} to create it first."
_OWNER = "Ask its owner to repair it, or use another one."
_NO_CHAT = "Name an Enhanced Chat channel, or remove this one from external."


def _error(guard: str, message: str, fix: str, address: str, place: Location | None) -> Blocked:
    return Blocked(guard, message, fix, address, ExitStatus.WRONG_INPUT, place)


def _missing(kind: MetadataType, name: str, known: list[str]) -> str:
    there = f"The org's {kind.section}: {names.listed(sorted(known))}." if known else f"The org has no {kind.word}."
    return f"{kind.address(name)} is external, but it does not exist in the org.{names.hint(name, known)} {there}"


def _key_defect(inputs: PlanInput, name: str) -> str | None:
    if inputs.before.verifies(name, inputs.now):
        return None
    return "its JWK cannot be read" if inputs.keys[name].jwk is None else _NO_TOKEN


def _keyset_defect(inputs: PlanInput, name: str) -> str | None:
    keys = inputs.after.keysets[name].keys
    if any(isinstance(inputs.snapshot.find(MetadataType.KEY, key), Unreadable) for key in keys):
        return None  # not known: another guard reports it
    if inputs.after.is_usable(KnownConfiguration("", name, active=True), inputs.now):
        return None
    return f"{_NO_TOKEN}: it has no active key with a valid certificate"


def _channel_defect(inputs: PlanInput, name: str) -> str | None:
    found = inputs.channels[name]
    return None if found.is_enhanced_chat else f"it is a channel of type {found.channel_type or 'unknown'}"


_NO_TOKEN = "no token verifies by it now"  # noqa: S105 - a sentence
_USE: Mapping[MetadataType, Callable[[PlanInput, str], str | None]] = {
    MetadataType.KEY: _key_defect,
    MetadataType.KEYSET: _keyset_defect,
    MetadataType.CHANNEL: _channel_defect,
}


def _same_kids(inputs: PlanInput) -> Iterator[Blocked]:
    """Yield an error for each declared keyset in which an external key has the kid of another key."""
    external, known = inputs.estate.external.keys, inputs.after.keys
    for keyset in inputs.estate.keysets.values() if external else ():
        owners: dict[str, str] = {}
        for name in inputs.after.keysets[keyset.name].keys:
            jwk = known[name].jwk if name in known else None
            other = owners.setdefault(jwk.kid, name) if jwk is not None else name
            if jwk is not None and other != name and {name, other} & set(external):
                message = f"The keys {other} and {name} of keyset.{keyset.name} have the same kid {jwk.kid!r}."
                fix = "Keep one of the two in the keyset: a token's kid must name exactly one key."
                address = MetadataType.KEYSET.address(keyset.name)
                yield _error("keyset-duplicate-kid", message, fix, address, keyset.places.of("keys"))


def external_warnings(inputs: PlanInput) -> Iterator[Diagnostic]:
    """Yield a warning for each declared channel on which an external keyset has the issuer of another active one."""
    external = inputs.estate.external.keysets
    for channel in inputs.estate.channels.values() if external else ():
        owners: dict[str, Configuration] = {}
        for each in (channel.configurations or {}).values():
            keyset = inputs.after.keysets.get(each.keyset or "")
            if not each.active or keyset is None or keyset.issuer is None:
                continue
            other = owners.setdefault(keyset.issuer, each)
            if other is not each and {each.keyset, other.keyset} & set(external):
                yield Diagnostic(
                    "channel-issuer-conflict",
                    Severity.WARNING,
                    f"The configurations {other.name} and {each.name} of {channel.name} are both active, and their "
                    f"keysets {other.keyset} and {each.keyset} have the issuer {keyset.issuer}.",
                    "Keep one of the two active.",
                    channel.places.of("user_verification", "configurations", each.name),
                    MetadataType.CHANNEL.address(channel.name),
                )
