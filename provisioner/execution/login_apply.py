"""A plan of logins becomes what an org holds: permission sets, then assignments, then apps; then all is read again.

Each phase is safe alone: nothing trusts an app that does not exist yet, and a gate opens nothing without one. A run
that was cut off is continued by the next one, because a plan starts from what the org holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from lxml import etree

from provisioner.components.login_app import PARENT, ObservedApp, Value
from provisioner.components.login_package import (
    changed_app,
    gate,
    new_app,
    new_consumer_key,
    permission_set,
    renamed,
    without_key,
)
from provisioner.components.meaning import lost
from provisioner.components.package import Name, Package, names_by_type
from provisioner.components.snapshot import Component, Unreadable
from provisioner.components.xml import text_of
from provisioner.errors import ExitStatus, InterruptedRunError, OrgRefusedError, ProvisionerError
from provisioner.execution.aftermath import digests, look
from provisioner.execution.apply import is_same
from provisioner.execution.deploying import Deploying
from provisioner.execution.in_flight import refuse_occupied
from provisioner.execution.interruption import Stage
from provisioner.execution.journal_entry import INTERRUPTED
from provisioner.execution.login_refusals import explain_login, other_name, refuses_key
from provisioner.execution.outcome import Outcome, Problem, Reached, Result, not_converged, refused, unchanged
from provisioner.execution.progress import Progress, Silent
from provisioner.execution.recorder import Recorder
from provisioner.model.login_types import ASSIGNMENT, GLOBAL, PERMISSION_SET
from provisioner.model.logins import DeclaredLogin
from provisioner.planning.login_plan import LoginWorld
from provisioner.planning.plan import Action, Change, Plan
from provisioner.planning.values import CertificateValue, PublicKeyValue
from provisioner.salesforce import DeployStatus, DeployUnsettled, Org, OrgFault, keys_of

#: How often an app is sent, each time in another form, if the org refuses it.
FORMS = 4
#: Elements that an org may store in another form than they were sent; the new plan compares their meaning.
_NOT_COMPARED = frozenset((
    "consumerKey", "isPkceRequired", "certificate", "commaSeparatedOauthScopes", "commaSeparatedPermissionSet",
    "shouldRotateConsumerKey", "shouldRotateConsumerSecret", "oauthConfig/consumerKey", "oauthConfig/certificate",
    "oauthConfig/scopes", "permissionSetName",
))  # fmt: skip
SETS, ASSIGNMENTS, APPS = "permission sets", "assignments", "apps"


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and its input."""

    inputs: LoginWorld
    plan: Plan


class _Stopped(Exception):
    """The run ends with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.result)
        self.outcome = outcome


@dataclass(slots=True)
class LoginApplying:
    """A running apply of logins. ``replan`` reads the org and plans again; ``sleep`` is for tests.

    ``over`` are deployments (15 characters) that are known to be done. ``admin`` are the options of the administrator's
    session.
    """

    org: Org
    recorder: Recorder
    replan: Callable[[], Planned]
    minutes: float
    admin: str = ""
    progress: Progress = field(default_factory=Silent)
    sleep: Callable[[float], None] = time.sleep
    over: frozenset[str] = frozenset()
    shown: Planned | None = None
    phase: str | None = None
    applied: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sent: dict[Name, etree._Element] = field(default_factory=dict)
    deploying: Deploying = field(init=False)

    def __post_init__(self) -> None:
        self.deploying = Deploying(
            self.org, self.recorder, minutes=self.minutes, progress=self.progress, sleep=self.sleep
        )

    @property
    def deploy_id(self) -> str | None:
        """Return the id of the latest deployment."""
        return self.deploying.deploy_id

    def run(self, shown: Planned, *, asked: bool) -> Outcome:
        """Apply the plan. ``asked``: time has passed since it was made, so it is made again first.

        Raises :class:`Occupied` before anything is sent if another deployment is running in the org, and every error
        that leaves no outcome: a lost login, an unreachable org, an interrupt.
        """
        self.shown = shown
        try:
            outcome = self._run(shown, asked)
        except _Stopped as stopped:
            outcome = stopped.outcome
        except DeployUnsettled as unsettled:
            outcome = self._outcome(Result.RUNNING, ExitStatus.STILL_RUNNING, notes=(unsettled.message,))
        except KeyboardInterrupt:
            raise self._interrupted() from None
        except ProvisionerError as error:
            if not self.applied and not self.sent:
                raise
            problem = Problem(error.message, error.next)
            outcome = self._outcome(Result.FAILED, error.exit_status, (problem,))
        self.recorder.ended(outcome.result, [problem.problem for problem in outcome.problems])
        return outcome

    def _run(self, shown: Planned, asked: bool) -> Outcome:
        now = self.replan() if asked else shown
        if now.plan.blocked:
            return refused(now.plan)
        if now.plan.changes != shown.plan.changes:
            moved = Problem(
                "The org changed since the plan was shown.", "Nothing was sent. Run the command again for a new plan."
            )
            return self._outcome(Result.REFUSED, ExitStatus.REFUSED, (moved,))
        if now.plan.is_empty:
            return unchanged(now.plan)
        self._deploy_sets(now)
        self._assign(now)
        self._deploy_apps(now)
        self.phase = None
        return self._read_back()

    @property
    def sent_keys(self) -> dict[str, str]:
        """Return the consumer keys that were sent with new apps and not refused, by the app's name."""
        return {
            app: key
            for (kind, _), root in self.sent.items()
            if kind is GLOBAL
            and (key := text_of(root, "consumerKey")) is not None
            and (app := text_of(root, PARENT)) is not None
        }

    # Phases

    def _deploy_sets(self, now: Planned) -> None:
        wanted = [each for each in now.plan.changes if each.type is PERMISSION_SET]
        if not wanted:
            return
        self._begin(SETS)
        components = {(PERMISSION_SET, each.full_name): _set(now.inputs, each) for each in wanted}
        status = self._deploy(now.inputs, components)
        if not status.success:
            raise _Stopped(self._refused(status, now.inputs, components))
        self._done(components)

    def _assign(self, now: Planned) -> None:
        wanted = [each for each in now.plan.changes if each.type is ASSIGNMENT]
        if not wanted:
            return
        self._begin(ASSIGNMENTS)
        records = self.replan().inputs.records
        users = {} if isinstance(records.users, Unreadable) else records.users
        for each in wanted:
            username = str(each.fields[0].after)
            user = users.get(username.casefold())
            set_id = None if isinstance(records.set_ids, Unreadable) else records.set_ids.get(each.full_name)
            if user is None or set_id is None:
                what = f"the permission set {each.full_name}" if user is not None else f"the user {username}"
                raise OrgRefusedError(f"The org does not show {what}.", next="Run the command again in a minute.")
            try:
                self.org.assign_permission_set(user.id, set_id)
            except OrgFault as fault:
                problem = Problem(fault.words, _why_not_assigned(fault), each.address, each.declared_at)
                raise _Stopped(self._outcome(Result.FAILED, ExitStatus.ORG_REFUSED, (problem,))) from None
        self._done({})

    def _deploy_apps(self, now: Planned) -> None:
        about = [each for each in now.plan.changes if each.type not in (PERMISSION_SET, ASSIGNMENT)]
        if not about:
            return
        self._begin(APPS)
        for change in about:
            login = next(each for each in now.inputs.logins.values() if each.app.name == change.full_name)
            components = self._components(now.inputs, login, change)
            self._done(self._deploy_app(now.inputs, login, change, components), last=change is about[-1])

    def _components(self, inputs: LoginWorld, login: DeclaredLogin, change: Change) -> dict[Name, etree._Element]:
        if change.action is Action.CREATE:
            return new_app(login, new_consumer_key())
        app = inputs.app(login)
        assert isinstance(app, ObservedApp)  # an update has something to update
        values: Mapping[str, Value] = {
            each.path: each.after
            for each in change.fields
            if not isinstance(each.after, PublicKeyValue | CertificateValue)
        }
        return changed_app(login, app, values, inputs.records.set_names)

    def _deploy_app(
        self, inputs: LoginWorld, login: DeclaredLogin, change: Change, components: dict[Name, etree._Element]
    ) -> dict[Name, etree._Element]:
        """Deploy an app; once more in another form, if the org refuses one that is not proven everywhere."""
        status = self._deploy(inputs, components)
        for _ in range(FORMS - 1):
            if status.success:
                return components
            other = other_name(status)
            if other is not None:
                self._note(f"The org has a part of the app under the name {other[1]}, so that name is used.")
                components = renamed(components, *other)
            elif _has_key(components) and change.action is Action.CREATE and refuses_key(status):
                self._note("The org does not take a chosen consumer key, so it chooses one.")
                components = without_key(components)
            else:
                break
            status = self._deploy(inputs, components)
        if status.success:
            return components
        raise _Stopped(self._refused(status, inputs, components))

    def _begin(self, phase: str) -> None:
        self.phase = phase
        self.progress.step(f"Phase: {phase}.")

    def _done(self, components: Mapping[Name, etree._Element], *, last: bool = True) -> None:
        self.sent.update(components)
        if last and self.phase is not None:
            self.applied.append(self.phase)

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self.progress.step(text)

    # Deploying

    def _deploy(self, inputs: LoginWorld, components: dict[Name, etree._Element]) -> DeployStatus:
        known = self.org.recent_deploys()
        if not self.applied and self.deploy_id is None:
            refuse_occupied(known, self.over)
        status = self.deploying.send(
            Package(components),
            api_version=self.org.versions.chosen,
            phase=self.phase,
            known=keys_of(known),
            is_outdated=lambda: self._have_changed(inputs, components),
        )
        if not status.success:
            self.recorder.over(status)
        return status

    def _have_changed(self, inputs: LoginWorld, components: Mapping[Name, etree._Element]) -> bool:
        """Tell if another change, which locked the org's setup, has changed a component."""
        now = self.org.read(names_by_type(components))
        return any(not is_same(inputs.snapshot.find(*name), now.get(name)) for name in components)

    # Reading back

    def _read_back(self) -> Outcome:
        self.progress.step("Reading back.")
        read = self.org.read(names_by_type(self.sent)) if self.sent else {}
        problems = [problem for name, sent in self.sent.items() for problem in _compare(name, sent, read.get(name))]
        after = self.replan()
        problems += [not_converged(each) for each in after.plan.changes]
        self.notes += _kept_keys(self.sent, after)
        if problems:
            return self._outcome(Result.FAILED, ExitStatus.ORG_REFUSED, tuple(problems), converged=False)
        return self._outcome(Result.APPLIED, ExitStatus.DONE, converged=True)

    def _refused(self, status: DeployStatus, inputs: LoginWorld, sent: Mapping[Name, etree._Element]) -> Outcome:
        """Return the outcome of a failed deployment; what it changed anyway is read in the org."""
        before = {name: inputs.snapshot.find(*name) for name in sent}
        aftermath = look(self.org, digests(before, sent), status)
        self.recorder.over(status, applied=not aftermath.is_nothing)
        problems = explain_login(status, inputs.logins.values(), aftermath)
        outcome = self._outcome(Result.FAILED, ExitStatus.ORG_REFUSED, problems)
        return outcome if aftermath.is_nothing else replace(outcome, reached=Reached.PART)

    def _outcome(
        self,
        result: Result,
        status: ExitStatus,
        problems: tuple[Problem, ...] = (),
        *,
        converged: bool | None = None,
        notes: tuple[str, ...] = (),
    ) -> Outcome:
        assert self.shown is not None
        before = (
            (f"Applied before that: {', '.join(self.applied)}. A new apply continues from there.",)
            if self.applied and result is not Result.APPLIED and converged is None
            else ()
        )
        done = result in (Result.APPLIED, Result.UNCHANGED)
        return Outcome(
            result,
            status,
            self.shown.plan,
            self.deploy_id,
            phase=self.phase,
            converged=converged,
            problems=problems,
            notes=(*self.notes, *before, *notes),
            reached=self._reached(converged),
            next=None if done else f"provisioner login plan --env {self.shown.plan.environment}{self.admin}",
        )

    def _reached(self, converged: bool | None) -> Reached:
        if converged is not None:
            return Reached.READ_BACK
        if self.applied:
            return Reached.DEPLOYED if self.phase is None else Reached.PHASES
        return Reached.PART if self.sent else Reached.NOTHING

    def _interrupted(self) -> InterruptedRunError:
        done = f" Applied: {', '.join(self.applied)}." if self.applied else ""
        doing = ""
        match self.deploying.stage:
            case Stage.NOT_SENT:
                self.recorder.never_sent()
            case Stage.SENDING:
                doing = " A deployment may still arrive in the org."
            case Stage.ACCEPTED:
                doing = f" The deployment {self.deploy_id} may continue in the org."
            case Stage.FAILED | Stage.SUCCEEDED | Stage.ACTIVATING:
                pass  # the message names the applied phases
            case _:
                assert_never(self.deploying.stage)
        self.recorder.ended(INTERRUPTED)
        return InterruptedRunError(
            f"Interrupted.{done}{doing}",
            next="Run the same `provisioner login apply` again: it continues from what the org holds.",
        )


def _set(inputs: LoginWorld, change: Change) -> etree._Element:
    for login in inputs.logins.values():
        declared = login.permission_set
        if declared is not None and declared.name == change.full_name:
            present = inputs.set(declared.name)
            return permission_set(declared, present.xml if isinstance(present, Component) else None)
    return gate(change.full_name)


def _has_key(components: Mapping[Name, etree._Element]) -> bool:
    return any(text_of(root, "consumerKey") for (kind, _), root in components.items() if kind is GLOBAL)


def _why_not_assigned(fault: OrgFault) -> str:
    if "license" in fault.text.lower():
        return "The license of the user does not allow a permission of the set: give the user a full license."
    return "The permission set was not assigned. A new apply tries again."


def _compare(name: Name, sent: etree._Element, found: Component | Unreadable | None) -> list[Problem]:
    kind, full_name = name
    if not isinstance(found, Component):
        reason = found.reason if isinstance(found, Unreadable) else "It is not in the org."
        said = "The deployment succeeded, but the component cannot be read back."
        return [Problem(f"{kind.xml_name} {full_name}: {reason}", said)]
    return [
        Problem(
            f"{kind.xml_name} {full_name}: {path} differs from the value that was sent.",
            "The deployment succeeded, but the org dropped or changed it silently.",
        )
        for path in lost(sent, found.xml)
        if path not in _NOT_COMPARED
    ]


def _kept_keys(sent: Mapping[Name, etree._Element], after: Planned) -> list[str]:
    """Return a sentence for each new app that has another consumer key than the one that was sent."""
    notes = []
    for login in after.inputs.logins.values():
        app = after.inputs.app(login)
        ours = [text_of(root, "consumerKey") for (kind, name), root in sent.items() if kind is GLOBAL]
        key = app.consumer_key if isinstance(app, ObservedApp) else None
        if key is not None and any(ours) and key not in ours:
            notes.append(f"The org gave {login.app.name} another consumer key than the one that was sent; it is used.")
    return notes
