"""The record of a rotation on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.workflows.rotation.evidence import Record, record_path, save_record


def test_orgs_that_differ_in_case_have_their_own_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONER_STATE_DIR", str(tmp_path))
    one, other = (str(record_path(org, "shop")) for org in ("00D5g00000ABCde", "00D5g00000abCde"))
    assert one.casefold() != other.casefold()


def test_a_record_that_cannot_be_saved_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "rotations/00D5g00000ABCdeEAF-shop.json"
    path.mkdir(parents=True)
    assert save_record(path, Record()) is not None
    assert [each.name for each in path.parent.iterdir()] == [path.name]
