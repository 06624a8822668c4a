"""Settles the interrupted applies of this machine in an org before anything new is planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.errors import OrgRefusedError, RefusedError
from provisioner.execution.aftermath import look_again
from provisioner.execution.channel_records import routing_after
from provisioner.execution.in_flight import candidates, close, find, give_up, settle, write_quietly
from provisioner.execution.journal import Damaged, Journal
from provisioner.execution.journal_entry import Call, Entry, SentDeployment
from provisioner.execution.lock import org_lock
from provisioner.execution.web_deployments import look_for
from provisioner.salesforce import DeployStatus, Org, RecentDeploy
from provisioner.words import enumerated
from provisioner.workflows.console import Console

#: The seconds before each search for a deployment that was about to be sent when its run was interrupted.
_LOOKS = (0.0, 1.0, 3.0)


def settle_earlier(console: Console, org: Org, minutes: float) -> bool:
    """Settle what earlier runs of this machine left open in the org; return whether there was anything."""
    return Recovery(console, org, Journal.here(), minutes).settle()


@dataclass(frozen=True, slots=True)
class Recovery:
    """``minutes`` bounds the wait for a deployment that still runs."""

    console: Console
    org: Org
    journal: Journal
    minutes: float

    def settle(self) -> bool:
        """Look up every interrupted apply; return whether there was one, because then the org may have changed.

        Raises :class:`DeployUnsettled` if a deployment of one is not done in time.
        """
        org_id = self.org.session.org_id
        found = self.journal.open_entries(org_id)
        for each in found:
            if isinstance(each, Damaged):
                self.console.say(f"The journal's entry {each.path} is damaged ({each.why}); it is ignored.")
        if all(isinstance(each, Damaged) for each in found):
            return False
        try:
            with org_lock(org_id, "looking up an interrupted apply", self.console.now, self.console.say, patience=0):
                entries = self.journal.unsettled(org_id)
                for entry in entries:
                    self._settle(entry)
                return bool(entries)
        except RefusedError:  # its run is alive, and holds the org
            return False

    def _settle(self, entry: Entry) -> None:
        since = f"{entry.began:%Y-%m-%d %H:%M:%S} UTC"
        self.console.say(
            f"An earlier {entry.command} to {entry.environment} ({since}) was interrupted: looking up its result."
        )
        entry = self.look_up(entry)
        if entry.needs_cleaning:
            self.console.say(f"It did not clean up: provisioner probe --env {entry.environment} --clean")
            return
        if entry.has_deployed:
            self.console.say("Its changes are in the org; the plan lists the remaining ones.")
            self._routing(entry)
        close(entry, "looked-up", self.journal, self.console.now)

    def _routing(self, entry: Entry) -> None:
        """Restore the routing that a deployment cleared; if the org does not show it, say so."""
        try:
            for problem in routing_after(self.org, entry):
                self.console.say(f"{problem.problem} {problem.meaning}")
        except OrgRefusedError as error:
            self.console.say(f"Whether its channels kept their routing is not known: {error.message}")

    def look_up(self, entry: Entry) -> Entry:
        """Return the entry with the result of each open deployment; wait for a deployment that still runs."""
        for sent in entry.open_sent:
            entry = self._look_up(entry, sent)
        for call in entry.open_set_ups:
            entry = self._look_for(entry, call)
        return entry

    def _look_for(self, entry: Entry, call: Call) -> Entry:
        """Return the entry with the result of a request to create a web deployment, which may still be on its way."""
        self.console.say(f"It was about to create the web deployment {call.name}; looking for it.")
        found = look_for(self.org, call.name)
        self.console.say(f"The org has {call.name}." if found else f"The org does not have {call.name}.")
        return write_quietly(self.journal, entry.with_ended(call, "made" if found else "not-found"))

    def _look_up(self, entry: Entry, sent: SentDeployment) -> Entry:
        say = self.console.say
        if sent.deploy_id is not None:
            return self._record(entry, sent, self._ended(sent.deploy_id))
        recent, found = self._search(sent)
        if recent is None or sent.known is None:
            say(
                "It was about to send a deployment. The org does not list deployments to this user: check in "
                "Setup > Deployment Status whether it arrived."
            )
            return give_up(entry, sent, self.journal)
        if not found:
            say("It was about to send a deployment; none arrived in the org.")
            return settle(entry, sent, None, self.journal)
        statuses = {each.id: self._ended(each.id) for each in found}
        if len(statuses) > 1:
            return self._record_one_of(entry, sent, statuses)
        return self._record(entry, sent, *statuses.values())

    def _record(self, entry: Entry, sent: SentDeployment, status: DeployStatus | None) -> Entry:
        """Return the entry with the result of a deployment; None: the org no longer has it."""
        if status is None:
            return give_up(entry, sent, self.journal)
        self.console.say(f"Its deployment {status.id} has the status {status.status}.")
        if status.success:
            return settle(entry, sent, status, self.journal)
        aftermath = look_again(self.org, entry, sent, status)
        self.console.say(aftermath.words)
        return settle(entry, sent, status, self.journal, applied=not aftermath.is_nothing)

    def _record_one_of(self, entry: Entry, sent: SentDeployment, statuses: Mapping[str, DeployStatus | None]) -> Entry:
        """Name all deployments that may be the lost one, and return the entry; its deployment gets no id."""
        seen = [f"{each} ({status.status if status is not None else 'not known'})" for each, status in statuses.items()]
        self.console.say(
            f"It was about to send a deployment, and {len(seen)} deployments of the org may be that one: "
            f"{enumerated(seen)}. Setup > Deployment Status shows the components of each."
        )
        if sent.check_only or all(status is not None and not status.success for status in statuses.values()):
            aftermath = look_again(self.org, entry, sent, None)
            self.console.say(aftermath.words)
            return give_up(entry, sent, self.journal, success=False, applied=not aftermath.is_nothing)
        entry = give_up(entry, sent, self.journal)
        if not entry.needs_cleaning:
            undo = f"provisioner restore {entry.id} --env {entry.environment}"
            undoing = "" if entry.is_of_logins else f" To undo them after this run: {undo}"
            self.console.say(f"Its changes may be in the org; the plan lists the remaining ones.{undoing}")
            self._routing(entry)
        return entry

    def _search(self, sent: SentDeployment) -> tuple[tuple[RecentDeploy, ...] | None, list[RecentDeploy]]:
        """Return the org's deployments, and those that may be the lost one; wait briefly for a late one."""
        recent, found = None, []
        for pause in _LOOKS if (self.console.now - sent.at).total_seconds() < 120 else (0.0,):
            self.org.pause(pause)
            recent = self.org.recent_deploys()
            found = candidates(sent, recent)
            if found or recent is None:
                break
        return recent, found

    def _ended(self, deploy_id: str) -> DeployStatus | None:
        """Return the final status of a deployment, after waiting for it; None if the org no longer has it."""
        try:
            status = find(self.org, deploy_id)
        except OrgRefusedError as error:
            self.console.say(error.message)
            return None
        if status is not None and status.done:
            return status
        self.console.say(f"The deployment {deploy_id} still runs; waiting for it.")
        with self.console.progress() as progress:
            return self.org.wait_for(deploy_id, minutes=self.minutes, on_progress=progress.look)
