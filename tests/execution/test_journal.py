"""The journal: what is written is what is read, whatever breaks on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.components.metadata import NAMESPACE
from provisioner.components.package import Package
from provisioner.components.xml import new_component, set_text, text_of
from provisioner.execution import journal as journals
from provisioner.execution.entry_json import DamagedError, from_json, to_json
from provisioner.execution.journal import Damaged, Journal
from provisioner.execution.journal_entry import ChangedComponent, Entry, SavedComponent, SentDeployment
from provisioner.execution.lock import org_lock
from provisioner.execution.recorder import Recorder
from provisioner.execution.state_directory import folder_of_org
from provisioner.jose.jwk_members import PRIVATE_MEMBERS
from provisioner.model.actor import Actor
from provisioner.model.types import MetadataType
from provisioner.report.journal import journal_json, journal_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.salesforce import DeployStatus
from tests.report.golden import assert_golden, assert_golden_json

NOW = datetime(2026, 11, 21, 4, 58, tzinfo=UTC)
ORG = "00D5g000000ABCd"


def keyset(label: str = "Shop") -> SavedComponent:
    element = new_component(MetadataType.KEYSET)
    set_text(element, "masterLabel", label)
    return SavedComponent.of(element)


def entry(number: int = 1, **changes: object) -> Entry:
    made = Entry(
        id=f"20261121T0458{number:02d}000Z-00000{number % 10}",
        began=NOW + timedelta(seconds=number),
        command="apply",
        environment="sandbox",
        org_id=ORG,
        instance_url="https://acme.example.com",
        tool_version="1.0",
        declaration_digest="sha256:0",
        touched=(
            ChangedComponent(MetadataType.KEY, "new", "create", SavedComponent()),
            ChangedComponent(MetadataType.KEYSET, "shop", "update", keyset()),
            ChangedComponent(
                MetadataType.KEY, "leaked", "update", SavedComponent(withheld="its JWK holds private members (d)")
            ),
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def sent(**changes: object) -> SentDeployment:
    made = SentDeployment(NOW, False, None, ("0Af5g000000AAAA",), {(MetadataType.KEYSET, "shop"): keyset()})
    return replace(made, **changes)  # type: ignore[arg-type]


DONE = sent(deploy_id="0Af5g00000BBBBBAA4", ended="Succeeded", success=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).map(str.strip)


@given(texts.filter(bool), st.booleans(), st.sampled_from([None, "channels"]), st.sampled_from([None, "applied"]))
def test_what_is_written_is_what_is_read(label: str, check_only: bool, phase: str | None, outcome: str | None) -> None:
    element = new_component(MetadataType.KEYSET)
    set_text(element, "masterLabel", label)
    kept = SavedComponent.of(element)
    made = entry(
        touched=(
            ChangedComponent(MetadataType.KEYSET, "shop", "update", kept),
            ChangedComponent(
                MetadataType.CHANNEL, "Web", "update", kept, {"SessionHandlerId": "0Xx1", "TargetQueueId": None}
            ),
        ),
        sent=(sent(check_only=check_only, phase=phase, deletions=((MetadataType.KEY, "old"),)), DONE),
        outcome=outcome,
        ended=NOW if outcome else None,
        by=Actor("root", "GitLab", label, None, "0" * 40, None),
    )
    again = from_json(json.loads("".join(to_json(made))))
    assert again == made
    back = again.touched[0].before.element()
    assert back is not None
    assert text_of(back, "masterLabel") == label


@given(st.sampled_from(sorted(PRIVATE_MEMBERS)), st.sampled_from(["{}", "\\u00{:02x}", "&#{};"]), st.booleans())
def test_a_private_member_is_withheld_however_written(name: str, form: str, is_spaced: bool) -> None:
    written = "".join(form.format(each if form == "{}" else ord(each)) for each in name)
    jwk = f'{{"kty": "RSA", "{written}"{" " * is_spaced}: "AQAB-of-the-owner"}}'
    text = f'<PublicKeyCertificate xmlns="{NAMESPACE}"><jsonWebKey>{jwk}</jsonWebKey></PublicKeyCertificate>'
    kept = SavedComponent.of_text(text)
    assert kept.xml is None
    assert kept.withheld == f"its JWK holds private members ({name})"


@given(st.data())
def test_any_damage_is_said_and_nothing_else_is_raised(data: st.DataObject) -> None:
    document = json.loads("".join(to_json(entry(sent=(DONE,)))))
    name = data.draw(st.sampled_from(sorted(set(document) - {"settled"})))
    value = data.draw(st.sampled_from([1, [], {}, "", None, [1], [{}], {"id": 1}]))
    try:
        from_json({**document, name: value})
    except DamagedError:
        return


@pytest.mark.parametrize("document", [None, [], {}, 1, {"format_version": "2"}, {"format_version": "1"}])
def test_what_is_no_entry_is_damaged(document: object) -> None:
    with pytest.raises(DamagedError):
        from_json(document)


def test_every_step_is_on_disk_before_the_next(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    said: list[str] = []
    recorder = Recorder(journal, entry(), lambda: NOW, said.append)
    assert journal.entries(ORG) == [], "where nothing is sent, nothing is written down"

    recorder.about_to_send(Package(), phase=None, check_only=False, known=["0Af5g000000AAAA"])
    (open_one,) = journal.unsettled(ORG)
    assert open_one.sent[0].deploy_id is None

    recorder.accepted("0Af5g00000BBBBBAA4")
    assert journal.of_deploy(ORG, "0Af5g00000BBBBB") is not None

    recorder.over(DeployStatus("0Af5g00000BBBBBAA4", True, True, "Succeeded"))
    assert len(journal.unsettled(ORG)) == 1, "it was not read back"

    recorder.ended("applied")
    assert journal.unsettled(ORG) == []
    assert said == []


def test_a_crash_while_writing_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    journal.write(entry(sent=(DONE,), outcome="applied"))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(journals.os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        journal.write(entry(sent=(), outcome="failed"))
    (found,) = journal.entries(ORG)
    assert isinstance(found, Entry)
    assert found.outcome == "applied"
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".json"]


def test_only_settled_entries_are_ever_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "KEPT", 3)
    journal = Journal(tmp_path)
    for number in range(8):
        state = {"sent": (sent(),)} if number == 0 else {"sent": (DONE,), "outcome": "applied"}
        journal.write(entry(number, **state))
    journal.trim(ORG)
    assert [each.id[13:15] for each in journal.entries(ORG) if isinstance(each, Entry)] == ["00", "05", "06", "07"]


def test_only_entries_with_the_deployment_are_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal")
    for number in range(5):
        journal.write(entry(number, sent=(replace(DONE, deploy_id=f"0Af5g00000BBBB{number}AA4"),)))
    parsed: list[str] = []

    def counted(document: dict[str, str]) -> Entry:
        parsed.append(document["id"])
        return from_json(document)

    monkeypatch.setattr("provisioner.execution.journal.from_json", counted)
    found = journal.of_deploy(ORG, "0Af5g00000BBBB2")
    assert found is not None
    assert found.deploy_ids == ("0Af5g00000BBBB2AA4",)
    assert parsed == [found.id]
    assert journal.of_deploy(ORG, "0Af5g00000BBBB9") is None
    assert parsed == [found.id]


def test_ids_that_differ_by_case_have_two_folders() -> None:
    assert folder_of_org("00D5g000000ABCd").lower() != folder_of_org("00D5g000000ABcd").lower()
    assert folder_of_org("00D5g000000ABCdXYZ") == folder_of_org("00D5g000000ABCd")


def test_the_lock_is_free_again_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    for _ in range(2):
        with org_lock(ORG, "sandbox", NOW, said.append) as waited:
            assert waited is False
    assert said == []


FOUND: list[Entry | Damaged] = [
    entry(
        1,
        sent=(DONE,),
        outcome="applied",
        ended=NOW + timedelta(minutes=1),
        by=Actor("runner", "GitHub Actions", "ada", "grace", "0" * 40, "https://github.com/acme/chat/actions/runs/7"),
    ),
    entry(2, sent=(sent(),), command="keys rotate"),
    Damaged(Path("journal/20261121T045803000Z-000003.json"), "it cannot be read"),
    entry(4, sent=(replace(DONE, success=False, ended="Canceled"),), outcome="looked-up", by=Actor("uid 1000")),
]


def test_the_journal_as_it_is_shown() -> None:
    assert_golden("journal/entries.txt", terminal(journal_view(FOUND), Style(width=100, color=False)))
    assert_golden("journal/entries-in-80-columns.txt", terminal(journal_view(FOUND), Style(width=80, color=True)))
    assert_golden_json("journal/entries.json", journal_json(FOUND))  # type: ignore[arg-type]


def test_the_entry_of_the_largest_package_can_be_read_again(tmp_path: Path) -> None:
    """39 MB compressed are some 55 MB of text, kept as it was and as it was sent."""
    journal, text = Journal(tmp_path), keyset("x" * 5_000_000)
    names = [(MetadataType.KEYSET, f"set_{number}") for number in range(11)]
    made = entry(
        touched=tuple(ChangedComponent(kind, name, "update", text) for kind, name in names),
        sent=(sent(components=dict.fromkeys(names, text)),),
    )
    journal.write(made)
    assert journal.entries() == [made]
