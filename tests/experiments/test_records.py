"""Records are files that anybody may have edited: what is understood counts, and the rest never crashes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.errors import InputError
from provisioner.experiments.bench import Step
from provisioner.experiments.catalogue import BY_NAME, EXPERIMENTS
from provisioner.experiments.experiment import Found
from provisioner.experiments.record import Record, Result
from provisioner.report.probe import probe_json, settled_in
from provisioner.workflows.like_record import likeness
from provisioner.workflows.probe_results import KeptResults

NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([*BY_NAME, "refused", "found"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
RESULT = st.fixed_dictionaries({}, optional={
    "experiment": JSON, "side": JSON, "detail": JSON, "steps": JSON, "reason": JSON,
})  # fmt: skip
SIDES = st.sampled_from([(each, side.name) for each in EXPERIMENTS for side in each.sides])


def record(*results: Result, version: str | None = None) -> Record:
    from provisioner import __version__

    return Record(NOW, version or __version__, "67.0", True, "Unlimited Edition", False, results, complete=False)


@given(found=SIDES, detail=st.none() | st.text(), steps=st.lists(st.builds(Step, st.text(), st.text())))
def test_a_settled_result_survives_its_json(found: tuple, detail: str | None, steps: list[Step]) -> None:  # type: ignore[type-arg]
    experiment, side = found
    result = Result(experiment, Found(side, detail), steps=tuple(steps))
    open_one = Result(experiment, reason="It needs a channel.")
    assert settled_in(json.loads(json.dumps(probe_json(record(result, open_one))))) == (result,)


@given(document=JSON | st.fixed_dictionaries({"results": st.lists(RESULT) | JSON}))
def test_no_document_is_a_surprise(document: object) -> None:
    assert all(each.found is not None for each in settled_in(document))


@given(results=st.lists(RESULT, max_size=5) | JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50)
def test_no_record_is_a_surprise_to_a_local_org(results: object, tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_text(json.dumps({"kind": "probe-record", "format_version": "1", "results": results}))
    found = likeness(file)
    assert not {each.partition("=")[0] for each in found.broken} & set(found.mended)


def test_a_record_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="record.json"):
        likeness(tmp_path / "record.json")


def test_results_are_kept_for_a_day_and_for_one_version() -> None:
    kept, result = KeptResults.of("00D5g000000ABCD"), Result(BY_NAME["x5c"], Found("required"))
    assert kept.read("67.0", NOW) == ()
    kept.write(record(result))
    assert kept.read("67.0", NOW + timedelta(hours=23)) == (result,)
    assert kept.read("67.0", NOW + timedelta(hours=25)) == ()
    assert kept.read("68.0", NOW) == ()
    assert kept.path is not None
    assert kept.path.stat().st_mode & 0o777 == 0o600
    kept.write(record(result, version="0.0.1"))
    assert kept.read("67.0", NOW) == ()
    kept.path.write_text("{")
    assert kept.read("67.0", NOW) == ()
    kept.forget()
    assert not kept.path.exists()
    KeptResults(None).write(record(result))
    assert KeptResults(None).read("67.0", NOW) == ()
