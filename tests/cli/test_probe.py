"""A probe of the local org: each belief in both readings, what a probe refuses, and that it leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from provisioner import localorg
from provisioner.experiments.bench import Bench
from provisioner.experiments.catalogue import BY_NAME, EXPERIMENTS
from provisioner.experiments.experiment import Experiment, Found
from provisioner.localorg import bootstrap
from provisioner.localorg.records import MetadataType
from provisioner.localorg.store import Store
from provisioner.salesforce import OrgFault
from tests.cli.conftest import Person, Ran

CHANNEL = "Kiosk_Chat"
#: What the seeded org does not show: it has no finalizing stage, and no routing that only a record binds.
UNSETTLED = {"finalizing-name", "routing-of-record"}
SIDES = [(each.name, side.name) for each in EXPERIMENTS for side in each.sides if side.faults]


def slow_queue(person: Person) -> None:
    """Each deployment waits in the queue until it was polled once: it is at work when the next request looks for it."""
    person.breaks("deploy-queued=1")


def probe(person: Person, *words: str) -> Ran:
    return person.run("probe", "--env", "local", "--yes", "--format", "json", *words)


def components(org: Path) -> Mapping[tuple[str, str], str]:
    """What the org holds, as it keeps it."""
    store = Store(bootstrap.existing(org).database)
    try:
        return {(kind.xml_name, name): each.xml for (kind, name), each in store.components().items()}
    finally:
        store.close()


def put(org: Path, kind: MetadataType, name: str, old: str, new: str) -> None:
    """Change a component behind everybody's back."""
    store = Store(bootstrap.existing(org).database)
    try:
        found = store.components()[kind, name]
        assert old in found.xml
        store.put_components([replace(found, xml=found.xml.replace(old, new, 1))])
    finally:
        store.close()


def is_clean(before: Mapping[tuple[str, str], str], org: Path) -> bool:
    return components(org) == before


@pytest.fixture(scope="module")
def usual() -> dict[str, Any]:
    """One record of everything, of an org in which nothing is broken; made by the first test that asks."""
    return {}


def record(usual: dict[str, Any], person: Person) -> Any:
    if not usual:
        slow_queue(person)
        before = components(person.org)
        ran = probe(person, "--channel", CHANNEL)
        assert ran.status == 0, ran.err
        assert is_clean(before, person.org)
        usual.update({each["experiment"]: each for each in ran.json["results"]}, record=ran.out)
    return usual


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda each: each.name)
def test_the_local_org_takes_its_own_side(usual: Any, person: Person, experiment: Experiment) -> None:
    found = record(usual, person)[experiment.name]
    own = [side.name for side in experiment.sides if side.faults == () and experiment.name not in UNSETTLED]
    assert [found["side"]] == (own or [None])
    assert found["settled"] is bool(own)
    assert found["belief"] == experiment.belief
    assert found["steps"], "the record says what was done"
    assert bool(found["reason"]) is not found["settled"]


@pytest.mark.parametrize(("name", "side"), SIDES, ids=lambda text: text)
def test_the_other_side_is_seen(person: Person, name: str, side: str) -> None:
    faults = BY_NAME[name].side(side).faults
    assert faults
    slow_queue(person)
    for fault in faults:
        person.breaks(fault.format("description"))
    if "other-expiration-kept" in faults:  # what such an org made of the channel when it was saved
        put(person.org, MetadataType.CHANNEL, CHANNEL, "</embeddedConfig>",
            "    <verifiedUserJwtExpirationTime>60</verifiedUserJwtExpirationTime>\n    </embeddedConfig>")  # fmt: skip
    before = components(person.org)
    ran = probe(person, "--channel", CHANNEL, "--only", name)
    assert ran.status == 0, ran.out
    (found,) = ran.json["results"]
    assert (found["experiment"], found["side"]) == (name, side), found
    assert is_clean(before, person.org)


def test_every_experiment_but_one_has_a_side_of_the_local_org() -> None:
    without = {each.name for each in EXPERIMENTS if not any(side.faults == () for side in each.sides)}
    assert without == {"finalizing-name"} < UNSETTLED
    assert all(any(side.faults for side in each.sides) for each in EXPERIMENTS)
    assert len(BY_NAME) == len(EXPERIMENTS) > 20


def test_an_experiment_that_cannot_begin_is_not_settled(person: Person) -> None:
    person.breaks("deploy-error")
    ran = probe(person, "--only", "jwk-replaced", "--only", "omitted-element")
    assert ran.status == 0
    found = {each["experiment"]: each for each in ran.json["results"]}
    assert "refused a step that should work on either side" in found["jwk-replaced"]["reason"]
    assert found["omitted-element"]["reason"] == "It needs an inactive channel: --channel NAME."
    assert not any(each["settled"] for each in found.values())


@pytest.mark.parametrize(("too_soon", "side"), [(2, "listed"), (3, None)])
def test_a_deployment_that_is_done_too_soon_is_tried_again(
    person: Person, monkeypatch: pytest.MonkeyPatch, too_soon: int, side: str | None
) -> None:
    from provisioner.experiments import deployments

    look, words = deployments._look_at_running, "The deployment was done before it could be looked for."
    answers = iter([words] * too_soon)
    monkeypatch.setattr(deployments, "_look_at_running", lambda *given: next(answers, None) or look(*given))
    slow_queue(person)
    (found,) = probe(person, "--only", "running-deployment-listed").json["results"]
    assert (found["side"], found["reason"]) == (side, None if side else words)


def test_an_expiration_that_only_some_orgs_take(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from provisioner.experiments import channels

    monkeypatch.setattr(channels, "_TRIED", (61, 300))
    person.breaks("expiration-range")
    (found,) = probe(person, "--channel", CHANNEL, "--only", "expiration-range").json["results"]
    assert (found["side"], found["detail"]) == ("some", "taken: 61; not taken: 300")


BOUND = {"SessionHandlerId": "0Xx5g000000ABCDEAA", "FallbackQueueId": "00G5g000000ABCDEAA"}


@pytest.mark.parametrize(("fault", "side"), [("", "kept"), ("session-handler-cleared", "cleared")])
def test_a_routing_of_the_record_is_seen_and_put_back(person: Person, fault: str, side: str) -> None:
    put(person.org, MetadataType.CHANNEL, CHANNEL, "    <sessionHandlerQueue>Support</sessionHandlerQueue>\n", "")
    store = Store(bootstrap.existing(person.org).database)
    channel = store.components()[MetadataType.CHANNEL, CHANNEL]
    store.bind_routing({channel.id: dict(BOUND)})
    if fault:
        person.breaks(fault)
    before = components(person.org)
    ran = probe(person, "--channel", CHANNEL, "--only", "routing-of-record", "--only", "two-configurations")
    assert ran.status == 0, ran.out
    assert {each["experiment"]: each["side"] for each in ran.json["results"]} == {
        "routing-of-record": side, "two-configurations": "taken",
    }  # fmt: skip
    assert is_clean(before, person.org)
    assert store.bound_routing()[channel.id] == BOUND
    store.close()
    assert not any(value in ran.out for value in BOUND.values())


# What is refused


@pytest.mark.parametrize(("fault", "status"), [("production", 3), ("production-trial", 0), ("developer-edition", 0)])
def test_the_org_itself_says_whether_it_is_production(person: Person, fault: str, status: int) -> None:
    person.breaks(fault)
    before = components(person.org)
    ran = probe(person, "--only", "x5c")
    assert ran.status == status
    if status:
        assert "never runs in production" in ran.json["error"]["message"]
        assert is_clean(before, person.org)


def test_an_environment_that_is_declared_production(person: Person) -> None:
    file = person.folder / "config/environments/local.yaml"
    file.write_text(file.read_text() + "production: true\n")
    ran = probe(person, "--only", "x5c")
    assert ran.status == 3
    assert "production: true" in ran.json["error"]["message"]


@pytest.mark.parametrize(
    ("channel", "status", "words"),
    [
        ("Web_Chat", 3, "is active"),
        ("SMS_Alerts", 3, "not an Enhanced Chat channel"),
        ("Kiosk_Chats", 64, "Did you mean Kiosk_Chat?"),
    ],
)
def test_a_channel_that_is_not_borrowed(person: Person, channel: str, status: int, words: str) -> None:
    if channel == "SMS_Alerts":
        _deactivate(person.org, channel)
    before = components(person.org)
    ran = probe(person, "--channel", channel)
    assert ran.status == status, ran.out
    assert words in ran.json["error"]["message"]
    assert is_clean(before, person.org)


def _deactivate(org: Path, channel: str) -> None:
    store = Store(bootstrap.existing(org).database)
    found = store.components()[MetadataType.CHANNEL, channel]
    store.put_components([replace(found, active=False)])
    store.close()


def test_unknown_activity_is_not_inactive(person: Person) -> None:
    person.breaks("channel-records-unreadable")
    ran = probe(person, "--channel", CHANNEL)
    assert (ran.status, ran.json["error"]["code"]) == (3, "channel-not-borrowed")


def test_a_channel_that_somebody_activates_meanwhile(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def activate(bench: Bench) -> Found:
        bench.org.activate_channel(CHANNEL)
        return Found("compact")

    _replace(monkeypatch, "jwk-text", activate)
    ran = probe(person, "--channel", CHANNEL, "--only", "jwk-text", "--only", "omitted-element")
    assert ran.status == 0
    assert ran.json["results"][1]["reason"] == "The channel is no longer inactive."


def test_an_unknown_experiment_is_answered_with_the_nearest(person: Person) -> None:
    ran = probe(person, "--only", "keyset-types")
    assert ran.status == 64
    assert "Did you mean keyset-type?" in ran.json["error"]["message"]


def test_without_a_terminal_nothing_happens_without_yes(person: Person) -> None:
    before = components(person.org)
    ran = person.run("probe", "--env", "local")
    assert ran.status == 3
    assert "Is a keyset's key found in the same package?" in ran.out
    assert "--yes" in ran.err
    assert is_clean(before, person.org)


def test_a_deployment_at_work_is_not_disturbed(person: Person) -> None:
    person.breaks("deploy-queued=100")
    store = Store(bootstrap.existing(person.org).database)
    try:
        from provisioner.localorg.records import Deployment

        store.add_deployment(Deployment(store.new_id("0Af"), "005000000000001AAA", {}, 0), b"")
    finally:
        store.close()
    ran = probe(person, "--only", "x5c")
    assert (ran.status, ran.json["error"]["code"]) == (3, "org-occupied")


def test_a_probe_of_another_machine_is_not_disturbed(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    _leave(person, monkeypatch)
    monkeypatch.setenv("PROVISIONER_STATE_DIR", str(person.folder / "another machine"))
    ran = probe(person, "--only", "x5c")
    assert (ran.status, ran.json["error"]["code"]) == (3, "probe-at-work")
    monkeypatch.setattr("provisioner.workflows.probe_guards.FRESH", timedelta(seconds=-60))
    ran = probe(person, "--only", "x5c")
    assert ran.status == 5
    assert "keyset.uvprobe_keyset (channel.Kiosk_Chat uses it.)" in ran.json["error"]["message"]


@pytest.mark.parametrize("fault", ["channel-unreadable", "type-missing"])
def test_what_cannot_be_read_stops_a_probe(person: Person, fault: str) -> None:
    person.breaks(fault)
    ran = probe(person, "--only", "x5c")
    assert (ran.status, ran.json["error"]["code"]) == (3, "unreadable")


def test_after_an_incomplete_clean_up_nothing_more_runs(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from provisioner.experiments.cleaning import Cleaner, Left

    clean = Cleaner.clean
    answers = iter([(Left("key.uvprobe_key", "Once."),)])
    monkeypatch.setattr(Cleaner, "clean", lambda self, lent: next(answers, None) or clean(self, lent))
    before = components(person.org)
    ran = probe(person, "--only", "jwk-text", "--only", "x5c")
    assert ran.status == 0
    assert [each["settled"] for each in ran.json["results"]] == [True, False]
    assert "It was not run" in ran.json["results"][1]["reason"]
    assert is_clean(before, person.org)


def test_a_journal_that_cannot_be_written_stops_a_probe(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    place = person.folder / "a-file"
    place.write_text("")
    monkeypatch.setenv("PROVISIONER_STATE_DIR", str(place))
    before = components(person.org)
    ran = probe(person, "--only", "x5c")
    assert (ran.status, ran.json["error"]["code"]) == (3, "journal-lost")
    assert is_clean(before, person.org)


# What is left


def _replace(monkeypatch: pytest.MonkeyPatch, name: str, run: Any) -> None:
    changed = tuple(replace(each, run=run) if each.name == name else each for each in EXPERIMENTS)
    monkeypatch.setattr("provisioner.experiments.catalogue.EXPERIMENTS", changed)


def _half_done(error: BaseException) -> Any:
    def run(bench: Bench) -> Found:
        BY_NAME["two-configurations"].run(bench)
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (KeyboardInterrupt(), 130, "Everything that the probe made was removed again."),
        (RuntimeError("a defect"), 1, "Internal error"),
    ],
)
def test_whatever_ends_a_probe_it_cleans_up(
    person: Person, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, words: str
) -> None:
    _replace(monkeypatch, "two-configurations", _half_done(error))
    before = components(person.org)
    ran = probe(person, "--channel", CHANNEL, "--only", "x5c", "--only", "two-configurations", "--out", "some.json")
    assert ran.status == status
    assert words in ran.json["error"]["message"]
    assert is_clean(before, person.org)
    kept = json.loads((person.folder / "some.json").read_text())
    assert (kept["complete"], [each["experiment"] for each in kept["results"]]) == (False, ["x5c"])
    assert person.run("probe", "--env", "local", "--clean").out == "Nothing to clean up.\n"


def test_a_refused_request_settles_nothing_and_stops_nothing(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    _replace(monkeypatch, "keyset-type", _half_done(OrgFault("NO_SUCH_THING", "no", request="deploy")))
    before = components(person.org)
    ran = probe(person, "--channel", CHANNEL, "--only", "keyset-type", "--only", "x5c")
    assert ran.status == 0
    results = {each["experiment"]: each for each in ran.json["results"]}
    assert "NO_SUCH_THING" in results["keyset-type"]["reason"]
    assert results["x5c"]["settled"] is True
    assert is_clean(before, person.org)


def test_a_second_interrupt_names_what_remains(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    _replace(monkeypatch, "two-configurations", _half_done(KeyboardInterrupt()))
    before = components(person.org)
    with monkeypatch.context() as patched:
        patched.setattr("provisioner.experiments.cleaning.Cleaner.clean", _interrupted)
        ran = probe(person, "--channel", CHANNEL, "--only", "two-configurations")
    assert ran.status == 130
    message = ran.json["error"]["message"]
    for address in ("key.uvprobe_key", "keyset.uvprobe_other_keyset", "channel.Kiosk_Chat"):
        assert address in message
    assert ran.json["error"]["next"] == "provisioner probe --env local --clean"
    told = person.run("apply", "--env", "local", "--check-only")
    assert "provisioner probe --env local --clean" in told.err
    assert "not cleaned yet" in person.run("restore").out
    assert person.run("restore", "latest", "--env", "local").status == 1
    cleaned = probe(person, "--clean")
    assert cleaned.status == 0, cleaned.out
    assert "channel.Kiosk_Chat" in cleaned.json["cleaned"]
    assert is_clean(before, person.org)
    assert "cleaned" in person.run("restore").out


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def _leave(person: Person, monkeypatch: pytest.MonkeyPatch) -> Mapping[tuple[str, str], str]:
    """An org after a probe that was killed."""
    _replace(monkeypatch, "two-configurations", _half_done(KeyboardInterrupt()))
    before = components(person.org)
    with monkeypatch.context() as patched:
        patched.setattr("provisioner.experiments.cleaning.Cleaner.clean", _interrupted)
        assert probe(person, "--channel", CHANNEL, "--only", "two-configurations").status == 130
    assert not is_clean(before, person.org)
    return before


def test_the_next_probe_cleans_first(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _leave(person, monkeypatch)
    ran = probe(person, "--channel", CHANNEL, "--only", "omitted-element", "--only", "x5c")
    assert ran.status == 0, ran.out
    assert [each["settled"] for each in ran.json["results"]] == [True, True]
    assert is_clean(before, person.org)


def test_an_interrupted_clean_up_is_not_taken_for_done(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _leave(person, monkeypatch)
    with monkeypatch.context() as patched:
        patched.setattr("provisioner.experiments.cleaning.Cleaner.clean", _interrupted)
        ran = probe(person, "--clean")
    assert ran.status == 130
    assert "channel.Kiosk_Chat" in ran.json["error"]["message"]
    assert ran.json["error"]["next"] == "provisioner probe --env local --clean"
    assert probe(person, "--clean").status == 0
    assert is_clean(before, person.org)


def test_what_others_use_is_never_deleted(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    _leave(person, monkeypatch)
    kind = MetadataType.CHANNEL
    put(person.org, kind, "App_Chat", "</embeddedConfig>", """    <messagingAuthorizations>
            <authIdentifier>theirs</authIdentifier>
            <authorizationType>PublicKeyCertificateSet</authorizationType>
            <enabled>true</enabled>
            <publicKeyCertificateSetName>uvprobe_keyset</publicKeyCertificateSetName>
        </messagingAuthorizations>
    </embeddedConfig>""")  # fmt: skip
    ran = probe(person, "--only", "x5c")
    assert ran.status == 5
    message = ran.json["error"]["message"]
    assert "keyset.uvprobe_keyset (channel.App_Chat uses it.)" in message
    assert "key.uvprobe_key (channel.App_Chat uses it.)" in message
    assert "other" not in message
    assert ran.json["error"]["next"] == "provisioner probe --env local --clean"
    left = {name for _, name in components(person.org) if name.startswith("uvprobe_")}
    assert left == {"uvprobe_key", "uvprobe_keyset"}


def test_a_channel_that_somebody_changed_since_is_left(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _leave(person, monkeypatch)
    store = Store(bootstrap.existing(person.org).database)
    found = store.components()[MetadataType.CHANNEL, CHANNEL]
    mine = before["MessagingChannel", CHANNEL].replace("Kiosk Chat", "Kiosk of another team")
    store.put_components([replace(found, xml=mine)])
    store.close()
    ran = probe(person, "--clean")
    assert ran.status == 5
    assert "Somebody changed it since the probe" in ran.json["error"]["message"]
    assert components(person.org)["MessagingChannel", CHANNEL] == mine


def test_what_an_org_keeps_is_put_back_all_the_same(person: Person) -> None:
    person.breaks("omitted-kept")
    before = components(person.org)
    only = [word for name in ("omitted-element", "two-configurations") for word in ("--only", name)]
    assert probe(person, "--channel", CHANNEL, *only).status == 0
    assert is_clean(before, person.org)


def test_an_org_that_is_gone_is_out_of_reach(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from provisioner.errors import UnreachableError

    _replace(monkeypatch, "x5c", _half_done(UnreachableError("No answer.", next="Wait.")))
    before = components(person.org)
    ran = probe(person, "--channel", CHANNEL, "--only", "x5c")
    assert (ran.status, ran.json["error"]["message"]) == (4, "No answer.")
    assert is_clean(before, person.org)


def test_an_endless_deployment_is_cleaned_later(person: Person) -> None:
    person.breaks("deploy-queued=1000")
    before = components(person.org)
    ran = probe(person, "--only", "jwk-text", "--wait", "0.005")
    assert ran.status == 5
    assert "key.uvprobe_key" in ran.json["error"]["message"]
    assert ran.json["error"]["next"] == "provisioner probe --env local --clean"
    person.mends("deploy-queued")
    ran = probe(person, "--clean")
    assert ran.status == 0, ran.out
    assert is_clean(before, person.org)


def test_what_somebody_else_cleaned_is_settled(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    _leave(person, monkeypatch)
    localorg.reset(person.org)
    assert "not cleaned yet" in person.run("restore").out
    assert person.run("probe", "--env", "local", "--yes", "--clean").out == "Nothing to clean up.\n"
    assert "not cleaned yet" not in person.run("restore").out


def test_a_clean_up_that_fails_names_what_remains(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from provisioner.errors import UnreachableError

    def gone(*_: object) -> None:
        raise UnreachableError("No answer.", next="Wait.")

    _replace(monkeypatch, "x5c", _half_done(UnreachableError("No answer.", next="Wait.")))
    monkeypatch.setattr("provisioner.experiments.cleaning.Cleaner.clean", gone)
    ran = probe(person, "--channel", CHANNEL, "--only", "x5c")
    assert ran.status == 5
    assert "channel.Kiosk_Chat" in ran.json["error"]["message"]
    assert ran.json["error"]["next"] == "provisioner probe --env local --clean"


def test_a_run_that_was_cut_off_goes_on(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    some = tuple(BY_NAME[name] for name in ("x5c", "jwk-text", "keyset-type", "name-length"))

    def interrupted(bench: Bench) -> Found:
        BY_NAME["keyset-type"].run(bench)
        raise KeyboardInterrupt

    stopped = tuple(replace(each, run=interrupted) if each.name == "keyset-type" else each for each in some)
    monkeypatch.setattr("provisioner.experiments.catalogue.EXPERIMENTS", stopped)
    assert probe(person).status == 130
    monkeypatch.setattr("provisioner.experiments.catalogue.EXPERIMENTS", some)
    ran = person.run("probe", "--env", "local", "--yes", "--out", "record.json")
    assert ran.status == 0
    assert "2 experiments settled by a run that was cut off" in ran.out
    assert "4 of 4 experiments settled." in ran.out
    assert "x5c" not in ran.err
    kept = json.loads((person.folder / "record.json").read_text())
    assert all(each["steps"] for each in kept["results"])
    again = person.run("probe", "--env", "local", "--yes")
    assert "cut off" not in again.out
    assert "x5c" in again.err


def test_clean_forgets_what_was_settled(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    some = (BY_NAME["x5c"], replace(BY_NAME["jwk-text"], run=_half_done(KeyboardInterrupt()), needs_channel=True))
    monkeypatch.setattr("provisioner.experiments.catalogue.EXPERIMENTS", some)
    assert probe(person, "--channel", CHANNEL).status == 130
    assert probe(person, "--clean").status == 0
    monkeypatch.setattr("provisioner.experiments.catalogue.EXPERIMENTS", some[:1])
    assert "cut off" not in person.run("probe", "--env", "local", "--yes").out


# The record


def test_a_record_names_nothing_of_its_org(usual: Any, person: Person) -> None:
    text = record(usual, person)["record"]
    status = localorg.status(person.org)
    for secret in (status["org_id"], status["org_id"][:15], status["username"], "localhost", CHANNEL, "Kiosk Chat"):
        assert secret not in text
    assert "uvprobe_keyset" in text


def test_a_record_is_written_in_both_forms(person: Person) -> None:
    ran = probe(person, "--only", "x5c", "--out", "record.md")
    assert ran.status == 0
    page = (person.folder / "record.md").read_text()
    assert "## 13 x5c" in page
    assert "The org refuses a key without x5c." in page
    ran = person.run("probe", "--env", "local", "--yes", "--only", "x5c", "--out", "record.json")
    assert json.loads((person.folder / "record.json").read_text())["results"][0]["side"] == "required"
    assert "1 of 1 experiment settled." in ran.out


def test_a_record_that_cannot_be_written_is_an_error(person: Person) -> None:
    ran = person.run("probe", "--env", "local", "--yes", "--only", "x5c", "--out", "nowhere/record.json")
    assert ran.status == 1
    assert "nowhere/record.json" in ran.err
    assert "1 of 1 experiment settled." in ran.out


# A local org like the one of a record


def _like(person: Person, results: list[dict[str, Any]], **members: Any) -> Ran:
    document = {"format_version": "1", "kind": "probe-record", "results": results, **members}
    (person.folder / "record.json").write_text(json.dumps(document))
    return person.run("localorg", "start", "--dir", str(person.org), "--like", "record.json")


def faults_of(person: Person) -> set[str]:
    return {each["name"] for each in localorg.status(person.org)["faults"]}


def result(name: str, side: str | None, detail: str | None = None) -> dict[str, Any]:
    return {"experiment": name, "side": side, "detail": detail}


@pytest.mark.parametrize(("name", "side"), SIDES, ids=lambda text: text)
def test_a_local_org_takes_the_sides_of_a_record(person: Person, name: str, side: str) -> None:
    others = {fault.partition("=")[0] for each in BY_NAME[name].sides for fault in each.faults or ()}
    for fault in others | {"slow=1ms"}:
        person.breaks(fault)
    ran = _like(person, [result(name, side, "description")])
    assert ran.status == 0, ran.err
    wanted = {fault.partition("=")[0] for fault in BY_NAME[name].side(side).faults or ()}
    assert faults_of(person) == wanted | {"slow"}
    assert ran.json["like"]["not_taken"] == []


def test_what_a_local_org_cannot_take_is_listed(person: Person) -> None:
    ran = _like(person, [
        result("jwk-replaced", "kept"), result("finalizing-name", None), result("no-such", "found"),
        result("element-dropped", "dropped", "no element"), result("delete-key-in-use", "deleted"),
        result("delete-keyset-in-use", "refused"), result("x5c", "not-required"), {"side": 7, "experiment": []},
    ])  # fmt: skip
    assert ran.status == 0, ran.err
    assert faults_of(person) == {"x5c-not-required"}
    not_taken = "\n".join(ran.json["like"]["not_taken"])
    for words in ("jwk-replaced: the local org has no fault", "finalizing-name: not settled", "no-such: this version",
                  "element-dropped: The fault", "delete-in-use: experiments", "[]: this version"):  # fmt: skip
        assert words in not_taken
    assert "Not taken from the record: finalizing-name" in ran.err


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "probe-record", "format_version": "2"}', "# Record\n"])
def test_a_file_that_is_no_record(person: Person, text: str) -> None:
    (person.folder / "record.json").write_text(text)
    ran = person.run("localorg", "start", "--dir", str(person.org), "--like", "record.json")
    assert (ran.status, ran.out) == (1, "")
    assert "is not the JSON record of a probe" in ran.err


def test_what_a_probe_saw_is_what_the_next_probe_sees(person: Person) -> None:
    for fault in ("jwk-fixed", "key-same-package", "deploy-list-refused"):
        person.breaks(fault)
    only = [word for name in ("jwk-replaced", "key-in-same-package", "deployment-listed") for word in ("--only", name)]
    first = probe(person, *only, "--out", "record.json")
    localorg.mend(person.org, None)
    started = person.run("localorg", "start", "--dir", str(person.org), "--like", "record.json")
    assert started.status == 0, started.err
    assert probe(person, *only).json["results"] == first.json["results"]
