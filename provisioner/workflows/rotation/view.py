"""The state of a keyset, by the declaration and the org, for the steps of a rotation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.components.key import ObservedKey
from provisioner.components.snapshot import Snapshot, Unreadable
from provisioner.jose.rotation_state import (
    DEFAULT_VERIFIED_MINUTES,
    Choice,
    DeclaredState,
    OrgState,
    RotatingKey,
    RotatingKeyset,
    UsingChannel,
)
from provisioner.jose.uploaded_jwk import certificate_of
from provisioner.model.estate import Endpoint, Keyset, UploadedKeys
from provisioner.model.jwk import Jwk
from provisioner.planning.plan_input import PlanInput
from provisioner.report.visible import without_credentials
from provisioner.workflows.console import Console
from provisioner.workflows.declared_keyset import declared_keyset, refuse_external_keys
from provisioner.workflows.endpoints import ask_for_keys
from provisioner.workflows.prepare import Prepared

NO_CHOICE = Choice()


def find_keyset(prepared: Prepared, name: str) -> Keyset:
    """Return the declared keyset. Raises :class:`RefusedError` if it has external keys, or :class:`UsageError`."""
    estate = prepared.loaded.estate
    keyset = declared_keyset(estate, name)
    refuse_external_keys(estate, keyset)
    return keyset


def view_of(
    console: Console,
    prepared: Prepared,
    snapshot: Snapshot,
    keyset: Keyset,
    choice: Choice = NO_CHOICE,
    deployments: Mapping[str, str] | None = None,
) -> RotatingKeyset:
    """Return the state of the keyset. ``deployments`` are those that the person named, by channel."""
    inputs = PlanInput(prepared.loaded.estate, prepared.jwks, snapshot, console.now)
    unreadable = tuple(_unreadable(snapshot))
    observed = inputs.keysets.get(keyset.name)
    in_org = observed is not None
    match keyset.source:
        case Endpoint(url=url):
            endpoint: str | None = url
            in_org = observed is not None and observed.is_endpoint and observed.endpoint == url
            keys, problem = _served(console, prepared, url, choice)
            unreadable += problem
        case _:
            endpoint = None
            in_org = observed is not None and not observed.is_endpoint
            keys = tuple(_uploaded(inputs, keyset))
    return RotatingKeyset(
        keyset=keyset.name,
        issuer=(keyset.issuer.value if keyset.issuer is not None else None) or "",
        endpoint=endpoint,
        in_org=in_org,
        keys=keys,
        channels=tuple(_channels(prepared, inputs, keyset.name, deployments or {})),
        unreadable=unreadable,
        taken=frozenset({*inputs.estate.keys, *inputs.estate.removed.keys, *inputs.keys}),
    )


def _uploaded(inputs: PlanInput, keyset: Keyset) -> Iterator[RotatingKey]:
    estate = inputs.estate
    listed = keyset.source.names if isinstance(keyset.source, UploadedKeys) else ()
    held = inputs.keysets[keyset.name].keys if keyset.name in inputs.keysets else ()
    for name in dict.fromkeys((*listed, *held)):
        declared = DeclaredState.UNDECLARED
        if name in listed:
            declared = DeclaredState.ACTIVE if estate.keys[name].active else DeclaredState.INACTIVE
        elif name in estate.removed.keys:
            declared = DeclaredState.REMOVED
        found = inputs.keys.get(name)
        ours = inputs.jwks.get(name)
        theirs = found.jwk if found is not None else None
        yield _key(
            name,
            ours or theirs,
            declared,
            _held(found, name in held),
            replaced=name in listed and ours is not None and found is not None and not _same(ours, theirs),
            elsewhere=_elsewhere(inputs, name) - {keyset.name},
        )


def _held(found: ObservedKey | None, listed: bool) -> OrgState:
    if found is None:
        return OrgState.MISSING
    if not listed:
        return OrgState.UNREFERENCED
    return OrgState.ACTIVE if found.active else OrgState.INACTIVE


def _same(ours: Jwk, theirs: Jwk | None) -> bool:
    """Return whether two JWKs have the same kid and key, so that no token distinguishes them."""
    return theirs is not None and (ours.kid, ours.n, ours.e) == (theirs.kid, theirs.n, theirs.e)


def _elsewhere(inputs: PlanInput, name: str) -> frozenset[str]:
    """Return the other keysets, declared or in the org, that list a key."""
    declared = {
        keyset.name
        for keyset in inputs.estate.keysets.values()
        if isinstance(keyset.source, UploadedKeys) and name in keyset.source.names
    }
    return frozenset(declared | set(inputs.before.keysets_of_key(name)))


def _key(
    name: str,
    jwk: Jwk | None,
    declared: DeclaredState,
    held: OrgState,
    *,
    replaced: bool = False,
    elsewhere: frozenset[str] = frozenset(),
) -> RotatingKey:
    certificate = certificate_of(jwk) if jwk is not None else None
    return RotatingKey(
        name=name,
        kid=jwk.kid if jwk is not None else name,
        algorithm=(jwk.alg if jwk is not None else "") or "RS256",
        declared=declared,
        held=held,
        begins=certificate.not_valid_before_utc if certificate is not None else None,
        ends=certificate.not_valid_after_utc if certificate is not None else None,
        replaced=replaced,
        elsewhere=elsewhere,
        thumbprint=jwk.thumbprint if jwk is not None else None,
    )


def _served(
    console: Console, prepared: Prepared, url: str, choice: Choice
) -> tuple[tuple[RotatingKey, ...], tuple[str, ...]]:
    """Return the keys that an endpoint serves now, and the new key that the person named."""
    diagnosis = ask_for_keys(console, url, ca_bundle=prepared.environment.ca_bundle)
    problem = diagnosis.problem
    if not diagnosis.keys and problem is not None:
        return (), (f"The endpoint {without_credentials(url)} returned no keys. {problem.message} {problem.fix}",)
    keys = {jwk.kid: _key(jwk.kid, jwk, DeclaredState.ACTIVE, OrgState.ACTIVE) for jwk in diagnosis.jwks}
    if choice.new is not None and choice.new not in keys:
        keys[choice.new] = _key(choice.new, None, DeclaredState.ACTIVE, OrgState.MISSING)
    return tuple(keys.values()), ()


def _channels(
    prepared: Prepared, inputs: PlanInput, keyset: str, deployments: Mapping[str, str]
) -> Iterator[UsingChannel]:
    """Yield the org's channels that verify customers by the keyset."""
    for name in inputs.before.verifying_by([keyset]):
        target = prepared.environment.verify.get(name)
        deployment = deployments.get(name) or (target.deployment if target is not None else None)
        minutes = inputs.channels[name].verified_minutes
        known = configuration_of(prepared, name, keyset) is not None
        yield UsingChannel(
            name, DEFAULT_VERIFIED_MINUTES if minutes is None else minutes, deployment if known else None
        )


def configuration_of(prepared: Prepared, channel: str, keyset: str) -> str | None:
    """Return the declared Configuration Name of the keyset on a channel; an active one first."""
    declared = prepared.loaded.estate.channels.get(channel)
    found = [each for each in (declared.configurations or {}).values() if each.keyset == keyset] if declared else []
    return next((each.name for each in sorted(found, key=lambda each: not each.active)), None)


def _unreadable(snapshot: Snapshot) -> Iterator[str]:
    for kind, observed in snapshot.types.items():
        if isinstance(observed, Unreadable):
            yield f"The org's {kind.section} could not be read: {observed.reason} Needed: {observed.permission}."
        else:
            for name, found in observed.items():
                if isinstance(found, Unreadable):
                    yield f"{kind.address(name)} could not be read: {found.reason} Needed: {found.permission}."
