"""A team that uses two local orgs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ci.team import Team, make_team


@pytest.fixture
def team(shared_org: Path, second_org: Path, tmp_path: Path) -> Team:
    return make_team(tmp_path, {"sandbox": shared_org, "production": second_org})
