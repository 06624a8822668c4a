"""The entry that ``restore`` undoes: found by its id, refused with a reason."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from provisioner.errors import InputError, ProvisionerError, RefusedError
from provisioner.execution.entry_json import from_json
from provisioner.execution.journal import Journal
from provisioner.execution.journal_entry import PROBE, ChangedComponent, Entry, SavedComponent
from provisioner.model.environment import Environment
from provisioner.model.login_types import PERMISSION_SET
from provisioner.model.types import MetadataType
from provisioner.workflows.console import Console
from provisioner.workflows.journal_entries import find_entry, journal_entries
from tests.execution.test_journal import DONE, ORG, entry, keyset

SANDBOX = Environment("sandbox", "config/environments/sandbox.yaml", Path("config/environments"))
LOGIN = ChangedComponent(PERMISSION_SET, "Provisioner_CI", "create", SavedComponent())


def applied(number: int, **changes: object) -> Entry:
    return replace(entry(number, sent=(DONE,), outcome="applied"), **changes)  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def found(journal: Journal, wanted: str, config: str = "config") -> Entry:
    return find_entry(journal, wanted, SANDBOX, f"{ORG}AAA", config)


def refusal(journal: Journal, wanted: str, config: str = "config") -> ProvisionerError:
    with pytest.raises(ProvisionerError) as refused:
        found(journal, wanted, config)
    return refused.value


def test_an_id_and_its_beginning(journal: Journal) -> None:
    first, second = applied(1), applied(2)
    for each in (first, second):
        journal.write(each)
    assert found(journal, first.id).id == first.id
    assert found(journal, second.id[:17]).id == second.id


def test_the_latest_entry_is_the_last_change_of_this_config(journal: Journal, tmp_path: Path) -> None:
    mine = applied(1, config=str(tmp_path))
    journal.write(mine)
    journal.write(applied(2, config=str(tmp_path / "other")))
    journal.write(applied(3, config=str(tmp_path), command=PROBE))
    journal.write(replace(entry(4), config=str(tmp_path), outcome="refused"))
    journal.write(applied(5, config=str(tmp_path), org_id="00D000000000001"))
    journal.write(
        applied(
            6, config=str(tmp_path), touched=(ChangedComponent(PERMISSION_SET, "A", "create", mine.touched[0].before),)
        )
    )
    assert found(journal, "latest", str(tmp_path)).id == mine.id


def test_the_latest_entry_of_another_config_is_named(journal: Journal, tmp_path: Path) -> None:
    journal.write(applied(2, config=str(tmp_path / "other")))
    refused = refusal(journal, "latest", str(tmp_path))
    assert isinstance(refused, InputError)
    assert refused.code == "no-such-entry"
    assert applied(2).id in str(refused.next)


@pytest.mark.parametrize("entries", [(), (entry(1, outcome="refused"),), (applied(1, command=PROBE),)])
def test_no_latest_entry(journal: Journal, entries: tuple[Entry, ...]) -> None:
    for each in entries:
        journal.write(each)
    refused = refusal(journal, "latest")
    assert (refused.code, refused.message) == (
        "no-such-entry", "This machine's journal has no change of this org that can be restored.",
    )  # fmt: skip


@pytest.mark.parametrize(("damaged", "code"), [(1, None), (3, "entry-damaged")])
def test_a_damaged_entry_may_be_the_latest(journal: Journal, damaged: int, code: str | None) -> None:
    for number in (1, 2, 3):
        journal.write(applied(number))
    (path,) = (journal.folder or Path()).rglob(f"{applied(damaged).id}.json")
    path.write_text("{")
    if code is None:
        assert found(journal, "latest").id == applied(3).id
    else:
        refused = refusal(journal, "latest")
        assert (refused.code, applied(2).id in refused.next) == (code, True)


def test_an_unknown_id_lists_the_known_ones(journal: Journal) -> None:
    journal.write(applied(1))
    refused = refusal(journal, "20991231T000000000Z-abcdef")
    assert int(refused.exit_status) == 64
    assert applied(1).id in str(refused.next)


def test_several_entries_of_one_beginning(journal: Journal) -> None:
    for number in (1, 2):
        journal.write(applied(number))
    assert refusal(journal, "20261121").message == "2 entries begin with 20261121 on this machine."


@pytest.fixture
def parsed(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Five entries; returns the ids of those that are parsed."""
    for number in range(1, 6):
        journal.write(applied(number))
    ids: list[str] = []

    def counted(document: dict[str, str]) -> Entry:
        ids.append(document["id"])
        return from_json(document)

    monkeypatch.setattr("provisioner.execution.journal.from_json", counted)
    return ids


@pytest.mark.parametrize(("wanted", "number"), [(applied(2).id, 2), ("latest", 5)])
def test_only_the_wanted_entry_is_parsed(journal: Journal, parsed: list[str], wanted: str, number: int) -> None:
    """An entry of a large package is a hundred megabytes."""
    assert found(journal, wanted).id == applied(number).id
    assert parsed == [applied(number).id]


def test_an_unknown_id_parses_nothing(journal: Journal, parsed: list[str]) -> None:
    assert applied(3).id in refusal(journal, "20991231").next
    assert parsed == []


def test_the_list_keeps_no_components(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONER_STATE_DIR", str(tmp_path))
    journal, large = Journal.here(), keyset("x" * 500_000)
    for number in range(1, 21):
        touched = (ChangedComponent(MetadataType.KEYSET, "shop", "update", large), LOGIN)
        journal.write(
            applied(number, touched=touched, sent=(replace(DONE, components={(MetadataType.KEYSET, "shop"): large}),))
        )
    tracemalloc.start()
    try:
        listed = journal_entries(cast(Console, None), None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [each.id for each in listed if isinstance(each, Entry)] == [applied(number).id for number in range(1, 21)]
    assert peak < 8_000_000, "twenty entries of a megabyte each, and each is some copies while it is parsed"


def test_a_damaged_entry(journal: Journal) -> None:
    journal.write(applied(1))
    (path,) = (journal.folder or Path()).rglob("*.json")
    path.write_text("{")
    assert refusal(journal, path.stem).code == "entry-damaged"


def test_an_entry_of_another_org(journal: Journal) -> None:
    other = applied(1, org_id="00D000000000001AAA", environment="production")
    journal.write(other)
    refused = refusal(journal, other.id)
    assert isinstance(refused, RefusedError)
    assert (refused.code, "--env production" in str(refused.next)) == ("another-org", True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"command": PROBE}, "entry-of-a-probe"),
        ({"touched": (LOGIN,)}, "entry-of-logins"),
        ({"sent": (), "outcome": "refused"}, "nothing-to-restore"),
    ],
)
def test_entries_that_cannot_be_restored(journal: Journal, changes: dict[str, object], code: str) -> None:
    journal.write(applied(1, **changes))
    assert refusal(journal, applied(1).id).code == code
