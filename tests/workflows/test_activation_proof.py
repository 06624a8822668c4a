"""The proof of a channel that was just activated."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provisioner.errors import InputError, ProvisionerError, UnreachableError
from provisioner.model.environment import Environment, VerifyTarget
from provisioner.secrets import Reference, ReferenceKind
from provisioner.workflows.apply import activation_proof

KEY = Reference(ReferenceKind.FILE, "shop.key")
ENVIRONMENT = Environment("uat", "uat.yaml", Path(), verify={"Web": VerifyTarget("Shop", KEY)})


@pytest.mark.parametrize(
    ("error", "attempts"), [(InputError("no key", next="Give one."), 1), (UnreachableError("busy", next="Again."), 3)]
)
def test_it_waits_only_if_time_may_help(
    monkeypatch: pytest.MonkeyPatch, error: ProvisionerError, attempts: int
) -> None:
    waits: list[float] = []

    def refused(*_: object) -> None:
        raise error

    monkeypatch.setattr("time.sleep", waits.append)
    monkeypatch.setattr("provisioner.workflows.verify.verify", refused)
    console: Any = SimpleNamespace(config_option="")
    prepared: Any = SimpleNamespace(environment=ENVIRONMENT)
    assert activation_proof(console, prepared)("Web").failure == (error.message, error.next)
    assert len(waits) == attempts
