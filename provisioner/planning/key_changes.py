"""Compares keys: the changes of a PublicKeyCertificate, their risks, and their effects on customers."""

from __future__ import annotations

import json
from collections.abc import Iterator

from provisioner.components.key import ObservedKey
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import CertificateSource, Key
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType, Risk
from provisioner.planning.changes import ComparedField, change_of, compared, create
from provisioner.planning.plan import Change
from provisioner.planning.plan_input import PlanInput
from provisioner.planning.usage import NO_CHANNEL_VERIFIES, channels_of_key_phrase, verifying_channels_phrase
from provisioner.planning.values import certificate, public_key

SOON = "the delay is not documented"


def compare_key(inputs: PlanInput, key: Key) -> Change | None:
    """Return the change that applies the declared key to the org, None if nothing differs."""
    jwk = inputs.jwks[key.name]
    observed = inputs.keys.get(key.name)
    fields = list(_fields(inputs, key, jwk, observed))
    if observed is None:
        impact = [f"Tokens signed with kid {jwk.kid} can verify where a channel uses a keyset with this key."]
        if not key.active:
            impact = [f"The key is inactive: tokens signed with kid {jwk.kid} do not verify."]
        return create(MetadataType.KEY, key.name, fields, impact, key.places.own)
    return change_of(MetadataType.KEY, key.name, fields, _impact(inputs, key, jwk, observed), key.places.own)


def _fields(inputs: PlanInput, key: Key, jwk: Jwk, observed: ObservedKey | None) -> Iterator[ComparedField]:
    at = key.places.of
    used = observed is not None and (not inputs.usage_is_known or bool(inputs.before.channels_of_key(key.name)))
    for row in MetadataType.KEY.fields:
        yield from compared(row, key, observed, in_use=used)
    theirs = observed.jwk if observed is not None else None
    if theirs is not None and jwk.matches(theirs):
        return
    broken = Risk.DESTRUCTIVE if used else Risk.NONE
    source = "certificate" if isinstance(key.source, CertificateSource) else "jwk"
    place = at(source)
    yield ComparedField(
        "kid", theirs.kid if theirs else None, jwk.kid, at("kid") if source == "certificate" else place, broken
    )
    declared = key.places.below.get(("algorithm",), place)
    yield ComparedField(
        "algorithm", theirs.alg if theirs else None, jwk.alg, declared, Risk.DISRUPTIVE if used else Risk.NONE
    )
    yield ComparedField("public_key", public_key(theirs) if theirs else None, public_key(jwk), place, broken)
    yield ComparedField("certificate", certificate(theirs) if theirs else None, certificate(jwk), place)
    if theirs is not None and theirs.use is not None and jwk.use is not None:
        yield ComparedField("use", theirs.use, jwk.use, place)
    for name, value in jwk.other.items():
        before, after = _shown(theirs.other.get(name) if theirs is not None else None, value)
        yield ComparedField(f"jwk.{name}", before, after, place)
    if observed is not None and theirs is None:
        yield ComparedField("jwk", "not readable as an RSA JWK", "as declared", place, broken)


def _shown(before: object, after: object) -> tuple[str | None, str | None]:
    """Return two values of a JWK's member as texts, which differ if the values do: 1 is not "1"."""
    write = json.dumps if before != after and str(before) == str(after) else str
    return (None if before is None else write(before)), (None if after is None else write(after))


def leaked_keys(inputs: PlanInput) -> Iterator[Diagnostic]:
    """Yield a warning for each key of the org with a private key in its JWK, declared here or not."""
    for name, observed in inputs.keys.items():
        if observed.leaked:
            declared = inputs.estate.keys.get(name)
            yield Diagnostic(
                "key-leaked",
                Severity.WARNING,
                f"The JWK of key.{name} in the org holds private members ({', '.join(observed.leaked)}): anyone who "
                f"can read it there can sign tokens.",
                "The private key is no longer secret: replace the key by a new one (a declared key with `provisioner "
                "keys rotate`), and delete it.",
                declared.places.own if declared is not None else None,
                MetadataType.KEY.address(name),
            )


def _impact(inputs: PlanInput, key: Key, jwk: Jwk, observed: ObservedKey) -> Iterator[str]:
    if observed.jwk is None:
        yield "The org holds no readable JWK under this name; it is replaced."
    if observed.active:
        place = channels_of_key_phrase(inputs, key.name)
        stops = _stops(key, jwk, observed.jwk, place or "")
        if stops is not None:
            yield stops if place is not None else f"{stops} {NO_CHANNEL_VERIFIES}"
    elif key.active:
        place = verifying_channels_phrase(inputs, inputs.after.verifying_by(inputs.after.keysets_of_key(key.name)))
        if place is not None:
            yield f"Tokens signed with kid {jwk.kid} will verify{place}."


def _stops(key: Key, jwk: Jwk, theirs: Jwk | None, place: str) -> str | None:
    """Return the sentence about tokens of an active key that stop verifying; None if all continue to verify."""
    if not key.active:
        return f"Tokens signed with kid {theirs.kid if theirs else jwk.kid} will stop verifying{place}; {SOON}."
    if theirs is None:
        return None
    if theirs.kid != jwk.kid:
        return f"Tokens signed with kid {theirs.kid} will stop verifying{place}; {SOON}. Only kid {jwk.kid} will."
    if (theirs.n, theirs.e) != (jwk.n, jwk.e):
        return (
            f"Tokens signed with the present private key of kid {jwk.kid} will stop verifying{place}; {SOON}. "
            "Give a new key a new name and a new kid to rotate without an outage."
        )
    if theirs.alg != jwk.alg:
        return f"Tokens with alg {theirs.alg} will stop verifying{place}; {SOON}. Only {jwk.alg} will."
    return None
