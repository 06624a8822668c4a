"""The words for the parts of a plan, in every format that a person reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from provisioner.components.snapshot import OrgFacts
from provisioner.model.types import Risk
from provisioner.planning.plan import Action, Blocked, Change, NotInForce, Plan, Reason
from provisioner.planning.values import CertificateValue, FieldValue, PublicKeyValue
from provisioner.report.visible import quoted, visible
from provisioner.words import counted

if TYPE_CHECKING:
    from provisioner.planning.saved_plan import SavedPlan

#: The sign of each action; colour repeats it, never replaces it.
SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
NOTHING_TO_DO = "No changes."
NOT_SET = "(not set)"
OWNED_ELSEWHERE = "Owned elsewhere (external: read and checked, never changed)"
NARROWED = "Only the targets were planned; the rest of the declaration was not compared."
INCOMPLETE = "This plan is incomplete, and apply refuses it"
BLOCKED = "Blocked. Apply refuses this plan"
NOT_IN_FORCE = "Declared for the other mode (sent whenever the channel is written)"

_FINGERPRINT = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{48}([0-9a-f]{8})\b")

REASONS = {
    Reason.NOT_IN_ORG: "the org does not have it",
    Reason.DIFFERS: "the org has other values",
    Reason.TOMBSTONE: "it is listed under `removed`, and the org still has it",
    Reason.REPLACED: "another app replaces it, and nobody uses it",
    Reason.RESTORED: "it did not exist before that apply",
    Reason.NOT_IN_BASE: "the base does not declare it",
    Reason.DIFFERS_FROM_BASE: "the base declares other values",
    Reason.REMOVED_FROM_BASE: "it is listed under `removed`, and the base declares it",
}


def why(change: Change) -> str:
    """Return ``update: the org has other values``."""
    return f"{change.action.value}: {REASONS[change.reason]}"


def value(shown: FieldValue) -> str:
    """Return a field's value without ambiguity: text in quotes, lists in brackets, so that "true" is not true.

    A certificate's fingerprint is cut in its middle, so that it fits into a line; JSON has the whole.
    """
    match shown:
        case CertificateValue():
            return quoted(_FINGERPRINT.sub(r"\1…\2", str(shown)))
        case PublicKeyValue():
            return quoted(str(shown))
        case None:
            return NOT_SET
        case bool():
            return "true" if shown else "false"
        case str():
            return quoted(shown)
        case tuple():
            return "[" + ", ".join(map(visible, shown)) + "]"
        case int():
            return str(shown)
        case _:
            assert_never(shown)


def changed_members(before: FieldValue, after: FieldValue) -> list[tuple[str, str]]:
    """Return the members of a list that changed, each with its sign (``-``, ``+``), and those that stay (a space).

    The result is empty if one side is no list, or an empty one: then the whole field was added or removed.
    """
    if not (isinstance(before, tuple) and isinstance(after, tuple) and before and after):
        return []
    return [
        *(("-", name) for name in before if name not in after),
        *(("+", name) for name in after if name not in before),
        *((" ", name) for name in after if name in before),
    ]


def not_in_force(found: NotInForce) -> str:
    """Return ``token_expiration_minutes.unverified: 360 takes effect when verification is switched off``."""
    return f"{found.path}: {found.value} takes effect {found.takes_effect}"


def org_kind(org: OrgFacts) -> str:
    """Return ``production``, ``sandbox``, or the edition; ``kind unknown`` if the org did not return it."""
    if org.is_production:
        return "production"
    if org.is_sandbox:
        return "sandbox"
    if org.edition:
        return org.edition
    return "kind unknown" if org.is_production is None else "not production"


def org_line(seen: Plan) -> str:
    """Return the org and the API version in one line; for an offline plan, the other declaration."""
    if seen.compared_with is not None:
        return f"no org was read: compared with the declaration in {seen.compared_with}"
    version = f"API version {seen.api_version}"
    if seen.newest_api_version != seen.api_version:
        version += f" (the org's newest is {seen.newest_api_version})"
    return f"org {seen.org.id} ({org_kind(seen.org)}) at {seen.org.instance_url}, {version}"


@dataclass(frozen=True, slots=True)
class Unread:
    """A part that the plan needs and that could not be read: its name, the reason, and the remedy.

    ``address`` is that of the declared component that needs the part; the name of the part if no component does.
    """

    what: str
    reason: str
    needed: str
    address: str


def unread(plan: Plan) -> tuple[Unread, ...]:
    """Return every part that the plan needs and that could not be read."""
    components = [Unread(address, why.reason, why.permission, address) for address, why in plan.unreadable.items()]
    others = [
        Unread(each.guard, each.message, each.next, each.address or each.guard)
        for each in plan.unread
        if each.guard != "unreadable"
    ]
    return (*components, *others)


def guards(plan: Plan) -> tuple[Blocked, ...]:
    """Return the guards and errors against the plan, without those for unreadable parts."""
    return tuple(each for each in plan.blocked if not each.unread)


def obstacles(plan: Plan) -> int:
    """Return the number of obstacles to an apply of the plan."""
    return len(guards(plan)) + len(unread(plan))


def has_nothing_to_do(plan: Plan) -> bool:
    """Return whether ``No changes.`` is true: nothing to change, and nothing unreadable."""
    return plan.is_empty and not obstacles(plan)


def state(plan: Plan) -> str:
    """Return the state of the whole plan in two words."""
    if unread(plan):
        return "incomplete"
    if obstacles(plan):
        return "blocked"
    return "no changes" if plan.is_empty else "changes pending"


def counts(plan: Plan) -> str:
    """Return ``1 to create, 2 to update, 0 to delete, 5 unchanged``."""
    words = [f"{plan.count(action)} to {action.value}" for action in Action]
    return ", ".join([*words, f"{len(plan.unchanged)} unchanged"])


def last_line(plan: Plan) -> str:
    """Return the sum of the plan in one line; exactly ``No changes.`` if there is nothing to do."""
    if has_nothing_to_do(plan):
        return NOTHING_TO_DO
    line = f"Plan: {counts(plan)}."
    if number := len(unread(plan)):
        line = f"Incomplete plan: {counted(number, 'part')} could not be read. The rest: {counts(plan)}."
    if plan.risk is not Risk.NONE:
        line += f" Risk: {plan.risk.value}."
    if number := len(guards(plan)):
        line += f" Blocked for {counted(number, 'reason')}."
    return line


def seal(saved: SavedPlan) -> str:
    """Return the origin of a saved plan, and its digest."""
    return f"saved at {saved.saved_at} by provisioner {saved.tool_version}, {saved.document['digest']}"
