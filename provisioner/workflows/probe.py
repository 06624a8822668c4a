"""A probe: experiments on a sandbox, one after another, and everything that they made removed again.

Each deployment is written down in the journal before it leaves, so that the next run finds what a killed one made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner import __version__, names
from provisioner.components.channel import ENHANCED_CHAT
from provisioner.components.snapshot import Component, Snapshot, Unreadable
from provisioner.errors import ExitStatus, OrgRefusedError, ProvisionerError, RefusedError
from provisioner.execution.journal_entry import CLEANED, PROBE
from provisioner.experiments.record import Listed, Record
from provisioner.model.types import MetadataType
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.prepare import environment_alone, observe

if TYPE_CHECKING:
    from provisioner.execution.journal import Journal
    from provisioner.execution.journal_entry import Entry
    from provisioner.execution.recorder import Recorder
    from provisioner.experiments.bench import Borrowed
    from provisioner.experiments.experiment import Experiment
    from provisioner.experiments.record import Result
    from provisioner.experiments.running import Running
    from provisioner.model.environment import Environment
    from provisioner.salesforce import Org
    from provisioner.workflows.probe_results import KeptResults

_CHANNEL = MetadataType.CHANNEL
#: A component that was changed in this time may belong to a probe that runs on another machine.
FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. ``only`` names experiments; none: all. ``clean``: no experiment. ``minutes`` bound a wait.

    ``out`` is a file for the record: Markdown if its name ends with .md, else JSON.
    """

    only: tuple[str, ...] = ()
    channel: str | None = None
    clean: bool = False
    out: Path | None = None
    minutes: float = 30.0


@dataclass(frozen=True, slots=True)
class Probed:
    """How a probe ended. ``record`` is None if no experiment ran; ``error`` is what ended the run, if anything did."""

    listed: Listed
    record: Record | None = None
    error: BaseException | None = None


class CleanUpError(OrgRefusedError):
    """Something that a probe made is still in the org."""

    code = "probe-not-cleaned"


class ProbeInterruptedError(ProvisionerError):
    """The person, or the machine, stopped a probe."""

    code = "interrupted"
    exit_status = ExitStatus.INTERRUPTED


def chosen(only: Sequence[str]) -> tuple[Experiment, ...]:
    """Return the experiments of these names, or all. Raises :class:`UsageError` for an unknown name."""
    from provisioner.experiments.catalogue import BY_NAME, EXPERIMENTS

    for name in only:
        names.one_of(BY_NAME, name, "experiment", place="this version")
    return tuple(each for each in EXPERIMENTS if not only or each.name in only)


def probe(console: Console, asked: Asked, show: Callable[[Listed], None]) -> Probed:
    """Run the experiments that were asked for, after ``show`` and a yes of the person.

    Raises what ends a run before anything was sent: :class:`RefusedError`, :class:`LoginError`, ...
    """
    from provisioner.execution.journal import Journal
    from provisioner.execution.lock import org_lock

    experiments = () if asked.clean else chosen(asked.only)
    environment = environment_alone(console, console.one_environment())
    if environment.production:
        raise _production(f"{environment.file} says `production: true`")
    with connected(console, environment) as org:
        snapshot = observe(console, org, environment)
        _refuse_production(snapshot)
        _refuse_unreadable(snapshot)
        with org_lock(org.session.org_id, environment.name, datetime.now(UTC), console.say):
            return Probing(console, environment, org, Journal.here(), asked, snapshot, experiments).run(show)


def _refuse_production(snapshot: Snapshot) -> None:
    """Raise :class:`RefusedError` unless the org itself says that it is no production org."""
    if snapshot.org.is_production is None:
        raise _production("the org does not say which kind of org it is")
    if snapshot.org.is_production:
        raise _production("the org says that it is a production org (IsSandbox is false)")


def _refuse_unreadable(snapshot: Snapshot) -> None:
    """Raise :class:`RefusedError` if a component that may refer to one of a probe cannot be read."""
    for kind, observed in snapshot.types.items():
        hidden = {kind.xml_name: observed} if isinstance(observed, Unreadable) else observed
        for name, found in hidden.items():
            if isinstance(found, Unreadable):
                raise RefusedError(
                    f"{name} cannot be read ({found.reason}), so a probe cannot know what it must not delete. Nothing "
                    "was sent.",
                    next=f"The login needs the permission: {found.permission}.",
                    code="unreadable",
                )


def _production(why: str) -> RefusedError:
    return RefusedError(
        f"A probe never runs in production, and {why}. Nothing was sent.",
        next="Name the environment of a sandbox, a scratch org or a Developer Edition with --env.",
        code="probe-in-production",
    )


@dataclass(slots=True)
class Probing:
    """One probe on its way, with the org's lock held. ``earlier`` are probes of this machine that were cut off."""

    console: Console
    environment: Environment
    org: Org
    journal: Journal
    asked: Asked
    snapshot: Snapshot
    experiments: tuple[Experiment, ...]
    earlier: list[Entry] = field(default_factory=list)
    kept: Mapping[str, Result] = field(default_factory=dict)

    def run(self, show: Callable[[Listed], None]) -> Probed:
        """Look up what earlier probes left, ask, clean, run the experiments, clean."""
        self._look_up_earlier()
        self._take_up_results()
        leftovers = self._leftovers()
        self._refuse_other_probe()
        self._borrow(leftovers)
        listed = Listed(self.environment.name, self.experiments, self.asked.channel, leftovers, tuple(self.kept))
        if not self.experiments and not leftovers:
            return Probed(listed)
        show(listed)
        self._confirm()
        self._refuse_occupied()
        if leftovers:
            self.console.say("Cleaning up after an earlier probe.")
            _, error = self._guarded(None, lambda running: running.clean())
            if error is not None or not self.experiments:
                return Probed(listed, error=error)
            self.snapshot = observe(self.console, self.org, self.environment)
        running, error = self._guarded(self._borrow(()), lambda running: running.run(self.experiments))
        record = self._record(running, error)
        if error is None and self._runs_all:
            self._results.forget()
        if record is not None and self.asked.out is not None:
            unwritten = self._write(record, self.asked.out)
            error = error or unwritten
        return Probed(listed, record, error)

    # Before anything is sent

    def _look_up_earlier(self) -> None:
        from provisioner.workflows.recovery import Earlier

        looking = Earlier(self.console, self.org, self.journal, self.asked.minutes)
        entries = [each for each in self.journal.unsettled(self.org.session.org_id) if each.command == PROBE]
        if entries:
            self.console.say("An earlier probe of this machine did not clean up: looking up what it sent.")
            self.earlier = [found for each in entries if (found := looking.look_up(each)).needs_cleaning]
            self.snapshot = observe(self.console, self.org, self.environment)

    @property
    def _results(self) -> KeptResults:
        from provisioner.workflows.probe_results import KeptResults

        return KeptResults.of(self.org.session.org_id)

    def _take_up_results(self) -> None:
        """Take up what a run of all experiments settled before it was cut off; ``--clean`` forgets it."""
        if self.asked.clean:
            self._results.forget()
        elif self._runs_all:
            found = self._results.read(self.org.versions.chosen, self.console.now)
            self.kept = {each.experiment.name: each for each in found}

    @property
    def _runs_all(self) -> bool:
        return not self.asked.only

    def _leftovers(self) -> tuple[str, ...]:
        from provisioner.experiments.cleaning import leftovers, lent_in

        made = [kind.address(name) for kind, name in leftovers(self.snapshot)]
        return (*(_CHANNEL.address(each.borrowed.name) for each in lent_in(self.earlier)), *made)

    def _refuse_other_probe(self) -> None:
        """Raise :class:`RefusedError` if components that this machine does not know of are only minutes old."""
        from provisioner.experiments.cleaning import leftovers

        if self.earlier or self.asked.clean:
            return
        for name in leftovers(self.snapshot):
            found = self.snapshot.find(*name)
            if isinstance(found, Component) and _is_fresh(found.last_modified_date, self.console.now):
                raise RefusedError(
                    f"Another probe may be running in this org: {found.address} was changed "
                    f"{found.last_modified_date}. Nothing was sent.",
                    next=f"Wait until it is done. If none is running: {self._clean_command}",
                    code="probe-at-work",
                )

    def _borrow(self, leftovers: Sequence[str]) -> Borrowed | None:
        """Return the channel that was named. Raises :class:`RefusedError` if it must not be changed."""
        from provisioner.experiments.bench import Borrowed

        name = self.asked.channel
        if name is None or not self.experiments:
            return None
        found = self.snapshot.find(_CHANNEL, name)
        if found is None:
            known = list(self.snapshot.present(_CHANNEL))
            raise names.unknown("channel", name, known, place="this org")
        if isinstance(found, Unreadable):
            raise _not_borrowed(f"The channel {name} cannot be read: {found.reason}", found.permission)
        reason = _why_not(found, self.snapshot.active_channels)
        if reason is not None and _CHANNEL.address(name) not in leftovers:
            raise _not_borrowed(*reason)
        return Borrowed(name, found.xml)

    def _refuse_occupied(self) -> None:
        from provisioner.execution.in_flight import Occupied, refuse_occupied

        try:
            refuse_occupied(self.org.recent_deploys())
        except Occupied as occupied:
            raise RefusedError(
                f"Another deployment is running in this org ({occupied}). Nothing was sent.",
                next="Run the command again after it finishes.",
                code="org-occupied",
            ) from None

    def _confirm(self) -> None:
        if self.console.given.yes:
            return
        if not self.console.is_interactive:
            raise RefusedError(
                "There is no terminal for the confirmation, and --yes was not given. Nothing was sent.",
                next="Read the list, then run the command again with --yes.",
            )
        where = f"{self.environment.name} ({self.org.session.instance_url})"
        if self.console.ask(f"Do this in {where}? Type `yes` to go on: ") != "yes":
            raise RefusedError("The probe was not confirmed. Nothing was sent.", next="Run it again when you are sure.")

    # What is sent

    def _guarded(
        self, borrowed: Borrowed | None, work: Callable[[Running], None]
    ) -> tuple[Running, BaseException | None]:
        """Do the work, and leave a clean org whatever happens; the error is what ended it, or what was not cleaned."""
        running = self._running(borrowed)
        error: BaseException | None = None
        try:
            work(running)
        except BaseException as raised:
            error = raised
        return running, self._finish(running, error)

    def _running(self, borrowed: Borrowed | None) -> Running:
        from provisioner.execution.deploying import Deploying
        from provisioner.experiments.bench import Bench, Watch
        from provisioner.experiments.cleaning import Cleaner, lent_in
        from provisioner.experiments.masking import Mask
        from provisioner.experiments.material import Material
        from provisioner.experiments.running import Running

        watch = Watch()
        recorder = self._recorder(borrowed)
        deploying = Deploying(self.org, recorder, minutes=self.asked.minutes, progress=watch)
        bench = Bench(self.org, deploying, Material.new(self.console.now), watch, borrowed)
        mask = Mask.of(self.snapshot)
        cleaner = Cleaner(self.org, deploying)
        running = Running(bench, cleaner, mask, self.console.say, lent_in(self.earlier), self.kept)
        if self._runs_all:
            running.on_result = lambda: self._keep(running)
        return running

    def _recorder(self, borrowed: Borrowed | None) -> Recorder:
        from provisioner.execution.journal import new_id
        from provisioner.execution.journal_entry import Entry, Kept, Touched
        from provisioner.execution.recorder import Recorder
        from provisioner.experiments.parts import NAMES

        now = datetime.now(UTC)
        touched = [Touched(kind, name, "create", Kept()) for kind, name in NAMES]
        if borrowed is not None:
            touched.append(Touched(_CHANNEL, borrowed.name, "update", Kept.of(borrowed.before)))
        entry = Entry(
            id=new_id(now),
            began=now,
            command=PROBE,
            environment=self.environment.name,
            org_id=self.snapshot.org.id,
            instance_url=self.snapshot.org.instance_url,
            tool_version=__version__,
            declaration_digest="none",
            touched=tuple(touched),
        )
        return Recorder(self.journal, entry, lambda: datetime.now(UTC), self.console.say, required=True)

    def _finish(self, running: Running, error: BaseException | None) -> BaseException | None:
        """Clean what is not clean yet; return the error that the run ends with, if any."""
        recorder = running.recorder
        try:
            if error is not None or running.left:
                recorder.required = False
                self._clean_again(running)
        except KeyboardInterrupt:
            return self._interrupted(may_remain(recorder.entry))
        except ProvisionerError as failed:
            return self._not_cleaned(may_remain(recorder.entry), error, failed.message)
        if running.left:
            return self._not_cleaned([f"{each.address} ({each.why})" for each in running.left], error)
        recorder.ended(CLEANED)
        self._close_earlier()
        if isinstance(error, KeyboardInterrupt):
            return self._interrupted([])
        return error

    def _clean_again(self, running: Running) -> None:
        """Wait for a deployment whose end is not known, and clean."""
        from provisioner.workflows.recovery import Earlier

        if not running.recorder.entry.sent:
            return
        self.console.say("Cleaning up.")
        looking = Earlier(self.console, self.org, self.journal, self.asked.minutes)
        running.recorder.entry = looking.look_up(running.recorder.entry)
        running.clean()

    def _close_earlier(self) -> None:
        from provisioner.execution.in_flight import close

        for entry in self.earlier:
            close(entry, CLEANED, self.journal, datetime.now(UTC))
        self.earlier = []

    def _interrupted(self, left: Sequence[str]) -> ProvisionerError:
        if not left:
            return ProbeInterruptedError(
                "Interrupted. Everything that the probe made was removed again.", next="Run the command again."
            )
        return ProbeInterruptedError(
            f"Interrupted before the clean-up was done. In the org may remain: {', '.join(left)}.",
            next=self._clean_command,
        )

    def _not_cleaned(self, left: Sequence[str], error: BaseException | None, why: str = "") -> ProvisionerError:
        if isinstance(error, KeyboardInterrupt):
            return self._interrupted(left or ["nothing that is known"])
        if not left:
            return CleanUpError(f"The clean-up could not look at the org: {why}", next=self._clean_command)
        return CleanUpError(
            " ".join(filter(None, (f"The clean-up is not complete. In the org remain: {'; '.join(left)}.", why))),
            next=self._clean_command,
        )

    @property
    def _clean_command(self) -> str:
        return f"provisioner probe --env {self.environment.name} --clean"

    def _write(self, record: Record, out: Path) -> ProvisionerError | None:
        """Write the record; an error that it cannot be written hides no other one."""
        from provisioner.report.markdown import markdown
        from provisioner.report.probe_json import probe_json
        from provisioner.report.probe_view import record_view
        from provisioner.workflows.plan_files import without_secrets, write_json, write_text

        try:
            if out.suffix == ".md":
                write_text(out, markdown(record_view(record), top=1))
            else:
                write_json(out, without_secrets(probe_json(record)))
        except ProvisionerError as error:
            return error
        self.console.say(f"The record is in {out}.")
        return None

    def _keep(self, running: Running) -> None:
        """Keep the results so far, with those of the run that was cut off before."""
        record = self._record(running, None)
        if record is not None:
            there = {each.experiment.name for each in record.results}
            rest = tuple(each for name, each in self.kept.items() if name not in there)
            self._results.write(replace(record, results=(*record.results, *rest), complete=False))

    def _record(self, running: Running, error: BaseException | None) -> Record | None:
        if not running.results:
            return None
        org = self.snapshot.org
        return Record(
            began=self.console.now,
            tool_version=__version__,
            api_version=self.org.versions.chosen,
            is_sandbox=org.is_sandbox,
            edition=org.edition,
            has_channel=running.bench.borrowed is not None,
            results=tuple(running.results),
            complete=error is None,
        )


def _is_fresh(changed: str | None, now: datetime) -> bool:
    try:
        at = datetime.fromisoformat(changed or "")
    except ValueError:
        return False
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)) > now - FRESH


def may_remain(entry: Entry) -> list[str]:
    """Return the addresses of what a probe sent and did not take back, as far as its journal entry knows."""
    from provisioner.experiments.cleaning import PHASE

    there: dict[str, None] = {}
    for sent in entry.sent:
        if sent.success is False and not sent.applied:
            continue
        for kind, name in sent.components:
            there[kind.address(name)] = None
        gone = [*sent.deletions, *(sent.components if sent.phase == PHASE else ())]
        if sent.success:
            for kind, name in gone:
                there.pop(kind.address(name), None)
    return list(there)


def _why_not(channel: Component, active: Mapping[str, bool] | Unreadable) -> tuple[str, str] | None:
    """Return why a channel must not be borrowed, and what to do next; None if it may be."""
    from provisioner.components.xml import text_of
    from provisioner.execution.journal_entry import Kept

    name = channel.full_name
    if isinstance(active, Unreadable):
        return f"Cannot tell whether the channel {name} is inactive: {active.reason}", active.permission
    if active.get(name) is not False:
        return (
            f"The channel {name} is active, and a probe changes only an inactive one.",
            "Name an inactive channel; or deactivate this one in Setup > Messaging Settings if no customer uses it.",
        )
    if text_of(channel.xml, "messagingChannelType") != ENHANCED_CHAT:
        return (
            f"The channel {name} is not an Enhanced Chat channel.",
            f"Name a channel whose messagingChannelType is {ENHANCED_CHAT}.",
        )
    if Kept.of(channel.xml).xml is None:
        return (
            f"The channel {name} holds a secret, so the journal cannot keep what it was.",
            "Name another inactive channel.",
        )
    return None


def _not_borrowed(message: str, next: str) -> RefusedError:
    return RefusedError(f"{message} Nothing was sent.", next=next, code="channel-not-borrowed")
