"""Rules about channels that a plan creates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.components.new_channel import LONGEST_LABEL, label_of
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Channel, Creation
from provisioner.rules.context import RuleCheck, RuleInput
from provisioner.rules.examples import NEW_CHANNEL, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import length_problem

CHANNEL_CREATE_LABEL = Rule(
    id="channel-create-label",
    severity=Severity.ERROR,
    what="The label of a channel to create is empty, or longer than 40 characters.",
    why="""
        Salesforce takes at most 40 characters as the label of a new messaging channel, although the field holds 80.
        Without `label`, the label is the API name with spaces.
    """,
    fix="Write 1 to 40 characters as `label`; `description` has room for more.",
    good=changed(NEW_CHANNEL, "{routing: ", "{label: Web Chat, routing: "),
    bad=changed(
        NEW_CHANNEL,
        "create: {routing: {queue: Support}}",
        "create:\n"
        "      label: The chat of the web shop for customers who are logged in  # wrong\n"
        "      routing: {queue: Support}",
    ),
)


def channel_create_label(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        if channel.create is None:
            continue
        problem = length_problem(label_of(channel.name, channel.create), LONGEST_LABEL)
        if problem is not None:
            at = channel.places.of("create", "label")
            yield CHANNEL_CREATE_LABEL.finding(f"The label of the new channel {problem}.", at, channel.address)


CHANNEL_CREATE_ROUTING = Rule(
    id="channel-create-routing",
    severity=Severity.ERROR,
    what="The routing of a channel to create is not a queue, or a flow with a fallback queue.",
    why="""
        An org refuses a channel without routing, and a flow without a fallback queue ("A Fallback Queue must be
        specified when selecting a Flow routing method."). Routing to a user or to an Agentforce Service Agent is not
        supported here: orgs drop or ignore it in some versions, and a channel cannot be deleted.
    """,
    fix="Write `routing: {queue: NAME}`, or `routing: {flow: NAME, fallback_queue: NAME}`.",
    good=changed(NEW_CHANNEL, "queue: Support", "flow: Route_Messaging, fallback_queue: Support"),
    bad=changed(
        NEW_CHANNEL,
        "create: {routing: {queue: Support}}",
        "create:\n      routing: {flow: Route_Messaging}  # wrong",
    ),
)


def channel_create_routing(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        if channel.create is not None and (problem := _routing_problem(channel, channel.create, context)) is not None:
            at = channel.places.of("create", "routing") or channel.places.of("create")
            yield CHANNEL_CREATE_ROUTING.finding(problem, at, channel.address)


def _routing_problem(channel: Channel, creation: Creation, context: RuleInput) -> str | None:
    routing = ("channels", channel.name, "create", "routing")
    if creation.queue and creation.flow:
        return "The routing names both a queue and a flow."
    if creation.flow and not creation.fallback_queue:
        missing = f"The flow {creation.flow} has no fallback queue."
        return missing if context.lacks(routing, "fallback_queue") else None
    if creation.queue and creation.fallback_queue:
        return "A fallback queue belongs to a flow, and the routing names a queue."
    has_none = not (creation.queue or creation.flow) and context.lacks(routing, "queue", "flow")
    return "The routing names neither a queue nor a flow." if has_none else None


CHANNEL_CREATE_UNVERIFIED = Rule(
    id="channel-create-unverified",
    severity=Severity.ERROR,
    what="A channel to create does not verify its customers from the first moment.",
    why="""
        A new channel is sent with verification on and with its configurations, so that there is no moment in which it
        lets guests in. An org cannot delete a channel, so one without verification is better made by a person in Setup.
    """,
    fix="Write `user_verification: {enabled: true, configurations: {NAME: {keyset: KEYSET}}}` on the channel.",
    good=NEW_CHANNEL,
    bad="""
        version: 1
        channels:
          Web_Chat:
            create: {routing: {queue: Support}}  # wrong
    """,
)


def channel_create_unverified(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        if channel.create is None:
            continue
        verifies = channel.enabled and any(each.active for each in (channel.configurations or {}).values())
        if not verifies and not _is_misspelt(channel, context):
            what = "no active configuration" if channel.enabled else "verification off"
            message = f"{channel.name} would be created with {what}."
            yield CHANNEL_CREATE_UNVERIFIED.finding(message, channel.places.of("create"), channel.address)


def _is_misspelt(channel: Channel, context: RuleInput) -> bool:
    """Return whether the missing part may be there in an unreadable form, which another rule reports."""
    field = "configurations" if channel.enabled else "enabled"
    is_missing = channel.configurations is None if channel.enabled else channel.enabled is None
    return is_missing and not context.lacks(("channels", channel.name, "user_verification"), field)


CHECKS: Mapping[Rule, RuleCheck] = {
    CHANNEL_CREATE_LABEL: channel_create_label,
    CHANNEL_CREATE_ROUTING: channel_create_routing,
    CHANNEL_CREATE_UNVERIFIED: channel_create_unverified,
}
