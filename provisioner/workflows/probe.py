"""A probe: experiments on a sandbox, one after another, and everything that they made removed again.

Each deployment is written down in the journal before it leaves, so that the next run finds what a killed one made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from provisioner import __version__, names
from provisioner.components.snapshot import Snapshot
from provisioner.errors import (
    ExitStatus,
    OrgRefusedError,
    ProvisionerError,
    RefusedError,
    StillRunningError,
    UnreachableError,
)
from provisioner.execution.deploying import Deploying
from provisioner.execution.in_flight import close
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import CLEANED, PROBE, ChangedComponent, Entry, SavedComponent
from provisioner.execution.lock import org_lock
from provisioner.execution.recorder import Recorder
from provisioner.experiments import catalogue
from provisioner.experiments.bench import Bench, Borrowed, Watch
from provisioner.experiments.cleaning import PHASE, Cleaner, is_back, lent_in
from provisioner.experiments.cleaning import leftovers as leftovers_in
from provisioner.experiments.experiment import Experiment
from provisioner.experiments.parts import NAMES, Material
from provisioner.experiments.record import Listed, Record, Result
from provisioner.experiments.running import Mask, Running
from provisioner.model.environment import Environment
from provisioner.model.types import MetadataType
from provisioner.report.markdown import markdown
from provisioner.report.probe import probe_json, record_view
from provisioner.salesforce import Org
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.load_declaration import environment_alone
from provisioner.workflows.new_files import write_json, write_text
from provisioner.workflows.plan_files import without_secrets
from provisioner.workflows.prepare import observe
from provisioner.workflows.probe_guards import borrowed, production, refuse_busy, refuse_org, refuse_other_probe
from provisioner.workflows.probe_results import KeptResults
from provisioner.workflows.recovery import Recovery
from provisioner.workflows.send import new_recorder

_CHANNEL = MetadataType.CHANNEL


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """The options of a probe. ``only`` names experiments; none: all. ``clean``: none at all. ``minutes`` bound a wait.

    ``out`` is a file for the record: Markdown if its name ends with .md, else JSON.
    """

    only: tuple[str, ...] = ()
    channel: str | None = None
    clean: bool = False
    out: Path | None = None
    minutes: float = 30.0


@dataclass(frozen=True, slots=True)
class Probed:
    """The result of a probe. ``record`` is None if no experiment ran; ``error`` is the one that ended it, if any."""

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
    for name in only:
        names.one_of(catalogue.BY_NAME, name, "experiment", place="this version")
    return tuple(each for each in catalogue.EXPERIMENTS if not only or each.name in only)


def probe(console: Console, asked: ProbeOptions, show: Callable[[Listed], None]) -> Probed:
    """Run the experiments that were asked for, after ``show`` and a yes of the person.

    Raises what ends a run before anything was sent: :class:`RefusedError`, :class:`LoginError`, ...
    """
    experiments = () if asked.clean else chosen(asked.only)
    environment = environment_alone(console, console.one_environment())
    if environment.production:
        raise production(f"{environment.file} says `production: true`")
    with (
        connected(console, environment) as org,
        org_lock(org.session.org_id, environment.name, datetime.now(UTC), console.say),
    ):
        snapshot = _observed(console, org, environment)
        return Probing(console, environment, org, Journal.here(), asked, snapshot, experiments).run(show)


def _observed(console: Console, org: Org, environment: Environment) -> Snapshot:
    """Return the org as it is now. Raises :class:`RefusedError` if it is no org for experiments."""
    snapshot = observe(console, org, environment)
    refuse_org(snapshot)
    return snapshot


@dataclass(slots=True)
class Probing:
    """One probe on its way, with the org's lock held.

    ``earlier`` are interrupted probes of this machine; ``leftovers`` are the addresses of the remains of any probe.
    """

    console: Console
    environment: Environment
    org: Org
    journal: Journal
    asked: ProbeOptions
    snapshot: Snapshot
    experiments: tuple[Experiment, ...]
    earlier: list[Entry] = field(default_factory=list)
    kept: Mapping[str, Result] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()

    def run(self, show: Callable[[Listed], None]) -> Probed:
        """Look up what earlier probes left, ask, clean, run the experiments, clean."""
        self._look_up_earlier()
        self._take_up_results()
        if not self.earlier and not self.asked.clean:
            refuse_other_probe(self.snapshot, self.console.now, self._clean_command)
        self._borrow()
        leftovers = self.leftovers = self._leftovers()
        listed = Listed(self.environment.name, self.experiments, self.asked.channel, leftovers, tuple(self.kept))
        if not leftovers:
            self._close_earlier()
            if not self.experiments:
                return Probed(listed)
        show(listed)
        self._confirm()
        refuse_busy(self.org)
        if leftovers:
            self.console.say("Cleaning up after an earlier probe.")
            _, error = self._guarded(None, lambda running: running.clean())
            if error is not None or not self.experiments:
                return Probed(listed, error=error)
        if leftovers or not self.console.given.yes:
            self.snapshot = _observed(self.console, self.org, self.environment)
        running, error = self._guarded(self._borrow(), lambda running: running.run(self.experiments))
        record = self._record(running, error)
        if error is None and self._runs_all:
            self._results.forget()
        if record is not None and self.asked.out is not None:
            unwritten = self._write(record, self.asked.out)
            error = error or unwritten
        return Probed(listed, record, error)

    # Before anything is sent

    def _look_up_earlier(self) -> None:
        looking = Recovery(self.console, self.org, self.journal, self.asked.minutes)
        entries = [each for each in self.journal.unsettled(self.org.session.org_id) if each.command == PROBE]
        if entries:
            self.console.say("An earlier probe of this machine did not clean up: looking up its deployments.")
            self.earlier = [found for each in entries if (found := looking.look_up(each)).needs_cleaning]
            self.snapshot = _observed(self.console, self.org, self.environment)

    @property
    def _results(self) -> KeptResults:
        return KeptResults.of(self.org.session.org_id)

    def _take_up_results(self) -> None:
        """Take the results that an interrupted run of all experiments kept; ``--clean`` removes them."""
        if self.asked.clean:
            self._results.forget()
        elif self._runs_all:
            found = self._results.read(self.org.versions.chosen, self.console.now)
            self.kept = {each.experiment.name: each for each in found}

    @property
    def _runs_all(self) -> bool:
        return not self.asked.only

    def _leftovers(self) -> tuple[str, ...]:
        lent = [each.borrowed for each in lent_in(self.earlier)]
        changed = [_CHANNEL.address(each.name) for each in lent if not is_back(each, self.snapshot)]
        return (*changed, *(kind.address(name) for kind, name in leftovers_in(self.snapshot)))

    def _borrow(self) -> Borrowed | None:
        """Return the channel that was named. Raises :class:`RefusedError` if it must not be changed."""
        if self.asked.channel is None or not self.experiments:
            return None
        return borrowed(self.snapshot, self.asked.channel)

    def _confirm(self) -> None:
        if self.console.given.yes:
            return
        if not self.console.is_interactive:
            raise RefusedError(
                "There is no terminal for the confirmation, and --yes was not given. Nothing was sent.",
                next="Read the list, then run the command again with --yes.",
            )
        where = f"{self.environment.name} ({self.org.session.instance_url})"
        if self.console.ask(f"Do this in {where}? Type `yes` to continue: ") != "yes":
            raise RefusedError("The probe was not confirmed. Nothing was sent.", next="Run it again when you are sure.")

    # What is sent

    def _guarded(
        self, borrowed: Borrowed | None, work: Callable[[Running], None]
    ) -> tuple[Running, BaseException | None]:
        """Do the work, and clean the org in every case; return the error that ended the work or the clean-up."""
        running = self._running(borrowed)
        error: BaseException | None = None
        try:
            work(running)
        except BaseException as raised:
            error = raised
        return running, self._finish(running, error)

    def _running(self, borrowed: Borrowed | None) -> Running:
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
        touched = [ChangedComponent(kind, name, "create", SavedComponent()) for kind, name in NAMES]
        if borrowed is not None:
            touched.append(
                ChangedComponent(
                    _CHANNEL, borrowed.name, "update", SavedComponent.of(borrowed.before), borrowed.routing
                )
            )
        name, org = self.environment.name, self.snapshot.org
        return new_recorder(self.console, self.journal, name, org, "none", touched, command=PROBE, required=True)

    def _finish(self, running: Running, error: BaseException | None) -> BaseException | None:
        """Remove the remains of the run; return the error that it ends with, if any."""
        recorder = running.recorder
        try:
            if error is not None or running.left:
                recorder.required = False
                self._clean_again(running)
        except KeyboardInterrupt:
            return self._interrupted([*self.leftovers, *may_remain(recorder.entry)])
        except ProvisionerError as failed:
            return self._not_cleaned([*self.leftovers, *may_remain(recorder.entry)], error, failed.message)
        if running.left is None:  # nothing was sent
            return self._interrupted(self.leftovers) if isinstance(error, KeyboardInterrupt) else error
        if running.left:
            return self._not_cleaned([f"{each.address} ({each.why})" for each in running.left], error)
        recorder.ended(CLEANED)
        self._close_earlier()
        self.leftovers = ()
        if isinstance(error, KeyboardInterrupt):
            return self._interrupted([])
        if isinstance(error, StillRunningError):
            return UnreachableError(
                "A deployment of the probe was not done in time. Everything that the probe made was removed again.",
                next="Run the command again, with --wait MINUTES if the org is slow.",
            )
        return error

    def _clean_again(self, running: Running) -> None:
        """Wait for a deployment without a known result, and clean."""
        if not running.recorder.entry.sent:
            return
        self.console.say("Cleaning up.")
        looking = Recovery(self.console, self.org, self.journal, self.asked.minutes)
        running.recorder.entry = looking.look_up(running.recorder.entry)
        running.clean()

    def _close_earlier(self) -> None:
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
        """Keep the results so far, with those of an interrupted run."""
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


def may_remain(entry: Entry) -> list[str]:
    """Return the addresses of what a probe sent and did not take back, as far as its journal entry knows."""
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
