"""``show``: a saved plan in each format, with no org to ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from provisioner.planning.saved_plan import sealed
from tests.cli.offline import Desk
from tests.report import samples


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def save(document: Any, name: str = "plan.json") -> None:
    Path(name).write_text(json.dumps(document))


def test_without_a_config_or_an_org(desk: Desk) -> None:
    save(samples.saved(samples.FULL))
    said = desk.run("show", "plan.json")
    assert said.status == 0
    shown = " ".join(said.out.split())
    assert shown.startswith("Saved plan plan.json, saved at 2026-11-26T10:00:00Z by provisioner 0.1.0, sha256:")
    assert "Plan for sandbox\n" in said.out
    assert "  provisioner apply --env sandbox --allow-destroy plan.json" in said.err


def test_the_sums_for_a_merge_request_of_gitlab(desk: Desk) -> None:
    save(samples.saved(samples.FULL))
    summary = samples.FULL.summary
    report = desk.run("show", "plan.json", "--format", "gitlab").json
    assert report == {each: summary[each] for each in ("create", "update", "delete")}
    save({})
    refused = desk.run("show", "plan.json", "--format", "gitlab")
    assert refused.status == 3
    assert "create" not in refused.json
    assert "Error: " in refused.err


def test_json_is_the_saved_document(desk: Desk) -> None:
    save(samples.saved(samples.FULL))
    assert desk.run("show", "plan.json", "--format", "json").json == samples.saved(samples.FULL)


def test_an_empty_plan_needs_no_command(desk: Desk) -> None:
    save(samples.saved(samples.EMPTY))
    said = desk.run("show", "plan.json")
    assert (said.status, said.err) == (0, "")
    assert said.out.endswith("No changes.\n")


def test_a_changed_file_is_refused(desk: Desk) -> None:
    document = samples.saved(samples.FULL)
    document["changes"][0]["fields"][4]["after_value"]["bits"] = 4096
    save(document)
    said = desk.run("show", "plan.json", "--format", "json")
    assert (said.status, said.json["error"]["code"]) == (3, "plan-tampered")


def test_a_forged_value_under_a_new_seal_is_refused(desk: Desk) -> None:
    document = samples.saved(samples.FULL)
    document["changes"][0]["fields"][4]["after_value"]["bits"] = 4096
    save(sealed(document))
    said = desk.run("show", "plan.json", "--format", "json")
    assert (said.status, said.json["error"]["code"]) == (3, "plan-not-a-plan")


@pytest.mark.parametrize(("text", "status"), [("", 3), ("{}", 3), ("[]", 3), (None, 1)])
def test_what_is_no_plan(desk: Desk, text: str | None, status: int) -> None:
    if text is not None:
        Path("plan.json").write_text(text)
    said = desk.run("show", "plan.json")
    assert said.status == status
    assert "plan.json" in said.err
    assert "Next: " in said.err
