"""The checks of a chat diagnosis, with their results, including those in order."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.components.channel import ObservedChannel, ObservedConfiguration
from provisioner.components.snapshot import Destinations
from provisioner.diagnosis.chat.answers import said
from provisioner.diagnosis.chat.evidence import ChatEvidence
from provisioner.jose.endpoint_diagnosis import EndpointDiagnosis
from provisioner.jose.uploaded_jwk import certificate_of
from provisioner.model.expirations import in_force, not_in_force
from provisioner.salesforce.chat_answers import Kind
from provisioner.salesforce.chat_site import SitePage
from provisioner.words import counted

_ACTIVE = {True: "active", False: "not active", None: "active or not: unknown"}


def seen(evidence: ChatEvidence) -> Iterator[tuple[str, str]]:
    """Yield the label and the text of each check."""
    observed = evidence.observed
    if observed is not None:
        mode = observed.auth_mode or "unset"
        yield "channel", f"{evidence.channel}, {_ACTIVE[evidence.is_active]}, authMode {mode}"
        yield from _routing(evidence, observed)
        yield "expirations", "; ".join(_expirations(observed))
        for configuration in observed.ours.values():
            yield "configuration", _configuration(evidence, configuration)
    for name in dict.fromkeys(each.keyset for each in evidence.active_configurations):
        yield from _keyset(evidence, name or "")
    yield from _runtime(evidence)


def _routing(evidence: ChatEvidence, observed: ObservedChannel) -> Iterator[tuple[str, str]]:
    destinations = evidence.inputs.snapshot.destinations
    if not isinstance(destinations, Destinations) or observed.queue is None:
        return
    queue = destinations.queues.get(observed.queue)
    members = counted(queue.members or 0, "member") if queue is not None else "missing"
    by = "" if observed.routes_by == "Queue" else f"{observed.flow or observed.routes_by or 'unknown'}, fallback "
    yield "routing", f"{by}queue {observed.queue} ({members})"


def _expirations(observed: ObservedChannel) -> Iterator[str]:
    """Yield the effective expiration, and the other one if the org holds it."""
    current, other = in_force(observed.enabled), not_in_force(observed.enabled)
    minutes = observed.minutes[current]
    yield f"{current}: {'not set' if minutes is None else f'{minutes} minutes'}, in force"
    if observed.minutes[other] is not None:
        yield f"{other}: {observed.minutes[other]} minutes, not in force"


def _configuration(evidence: ChatEvidence, configuration: ObservedConfiguration) -> str:
    return f"{configuration.name}, {_ACTIVE[configuration.active]}, keyset {configuration.keyset or 'none'}"


def _keyset(evidence: ChatEvidence, name: str) -> Iterator[tuple[str, str]]:
    keyset = evidence.inputs.keysets.get(name)
    if keyset is None:
        return
    yield "keyset", f"{name}, issuer {keyset.issuer or 'none'}"
    if keyset.is_endpoint:
        yield "endpoint", f"{keyset.endpoint}, {_served(evidence.endpoints.get(name))}"
    for key_name in keyset.keys:
        key = evidence.inputs.keys.get(key_name)
        if key is not None and key.jwk is not None:
            certificate = certificate_of(key.jwk)
            until = f", certificate until {certificate.not_valid_after_utc:%F}" if certificate is not None else ""
            yield "key", f"{key_name}, kid {key.jwk.kid}, {key.jwk.alg}, {_ACTIVE[key.active]}{until}"


def _served(diagnosis: EndpointDiagnosis | None) -> str:
    if diagnosis is None:
        return "not asked"
    if not diagnosis.keys:
        return diagnosis.problem.message.rstrip(".") if diagnosis.problem is not None else "no keys"
    usable = [key.kid or "(none)" for key in diagnosis.keys if key.usable]
    kids = f": kid {', '.join(usable)}" if usable else ""
    return f"{counted(len(diagnosis.keys), 'key')}, {len(usable)} of them usable{kids}"


def _runtime(evidence: ChatEvidence) -> Iterator[tuple[str, str]]:
    config, probe = evidence.config, evidence.probe
    if config is None:
        yield "runtime", "not asked: no deployment was named"
        return
    if config.kind is Kind.GOOD:
        kind, mode = config.deployment_type or "not shown", config.auth_mode or "not shown"
        version = f", client {config.client_version}" if config.client_version is not None else ""
        yield "runtime", f"{evidence.deployment} is published (type {kind}{version}), authMode {mode}"
    else:
        yield "runtime", f"{evidence.deployment}: {said(config)}"
    if evidence.site is not None:
        yield "site", f"{evidence.site.url}, {_site(evidence.site)}"
    if probe is not None:
        subject = f", subject {probe.subjects[0]}" if probe.subjects else ""
        yield "unsigned token", f"{said(probe)}{subject}"


def _site(site: SitePage) -> str:
    if site.status is None:
        return site.why.rstrip(".")
    if not 200 <= site.status < 300:
        return f"HTTP {site.status}"
    frames = "; ".join(" ".join(sources) or "'none'" for sources in site.policies)
    return f"trusted frames: {frames}" if site.policies else "any page may show it in a frame"
