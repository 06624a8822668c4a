"""Deployments that are running in an org before an apply: found, named, waited for."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from provisioner.errors import OrgRefusedError, ProvisionerError
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import Entry, SentDeployment
from provisioner.salesforce import DeployStatus, Org, OrgFault, RecentDeploy

#: The number of looks, and the seconds between them, for a deployment that the org does not list.
_UNKNOWN_LOOKS, _UNKNOWN_PAUSE = 4, 1.0


class Occupied(Exception):
    """Other deployments are running in the org. Nothing was sent."""

    def __init__(self, deploys: tuple[RecentDeploy, ...]) -> None:
        super().__init__(", ".join(each.id for each in deploys))
        self.deploys = deploys


def refuse_occupied(recent: tuple[RecentDeploy, ...] | None, over: Collection[str] = ()) -> None:
    """Raise :class:`Occupied` if a deployment that changes the org is running. Validations change nothing.

    ``over`` are deployments (15 characters) that are known to be done, whatever status the list has.
    """
    running = tuple(each for each in recent or () if each.seems_to_run and not each.check_only and each.key not in over)
    if running:
        raise Occupied(running)


def candidates(sent: SentDeployment, recent: tuple[RecentDeploy, ...] | None) -> list[RecentDeploy]:
    """Return the deployments of the org that a deployment with a lost answer may be."""
    if sent.known is None or recent is None:
        return []
    return [
        each for each in recent if each.is_own and each.check_only is sent.check_only and each.key not in sent.known
    ]


def settle(
    entry: Entry, sent: SentDeployment, status: DeployStatus | None, journal: Journal, *, applied: bool = False
) -> Entry:
    """Record how a deployment of an earlier run ended; ``status`` None: it never reached the org.

    ``applied``: it failed and may have changed the org. Raises nothing if the journal cannot be written.
    """
    if status is None:
        settled = entry.with_sent(sent, replace(sent, ended="not sent", success=False))
    else:
        done = replace(sent, deploy_id=status.id or sent.deploy_id, ended=status.status)
        new = replace(done, success=status.success, applied=applied)
        settled = entry.with_sent(sent, new)
    return write_quietly(journal, settled)


def give_up(
    entry: Entry, sent: SentDeployment, journal: Journal, *, success: bool | None = None, applied: bool = False
) -> Entry:
    """Record that the result, or the id, of an earlier deployment can no longer be found out."""
    given_up = replace(sent, ended="not known", success=success, applied=applied)
    return write_quietly(journal, entry.with_sent(sent, given_up))


def close(entry: Entry, outcome: str, journal: Journal, now: datetime) -> Entry:
    """Record that an earlier run is settled."""
    return write_quietly(journal, replace(entry, outcome=outcome, ended=now))


def write_quietly(journal: Journal, entry: Entry) -> Entry:
    with contextlib.suppress(OSError):
        journal.write(entry)
    return entry


def find(org: Org, deploy_id: str) -> DeployStatus | None:
    """Return the first status of a deployment by its id; None if the org lists it and no look has succeeded yet.

    Raises :class:`OrgRefusedError` if the org has no deployment of that id. The first looks may not find a queued
    deployment, but the org's list has it.
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
