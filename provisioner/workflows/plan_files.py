"""Writes plans for approval, and compares a saved plan with the present one before it is applied."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner import __version__
from provisioner.components.snapshot import Snapshot
from provisioner.errors import ExitStatus, InputError
from provisioner.execution.outcome import Outcome, Problem, Result
from provisioner.planning.digests import declaration_digest
from provisioner.planning.plan import Plan
from provisioner.planning.saved_plan import (
    LARGEST_BYTES,
    WRONG_SHAPE,
    Difference,
    NotThePlanError,
    SavedPlan,
    before_the_org,
    differences,
    digests_of,
    incomplete,
    is_too_large,
    read,
    sealed,
)
from provisioner.report.json import json_text
from provisioner.report.plan_json import plan_json, read_plan_json
from provisioner.secrets import redactor
from provisioner.workflows.actor import actor_of
from provisioner.workflows.console import Console
from provisioner.workflows.new_files import write_json
from provisioner.workflows.prepare import Prepared


def saved_plan_json(console: Console, plan: Plan, snapshot: Snapshot, targets: Sequence[str]) -> dict[str, Any]:
    """Return the JSON plan, the digest of each touched component, who saved it when, and a digest over all of it."""
    return sealed(
        {
            **without_secrets(plan_json(plan)),
            "tool_version": __version__,
            "saved_at": f"{console.now:%Y-%m-%dT%H:%M:%SZ}",
            "saved_by": actor_of(console.config_path).to_json(),
            "targets": list(targets),
            "components": digests_of(plan.changes, snapshot),
        }
    )


def without_secrets(document: object) -> dict[str, Any]:
    """Return a document without secrets: values of resolved references are masked before it is sealed."""
    masked: dict[str, Any] = json.loads(redactor.redact_document(json_text(document)))
    return masked


def write_plan(console: Console, path: Path, plan: Plan, snapshot: Snapshot, targets: Sequence[str]) -> None:
    """Save a plan atomically. Raises :class:`InputError` if it cannot be written, or is too large to be read again."""
    document = saved_plan_json(console, plan, snapshot, targets)
    if is_too_large(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()):
        raise InputError(
            f"The plan is too large to be saved. {path} was not written.",
            next=f"Save it in parts: provisioner plan --env {plan.environment} --target ADDRESS --out FILE",
            code="plan-too-large",
        )
    write_json(path, document)


def read_plan(path: Path) -> SavedPlan:
    """Return a saved plan. Raises :class:`InputError` if there is no such file, :class:`NotThePlanError`."""
    try:
        with path.open("rb") as file:
            return read(file.read(LARGEST_BYTES + 1), str(path))
    except OSError as error:
        raise InputError(
            f"The plan file {path} cannot be read: {(error.strerror or 'error').lower()}.",
            next="Check the path; `provisioner plan --env ENV --out FILE` saves a plan.",
            code="plan-file-missing",
        ) from None


def open_plan(path: Path) -> tuple[SavedPlan, Plan]:
    """Return a saved plan and the plan that it describes. Raises what :func:`read_plan` raises."""
    saved = read_plan(path)
    try:
        return saved, read_plan_json(saved.document)
    except WRONG_SHAPE:
        raise incomplete(str(path)) from None


def apply_command(console: Console, path: Path, plan: Plan) -> str:
    """Return the command that applies exactly the plan in a file."""
    allowed = "".join(f" {flag}" for flag in plan.flags)
    return f"provisioner apply --env {plan.environment}{allowed} {shlex.quote(str(path))}"


@dataclass(frozen=True, slots=True)
class Approved:
    """A saved plan that is applied; ``name`` is the name of its file."""

    console: Console
    name: str
    saved: SavedPlan

    def check(self, prepared: Prepared) -> None:
        """Compare with the declaration, before a login. Raises :class:`NotThePlanError` with all differences."""
        digest = declaration_digest(prepared.loaded, prepared.jwks)
        environment = prepared.environment.name
        found = before_the_org(self.saved, environment=environment, tool_version=__version__, declaration=digest)
        if found:
            raise NotThePlanError(
                f"{self.name} is not applied. {' '.join(each.message for each in found)} Nothing was sent.",
                next=self._plan_again(environment, found),
                code=f"plan-{found[0].what}",
            )

    def refusal(self, plan: Plan, snapshot: Snapshot) -> Outcome | None:
        """Return the refusal of a new plan (made from ``snapshot``) that differs from the saved one, else None."""
        document = without_secrets(plan_json(plan))
        found = differences(self.saved, plan, snapshot, document)
        if not found:
            return None
        return Outcome(
            Result.REFUSED,
            ExitStatus.REFUSED,
            plan,
            problems=tuple(self._problem(each, plan) for each in found),
            next=self._plan_again(plan.environment, found),
        )

    def _problem(self, difference: Difference, plan: Plan) -> Problem:
        declared = {change.address: change.declared_at for change in plan.changes}
        return Problem(
            difference.message,
            f"The changes approved in {self.name} are not the changes that apply would make now. Nothing was sent.",
            difference.address,
            declared.get(difference.address or ""),
        )

    def _plan_again(self, environment: str, found: Sequence[Difference]) -> str:
        file = shlex.quote(self.name)
        if any(each.what == "environment" for each in found):
            return (
                f"Apply it to its own environment: provisioner apply --env {self.saved.environment} {file}; "
                f"or save one for {environment}: provisioner plan --env {environment} --out FILE"
            )
        targets = "".join(f" --target {each}" for each in self.saved.targets)
        return f"Make a new plan, and have it approved: provisioner plan --env {environment}{targets} --out {file}"
