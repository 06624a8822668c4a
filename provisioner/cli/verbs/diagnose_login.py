"""``provisioner diagnose login``: the cause of a failing login, the evidence, and the fix."""

from __future__ import annotations

import argparse

from provisioner.cli.administrator import admin_options
from provisioner.cli.context import Context
from provisioner.workflows.diagnose_login import LoginDiagnosisOptions, diagnose_login


def run(arguments: argparse.Namespace, context: Context) -> int:
    options = LoginDiagnosisOptions(
        admin=admin_options(arguments),
        text=arguments.error,
        wait=arguments.wait_propagation,
        fix=arguments.fix,
        destroy=arguments.allow_destroy,
        bundle=arguments.bundle,
        details=arguments.details,
    )
    return diagnose_login(context, options)
