"""A sample of the hostile matrix: HOSTILE_SEED=N runs the very same one again."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.hostile.files import READERS, FileGround
from tests.hostile.org import COMMANDS, Command, Ground
from tests.hostile.threat_model import section
from tests.proof_page import replace_section
from tests.proof_page import section as written_section

#: So many cases of each command.
SAMPLE = int(os.environ.get("HOSTILE_SAMPLE", "6"))


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_answers_of_an_org(command: Command, ground: Ground, seed: int) -> None:
    cases = ground.cases(command)
    chosen = random.Random(seed).sample(cases, min(SAMPLE, len(cases)))
    wrong = {str(case): found for case in chosen if (found := ground.attempt(case))}
    assert not wrong, "\n".join(f"{case}: {found}" for case, found in wrong.items())


@pytest.fixture(scope="module")
def written(ground: Ground) -> FileGround:
    return FileGround(ground)


@pytest.mark.parametrize("command", READERS, ids=str)
def test_fields_of_files(command: Command, written: FileGround, seed: int) -> None:
    cases = written.cases(command)
    chosen = random.Random(seed).sample(cases, min(SAMPLE, len(cases)))
    wrong = {str(case): found for case in chosen if (found := written.attempt(case))}
    assert not wrong, "\n".join(f"{case}: {found}" for case, found in wrong.items())


def test_the_threat_model_lists_the_matrix() -> None:
    page = Path(__file__).parents[2] / "docs/threat-model.md"
    if os.environ.get("UPDATE_GOLDEN"):
        replace_section(page, "hostile", section())
    assert written_section(page, "hostile") == section()
