"""``diagnose login --fix``: from a diagnosis to its repair, in the format that was asked for."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.login_options import admin_options
from provisioner.cli.options import DEFAULT_WAIT_MINUTES
from provisioner.diagnosis.findings import Diagnosis, Verdict
from provisioner.errors import UsageError
from provisioner.workflows.administrator import administrator
from provisioner.workflows.login_config import environment_file, environment_name, login_of

if TYPE_CHECKING:
    from provisioner.model.environment import Environment
    from provisioner.planning.plan import Plan
    from provisioner.report.login_shapes import LoginResult
    from provisioner.workflows.login_scene import DeclaredLogins

PROOF_MINUTES = 20.0


def require_administrator(arguments: argparse.Namespace) -> None:
    """Raises :class:`UsageError` for --fix without an administrator's session."""
    if not admin_options(arguments).is_given:
        raise UsageError(
            "--fix changes the org with an administrator's session, and none was named.",
            next="Give --sf-org ALIAS, --admin-env NAME, or --admin-token-env VAR with --instance-url URL.",
        )


def fix(context: Context, diagnosis: Diagnosis) -> int:
    """Show the diagnosis, repair it, and return the exit status: that of the repair, else that of the diagnosis."""
    from provisioner.cli.verbs.diagnose_login import show
    from provisioner.report.diagnosis_json import diagnosis_json
    from provisioner.report.login_view import login_applied_json, login_applied_view
    from provisioner.workflows.login_fix import repairable

    wants_json = context.wants_json
    status = 0 if wants_json else show(context, diagnosis, details=context.arguments.details)
    causes = repairable(diagnosis)
    result = None
    if diagnosis.verdict is Verdict.FAILING and causes:
        context.say(f"Planning the repair of {', '.join(causes)}.")
        result = _repair(context, diagnosis)
    elif diagnosis.verdict is Verdict.FAILING:
        context.say("No change of the app or of permission sets repairs this: the fix above is for a person.")
    if wants_json:
        fixed = login_applied_json(result) if result is not None else None
        context.json({**diagnosis_json(diagnosis), "fix": fixed})
        status = _status(diagnosis)
    elif result is not None:
        context.show(lambda: login_applied_view(result))
    return int(result.exit_status) if result is not None else status


def _status(diagnosis: Diagnosis) -> int:
    from provisioner.cli.verbs.diagnose_login import STATUSES

    return int(STATUSES[diagnosis.verdict])


def _repair(context: Context, diagnosis: Diagnosis) -> LoginResult:
    from provisioner.report.login_view import login_plan_view
    from provisioner.workflows.login_apply import LoginOptions, apply_logins, as_result
    from provisioner.workflows.login_fix import repair_of

    def shown(plan: Plan) -> None:
        context.show(lambda: login_plan_view(plan))

    file = environment_file(context, environment_name(context))
    options = LoginOptions(context.arguments.allow_destroy, DEFAULT_WAIT_MINUTES, PROOF_MINUTES)
    given = admin_options(context.arguments)
    with (
        login_of(context, file) as login,
        _declared(context, file.environment) as declared,
        administrator(context, file.environment, given) as org,
    ):
        repair = repair_of(file.environment, login, diagnosis, declared, org)
        return as_result(apply_logins(context, repair.declared, org, options, show=shown, against=repair.against))


@contextlib.contextmanager
def _declared(context: Context, environment: Environment) -> Iterator[DeclaredLogins | None]:
    """The declared logins; None if there is no ``logins.yaml``."""
    from provisioner.declaration.logins import has_logins
    from provisioner.workflows.login_scene import declared_logins

    if not has_logins(context.config.directory):
        yield None
        return
    with declared_logins(context, environment.name) as declared:
        yield declared
