"""An apply that stops between its phases, or before the read-back: the result names the state of the org."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.components.package import Name, Package
from provisioner.components.snapshot import Component, OrgFacts, Snapshot
from provisioner.components.xml import new_component, set_text
from provisioner.errors import ExitStatus, LoginError
from provisioner.execution import apply
from provisioner.execution.apply import ApplyRun, Options
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import Entry
from provisioner.execution.outcome import Outcome, Reached, Result
from provisioner.execution.recorder import Recorder
from provisioner.execution.work import Work
from provisioner.model.types import MetadataType
from provisioner.planning.plan import Action, Change, Plan, Reason
from provisioner.report.outcome import outcome_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.salesforce import DeployProblem, DeployStatus, RecentDeploy
from tests.execution.test_journal import entry

FACTS = OrgFacts("00D5g000000ABCdEAM", "https://shop.my.salesforce.com", is_sandbox=True, is_production=False)
KEYSET: Name = (MetadataType.KEYSET, "shop")
SETTINGS = Change(MetadataType.SETTINGS, "LiveMessage", Action.UPDATE, Reason.DIFFERS)
CHANGES = (SETTINGS, Change(*KEYSET, Action.UPDATE, Reason.DIFFERS))
SENT_AT_ONCE = Options()
UNKNOWN = DeployProblem("EmbeddedServiceKeySet", "shop", "", "UNKNOWN", "Error")
LOST = LoginError("The session has expired.", next="Check the login: provisioner doctor --env sandbox")


def keyset(label: str) -> Component:
    root = new_component(KEYSET[0])
    set_text(root, "masterLabel", label)
    return Component(*KEYSET, root)


@dataclass
class FakeOrg:
    """An org with a keyset; ``label`` is that of the keyset when it is read again. ``fails`` is the Nth deployment.

    ``others`` are components that somebody else creates after a failed deployment was compared. ``listed_as`` is the
    status of the deployments in the org's list. ``locked``: each deployment meets a locked setup, and after the first
    one the keyset has the label ``label_after``.
    """

    label: str = "Shop"
    fails: int = 0
    unreadable_after: int = 99
    problem: DeployProblem = UNKNOWN
    reads: int = 0
    listed_as: str = "Succeeded"
    locked: bool = False
    label_after: str | None = None
    others: Mapping[Name, Component] = field(default_factory=dict)
    deploys: list[str] = field(default_factory=list)
    session: Any = field(default_factory=lambda: SimpleNamespace(org_id=FACTS.id))

    def recent_deploys(self) -> tuple[RecentDeploy, ...]:
        return tuple(RecentDeploy(each, self.listed_as, False, True, "now") for each in self.deploys)

    def read(self, names: Mapping[MetadataType, list[str]]) -> dict[Name, Component | None]:
        if len(self.deploys) >= self.unreadable_after:
            raise LOST
        self.reads += bool(self.deploys)
        label = self.label_after if self.deploys and self.label_after is not None else self.label
        found = {KEYSET: keyset(label), **(self.others if self.reads > 1 else {})}
        return {(kind, name): found.get((kind, name)) for kind in names for name in names[kind]}

    def deploy(self, *_: object, **__: object) -> str:
        self.deploys.append(f"0Af5g0000000000{len(self.deploys)}AA4"[:18])
        return self.deploys[-1]

    def wait_for(self, deploy_id: str, **_: object) -> DeployStatus:
        if self.locked:
            return DeployStatus(deploy_id, True, False, "Failed", error_status_code="ALREADY_IN_PROCESS")
        success = len(self.deploys) != self.fails
        failures = () if success else (self.problem,)
        return DeployStatus(deploy_id, True, success, "Succeeded" if success else "Failed", failures=failures)


def ran(
    org: FakeOrg,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: tuple[Change, ...] = CHANGES,
    options: Options = SENT_AT_ONCE,
) -> Outcome:
    monkeypatch.setattr(apply, "compose", lambda *_: Package())
    plan = Plan("sandbox", FACTS, "67.0", "67.0", "sha256:0", changes=changes)
    types: dict[MetadataType, Any] = {SETTINGS.type: {}, MetadataType.KEY: {}, KEYSET[0]: {"shop": keyset("Shop")}}
    snapshot = Snapshot(FACTS, "67.0", "67.0", types, {}, others=types)
    estate: Any = SimpleNamespace(channels={}, deployments={})
    work = Work(estate, {}, snapshot, plan, lambda _: plan)
    recorder = Recorder(Journal(folder), entry(touched=()), lambda: datetime.now(UTC), lambda _: None)
    fake: Any = org
    return ApplyRun(fake, work, recorder, options, sleep=lambda _: None).run()


def recorded(folder: Path) -> Entry:
    (found,) = Journal(folder).entries()
    assert isinstance(found, Entry)
    return found


def said(outcome: Outcome) -> str:
    return terminal(outcome_view(outcome), Style(400))


def test_a_phase_refused_after_an_applied_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 3 promises that nothing was sent."""
    org = FakeOrg(label="Changed by another")
    outcome = ran(org, tmp_path, monkeypatch)
    text = said(outcome)
    assert (len(org.deploys), outcome.result, outcome.exit_status) == (1, Result.FAILED, ExitStatus.ORG_REFUSED)
    assert "othing was sent" not in text
    assert "This phase was not applied" in text
    assert "Applied before that: settings of the org." in text
    assert "Failed (phase: keysets): this phase is not complete in sandbox. The earlier phases were applied." in text
    assert outcome.next == "provisioner plan --env sandbox"


def test_a_refusal_before_anything_was_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    org = FakeOrg(label="Changed by another")
    outcome = ran(org, tmp_path, monkeypatch, CHANGES[1:], Options(asked=True))
    assert (org.deploys, outcome.result, outcome.exit_status) == ([], Result.REFUSED, ExitStatus.REFUSED)
    assert "Refused: nothing was sent to sandbox." in said(outcome)


def test_a_refusal_after_a_failed_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole plan was sent, and failed; then somebody else was faster than its first part."""
    key: Name = (MetadataType.KEY, "new_key")
    words = "In field: publicKeyCertificate - no PublicKeyCertificate named new_key found"
    problem = DeployProblem(KEYSET[0].xml_name, "shop", "", words, "Error")
    org = FakeOrg(fails=1, problem=problem, others={key: Component(*key, new_component(key[0]))})
    outcome = ran(org, tmp_path, monkeypatch, (Change(*key, Action.CREATE, Reason.NOT_IN_ORG), CHANGES[1]))
    text = said(outcome)
    assert (len(org.deploys), outcome.result, outcome.exit_status) == (1, Result.FAILED, ExitStatus.ORG_REFUSED)
    assert "othing was sent" not in text
    assert "Failed (phase: keys): sandbox was not changed to match the declaration." in text


def test_a_phase_that_the_org_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = ran(FakeOrg(fails=2), tmp_path, monkeypatch)
    text = said(outcome)
    assert (outcome.result, outcome.exit_status) == (Result.FAILED, ExitStatus.ORG_REFUSED)
    assert "this phase is not complete in sandbox. The earlier phases were applied." in text
    assert "read back" not in text


def test_a_check_of_phases_applies_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = ran(FakeOrg(fails=2), tmp_path, monkeypatch, options=Options(check_only=True))
    assert (outcome.result, outcome.converged) == (Result.FAILED, None)
    assert "pplied before" not in said(outcome)
    assert "earlier phases" not in said(outcome)


def test_a_login_lost_between_phases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = ran(FakeOrg(unreadable_after=1), tmp_path, monkeypatch)
    assert (outcome.result, outcome.exit_status) == (Result.FAILED, ExitStatus.NO_LOGIN)
    assert "this phase is not complete in sandbox. The earlier phases were applied." in said(outcome)
    assert LOST.next in said(outcome)


def test_a_login_lost_before_the_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    org = FakeOrg(unreadable_after=2)
    outcome = ran(org, tmp_path, monkeypatch)
    text = said(outcome)
    assert (outcome.exit_status, outcome.converged) == (ExitStatus.NO_LOGIN, None)
    assert "not changed" not in text
    assert "Failed: sandbox accepted the changes, but they were not read back." in text
    assert outcome.next == f"provisioner apply --env sandbox --resume {org.deploys[-1]}"
    assert LOST.next in text


@pytest.mark.parametrize("readable", [1, 2])
def test_changes_that_were_not_read_back_stay_open(
    readable: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next apply looks them up, and restores the routing that a deployment cleared."""
    ran(FakeOrg(unreadable_after=readable), tmp_path, monkeypatch)
    assert [each.id for each in Journal(tmp_path).unsettled(FACTS.id)] == [entry().id]


def test_its_own_failed_deployment_does_not_occupy_the_org(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An org's list may be late: the whole plan failed, and its parts must still be sent."""
    key: Name = (MetadataType.KEY, "new_key")
    words = "In field: publicKeyCertificate - no PublicKeyCertificate named new_key found"
    problem = DeployProblem(KEYSET[0].xml_name, "shop", "", words, "Error")
    org = FakeOrg(fails=1, problem=problem, listed_as="InProgress")
    ran(org, tmp_path, monkeypatch, (Change(*key, Action.CREATE, Reason.NOT_IN_ORG), CHANGES[1]))
    assert len(org.deploys) == 3


@pytest.mark.parametrize(("label", "deploys"), [("Shop", 5), ("Changed by another", 1)])
def test_a_locked_setup(label: str, deploys: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change that locked the setup may be one of the same keyset: it must not be overwritten."""
    org = FakeOrg(label_after=label, locked=True)
    outcome = ran(org, tmp_path, monkeypatch, CHANGES[1:])
    assert (len(org.deploys), outcome.result, outcome.reached) == (deploys, Result.FAILED, Reached.NOTHING)
    changed = "keyset.shop changed in the org since it was read for this plan." in said(outcome)
    assert changed == (label != "Shop")
    (sent, *_) = recorded(tmp_path).sent
    assert not sent.applied
