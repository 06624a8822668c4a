"""Clues from the channel and the runtime: marks for causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.components.snapshot import Unreadable
from provisioner.diagnosis.cases import For
from provisioner.diagnosis.chat.answers import (
    AUTH,
    config_cause,
    other_channel,
    other_deployments,
    other_mode_cause,
    said,
)
from provisioner.diagnosis.chat.evidence import ChatEvidence
from provisioner.diagnosis.chat.texts import meaning_of
from provisioner.diagnosis.findings import Confidence
from provisioner.planning.destinations import Route, dead_ends
from provisioner.salesforce.chat_answers import ChatAnswer, Kind


def channel_clues(evidence: ChatEvidence) -> Iterator[For]:
    """Yield clues from the channel's state in the org's metadata."""
    certain, name = Confidence.CERTAIN, evidence.channel
    unreadable, observed = evidence.unreadable, evidence.observed
    if unreadable is not None:
        yield For.of("channel-unreadable", certain, unreadable.reason, unreadable.permission)
        return
    if observed is None:
        others = ", ".join(sorted(evidence.inputs.channels)) or "none"
        yield For.of("channel-missing", certain, f"The org's channels are: {others}.")
        return
    if not observed.is_enhanced_chat:
        yield For.of("channel-not-enhanced-chat", certain, f"{name} is of type {observed.channel_type or 'unknown'}.")
        return
    if isinstance(evidence.inputs.snapshot.active_channels, Unreadable):
        why = evidence.inputs.snapshot.active_channels
        seen = f"Whether {name} is active could not be read: {why.reason}"
        yield For.of("channel-unreadable", Confidence.POSSIBLE, seen, why.permission)
    if evidence.is_active is False:
        yield For.of("channel-inactive", certain, f"MessagingChannel.IsActive of {name} is false.")
    other = other_mode_cause(observed.auth_mode)
    if other is not None:
        seen = f"embeddedConfig.authMode of {name} is {observed.auth_mode}."
        yield For.of(other, certain, seen, observed.auth_mode or "")
    elif not observed.enabled:
        yield For.of(
            "verification-off", certain, f"embeddedConfig.authMode of {name} is {observed.auth_mode or 'unset'}."
        )
    elif not evidence.active_configurations:
        inactive = ", ".join(observed.ours) or "none at all"
        yield For.of("no-active-configuration", certain, f"Configurations of {name}, none of them active: {inactive}.")


def routing_clues(evidence: ChatEvidence) -> Iterator[For]:
    """Yield clues from the channel's routing, as far as it was read."""
    observed, destinations = evidence.observed, evidence.inputs.snapshot.destinations
    if observed is None or not observed.is_enhanced_chat or destinations is None:
        return
    if isinstance(destinations, Unreadable):
        seen = f"The routing target of {evidence.channel} could not be read: {destinations.reason}"
        yield For.of("channel-unreadable", Confidence.POSSIBLE, seen, destinations.permission)
        return
    for end in dead_ends(Route(observed.queue, observed.flow), destinations):
        # A queue beside a flow or an agent receives only the conversations that those do not route.
        is_fallback = end.name.startswith("queue-") and observed.routes_by != "Queue"
        yield For.of(end.name, Confidence.POSSIBLE if is_fallback else Confidence.CERTAIN, end.what, end.thing)


def runtime_clues(evidence: ChatEvidence) -> Iterator[For]:
    """Yield clues from the chat runtime's answer for the deployment, compared with the channel's metadata."""
    if evidence.config is not None:
        yield from _config_clues(evidence, evidence.config)
    if evidence.probe is not None:
        yield from _probe_clues(evidence, evidence.probe)


def _config_clues(evidence: ChatEvidence, config: ChatAnswer) -> Iterator[For]:
    host, seen = evidence.chat_url or "the chat host", f"The public configuration: {said(config)}"
    found = config_cause(config)
    if found is None:
        yield from _disagreements(evidence, config)
        yield from _origin_clues(evidence.origins)
        yield from _site_clues(evidence)
        return
    cause, confidence = found
    if cause == "chat-host-unreachable":
        seen = config.words
    elif cause == "chat-host-strange":
        seen = f"{host} answered with {said(config)}."
    elif cause == "deployment-not-found":
        seen += f".{other_deployments(evidence.deployment, evidence.deployments)}"
    yield For.of(cause, confidence, seen)


def _origin_clues(origins: Mapping[str, str | None]) -> Iterator[For]:
    """Yield a clue for each origin that a browser does not allow to read the configuration."""
    for origin, allowed in origins.items():
        if allowed not in (origin, "*"):
            seen = f"The answer to a page of {origin} has Access-Control-Allow-Origin {allowed or 'not set'}."
            yield For.of("origin-not-allowed", Confidence.LIKELY, seen, origin)


def _site_clues(evidence: ChatEvidence) -> Iterator[For]:
    """Yield clues from the web client's page: its status, and whether pages of each origin may show it in a frame."""
    site = evidence.site
    if site is None or not site.asked:
        return
    if site.status is None or site.status >= 400:
        confidence = Confidence.POSSIBLE if site.status is None else Confidence.LIKELY
        seen = site.why if site.status is None else f"HTTP {site.status}"
        yield For.of("site-unavailable", confidence, f"{site.url} gave: {seen.rstrip('.')}.", site.url)
        return
    if site.status >= 300:
        return
    named = "; ".join(" ".join(each) for each in site.policies)
    for origin in evidence.origins:
        if not site.may_be_framed_by(origin):
            seen = f"The answer of {site.url} names as frame-ancestors: {named}."
            yield For.of("origin-not-framed", Confidence.LIKELY, seen, origin)


def _disagreements(evidence: ChatEvidence, config: ChatAnswer) -> Iterator[For]:
    observed = evidence.observed
    elsewhere = other_channel(config, evidence.deployment, evidence.channel, evidence.address)
    if elsewhere is not None:
        yield For.of("deployment-on-another-channel", Confidence.CERTAIN, elsewhere)
        return
    if config.auth_mode is None:
        return
    other = other_mode_cause(config.auth_mode)
    if other is not None:
        yield For.of(other, Confidence.CERTAIN, f"authMode at the runtime is {config.auth_mode}.", config.auth_mode)
    elif observed is None:
        if config.auth_mode != AUTH:
            yield For.of("verification-off", Confidence.CERTAIN, f"authMode at the runtime is {config.auth_mode}.")
    elif observed.enabled is not (config.auth_mode == AUTH):
        yield For.of(
            "runtime-behind",
            Confidence.CERTAIN,
            f"authMode is {config.auth_mode} at the runtime, and {observed.auth_mode or 'unset'} in the metadata.",
        )


def _probe_clues(evidence: ChatEvidence, probe: ChatAnswer) -> Iterator[For]:
    seen = f"A token that nobody signed: {said(probe)}"
    if probe.is_verified:
        yield For.of("any-signature-accepted", Confidence.CERTAIN, f"{seen}, subject {probe.subjects[0]}")
    elif probe.kind is Kind.GOOD and probe.subjects:
        yield For.of("refused-tokens-become-guests", Confidence.POSSIBLE, f"{seen}, subject {probe.subjects[0]}")
    elif probe.kind is Kind.BUSY:
        yield For.of("rate-limited", Confidence.CERTAIN, seen)
    elif probe.kind is Kind.SILENT:
        yield For.of("chat-host-unreachable", Confidence.CERTAIN, seen)
    elif probe.kind is Kind.STRANGE:  # or a runtime that refuses tokens with HTTP 500
        yield For.of("chat-host-strange", Confidence.POSSIBLE, seen)
    elif probe.kind is Kind.REFUSED:
        known = meaning_of(probe.words)
        if known is not None and known.cause == "no-active-configuration":
            behind = bool(evidence.active_configurations)
            yield For.of("runtime-behind" if behind else known.cause, Confidence.CERTAIN, seen)
