"""The records of deployed channels: routing that a deployment cleared is restored at once.

No metadata has a channel's active state, or a routing that only its record binds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from provisioner.components.snapshot import ROUTING_FIELDS, ChannelRecord, Routing, Snapshot, Unreadable
from provisioner.errors import ProvisionerError
from provisioner.execution.journal_entry import Entry
from provisioner.execution.outcome import Problem
from provisioner.execution.work import Work, names_of
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Change
from provisioner.salesforce import Org
from provisioner.words import enumerated

#: An org accepts these two fields only together.
_BOUND_TOGETHER = ROUTING_FIELDS[:2]
Records = Mapping[str, ChannelRecord]
_SINCE = "That deployment, or another change since then,"


@dataclass(frozen=True, slots=True)
class Settled:
    """The problems of the records, and the current records; None if none had to be read."""

    problems: tuple[Problem, ...] = ()
    now: Records | None = None

    def onto(self, snapshot: Snapshot) -> Snapshot:
        """Return ``snapshot`` with the current routing."""
        if self.now is None:
            return snapshot
        return replace(snapshot, routing={name: record.routing for name, record in self.now.items()})


def settle_records(org: Org, work: Work, changes: Iterable[Change]) -> Settled:
    """Compare the records of the touched channels with what they were, and with what a restore wants them to be."""
    active = work.snapshot.active_channels
    was_active = {} if isinstance(active, Unreadable) else active
    touched = names_of(changes).get(MetadataType.CHANNEL, [])
    wanted = {
        name: channel.record for name in touched if (channel := work.estate.channels.get(name)) and channel.record
    }
    was = {name: work.snapshot.routing.get(name, {}) for name in touched if name not in wanted}
    if not wanted and not any(was_active.get(name) for name in touched) and not any(map(is_bound, was.values())):
        return Settled()
    now = org.channel_records()
    problems = [_reactivate(org, name) for name in touched if was_active.get(name) and name in now
                and not now[name].active]  # fmt: skip
    problems += still_routed(org, was, now)
    problems += _put(org, wanted, now)
    if wanted:
        now = org.channel_records()
        problems += _not_put(wanted, now)
    return Settled(tuple(problems), now)


def is_bound(routing: Routing) -> bool:
    """Tell if a record binds anything."""
    return any(value is not None for value in routing.values())


def still_routed(org: Org, was: Mapping[str, Routing], now: Records, by: str = "The deployment") -> Iterator[Problem]:
    """Yield a problem for each record with changed routing, and restore a cleared routing at once.

    ``by`` is the subject of the sentence: the deployment that cleared it.
    """
    for name, before in was.items():
        record = now.get(name)
        after = record.routing if record is not None else {}
        differing = [field for field, value in before.items() if value is not None and after.get(field, value) != value]
        if not differing:
            continue
        cleared = [field for field in differing if after[field] is None]
        if cleared:
            yield _put_back(org, name, before, cleared, by)
        changed = [field for field in differing if field not in cleared]
        if changed:
            said = enumerated([f"{field} is {after[field]} and was {before[field]}" for field in changed])
            yield Problem(
                f"The routing of the channel {name} changed in its record: {said}.",
                "The deployment or another change did this. Compare it in Setup > Messaging Settings; "
                "`provisioner restore` plans the earlier values back.",
                MetadataType.CHANNEL.address(name),
            )


def routing_after(org: Org, entry: Entry) -> list[Problem]:
    """Compare the records with an entry of the journal, and restore routing that was cleared."""
    return list(still_routed(org, entry.routing, org.channel_records(), _SINCE)) if entry.routing else []


def _put_back(org: Org, name: str, before: Routing, cleared: list[str], by: str) -> Problem:
    values = _to_set(before, cleared)
    problem = f"{by} cleared {enumerated(cleared)} in the record of the channel {name}: new chats are not routed."
    try:
        org.change_channel_record(name, values)
        meaning = "It was put back at once. Confirm the routing in Setup > Messaging Settings."
    except ProvisionerError as error:
        ids = ", ".join(f"{field} {value}" for field, value in values.items())
        meaning = (
            f"Putting it back failed ({error.message}): new chats are not routed. Set the routing in Setup > Messaging "
            f"Settings now; it was {ids}."
        )
    return Problem(problem, meaning, MetadataType.CHANNEL.address(name))


def _to_set(routing: Routing, fields: Collection[str]) -> dict[str, str | None]:
    """Return the values to set for ``fields``, with those that an org takes only together with them."""
    together = _BOUND_TOGETHER if {*fields} & {*_BOUND_TOGETHER} else ()
    return {name: value for name, value in routing.items() if value is not None and name in (*fields, *together)}


def _put(org: Org, wanted: Mapping[str, Routing], now: Records) -> Iterator[Problem]:
    """Set the routing that a restore wants; yield a problem for each record that the org refuses."""
    for name, routing in wanted.items():
        known = now[name].routing if name in now else {}
        differing = [field for field, value in routing.items() if known.get(field, value) != value]
        if not differing:
            continue
        try:
            org.change_channel_record(name, _to_set(routing, differing))
        except ProvisionerError as error:
            yield Problem(
                f"The routing of the channel {name} was not restored: {error.message}",
                error.next,
                MetadataType.CHANNEL.address(name),
            )


def _not_put(wanted: Mapping[str, Routing], now: Records) -> Iterator[Problem]:
    for name, routing in wanted.items():
        known = now[name].routing if name in now else {}
        lost = [field for field, value in routing.items() if known.get(field, value) != value]
        if lost:
            yield Problem(
                f"{enumerated(lost)} of the channel {name} differs from the value that was set.",
                "The org took the change and did not keep it. Compare the routing in Setup > Messaging Settings.",
                MetadataType.CHANNEL.address(name),
            )


def _reactivate(org: Org, name: str) -> Problem:
    address = MetadataType.CHANNEL.address(name)
    problem = f"The channel {name} was active, and the deployment left it inactive."
    try:
        org.activate_channel(name)
    except ProvisionerError as error:
        return Problem(
            problem,
            f"Activating it again failed ({error.message}): customers cannot chat. "
            "Activate it now in Setup > Messaging Settings.",
            address,
        )
    return Problem(problem, "It was activated again at once. Confirm it in Setup > Messaging Settings.", address)
