"""Deployments in the background: one at a time, oldest first, with the statuses Pending, InProgress and done."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from provisioner.localorg import package, permissions
from provisioner.localorg.app_changes import begin, save
from provisioner.localorg.clock import now_ms
from provisioner.localorg.deploy import Run
from provisioner.localorg.org import Org
from provisioner.localorg.pending_deploy import Draft
from provisioner.localorg.records import Deployment, Message
from provisioner.localorg.store import Store

_log = logging.getLogger(__name__)
_STEP_SECONDS = 0.01
#: An org queues: a deployment waits at least this long before it begins.
_QUEUE_SECONDS = 0.1
#: A fault that delays a deployment until it was polled stops after this long without a poll.
_PATIENCE_MS = 20_000
#: The faults that begin after some deployments that changed the org.
_AFTER_A_DEPLOYMENT = ("later-deploy-fails", "unreadable-after-deploy")
LOCKED = (
    "null: The changes you requested require salesforce.com to temporarily lock your organization's administration "
    "setup. However, the administration setup has already been locked by another change. Please wait for the previous "
    "action to finish, then try again later."
)
UNEXPECTED = (
    "An unexpected error occurred. Please include this ErrorId if you contact support: 193357600-12117 (-1209387642)"
)


class Deployer:
    """Processes the queue while the server runs. After a restart it begins an unfinished deployment again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._wake = asyncio.Event()

    def wake(self) -> None:
        self._wake.set()

    async def work(self) -> None:
        while True:
            self._wake.clear()
            while waiting := self._store.deployments(open_only=True):
                try:
                    await self._one(waiting[0].id)
                except Exception:
                    _log.exception("The deployment %s broke off.", waiting[0].id)
                    self._fail(waiting[0].id, "UNKNOWN_EXCEPTION", UNEXPECTED)
            await self._wake.wait()

    async def _one(self, deployment_id: str) -> None:
        await asyncio.sleep(_QUEUE_SECONDS)
        await self._hold(deployment_id, "Pending", ("deploy-queued",))
        if not self._move(deployment_id, "Pending", "InProgress"):
            return
        await asyncio.sleep(_STEP_SECONDS)
        prepared = self._process(deployment_id)
        if prepared is None:
            return
        draft, done = prepared
        for fault, status in (("deploy-finalizing", "Finalizing"), ("finalizing-deploy", "FinalizingDeploy")):
            if Org(self._store).faults.on(fault) and self._move(deployment_id, "InProgress", status):
                await self._hold(deployment_id, status, (fault,))
        self._finish(deployment_id, done, draft)

    async def _hold(self, deployment_id: str, status: str, faults: tuple[str, ...]) -> None:
        """Wait until the deployment was polled as often as a fault requires."""
        while True:
            deployment = self._store.deployment(deployment_id)
            if deployment is None or deployment.status != status:
                return
            wanted = max(Org(self._store).faults.number(fault) for fault in faults)
            if deployment.polls >= wanted or now_ms() - max(deployment.modified, deployment.created) > _PATIENCE_MS:
                return
            await asyncio.sleep(_STEP_SECONDS)

    def _move(self, deployment_id: str, old: str, new: str) -> bool:
        """Change the status if it is still the first one; cancel a deployment with a requested cancellation."""
        with self._store.transaction():
            deployment = self._store.deployment(deployment_id)
            if deployment is None:
                return False
            if deployment.status == "Canceling":
                self._end(deployment, "Canceled")
                return False
            if deployment.status not in (old, new):
                return False
            deployment.status = new
            deployment.polls = 0
            deployment.modified = now_ms()
            deployment.started = deployment.started or deployment.modified
            self._store.save_deployment(deployment)
            return True

    def _process(self, deployment_id: str) -> tuple[Draft, Deployment] | None:
        """Validate everything on a draft; None if the deployment has thereby finished."""
        with self._store.transaction():
            org = Org(self._store)
            deployment = self._store.deployment(deployment_id)
            if deployment is None or deployment.done:
                return None
            if org.faults.strike("setup-locked"):
                self._end(deployment, "Failed", "ALREADY_IN_PROCESS", LOCKED)
                return None
            if org.faults.strike("deploy-error") or org.faults.has_begun("later-deploy-fails"):
                self._end(deployment, "Failed", "UNKNOWN_EXCEPTION", UNEXPECTED)
                return None
            content = self._store.deployment_zip(deployment_id)
            try:
                read = package.read(content, org.newest)
            except package.PackageProblem as problem:
                deployment.messages = [
                    Message(
                        "", problem.file, problem.file, problem=problem.text, problem_type="Error",
                        line=problem.line, column=problem.column, success=False,
                    )
                ]  # fmt: skip
                deployment.errors = 1
                self._end(deployment, "Failed")
                return None
            blind = deployment.check_only and org.faults.on("check-only-blind")
            draft = begin(org, read.version, deployment.user_id, now_ms(), blind=blind)
            ignore_warnings = bool(deployment.options.get("ignoreWarnings"))
            forbidden = permissions.may_not_deploy(org.permissions_of(deployment.user_id))
            deployment.messages = Run(draft, read, org.offered(), ignore_warnings, forbidden).work()
            _count(deployment)
            self._store.save_deployment(deployment)
            return draft, deployment

    def _finish(self, deployment_id: str, processed: Deployment, draft: Draft) -> None:
        with self._store.transaction():
            deployment = self._store.deployment(deployment_id)
            if deployment is None:
                return
            if deployment.status == "Canceling":
                self._end(deployment, "Canceled")
                return
            failed = bool(processed.failures)
            partly = failed and not processed.options.get("rollbackOnError", True) and bool(processed.successes)
            last_stage = None if failed else Org(self._store).faults.argument("finalizing-fails")
            if not processed.check_only and not last_stage and (not failed or partly):
                org = Org(self._store)
                save(org, draft)
                for fault in _AFTER_A_DEPLOYMENT:
                    org.faults.count(fault)
            status = "SucceededPartial" if partly else "Failed" if failed else "Succeeded"
            told = status == "Succeeded" and not deployment.check_only and Org(self._store).faults.on("partial-success")
            self._end(deployment, "SucceededPartial" if told else last_stage or status)

    def _fail(self, deployment_id: str, code: str, message: str) -> None:
        with self._store.transaction():
            deployment = self._store.deployment(deployment_id)
            if deployment is not None:
                self._end(deployment, "Failed", code, message)

    def _end(self, deployment: Deployment, status: str, code: str | None = None, message: str | None = None) -> None:
        deployment.status = status
        deployment.done = True
        deployment.success = status == "Succeeded"
        deployment.error_code, deployment.error_message = code, message
        deployment.modified = deployment.completed = now_ms()
        deployment.started = deployment.started or deployment.modified
        self._store.save_deployment(deployment)


def _count(deployment: Deployment) -> None:
    """Count the components: a component with several problems counts once."""
    rows = [message for message in deployment.messages if message.component_type]
    outcome: dict[tuple[str, str, str | None], bool] = {}
    for row in rows:
        key = (
            row.component_type,
            row.full_name,
            None if row.success else row.problem if row.problem_type == "Warning" else None,
        )
        outcome[key] = outcome.get(key, True) and row.success
    tally = Counter(outcome.values())
    deployment.total, deployment.deployed, deployment.errors = len(outcome), tally[True], tally[False]
