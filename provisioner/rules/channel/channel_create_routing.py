"""The routing target of a channel that is created."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Channel, Creation
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import NEW_CHANNEL, changed
from provisioner.rules.rule import Rule

RULE = Rule(
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


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        if channel.create is not None and (problem := _problem(channel, channel.create, context)) is not None:
            at = channel.places.of("create", "routing") or channel.places.of("create")
            yield RULE.finding(problem, at, channel.address)


def _problem(channel: Channel, creation: Creation, context: RuleInput) -> str | None:
    routing = ("channels", channel.name, "create", "routing")
    if creation.queue and creation.flow:
        return "The routing names both a queue and a flow."
    if creation.flow and not creation.fallback_queue:
        missing = f"The flow {creation.flow} has no fallback queue."
        return missing if context.lacks(routing, "fallback_queue") else None
    if creation.queue and creation.fallback_queue:
        return "A fallback queue belongs to a flow, and the routing names a queue."
    if ("create", "routing") not in channel.places.below:
        return None  # a missing field, which has its own finding
    has_none = not (creation.queue or creation.flow) and context.lacks(routing, "queue", "flow")
    return "The routing names neither a queue nor a flow." if has_none else None
