"""Experiments about deployments: their listing, their cancellation, their end, and the user that the org names for
them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from provisioner.components.snapshot import ROUTING_FIELDS, Component
from provisioner.experiments import parts
from provisioner.experiments.bench import Bench
from provisioner.experiments.experiment import Experiment, Found, Side, UndecidedError
from provisioner.model.types import MetadataType
from provisioner.salesforce import OrgFault, Scope

_KEY = MetadataType.KEY
#: The possible difference between the org's clock and this machine's.
_CLOCKS = timedelta(days=1)
#: The number of calls with which an experiment tests whether they are counted, and the number of others that may occur.
_CALLS, _NOISE = 20, 4
#: How often a deployment is tried that may be done before it can be looked for or cancelled.
_ATTEMPTS = 3
_FINALIZING = {"Finalizing": "finalizing", "FinalizingDeploy": "finalizing-deploy"}


def _finalizing_name(bench: Bench) -> Found:
    bench.must("Deployed a key.", parts.key(bench.material.first.to_json()))
    seen = list(dict.fromkeys(bench.watch.statuses))
    bench.note("Collected the statuses of all deployments of this run.", f"Seen: {', '.join(seen)}.")
    for status in seen:
        if status in _FINALIZING:
            return Found(_FINALIZING[status])
    raise UndecidedError("No look at a deployment of this run met its finalizing stage.")


def _deployment_listed(bench: Bench) -> Found:
    status = bench.send("Deployed a key.", parts.key(bench.material.first.to_json()))
    recent = bench.org.recent_deploys()
    if recent is None:
        bench.note("Asked for the deployments in DeployRequest.", "The org does not list them to this user.")
        return Found("refused")
    found = next((each for each in recent if each.key == status.id[:15]), None)
    words = "not listed" if found is None else f"listed, {'by this user' if found.is_own else 'by another user'}"
    bench.note("Looked for the deployment in DeployRequest.", f"It is {words}.")
    return Found("listed" if found is not None and found.is_own else "not-listed")


def _while_at_work(attempt: Callable[[Bench], Found], bench: Bench) -> Found:
    """Repeat an experiment with a deployment at work: a small deployment may be done before the next request."""
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(UndecidedError):
            return attempt(bench)
    return attempt(bench)


def _running_listed(bench: Bench) -> Found:
    seen: list[Found | str] = []

    def look(deploy_id: str) -> None:
        seen.append(_look_at_running(bench, deploy_id))

    bench.send("Deployed a key.", parts.key(bench.material.first.to_json()), on_accepted=look)
    if not seen or isinstance(seen[0], str):
        raise UndecidedError(str(seen[0]) if seen else "The deployment was not accepted.")
    return seen[0]


def _look_at_running(bench: Bench, deploy_id: str) -> Found | str:
    """Return the side that the list shows for a deployment that was just accepted; a sentence if it shows none."""
    recent = bench.org.recent_deploys()
    if recent is None:
        bench.note("Asked for the deployments in DeployRequest.", "The org does not list them to this user.")
        return Found("refused")
    found = next((each for each in recent if each.key == deploy_id[:15]), None)
    words = f"listed with the status {found.status}" if found is not None else "not listed"
    bench.note("Looked for the deployment in DeployRequest before it was done.", f"It is {words}.")
    if found is not None and found.seems_to_run:
        return Found("listed")
    if found is not None or bench.org.deploy_status(deploy_id).done:
        return "The deployment was done before it could be looked for."
    return Found("not-listed")


def _cancelled(bench: Bench) -> Found:
    said: list[str] = []

    def cancel(deploy_id: str) -> None:
        try:
            bench.org.cancel_deploy(deploy_id)
        except OrgFault as fault:
            said.append(str(fault))

    status = bench.send(
        "Deployed a key and cancelled the deployment at once.",
        parts.key(bench.material.first.to_json()),
        on_accepted=cancel,
    )
    for words in said:
        bench.note("The cancellation was refused.", words)
    if said:
        if status.success and any("complete" in each.lower() for each in said):
            raise UndecidedError("The deployment was done before the cancellation arrived.")
        return Found("refused")
    if status.success:
        raise UndecidedError("The deployment was done before the cancellation took effect.")
    if not status.is_canceled and status.failures:
        raise UndecidedError("The deployment failed for another reason.")
    return Found("canceled" if status.is_canceled else "otherwise", None if status.is_canceled else status.status)


def _last_changer(bench: Bench) -> Found:
    status = bench.send("Deployed a key.", parts.key(bench.material.first.to_json()))
    if not status.success:
        raise UndecidedError("The key could not be deployed.")
    snapshot = bench.org.observe(Scope(names={_KEY: (parts.KEY,)}, kinds=(_KEY,)))
    found = snapshot.find(_KEY, parts.KEY)
    if not isinstance(found, Component):
        raise UndecidedError("The org does not list the key that was just deployed.")
    named, dated = bool(found.last_modified_by), _is_now(found.last_modified_date)
    by = "this user" if found.last_modified_by == status.created_by_name else "somebody else"
    bench.note(
        "Listed the key.",
        f"The last change is by {by if named else 'nobody'}, with {'the present' if dated else 'no usable'} date.",
    )
    if named and status.created_by_name and by != "this user":
        return Found("another")
    return Found("named" if named and dated else "not-named")


def _polling_counts(bench: Bench) -> Found:
    status = bench.send("Deployed a key.", parts.key(bench.material.first.to_json()))
    counted = _spent(bench, bench.org.calls_left)
    bench.note(f"Asked for the limits {_CALLS} times.", f"{counted} API calls were counted.")
    if counted < _CALLS:
        raise UndecidedError("The org counts API calls late, or not one by one.")
    polls = _spent(bench, lambda: bench.org.deploy_status(status.id))
    bench.note(f"Polled the deployment {_CALLS} times.", f"{polls} API calls were counted.")
    if polls > _CALLS // 2:
        return Found("counted")
    if polls > _NOISE:
        raise UndecidedError("Other users make too many API calls at present.")
    return Found("not-counted")


def _spent(bench: Bench, ask: Callable[[], object]) -> int:
    """Return the number of API calls that the org counts during many repetitions of a request."""
    before = bench.org.calls_left()
    for _ in range(_CALLS):
        ask()
    return before - bench.org.calls_left()


def _routing_fields(bench: Bench) -> Found:
    records = bench.org.channel_records()
    if not records:
        raise UndecidedError("The org has no messaging channel.")
    offered = [name for name in ROUTING_FIELDS if any(name in record.routing for record in records.values())]
    bench.note("Queried the routing fields of MessagingChannel.", f"Offered: {', '.join(offered) or 'none'}.")
    if len(offered) == len(ROUTING_FIELDS):
        return Found("offered")
    return Found("partly" if offered else "missing")


def _is_now(text: str | None) -> bool:
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return False
    return abs(datetime.now(UTC) - (at if at.tzinfo else at.replace(tzinfo=UTC))) < _CLOCKS


EXPERIMENTS = (
    Experiment(
        "deployment-listed", 16, "Does DeployRequest list a deployment of this user?",
        (Side("listed", "A deployment is found by DeployRequest."),
         Side("not-listed", "DeployRequest does not list the deployment.", None),
         Side("refused", "The org does not list deployments to this user.", ("deploy-list-refused",))),
        _deployment_listed,
    ),
    Experiment(
        "polling-counts", 24, "Do status polls count as API calls?",
        (Side("counted", "Status polls count as API calls."),
         Side("not-counted", "Status polls do not count as API calls.", ("polls-not-counted",))),
        _polling_counts,
    ),
    Experiment(
        "last-changer", 41, "Does listMetadata name who changed a key last, and when?",
        (Side("named", "listMetadata names who changed a key last, and when."),
         Side("not-named", "listMetadata gives no name or no date of the last change.", ("list-nameless",)),
         Side("another", "listMetadata names somebody else.", None)),
        _last_changer,
    ),
    Experiment(
        "routing-fields", 47, "Does MessagingChannel offer its four routing fields to this user?",
        (Side("offered", "MessagingChannel offers its four routing fields."),
         Side("partly", "MessagingChannel lacks some routing fields.", ("routing-fields-missing=routing-type",)),
         Side("missing", "MessagingChannel offers no routing field.", ("routing-fields-missing",))),
        _routing_fields,
    ),
    Experiment(
        "running-deployment-listed", 42, "Does DeployRequest list a deployment that is at work?",
        (Side("listed", "A deployment at work is listed with a status that is not final."),
         Side("not-listed", "A deployment at work is not listed.", ("deploy-list-late",)),
         Side("refused", "The org does not list deployments to this user.", ("deploy-list-refused",))),
        partial(_while_at_work, _running_listed),
    ),
    Experiment(
        "cancelled-deployment", 43, "How does a cancelled deployment end?",
        (Side("canceled", "A cancelled deployment ends as Canceled."),
         Side("refused", "The org refuses to cancel a deployment at work.", ("cancel-refused",)),
         Side("otherwise", "A cancelled deployment ends with another status.", None)),
        partial(_while_at_work, _cancelled),
    ),
    # Last: it checks the statuses of all deployments of the run.
    Experiment(
        "finalizing-name", 15, "How is the finalizing stage spelled?",
        (Side("finalizing", "The finalizing stage is spelled Finalizing.", ("deploy-finalizing",)),
         Side("finalizing-deploy", "The finalizing stage is spelled FinalizingDeploy.", ("finalizing-deploy",))),
        _finalizing_name,
    ),
)  # fmt: skip
