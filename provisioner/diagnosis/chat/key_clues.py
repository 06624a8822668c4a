"""Clues from the keysets of a channel's active configurations: issuers, keys, endpoints.

A good keyset hides a defective one: if another active configuration can verify, the defects are only possible causes,
for customers with tokens of the defective keyset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from provisioner.components.channel import ObservedConfiguration
from provisioner.components.keyset import ObservedKeyset
from provisioner.components.snapshot import Unreadable
from provisioner.diagnosis.cases import For
from provisioner.diagnosis.chat.evidence import ChatEvidence
from provisioner.diagnosis.findings import Confidence
from provisioner.jose.endpoint_diagnosis import EndpointDiagnosis
from provisioner.jose.uploaded_jwk import certificate_of
from provisioner.model.estate import UploadedKeys
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType

#: Documented as required; it is not proven that such a key fails to verify.
_UNPROVEN = {"key-without-certificate", "certificate-expired", "certificate-not-yet-valid"}
#: Causes of an endpoint that serves no keys, by rule id. An endpoint without an answer is handled below.
_OF_ENDPOINT = {
    "endpoint-redirect": "endpoint-redirects",
    "endpoint-status": "endpoint-refuses",
    "endpoint-not-jwks": "endpoint-not-jwks",
}


def key_clues(evidence: ChatEvidence) -> Iterator[For]:
    """Yield clues from the keysets of the active configurations."""
    configurations = evidence.active_configurations
    usable = {each.name for each in configurations if _may_verify(evidence, each)}
    for configuration in configurations:
        alone = not usable - {configuration.name}
        yield from _keyset_clues(evidence, configuration, alone=alone)
    yield from _shared_issuers(evidence)


def _may_verify(evidence: ChatEvidence, configuration: ObservedConfiguration) -> bool:
    """Return whether tokens may verify by the configuration's keyset: a keyset that could not be read may be good."""
    keyset = evidence.inputs.keysets.get(configuration.keyset or "")
    if keyset is None:
        return isinstance(evidence.inputs.snapshot.find(MetadataType.KEYSET, configuration.keyset or ""), Unreadable)
    if keyset.is_endpoint:
        diagnosis = evidence.endpoints.get(configuration.keyset or "")
        return diagnosis is None or any(key.usable for key in diagnosis.keys)
    return any(_key_defect(evidence, name) is None for name in keyset.keys)


def _keyset_clues(evidence: ChatEvidence, configuration: ObservedConfiguration, *, alone: bool) -> Iterator[For]:
    name = configuration.keyset or ""
    sure = Confidence.CERTAIN if alone else Confidence.POSSIBLE
    behind = f"configuration {configuration.name} of {evidence.channel}"
    keyset = evidence.inputs.keysets.get(name)
    if keyset is None:
        found = evidence.inputs.snapshot.find(MetadataType.KEYSET, name)
        if isinstance(found, Unreadable):
            yield For.of("keyset-unreadable", sure, f"Keyset {name}, {behind}: {found.reason}", found.permission)
        else:
            yield For.of("keyset-missing", sure, f"The {behind} names the keyset {name or '(none)'}.", name)
        return
    yield from _issuer_clues(evidence, name, keyset, sure)
    if keyset.is_endpoint:
        diagnosis = evidence.endpoints.get(name)
        if diagnosis is not None:
            yield from _endpoint_clues(name, diagnosis, alone=alone)
        return
    if not keyset.keys:
        yield For.of("keyset-empty", sure, f"Keyset {name}, {behind}, holds no keys.", name)
    yield from _other_keys(evidence, name, keyset, alone=alone)
    defects = {key: _key_defect(evidence, key) for key in keyset.keys}
    none_left = all(defect is not None for defect in defects.values())
    for key, defect in defects.items():
        if defect is not None:
            cause, seen = defect
            if cause == "key-switched-off" and not none_left:
                continue  # intended, and its successor verifies
            how_sure = sure if none_left else Confidence.POSSIBLE
            if cause in _UNPROVEN and how_sure is Confidence.CERTAIN:
                how_sure = Confidence.LIKELY
            thing = name if cause == "key-switched-off" else key
            yield For.of(cause, how_sure, f"Key {key} of keyset {name}: {seen}", thing)


def _issuer_clues(evidence: ChatEvidence, name: str, keyset: ObservedKeyset, sure: Confidence) -> Iterator[For]:
    if not keyset.issuer:
        yield For.of("issuer-missing", sure, f"Keyset {name} has no issuer.", name)
        return
    declared = evidence.inputs.estate.keysets.get(name)
    wanted = declared.issuer.value if declared is not None and declared.issuer is not None else None
    if wanted is not None and wanted != keyset.issuer:
        likely = Confidence.LIKELY if sure is Confidence.CERTAIN else Confidence.POSSIBLE
        yield For.of(
            "issuer-differs", likely, f"Keyset {name}: “{keyset.issuer}” in the org, “{wanted}” declared.", name
        )


def _other_keys(evidence: ChatEvidence, name: str, keyset: ObservedKeyset, *, alone: bool) -> Iterator[For]:
    """Yield clues from declared keys that the org has with other values, or not in the keyset.

    Tokens of another key of the keyset verify: only if no declared key is left, the cause is likely.
    """
    declared = _declared_keys(evidence, name)
    found = {key: _difference(evidence, keyset, key, jwk) for key, jwk in declared.items()}
    likely = Confidence.LIKELY if alone and all(found.values()) else Confidence.POSSIBLE
    for key, difference in found.items():
        if difference is not None:
            cause, seen = difference
            yield For.of(cause, likely, f"Key {key} of keyset {name}: {seen}", key if cause == "key-differs" else name)


def _declared_keys(evidence: ChatEvidence, keyset: str) -> dict[str, Jwk]:
    """Return the active keys that the declaration lists in a keyset."""
    inputs = evidence.inputs
    declared = inputs.estate.keysets.get(keyset)
    names = declared.source.names if declared is not None and isinstance(declared.source, UploadedKeys) else ()
    keys = inputs.estate.keys
    return {name: inputs.jwks[name] for name in names if name in inputs.jwks and name in keys and keys[name].active}


def _difference(evidence: ChatEvidence, keyset: ObservedKeyset, key: str, declared: Jwk) -> tuple[str, str] | None:
    """Return the reason why tokens of a declared key are refused, and the evidence; None if the org has that key."""
    if key not in keyset.keys:
        return "key-not-in-keyset", f"declared (kid {declared.kid}), and not in the org's keyset."
    held = evidence.inputs.keys.get(key)
    if held is None or held.jwk is None:
        return None  # a defect of its own
    if held.jwk.kid != declared.kid:
        return "key-differs", f"kid “{held.jwk.kid}” in the org, “{declared.kid}” declared."
    if held.jwk.thumbprint != declared.thumbprint:
        return "key-differs", f"another public key in the org than the declared one, under the kid {declared.kid}."
    if held.jwk.alg != declared.alg:
        return "key-differs", f"alg {held.jwk.alg} in the org, {declared.alg} declared."
    return None


def _is_meant_off(evidence: ChatEvidence, name: str) -> bool:
    """Return whether the declaration has the key inactive, or lists it under ``removed``."""
    estate = evidence.inputs.estate
    declared = estate.keys.get(name)
    return name in estate.removed.keys or (declared is not None and not declared.active)


def _key_defect(evidence: ChatEvidence, name: str) -> tuple[str, str] | None:
    """Return the reason why a key verifies nothing, and the evidence; None if the key verifies."""
    key = evidence.inputs.keys.get(name)
    if key is None:
        return "key-missing", "the org has no such key, or does not show it."
    certificate = certificate_of(key.jwk) if key.jwk is not None else None
    if key.jwk is None:
        return "key-unreadable", "its JWK holds no RSA key that could be read."
    if not key.active:
        return ("key-switched-off" if _is_meant_off(evidence, name) else "key-inactive"), (
            f"kid {key.jwk.kid} is not active."
        )
    if certificate is None:
        return "key-without-certificate", f"the JWK of kid {key.jwk.kid} has no x5c that could be read."
    if certificate.not_valid_after_utc < evidence.inputs.now:
        return (
            "certificate-expired",
            f"the certificate of kid {key.jwk.kid} expired on {certificate.not_valid_after_utc:%F}.",
        )
    if certificate.not_valid_before_utc > evidence.inputs.now:
        begins = certificate.not_valid_before_utc
        return "certificate-not-yet-valid", f"the certificate of kid {key.jwk.kid} begins {begins:%F}."
    return None


def _endpoint_clues(name: str, diagnosis: EndpointDiagnosis, *, alone: bool) -> Iterator[For]:
    """Yield clues from an endpoint.

    They are never certain: this machine's network may differ from that of Salesforce.
    """
    sure = Confidence.LIKELY if alone else Confidence.POSSIBLE
    endpoint = f"The endpoint of keyset {name} ({diagnosis.url})"
    problem = diagnosis.problem
    if problem is not None and not any(key.usable for key in diagnosis.keys):
        cause = "endpoint-no-usable-key" if diagnosis.keys else "endpoint-unreachable"
        yield For.of(_OF_ENDPOINT.get(problem.rule, cause), sure, f"{endpoint}: {problem.message}", diagnosis.url)
    elif diagnosis.answer is not None and len(diagnosis.answer.hops) > 1:
        seen = f"{endpoint} answers with a redirect; the keys are at {diagnosis.answer.url}."
        yield For.of("endpoint-redirects", Confidence.POSSIBLE, seen, diagnosis.url)


def _shared_issuers(evidence: ChatEvidence) -> Iterator[For]:
    keysets = evidence.inputs.keysets
    named = [keysets[each.keyset] for each in evidence.active_configurations if each.keyset in keysets]
    issuers = Counter(keyset.issuer for keyset in named)
    for issuer, times in issuers.items():
        if times > 1 and issuer:
            yield For.of(
                "issuer-shared", Confidence.POSSIBLE, f"{times} active configurations have the issuer {issuer}."
            )
