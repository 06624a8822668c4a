"""Compares keysets: issuer, type, members or endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from provisioner.components.keyset import ObservedKeyset, type_of
from provisioner.model.estate import Endpoint, Keyset, UploadedKeys
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.changes import ComparedField, change_of, compared, create
from provisioner.planning.key_changes import SOON
from provisioner.planning.plan import Change
from provisioner.planning.plan_input import PlanInput
from provisioner.planning.usage import NO_CHANNEL_VERIFIES, channels_of_keyset_phrase


def compare_keyset(inputs: PlanInput, keyset: Keyset) -> Change | None:
    """Return the change that applies the declared keyset to the org, None if nothing differs."""
    observed = inputs.keysets.get(keyset.name)
    used = observed is not None and (bool(inputs.before.channels_of_keyset(keyset.name)) or not inputs.usage_is_known)
    fields = list(_fields(keyset, observed, used))
    if observed is None:
        return create(MetadataType.KEYSET, keyset.name, fields, (), keyset.places.own)
    declared = set(keyset.source.names if isinstance(keyset.source, UploadedKeys) else ())
    gone = [name for name in observed.keys if name not in declared]
    return change_of(
        MetadataType.KEYSET,
        keyset.name,
        fields,
        _impact(inputs, keyset, observed, gone),
        keyset.places.own,
        [f"key {name} leaves the keyset" for name in gone],
        Risk.DESTRUCTIVE if gone else Risk.NONE,
    )


def _fields(keyset: Keyset, observed: ObservedKeyset | None, used: bool) -> Iterator[ComparedField]:
    at = keyset.places.of
    for row in MetadataType.KEYSET.fields:
        yield from compared(row, keyset, observed, in_use=used)
    broken = Risk.DESTRUCTIVE if used else Risk.NONE
    source = "endpoint" if isinstance(keyset.source, Endpoint) else "keys"
    yield ComparedField("type", observed.type if observed else None, type_of(keyset), at(source), broken)
    match keyset.source:
        case UploadedKeys(names=names):
            yield ComparedField("keys", observed.keys if observed else (), names, at("keys"))
            yield ComparedField("endpoint", observed.endpoint if observed else None, None, at("keys"), broken)
        case Endpoint(url=url):
            yield ComparedField("keys", observed.keys if observed else (), (), at("endpoint"), broken)
            yield ComparedField(
                "endpoint",
                observed.endpoint if observed else None,
                url,
                at("endpoint"),
                Risk.DISRUPTIVE if used else Risk.NONE,
            )
        case None:
            pass  # not declared: the org's source stays
        case _:
            assert_never(keyset.source)


def _impact(inputs: PlanInput, keyset: Keyset, observed: ObservedKeyset, gone: list[str]) -> Iterator[str]:
    if observed.type != type_of(keyset):
        yield "The type of the keyset changes. It is not proven that an org accepts this change."
    place = channels_of_keyset_phrase(inputs, keyset.name)
    effects = list(_effects(inputs, keyset, observed, gone, place or ""))
    yield from effects
    if effects and place is None:
        yield NO_CHANNEL_VERIFIES


def _effects(inputs: PlanInput, keyset: Keyset, observed: ObservedKeyset, gone: list[str], place: str) -> Iterator[str]:
    """Yield the sentences about the effect on tokens, by channel."""
    issuer = keyset.issuer.value if keyset.issuer is not None else None
    if observed.issuer != issuer:
        yield f"Tokens with iss {observed.issuer} will stop verifying{place}; {SOON}. Only iss {issuer} will."
    for name in gone:
        key = inputs.keys.get(name)
        if key is not None and not key.active:
            continue  # its tokens do not verify anyway
        kid = key.jwk.kid if key is not None and key.jwk is not None else None
        signed = f"signed with kid {kid}" if kid else f"of key {name}"
        yield f"Tokens {signed} will stop verifying{place}; {SOON}."
    if observed.is_endpoint and not isinstance(keyset.source, Endpoint):
        yield f"Tokens that only the endpoint {observed.endpoint} has keys for will stop verifying{place}; {SOON}."
    elif isinstance(keyset.source, Endpoint) and observed.endpoint != keyset.source.url:
        yield (
            f"Tokens{place} will verify only if the new endpoint serves their kid; "
            "how long an org keeps the old endpoint's keys is not documented."
            if observed.is_endpoint
            else f"Tokens{place} will verify only if the endpoint serves their kid."
        )
