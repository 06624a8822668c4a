"""Deletions: the components that the declaration lists under ``removed`` and the org still has."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Location
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.key_changes import SOON
from provisioner.planning.plan import Action, Change, FieldChange, Reason
from provisioner.planning.plan_input import PlanInput
from provisioner.planning.usage import channels_of_key_phrase, verifying_channels_phrase
from provisioner.planning.values import certificate, public_key


def compare_removed(inputs: PlanInput) -> Iterator[Change]:
    """Yield the deletion of each component that is listed under ``removed`` and that the org has."""
    removed = inputs.estate.removed
    for index, name in enumerate(removed.keysets):
        if name in inputs.keysets:
            yield _delete_keyset(inputs, name, removed.places.of("keysets", index))
    for index, name in enumerate(removed.keys):
        if name in inputs.keys:
            yield _delete_key(inputs, name, removed.places.of("keys", index))


def _delete(
    kind: MetadataType, name: str, fields: list[FieldChange], impact: str | None, place: Location | None
) -> Change:
    return Change(
        type=kind,
        full_name=name,
        action=Action.DELETE,
        reason=Reason.TOMBSTONE,
        fields=tuple(field for field in fields if field.before is not None),
        removals=(f"the {kind.word} is deleted",),
        impact=(impact,) if impact else (),
        risk=Risk.DESTRUCTIVE,
        declared_at=place,
    )


def _delete_key(inputs: PlanInput, name: str, place: Location | None) -> Change:
    key = inputs.keys[name]
    jwk = key.jwk
    fields = [FieldChange("label", key.label, None, Risk.DESTRUCTIVE)]
    if jwk is not None:
        fields += [
            FieldChange("kid", jwk.kid, None, Risk.DESTRUCTIVE),
            FieldChange("algorithm", jwk.alg, None, Risk.DESTRUCTIVE),
            FieldChange("public_key", public_key(jwk), None, Risk.DESTRUCTIVE),
            FieldChange("certificate", certificate(jwk), None, Risk.DESTRUCTIVE),
        ]
    kid = f"kid {jwk.kid}" if jwk is not None else f"key {name}"
    # Tokens of an inactive key do not verify anyway.
    here = channels_of_key_phrase(inputs, name) if key.active else None
    impact = f"Tokens signed with {kid} will stop verifying{here}; {SOON}." if here is not None else None
    return _delete(MetadataType.KEY, name, fields, impact, place)


def _delete_keyset(inputs: PlanInput, name: str, place: Location | None) -> Change:
    keyset = inputs.keysets[name]
    fields = [
        FieldChange("label", keyset.label, None, Risk.DESTRUCTIVE),
        FieldChange("issuer", keyset.issuer, None, Risk.DESTRUCTIVE),
        FieldChange("keys", keyset.keys or None, None, Risk.DESTRUCTIVE),
        FieldChange("endpoint", keyset.endpoint, None, Risk.DESTRUCTIVE),
    ]
    here = verifying_channels_phrase(
        inputs, [each for each in inputs.before.verifying_by([name]) if not _covered(inputs, name, each)]
    )
    impact = f"Tokens with iss {keyset.issuer} will stop verifying{here}; {SOON}." if here is not None else None
    return _delete(MetadataType.KEYSET, name, fields, impact, place)


def _covered(inputs: PlanInput, keyset: str, channel: str) -> bool:
    """Tell if the channel keeps another active keyset that verifies the same tokens."""
    return any(
        each.active and inputs.after.covers(each.keyset, inputs.before, keyset)
        for each in inputs.after.channels[channel].configurations or ()
    )
