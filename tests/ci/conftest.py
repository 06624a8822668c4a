"""A team that uses two local orgs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner import localorg
from tests.ci.team import Team, make_team
from tests.localorg import kept

#: What the orgs held after a first deployment, by their ids.
Deployments = dict[str, dict[str, sqlite3.Connection]]


@pytest.fixture(autouse=True)
def _uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip compile no module of what it installs: a test imports few of them."""
    monkeypatch.setenv("PIP_COMPILE", "0")


@pytest.fixture
def team(shared_org: Path, second_org: Path, tmp_path: Path) -> Team:
    return make_team(tmp_path, {"sandbox": shared_org, "production": second_org})


@pytest.fixture(scope="session")
def first_deployments() -> Iterator[Deployments]:
    made: Deployments = {}
    yield made
    for contents in made.values():
        for content in contents.values():
            content.close()


@pytest.fixture
def deployed(team: Team, first_deployments: Deployments) -> Team:
    """A team whose two orgs are as a first deployment left them."""
    ids = " ".join(str(localorg.status(org)["org_id"]) for org in team.orgs.values())
    if ids in first_deployments:
        for name, content in first_deployments[ids].items():
            kept.put_back(team.orgs[name], content)
        return team
    done = team.runner.workflow("deploy.yml")
    assert done["production"].passed, done
    first_deployments[ids] = {name: kept.content_of(org) for name, org in team.orgs.items()}
    return team
