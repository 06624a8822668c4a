"""No outage: logins twice a second of the org's own clock, through whole rotations, while changes take 15 minutes.

Two holders log in: whoever uses the environment file (its login, then its fallback), and somebody else, who holds what
the words of the rotation told them to hold.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import jwt
import pytest
import yaml

from provisioner.localorg import app_changes, bootstrap, login
from provisioner.localorg.login import GRANT_TYPE, LoginRefusal, authenticate
from provisioner.localorg.oauth import own_origins
from provisioner.localorg.org import Org
from provisioner.localorg.store import Store
from provisioner.salesforce.sessions import TURNS
from tests.cli.logging_in import Applicant, Ground
from tests.cli.rotating_login import Rotator

pytestmark = pytest.mark.timeout(900)
HALF_A_SECOND_MS, MINUTE_MS = 500, 60_000
#: A login is a consumer key and a private key.
Login = tuple[str, str]


class StillOrg(Org):
    """An org in which only time passes: what a login reads of it is read once."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.passed_ms = 0
        self.apps = cache(super().apps)  # type: ignore[method-assign]
        self.users = cache(super().users)  # type: ignore[method-assign]
        self.permission_sets = cache(super().permission_sets)  # type: ignore[method-assign]

    @property
    def now(self) -> int:
        return super().now + self.passed_ms


@pytest.fixture
def rotator(established: Applicant, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> Rotator:
    # Each assertion is sent for a minute: its signature is checked once with each certificate.
    monkeypatch.setattr(login, "_signed", cache(login._signed))
    return Rotator(established, ground)


@dataclass
class Watch:
    """Logs in as both holders. ``told`` is what the other one was told to hold."""

    rotator: Rotator
    told: list[Login]
    outages: list[str] = field(default_factory=list)
    logins: int = 0
    signed: dict[Login, tuple[int, str]] = field(default_factory=dict)
    parsed: dict[str, Any] = field(default_factory=dict)

    def environment(self) -> list[Login]:
        """The logins of the environment file."""
        path = self.rotator.applicant.environment
        text = path.read_text()
        if text not in self.parsed:
            self.parsed[text] = yaml.safe_load(text)
        written = self.parsed[text]
        halves = [written, {"consumer_key": written["consumer_key"], **written.get("fallback", written)}]

        def value(reference: str) -> str:
            target = reference.removeprefix("${file:").removesuffix("}")
            return (path.parent / target).read_text()

        return [(value(each["consumer_key"]).strip(), value(each["private_key"])) for each in halves]

    def holders(self) -> dict[str, list[Login]]:
        """What each holder holds now."""
        return {"environment": self.environment(), "other holder": list(self.told)}

    def try_all(self, org: Callable[[], Org], holders: dict[str, list[Login]], when: str) -> None:
        for name, held in holders.items():
            self.logins += 1
            order = [held[turn] for turn in TURNS] if len(held) > 1 else held
            if not any(self._works(org(), each) for each in order):
                self.outages.append(f"{name}, {when}")

    def _works(self, org: Org, login: Login) -> bool:
        try:
            authenticate(org, {"grant_type": GRANT_TYPE, "assertion": self._assertion(org, login)}, own_origins(org))
        except LoginRefusal:
            return False
        return True

    def _assertion(self, org: Org, login: Login) -> str:
        at, assertion = self.signed.get(login, (0, ""))
        if abs(org.now - at) > MINUTE_MS:
            claims = {
                "iss": login[0], "sub": self.rotator.applicant.connection.username, "aud": org.origin,
                "exp": org.now // 1000 + 150,
            }  # fmt: skip
            assertion = jwt.encode(claims, login[1], algorithm="RS256")
            self.signed[login] = (org.now, assertion)
        return assertion

    def minutes(self, number: float, when: str) -> None:
        """Let time pass in the org by half a second at a time, and log in each time."""
        store, holders = self._store(), self.holders()
        try:
            with store.transaction():  # one for all steps: a commit takes longer than a login
                org = StillOrg(store)
                for step in range(int(number * 120)):
                    org.passed_ms += HALF_A_SECOND_MS
                    self.try_all(lambda: org, holders, f"{step / 2} s after {when}")
                app_changes.age(store, org.passed_ms)
        finally:
            store.close()
        assert self.outages == []

    def during(self, what: str, run: Callable[[], object]) -> None:
        """Log in all the time while a command runs."""
        over = threading.Event()

        def watch() -> None:
            store = self._store()
            try:
                while not over.is_set():
                    self.try_all(partial(Org, store), self.holders(), f"during {what}")
                    time.sleep(0.02)
            finally:
                store.close()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            run()
        finally:
            over.set()
            thread.join()
        assert self.outages == []

    def _store(self) -> Store:
        return Store(bootstrap.existing(self.rotator.applicant.org).database)


def begin(rotator: Rotator, form: str) -> Watch:
    rotator.new_pair()
    rotator.passes("30m")
    rotator.applicant.breaks("eca-propagation=15m")
    if form != "in-turn":
        rotator.applicant.breaks(f"eca-propagation-form={form}")
    watch = Watch(rotator, [])
    watch.told = watch.environment()[:1]
    return watch


def done(rotator: Rotator, step: str, *words: str, key: bool = False) -> Callable[[], None]:
    def run() -> None:
        ran = rotator.rotate(*words, key=key)
        assert (ran.status, ran.json["step"]) == (0, step), ran

    return run


@pytest.mark.parametrize("form", ["in-turn", "old", "both"])
def test_a_second_app_without_an_outage(rotator: Rotator, form: str) -> None:
    watch = begin(rotator, form)
    watch.during("declare", done(rotator, "deploy", key=True))
    watch.during("deploy", done(rotator, "prove"))
    watch.minutes(15.5, "the deployment")
    watch.during("switch", done(rotator, "disable", key=True))
    watch.minutes(1, "the switch, with the earlier half")
    watch.told = watch.environment()[:1]
    watch.minutes(2, "the switch, with the new half")


def test_an_end_without_an_outage(rotator: Rotator) -> None:
    """The earlier app is switched off and deleted, while everybody holds the new half."""
    rotator.begin_at_the_switch()
    watch = begin(rotator, "in-turn")
    for step, time_passes in (("delete", "192h"), ("generate", "25h")):
        rotator.passes(time_passes)

        def run(step: str = step) -> None:
            ran = rotator.retire()
            assert (ran.status, ran.json["step"]) == (0, step), ran

        watch.during(f"{step} comes next", run)
        watch.minutes(15.5, f"{step} comes next")
    assert watch.logins > 2 * 120 * 30


@pytest.mark.parametrize("form", ["in-turn", "old", "both"])
def test_in_place_without_an_outage(rotator: Rotator, form: str) -> None:
    watch = begin(rotator, form)
    watch.during("declare", done(rotator, "hold", "--in-place", key=True))
    watch.during("hold", done(rotator, "deploy", key=True))
    watch.told = watch.environment()
    assert len(set(watch.told)) == 2, "every holder holds both keys"
    watch.during("deploy", done(rotator, "prove"))
    watch.minutes(15.5, "the deployment")
    watch.during("switch", done(rotator, "generate"))
    watch.told = watch.environment()[:1]
    watch.minutes(1, "the switch")


def test_there_and_back_without_an_outage(rotator: Rotator) -> None:
    """Back after the switch; the other holder keeps both until the command says that one is enough."""
    watch = begin(rotator, "in-turn")
    watch.during("declare", done(rotator, "deploy", key=True))
    watch.during("deploy", done(rotator, "prove"))
    watch.minutes(15.5, "the deployment")
    watch.during("switch", done(rotator, "disable", key=True))
    watch.minutes(1, "the switch")
    watch.during("back", done(rotator, "prove", "--back"))
    watch.during("switch back", done(rotator, "disable"))
    watch.minutes(2, "the switch back")
