"""A promotion: applies the proven configuration of one environment to another, under the other's protections.

It logs in to both orgs and reads them before anything is sent. Both have one declaration with their own overrides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provisioner import __version__
from provisioner.components.meaning import digest
from provisioner.components.snapshot import Component, Snapshot
from provisioner.errors import ExitStatus, InputError, ProvisionerError, UsageError, as_ours
from provisioner.execution.apply import Options
from provisioner.execution.outcome import Outcome, Result
from provisioner.model.types import TYPES, MetadataType, Risk
from provisioner.planning.guards import Allowed
from provisioner.planning.saved_plan import sealed
from provisioner.report.markdown import markdown
from provisioner.report.promotion import Promotion, Side, Step, Verdict, promotion_json, promotion_record
from provisioner.report.verify import exit_status
from provisioner.salesforce import Org
from provisioner.words import counted, enumerated
from provisioner.workflows.actor import actor_of
from provisioner.workflows.apply import activation_proof, apply_plan
from provisioner.workflows.connect import connected
from provisioner.workflows.console import Console
from provisioner.workflows.endpoints import given_endpoint_options
from provisioner.workflows.guests import DEFAULT_DAYS, GuestOptions, guests_of
from provisioner.workflows.new_files import write_json, write_text
from provisioner.workflows.plan_files import apply_command, without_secrets, write_plan
from provisioner.workflows.prepare import Prepared, observe, prepare
from provisioner.workflows.send import Confirmation, show_plan
from provisioner.workflows.verify import verify_all, verifying_channels


@dataclass(frozen=True, slots=True)
class PromotionOptions:
    """The options of ``promote``. ``out`` is the file of the record; ``minutes`` bounds the wait for a deployment.

    ``guests``: the sessions of the source's customers must raise no alarm. ``destroy``: outside production, destructive
    changes may happen.

    Raises :class:`UsageError` if source and target are one environment.
    """

    source: str
    target: str
    verify: bool = False
    guests: bool = False
    destroy: bool = False
    out: Path | None = None
    minutes: float = 30.0

    def __post_init__(self) -> None:
        if self.source == self.target:
            raise UsageError(f"--from and --to both name {self.source}.", next="Name the target environment with --to.")

    def record_file(self, now: datetime) -> Path:
        """Return the path of the JSON record."""
        if self.out is None:
            return Path(f"promotion-{self.source}-to-{self.target}-{now:%Y%m%dT%H%M%SZ}.json")
        return self.out.with_suffix(".json") if self.out.suffix in (".md", "") else self.out


def promote(console: Console, options: PromotionOptions, show: Callable[[Promotion], None]) -> Promotion:
    """Promote the configuration of the source to the target, show how it ended, and write the record.

    The record is also written if an error ends the promotion; the error is raised again.
    """
    source, target = prepare(console, options.source), prepare(console, options.target)
    by = actor_of(console.config_path)
    promotion = Promotion(options.source, options.target, options.verify, __version__, console.now, by=by)
    out = options.record_file(console.now)
    try:
        PromotionRun(console, source, target, options, promotion, out.with_name(f"{out.stem}.plan.json")).run()
    except BaseException:
        _record(console, promotion, out)  # it has the steps before the error
        raise
    show(promotion)
    _record(console, promotion, out)
    return promotion


def sealed_json(promotion: Promotion) -> dict[str, Any]:
    """Return the record, with a digest over all of it."""
    return sealed(without_secrets(promotion_json(promotion)))


def _record(console: Console, promotion: Promotion, out: Path) -> None:
    """Write the record if there is anything to record. A record that cannot be written hides no outcome."""
    if promotion.source is None:
        return
    document = sealed_json(promotion)
    page = out.with_suffix(".md")
    try:
        write_json(out, document)
        write_text(page, markdown(promotion_record(promotion, str(document["digest"])), top=1))
    except ProvisionerError as error:
        console.say(f"The record was not written: {error.message}")
        return
    console.say(f"Recorded in {out} and {page}.")


_ALONE = "Promote at a terminal, or give --yes to accept the checks on {0} as approval."
_VERDICTS = {
    Result.REFUSED: Verdict.REFUSED,
    Result.FAILED: Verdict.FAILED,
    Result.RUNNING: Verdict.RUNNING,
    Result.UNCHANGED: Verdict.UNCHANGED,
    Result.APPLIED: Verdict.PROMOTED,
}


class _Ended(Exception):
    """Stops the promotion; its result has the verdict."""


@dataclass
class PromotionRun:
    """One promotion, from ``source`` to ``target``.

    ``plan_file`` is for the plan that a person must approve.
    """

    console: Console
    source: Prepared
    target: Prepared
    options: PromotionOptions
    promotion: Promotion
    plan_file: Path

    def run(self) -> None:
        """Run the promotion. The verdict is in ``promotion``, also if an error is raised."""
        try:
            self._check_targets()
            with (
                connected(self.console, self.source.environment) as source,
                connected(self.console, self.target.environment) as target,
            ):
                self._promote(source, target)
        except _Ended:
            pass
        except BaseException as raised:
            error = self._cut_off(as_ours(raised))
            if error.exit_status is ExitStatus.INTERRUPTED:
                verdict = Verdict.INTERRUPTED
            else:
                verdict = Verdict.REFUSED if error.exit_status is ExitStatus.REFUSED else Verdict.FAILED
            self.promotion.end(verdict, error.exit_status, error.message, error.next)
            if error is raised:
                raise
            raise error from raised
        finally:
            self.promotion.ended = datetime.now(UTC)

    def _cut_off(self, error: ProvisionerError) -> ProvisionerError:
        """Return the error that ended the promotion; after the apply, with the state of the target."""
        if not self._is_applied:
            return error
        name = self.promotion.target_name
        proof = f" and `provisioner verify --env {name}`" if self.promotion.verify else ""
        whole = ProvisionerError(
            f"{name} was changed and read back, but the checks after that were not finished: {error.message}",
            next=f"Run `provisioner plan --env {name}`{proof}; to go back, `provisioner restore latest --env {name}`. "
            f"{error.next}",
            code=error.code,
        )
        whole.exit_status = error.exit_status
        return whole

    def _promote(self, source: Org, target: Org) -> None:
        promotion = self.promotion
        promotion.source, _ = self._read(source, self.source)
        promotion.target, snapshot = self._read(target, self.target)
        self._check_orgs(promotion.source, promotion.target)
        self._check_source(promotion.source)
        if self.options.guests:
            self._count_guests(source)
        if promotion.verify:
            self._verify(self.source, "before")
        outcome = self._apply(target, snapshot, promotion.target)
        promotion.outcome = outcome
        self._judge(outcome)
        promotion.target_after, _ = self._read(target, self.target)
        self._check_target(promotion.target_after)
        if promotion.verify:
            self._verify(self.target, "after")

    def _count_guests(self, org: Org) -> None:
        """Compare the sessions of the source's customers with the declaration."""
        name = self.source.environment.name
        found = guests_of(self.console, self.source, org, GuestOptions())
        if found.exit_status is ExitStatus.DONE:
            self._step("guests", True, f"{name}: the sessions of the last {DEFAULT_DAYS} days raise no alarm.")
            return
        seen = found.alarms[0].message if found.alarms else "No session was seen, and the user may not see all of them."
        look = f"provisioner guests --env {name}"
        self._refuse("guests", f"{seen} Nothing was sent to {self.promotion.target_name}.", f"Look at them: {look}")

    # Before anything is asked

    def _check_targets(self) -> None:
        """Check the settings of --verify in both environments before one of them is changed."""
        if not self.promotion.verify:
            return
        for prepared in (self.source, self.target):
            known = prepared.environment.verify
            missing = [
                name for name in verifying_channels(prepared)
                if name not in known or known[name].deployment is None or known[name].key_file is None
            ]  # fmt: skip
            if missing:
                raise InputError(
                    f"--verify has no settings for {enumerated(missing)} in {prepared.environment.name}.",
                    next=f"Write under `verify:` in {prepared.environment.file}: "
                    f'{missing[0]}: {{deployment: NAME, key_file: "${{file:…}}"}}; or promote without --verify.',
                    code="verify-target-missing",
                )

    # Reading

    def _read(self, org: Org, prepared: Prepared) -> tuple[Side, Snapshot]:
        snapshot = observe(self.console, org, prepared.environment, prepared.estate)
        plan = prepared.planner(self.console, self._allowed(prepared))(snapshot)
        side = Side(
            prepared.environment.name,
            prepared.environment.production,
            plan.org,
            org.session.user_id,
            plan,
            dict(_digests(prepared, snapshot)),
            datetime.now(UTC),
        )
        return side, snapshot

    def _allowed(self, prepared: Prepared) -> Allowed:
        production = prepared.environment.production
        return Allowed(destroy=self.options.destroy and not production, production=production)

    def _check_orgs(self, source: Side, target: Side) -> None:
        same = source.org.id[:15] == target.org.id[:15]
        if same:
            self._refuse(
                "two orgs",
                f"{source.environment} and {target.environment} are the same org ({source.org.id}), so there is "
                f"nothing to promote.",
                "Check login_url and username in both environment files. An org_id in each file prevents this mistake.",
            )
        found = f"{source.environment} is org {source.org.id}, {target.environment} is org {target.org.id}."
        self._step("two orgs", True, found)

    def _check_source(self, side: Side) -> None:
        """Require that the source runs exactly this declaration, without errors and unread parts."""
        plan, name = side.plan, side.environment
        differing = [change.address for change in plan.changes]
        against = [each.message for each in plan.blocked] + [
            f"{address} could not be read: {why.reason}" for address, why in plan.unreadable.items()
        ]
        if differing or against:
            differ = "differs" if len(differing) == 1 else "differ"
            what = (
                f"{counted(len(differing), 'component')} {differ} there: {enumerated(differing)}." if differing else ""
            )
            self._refuse(
                "source",
                f"{name} does not run this declaration, so it proves nothing about it. "
                + " ".join(filter(None, [what, *dict.fromkeys(against)])),
                f"Review `provisioner plan --env {name}`, and apply it there first: provisioner apply --env {name}",
            )
        self._step(
            "source", True, f"{name} runs exactly this declaration ({counted(len(side.components), 'component')})."
        )

    def _check_target(self, side: Side) -> None:
        plan, message = side.plan, None
        if plan.changes:
            differing = enumerated([change.address for change in plan.changes])
            message = f"{side.environment} still differs from the declaration: {differing}."
        elif plan.unread:
            unread = " ".join(each.message for each in plan.unread)
            message = f"{side.environment} could not be compared with the declaration. {unread}"
        if message is not None:
            self._step("target", False, message)
            self.promotion.end(
                Verdict.FAILED, ExitStatus.ORG_REFUSED, message, f"provisioner plan --env {side.environment}"
            )
            raise _Ended
        self._step("target", True, f"{side.environment} runs exactly this declaration.")

    # Applying

    def _apply(self, org: Org, snapshot: Snapshot, side: Side) -> Outcome:
        prepared, plan = self.target, side.plan
        if side.production and plan.flags and not plan.unread:  # an incomplete plan is never saved
            self._hand_over(snapshot, side)
        confirm = Confirmation(
            self.console,
            prepared.environment,
            approved=self.console.given.yes,
            without_terminal=_ALONE.format(self.promotion.source_name),
        )
        return apply_plan(
            self.console,
            prepared,
            org,
            snapshot,
            prepared.planner(self.console, self._allowed(prepared)),
            Options(minutes=self.options.minutes),
            confirm=confirm,
            prove=activation_proof(self.console, prepared),
        )

    def _hand_over(self, snapshot: Snapshot, side: Side) -> None:
        """Save a plan that would delete or permanently create something in production, for a person's approval."""
        show_plan(self.console, side.plan)
        write_plan(self.console, self.plan_file, side.plan, snapshot, ())
        self.promotion.plan_file = str(self.plan_file)
        risky = (Risk.DESTRUCTIVE, Risk.PERMANENT)
        going = [change.address for change in side.plan.changes if change.risk in risky]
        self._refuse(
            "apply",
            f"{enumerated(going)} would be changed destructively or permanently in {side.environment}, a production "
            f"environment. A promotion makes no such change there. Nothing was sent; the plan is saved in "
            f"{self.plan_file}.",
            f"Have it approved, then: {apply_command(self.console, self.plan_file, side.plan)}",
        )

    def _judge(self, outcome: Outcome) -> None:
        """Continue after an applied or unchanged outcome; stop with any other."""
        name, verdict = self.promotion.target_name, _VERDICTS[outcome.result]
        if outcome.result in (Result.APPLIED, Result.UNCHANGED):
            said = "read back, and a new plan is empty" if outcome.result is Result.APPLIED else "nothing to change"
            self._step("apply", True, f"{name}: {said}.")
            done = f"{name} runs the configuration that was verified in {self.promotion.source_name}."
            self.promotion.end(verdict, ExitStatus.DONE, done)
            return
        first = outcome.problems[0].problem if outcome.problems else ""
        self._step("apply", False, first or " ".join(outcome.notes) or outcome.result.value)
        if outcome.result is Result.RUNNING:
            state = f"The result in {name} is not known yet."
        elif outcome.result is Result.REFUSED and outcome.deploy_id is None:
            state = f"Nothing was sent to {name}."
        else:
            state = f"The apply to {name} did not succeed."
        message = " ".join(filter(None, (state, first, *outcome.notes)))
        self.promotion.end(verdict, outcome.exit_status, message, outcome.next)
        raise _Ended

    def _verify(self, prepared: Prepared, when: str) -> None:
        environment = prepared.environment.name
        proofs = self.promotion.before if when == "before" else self.promotion.after
        names = verifying_channels(prepared)
        results = [result for _, result in verify_all(self.console, prepared, names)]
        proofs += [result for result in results if not isinstance(result, ProvisionerError)]
        for result in results:
            if isinstance(result, ProvisionerError):
                raise result
        failed = [(proof, probed) for proof, probed in proofs if not proof.verified]
        if not failed:
            found = f"tokens verify on {enumerated(names)}" if names else "no channel verifies customers"
            self._step(f"verify {when}", True, f"{environment}: {found}.")
            return
        where = enumerated([probed.channel for _, probed in failed])
        self._step(f"verify {when}", False, f"{environment}: tokens do not verify on {where}.")
        again = given_endpoint_options(self.console.given)
        look = f"provisioner verify --env {environment} --channel {failed[0][1].channel}{again}"
        status = max(exit_status(proof) for proof, _ in failed)
        if when == "before":
            unreachable = status is ExitStatus.NO_LOGIN
            self.promotion.end(
                Verdict.FAILED if unreachable else Verdict.REFUSED,
                status if unreachable else ExitStatus.REFUSED,
                f"Tokens do not verify on {where} in {environment}. Nothing was sent to {self.promotion.target_name}.",
                f"Find out why: {look}",
            )
        else:
            back = f"; to go back: provisioner restore latest --env {environment}" if self._is_applied else ""
            self.promotion.end(
                Verdict.NOT_VERIFIED,
                status,
                f"{environment} now runs the declaration, but tokens do not verify there on {where}: its customers "
                f"may currently be guests or locked out.",
                f"Find out why: {look}{back}",
            )
        raise _Ended

    @property
    def _is_applied(self) -> bool:
        return self.promotion.outcome is not None and self.promotion.outcome.result is Result.APPLIED

    def _step(self, name: str, passed: bool, found: str) -> None:
        self.promotion.steps.append(Step(name, datetime.now(UTC), passed, found))
        self.console.say(found if passed else f"Not proven: {found}")

    def _refuse(self, step: str, message: str, next: str) -> None:
        self.promotion.steps.append(Step(step, datetime.now(UTC), False, message))
        self.promotion.end(Verdict.REFUSED, ExitStatus.REFUSED, message, next)
        raise _Ended


def _digests(prepared: Prepared, snapshot: Snapshot) -> Iterator[tuple[str, str | None]]:
    for kind in (*TYPES, MetadataType.DEPLOYMENT):
        for name in prepared.loaded.estate.components(kind):
            found = snapshot.find(kind, name)
            yield kind.address(name), digest(found.xml) if isinstance(found, Component) else None
