"""Deployments that are at work in an org already: found before anything is sent, named, waited for."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from provisioner.errors import OrgRefusedError, ProvisionerError
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import Entry, Sent
from provisioner.salesforce import DeployStatus, Org, OrgFault, RecentDeploy

#: How long a deployment that neither the list nor a look knows is asked for, in looks and seconds between them.
_UNKNOWN_LOOKS, _UNKNOWN_PAUSE = 4, 1.0


class Occupied(Exception):
    """Other deployments are at work in the org. Nothing was sent."""

    def __init__(self, deploys: tuple[RecentDeploy, ...]) -> None:
        super().__init__(", ".join(each.id for each in deploys))
        self.deploys = deploys


def refuse_occupied(recent: tuple[RecentDeploy, ...] | None, over: Collection[str] = ()) -> None:
    """Raises :class:`Occupied` where something that changes the org is at work. Validations change nothing.

    ``over`` are deployments (15 characters) that were looked at and are done, whatever the list calls them.
    """
    running = tuple(each for each in recent or () if each.seems_to_run and not each.check_only and each.key not in over)
    if running:
        raise Occupied(running)


def candidates(sent: Sent, recent: tuple[RecentDeploy, ...] | None) -> list[RecentDeploy]:
    """What a deployment whose answer was never heard may have become in the org."""
    if sent.known is None or recent is None:
        return []
    return [
        each for each in recent if each.is_own and each.check_only is sent.check_only and each.key not in sent.known
    ]


def settle(entry: Entry, sent: Sent, status: DeployStatus | None, journal: Journal, *, applied: bool = False) -> Entry:
    """Write down how a deployment of an earlier run ended; None: it never reached the org.

    ``applied``: it failed, and the org may hold something of it.
    Raises nothing: a journal that cannot be written was said to be so before.
    """
    if status is None:
        settled = entry.with_sent(sent, replace(sent, ended="not sent", success=False))
    else:
        done = replace(sent, deploy_id=status.id or sent.deploy_id, ended=status.status)
        new = replace(done, success=status.success, applied=applied)
        settled = entry.with_sent(sent, new)
    return write_quietly(journal, settled)


def give_up(entry: Entry, sent: Sent, journal: Journal) -> Entry:
    """Write down that nobody can say any more how a deployment of an earlier run ended."""
    return write_quietly(journal, entry.with_sent(sent, replace(sent, ended="not known")))


def close(entry: Entry, outcome: str, journal: Journal, now: datetime) -> Entry:
    """Write down that nothing of an earlier run is open any more."""
    return write_quietly(journal, replace(entry, outcome=outcome, ended=now))


def write_quietly(journal: Journal, entry: Entry) -> Entry:
    with contextlib.suppress(OSError):
        journal.write(entry)
    return entry


def find(org: Org, deploy_id: str) -> DeployStatus | None:
    """A first look at a deployment of which only the id is known; None where it is there, and no look worked yet.

    Raises :class:`OrgRefusedError` where the org knows none of that id. A deployment in the queue may be unknown to
    the first looks; the org's list says whether it is there.
    """
    fault: ProvisionerError | None = None
    for _ in range(_UNKNOWN_LOOKS):
        try:
            return org.deploy_status(deploy_id)
        except OrgFault as error:
            fault = error
            recent = org.recent_deploys()
            if recent is not None:
                if deploy_id[:15] in {each.key for each in recent}:
                    return None
                break
        org.pause(_UNKNOWN_PAUSE)
    assert fault is not None
    raise OrgRefusedError(
        f"The org knows no deployment {deploy_id} ({fault.message}). The id belongs to another org, or the org no "
        f"longer keeps the record of this deployment.",
        next="Compare the id with Setup > Deployment Status. A plan compares the org with the declaration, whatever "
        "the result of the deployment.",
        code="deployment-unknown",
    )
