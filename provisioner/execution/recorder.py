"""Records an apply in the journal: each step before the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from provisioner.components.package import Package
from provisioner.errors import RefusedError
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import SET_UP, Call, Entry, RecordStep, SavedComponent, SentDeployment, words
from provisioner.salesforce import DeployStatus

LOST = (
    "The journal cannot be written ({why}): this machine cannot resume the deployment, and `provisioner restore` "
    "cannot undo it. Write down the deployment id."
)


@dataclass(slots=True)
class Recorder:
    """Writes one entry of the journal. ``say`` gets one message if the journal cannot be written; the apply continues.

    With ``required`` nothing is sent without a record.
    """

    journal: Journal
    entry: Entry
    clock: Callable[[], datetime]
    say: Callable[[str], None]
    lost: bool = False
    required: bool = False

    def about_to_send(
        self, package: Package, *, phase: str | None, check_only: bool, known: Iterable[str] | None
    ) -> None:
        """Record a package before it is sent. Raises :class:`RefusedError` if that fails and is ``required``."""
        sent = SentDeployment(
            self.clock(),
            check_only,
            phase,
            tuple(sorted(known)) if known is not None else None,
            {name: SavedComponent.of_text(package.text(name)) for name in package.components},
            tuple(package.deletions),
        )
        before = self.entry
        self._write(replace(before, sent=(*before.sent, sent)))
        if self.lost and self.required:
            self.entry = before
            raise RefusedError(
                "The journal cannot be written, so a deployment that is cut off could not be cleaned up. It was not "
                "sent.",
                next="Set PROVISIONER_STATE_DIR to a folder that you can write to, and run the command again.",
                code="journal-lost",
            )

    def accepted(self, deploy_id: str) -> None:
        """Record the id of the deployment before the wait begins."""
        self._last(deploy_id=deploy_id)

    def not_accepted(self, why: str) -> None:
        """Record that the org refused the request, or that it certainly never arrived."""
        self._last(ended=words([why])[0], success=False)

    def never_sent(self) -> None:
        """Record that the run ended before it sent anything."""
        if self.entry.sent and self.entry.sent[-1].ended is None and self.entry.sent[-1].deploy_id is None:
            self._last(ended="not sent", success=False)

    def over(self, status: DeployStatus, *, applied: bool = False) -> None:
        """Record that the deployment is done; ``applied``: it failed, and may have changed the org."""
        self._last(ended=status.status, success=status.success, applied=applied)

    def about_to_set(self, channel: str, *, active: bool) -> None:
        """Record that a channel is about to be activated or deactivated."""
        step = RecordStep(self.clock(), channel, active)
        self._write(replace(self.entry, steps=(*self.entry.steps, step)))

    def was_set(self) -> None:
        """Record that the org confirmed the last step."""
        *earlier, last = self.entry.steps
        self._write(replace(self.entry, steps=(*earlier, replace(last, taken=True))))

    def about_to_call(self, what: str, name: str) -> None:
        """Record a request about a chat deployment before it is sent.

        Raises :class:`RefusedError` if a deployment is to be set up and the journal cannot be written: it must not be
        set up twice.
        """
        before = self.entry
        self._write(replace(before, calls=(*before.calls, Call(self.clock(), what, name))))
        if self.lost and what == SET_UP:
            self.entry = before
            raise RefusedError(
                f"The journal cannot be written, so a later run could set up {name} twice. It was not set up.",
                next="Set PROVISIONER_STATE_DIR to a folder that you can write to, and run the command again.",
                code="journal-lost",
            )

    def called(self, ended: str) -> None:
        """Record the result of the last request about a chat deployment."""
        self._write(self.entry.with_ended(self.entry.calls[-1], ended))

    def ended(self, outcome: str, problems: Iterable[str] = ()) -> None:
        """Record the outcome of the whole apply, unless nothing was sent."""
        if self.entry.sent or self.entry.steps or self.entry.calls:
            self._write(replace(self.entry, outcome=outcome, ended=self.clock(), problems=words(problems)))
            self.journal.trim(self.entry.org_id)

    def _last(self, **changes: object) -> None:
        last = self.entry.sent[-1]
        self._write(self.entry.with_sent(last, replace(last, **changes)))  # type: ignore[arg-type]

    def _write(self, entry: Entry) -> None:
        self.entry = entry
        if self.lost:
            return
        try:
            self.journal.write(entry)
        except OSError as error:
            self.lost = True
            self.say(LOST.format(why=(error.strerror or "error").lower()))
