"""A deployment as the org reports it (DeployResult, DeployMessage of the Metadata API Developer Guide)."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from provisioner.components.metadata import qualified
from provisioner.components.xml import flag_of, number_of, text_of

_MANIFEST = "package.xml"


@dataclass(frozen=True, slots=True)
class DeployProblem:
    """The org's problem with one component; ``problem_type`` is Error, Warning or Info. Lines start at 1."""

    component_type: str
    full_name: str
    file_name: str
    problem: str
    problem_type: str
    line: int | None = None
    column: int | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class DeploySuccess:
    """A component that was deployed; if it is neither created nor changed nor deleted, the org found no difference."""

    component_type: str
    full_name: str
    file_name: str
    created: bool = False
    changed: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class DeployStatus:
    """The status of a deployment. Only ``done`` proves that it has finished, not ``status``."""

    id: str
    done: bool
    success: bool
    status: str
    check_only: bool = False
    components_total: int = 0
    components_deployed: int = 0
    component_errors: int = 0
    error_status_code: str | None = None
    error_message: str | None = None
    state_detail: str | None = None
    created_by: str | None = None
    created_by_name: str | None = None
    canceled_by: str | None = None
    canceled_by_name: str | None = None
    failures: tuple[DeployProblem, ...] = ()
    successes: tuple[DeploySuccess, ...] = ()

    @property
    def is_canceled(self) -> bool:
        """Return whether a user cancelled it."""
        return self.done and not self.success and self.status == "Canceled"

    @property
    def setup_locked(self) -> bool:
        """Return whether another change had locked the org's setup: nothing was applied, a retry is safe."""
        return self.done and not self.success and self.error_status_code == "ALREADY_IN_PROCESS"

    @property
    def changes_nothing(self) -> bool:
        """Return whether it certainly changed nothing: a difference in the org is the change of another one."""
        return self.check_only or self.setup_locked


def parse_deploy_status(result: etree._Element) -> DeployStatus:
    """Parse a ``result`` of checkDeployStatus; missing parts have their default, unknown ones are omitted."""
    return DeployStatus(
        id=text_of(result, "id") or "",
        done=flag_of(result, "done"),
        success=flag_of(result, "success"),
        status=text_of(result, "status") or "",
        check_only=flag_of(result, "checkOnly"),
        components_total=number_of(result, "numberComponentsTotal") or 0,
        components_deployed=number_of(result, "numberComponentsDeployed") or 0,
        component_errors=number_of(result, "numberComponentErrors") or 0,
        error_status_code=text_of(result, "errorStatusCode"),
        error_message=text_of(result, "errorMessage"),
        state_detail=text_of(result, "stateDetail"),
        created_by=text_of(result, "createdBy"),
        created_by_name=text_of(result, "createdByName"),
        canceled_by=text_of(result, "canceledBy"),
        canceled_by_name=text_of(result, "canceledByName"),
        failures=tuple(_problem(row) for row in _rows(result, "componentFailures")),
        successes=tuple(_success(row) for row in _rows(result, "componentSuccesses")),
    )


def _rows(result: etree._Element, name: str) -> list[etree._Element]:
    """Return the rows of ``details``, without an empty one for the manifest."""
    rows = [
        row for details in result.iterchildren(qualified("details")) for row in details.iterchildren(qualified(name))
    ]
    return [row for row in rows if text_of(row, "fullName") != _MANIFEST or text_of(row, "problem") is not None]


def _problem(row: etree._Element) -> DeployProblem:
    return DeployProblem(
        component_type=text_of(row, "componentType") or "",
        full_name=text_of(row, "fullName") or "",
        file_name=text_of(row, "fileName") or "",
        problem=text_of(row, "problem") or "the org gave no reason",
        problem_type=text_of(row, "problemType") or "Error",
        line=number_of(row, "lineNumber"),
        column=number_of(row, "columnNumber"),
        deleted=flag_of(row, "deleted"),
    )


def _success(row: etree._Element) -> DeploySuccess:
    return DeploySuccess(
        component_type=text_of(row, "componentType") or "",
        full_name=text_of(row, "fullName") or "",
        file_name=text_of(row, "fileName") or "",
        created=flag_of(row, "created"),
        changed=flag_of(row, "changed"),
        deleted=flag_of(row, "deleted"),
    )
