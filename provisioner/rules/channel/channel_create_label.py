"""The label of a channel that is created."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.components.new_channel import LONGEST_LABEL, label_of
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.rules.context import RuleInput
from provisioner.rules.examples import NEW_CHANNEL, changed
from provisioner.rules.rule import Rule
from provisioner.rules.values import length_problem

RULE = Rule(
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


def check(context: RuleInput) -> Iterator[Diagnostic]:
    for channel in context.estate.channels.values():
        if channel.create is None:
            continue
        problem = length_problem(label_of(channel.name, channel.create), LONGEST_LABEL)
        if problem is not None:
            at = channel.places.of("create", "label")
            yield RULE.finding(f"The label of the new channel {problem}.", at, channel.address)
