"""Compares channels: verification on or off, its configurations, and the expirations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from provisioner.components.channel import ObservedChannel
from provisioner.components.new_channel import label_of
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Channel, Configuration, Creation
from provisioner.model.expirations import Expiration, in_force
from provisioner.model.types import CONFIGURATIONS, Field, MetadataType, Risk
from provisioner.planning.changes import ComparedField, change_of, compared, compared_entries
from provisioner.planning.plan import ACTIVE, PUBLISHED, Action, Change, NotInForce, Preserved, Reason
from provisioner.planning.plan_input import PlanInput
from provisioner.planning.publications import published_fields
from provisioner.planning.values import FieldValue
from provisioner.words import enumerated


def compare_channel(inputs: PlanInput, channel: Channel) -> Change | None:
    """Return the change that applies the declared user verification to the channel, None if nothing differs."""
    observed = inputs.channels[channel.name]
    gone = _gone(channel, observed)
    return change_of(
        MetadataType.CHANNEL,
        channel.name,
        [
            *_fields(channel, observed),
            *_record_fields(inputs, channel),
            *_active(inputs, channel, verifies=channel.verifies_after(observed.enabled)),
            *_published(inputs, channel, observed),
        ],
        [
            *_impact(inputs, channel, observed),
            *_publication_impact(inputs, channel, observed),
            *_activation_impact(inputs, channel, observed),
        ],
        channel.places.own,
        [f"configuration {name} goes" for name in gone],
        Risk.DESTRUCTIVE if gone else Risk.NONE,
    )


def create_channel(inputs: PlanInput, channel: Channel, creation: Creation) -> Change:
    """Return the change that creates the channel: inactive, and with its configurations from the first moment."""
    active = ComparedField(ACTIVE, None, channel.active, channel.places.of(ACTIVE))
    fields = [*_creation_fields(channel, creation), *_declared_fields(channel), active]
    # No customer chats on it yet, so no value of it can do harm.
    changed = tuple(replace(field.change(), risk=Risk.NONE) for field in fields if field.after is not None)
    then = "At the end it is activated." if channel.active else "Nobody can chat on it before it is activated."
    impact = f"{channel.name} is created, inactive, and cannot be deleted. {then}"
    return Change(
        MetadataType.CHANNEL, channel.name, Action.CREATE, Reason.NOT_IN_ORG, changed, (), (impact,), Risk.PERMANENT,
        channel.places.own,
    )  # fmt: skip


def _published(inputs: PlanInput, channel: Channel, observed: ObservedChannel) -> Iterator[ComparedField]:
    after = channel.verifies_after(observed.enabled)
    return published_fields(inputs, channel, switched=after is not observed.enabled, verification_on=after)


def _publication_impact(inputs: PlanInput, channel: Channel, observed: ObservedChannel) -> Iterator[str]:
    for each in _published(inputs, channel, observed):
        if each.differs:
            mode = "verification on" if each.after else "verification off"
            yield f"{each.path.removeprefix(PUBLISHED)} is published: from then on its visitors load it with {mode}."


def _active(inputs: PlanInput, channel: Channel, *, verifies: bool) -> Iterator[ComparedField]:
    """Yield the field of the channel's record; nothing if it is not managed, or if the org does not show it."""
    before = inputs.snapshot.is_active(channel.name)
    if channel.active and before is not None:
        risk = Risk.NONE if verifies else Risk.DISRUPTIVE
        yield ComparedField(ACTIVE, before, True, channel.places.of(ACTIVE), risk)


def _activation_impact(inputs: PlanInput, channel: Channel, observed: ObservedChannel) -> Iterator[str]:
    if channel.active and inputs.snapshot.is_active(channel.name) is False:
        verifies = channel.verifies_after(observed.enabled)
        who = "customers with a valid token can chat on it" if verifies else "guests can chat on it"
        yield f"{channel.name} is activated: from then on {who}."


def _creation_fields(channel: Channel, creation: Creation) -> Iterator[ComparedField]:
    values: dict[tuple[str, ...], FieldValue] = {
        ("create", "label"): label_of(channel.name, creation),
        ("create", "description"): creation.description,
        ("create", "routing", "queue"): creation.queue,
        ("create", "routing", "flow"): creation.flow,
        ("create", "routing", "fallback_queue"): creation.fallback_queue,
        ("create", "attachments"): creation.attachments,
    }
    for path, value in values.items():
        yield ComparedField(".".join(path), None, value, channel.places.of(*path))


def _declared_fields(channel: Channel) -> Iterator[ComparedField]:
    for row in MetadataType.CHANNEL.rows:
        if isinstance(row, Field) and row.in_force(bool(channel.enabled)):
            yield from compared(row, channel, None, in_use=False)
        elif row is CONFIGURATIONS and channel.configurations is not None:
            yield from compared_entries(CONFIGURATIONS, channel.configurations, {}, Counter(), channel.places)


def preserved_of(channel: Channel, observed: ObservedChannel) -> Iterator[Preserved]:
    """Yield the configurations of other types: shown, kept, never removed."""
    for configuration in observed.configurations:
        if channel.configurations is not None and not configuration.is_ours:
            yield Preserved(
                f"channel.{channel.name}",
                f"configuration {configuration.name} of type {configuration.authorization_type or 'unknown'} stays",
            )


def not_in_force_of(channel: Channel, observed: ObservedChannel) -> Iterator[NotInForce]:
    """Yield the declared expiration of the mode that is off after the plan: sent along, and never a difference."""
    verification_on = channel.verifies_after(observed.enabled)
    for row in MetadataType.CHANNEL.fields:
        value = row.declared_in(channel)
        if value is not None and not row.in_force(verification_on):
            yield NotInForce(
                f"channel.{channel.name}",
                row.yaml,
                value,
                f"when verification is switched {'off' if verification_on else 'on'}",
                channel.places.of(*row.path),
            )


def routing_warnings(inputs: PlanInput, changes: Sequence[Change]) -> Iterator[Diagnostic]:
    """Yield a warning for each channel to write that names its agent only in its record."""
    for change in changes:
        observed = inputs.channels.get(change.full_name) if change.type is MetadataType.CHANNEL else None
        if observed is not None and observed.agent_in_record_only:
            yield Diagnostic(
                "channel-agent-in-record-only",
                Severity.WARNING,
                f"The chats of {change.full_name} go to an Agentforce agent that its metadata does not name "
                "(`sessionHandlerAsa`): the channel's record binds the agent, and an org may clear that, or refuse the "
                "channel, when it is deployed.",
                "Apply compares the record afterwards, and puts back what was cleared. Try it on a sandbox first, in "
                "hours with few chats.",
                change.declared_at,
                change.address,
            )


def _gone(channel: Channel, observed: ObservedChannel) -> list[str]:
    if channel.configurations is None:
        return []
    return [name for name in observed.ours if name not in channel.configurations]


def _fields(channel: Channel, observed: ObservedChannel) -> Iterator[ComparedField]:
    verification_on = channel.verifies_after(observed.enabled)
    for row in MetadataType.CHANNEL.rows:
        if isinstance(row, Field) and row.in_force(verification_on):
            yield from compared(row, channel, observed, in_use=verification_on is observed.enabled)
        elif row is CONFIGURATIONS and channel.configurations is not None:
            doubles = Counter(each.name for each in observed.configurations if each.is_ours)
            yield from compared_entries(CONFIGURATIONS, channel.configurations, observed.ours, doubles, channel.places)


def _record_fields(inputs: PlanInput, channel: Channel) -> Iterator[ComparedField]:
    """Yield the fields of the record that a restore sets, as far as the org offers them."""
    known = inputs.snapshot.routing.get(channel.name, {})
    for name, value in channel.record.items():
        if name in known:
            yield ComparedField(f"record.{name}", known[name], value, None)


def _shortened(channel: Channel, observed: ObservedChannel) -> tuple[Expiration, int, int] | None:
    """Return the expiration that becomes shorter, before and after; it must be in force before and after, too."""
    expiration = in_force(observed.enabled)
    before, after = observed.minutes[expiration], channel.minutes[expiration]
    if channel.verifies_after(observed.enabled) is not observed.enabled or before is None or after is None:
        return None
    return (expiration, before, after) if after < before else None


def _impact(inputs: PlanInput, channel: Channel, observed: ObservedChannel) -> Iterator[str]:
    name = channel.name
    if channel.enabled and not observed.enabled:
        yield (
            f"Guests can no longer chat on {name}: only customers with a valid token can, "
            "and the chat button appears only for them."
        )
    elif channel.enabled is False and observed.enabled:
        yield (
            f"Every customer on {name} becomes a guest: tokens are no longer looked at, "
            "and conversations of verified customers are not shown."
        )
    if channel.configurations is not None:
        yield from _configuration_impact(inputs, channel, channel.configurations, observed)
    if rerouted := [field.path for field in _record_fields(inputs, channel) if field.differs]:
        yield f"New chats on {name} are routed by {enumerated(rerouted)} as they were before that apply."
    if shortened := _shortened(channel, observed):
        who, before, after = shortened
        yield f"Sessions of {who} customers on {name} must be renewed after {after} minutes instead of {before}."


def _configuration_impact(
    inputs: PlanInput, channel: Channel, configurations: Mapping[str, Configuration], observed: ObservedChannel
) -> Iterator[str]:
    name, ours = channel.name, observed.ours
    for gone in _gone(channel, observed):
        yield (
            f"Customers verified on {name} under configuration {gone} lose their conversations: "
            "the Configuration Name is part of each customer's identity."
        )
    for each in configurations.values():
        present = ours.get(each.name)
        if present is None:
            others = [other for other in inputs.after.channels_of_configuration(each.name) if other != name]
            if others:
                yield f"Configuration {each.name} on {name} shares its conversations with {enumerated(others)}."
        elif not (present.active and observed.enabled):
            continue  # it verifies no customer
        elif not each.active:
            yield f"Tokens for configuration {each.name} will stop verifying on {name}."
        elif present.keyset != each.keyset:
            if inputs.after.covers(each.keyset, inputs.before, present.keyset):
                yield (
                    f"On {name}, keyset {each.keyset} takes the place of {present.keyset}: it has the same issuer and "
                    "all of its keys, so tokens continue to verify."
                )
            else:
                yield f"Tokens of keyset {present.keyset} will stop verifying on {name}; those of {each.keyset} will."
