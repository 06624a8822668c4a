"""Waiting for the deployments of others that are running in an org."""

from __future__ import annotations

from provisioner.errors import OrgRefusedError, StillRunningError
from provisioner.execution.in_flight import Occupied, find
from provisioner.execution.journal import Journal
from provisioner.salesforce import DeployUnsettled, Org, RecentDeploy
from provisioner.workflows.console import Console


def wait_for_others(console: Console, org: Org, occupied: Occupied, minutes: float) -> set[str]:
    """Wait until the deployments are done, and return their keys (15 characters).

    Raises :class:`StillRunningError` if one is not done after ``minutes``.
    """
    for deploy in occupied.deploys:
        _wait_for(console, org, deploy, minutes)
    return {deploy.key for deploy in occupied.deploys}


def _wait_for(console: Console, org: Org, deploy: RecentDeploy, minutes: float) -> None:
    ours = Journal.here().of_deploy(org.session.org_id, deploy.id)
    try:
        status = find(org, deploy.id)
    except OrgRefusedError:
        return  # it is listed, and cannot be looked at: then it is over
    if status is not None and status.done:
        return
    by = status.created_by_name if status is not None and status.created_by_name else "another user"
    who = f"this machine's, of {ours.environment}" if ours is not None else f"of {by}"
    what = f"Deployment {deploy.id} ({who}) has been running in this org since {deploy.since}"
    console.say(f"{what}; waiting for it.")
    try:
        with console.progress() as progress:
            org.wait_for(deploy.id, minutes=minutes, on_progress=progress.look)
    except DeployUnsettled:
        raise StillRunningError(
            f"{what}, and did not finish in time ({minutes:g} minutes). Nothing was sent.",
            next="Run the command again after it finishes; --wait MINUTES waits longer.",
            code="org-occupied",
        ) from None
