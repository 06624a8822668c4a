"""Two local orgs for all tests of a file, and a team that uses them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner import localorg
from tests.ci.team import Team, make_team


@pytest.fixture(scope="module")
def orgs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    made = {name: tmp_path_factory.mktemp(name) for name in ("sandbox", "production")}
    for each in made.values():
        localorg.start(each)
    yield made
    for each in made.values():
        localorg.stop(each)


@pytest.fixture
def team(orgs: dict[str, Path], tmp_path: Path) -> Team:
    return make_team(tmp_path, orgs)
