"""``provisioner apply``: plan, ask, deploy, read back."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.workflows.apply import ApplyOptions, apply_declaration, show_outcome


def run(arguments: argparse.Namespace, context: Context) -> int:
    options = ApplyOptions(
        plan=arguments.plan,
        targets=tuple(arguments.target),
        resume=arguments.resume,
        check_only=arguments.check_only,
        destroy=arguments.allow_destroy,
        permanent=arguments.allow_permanent,
        old_api=arguments.allow_old_api,
        minutes=arguments.wait,
        cancel_on_interrupt=arguments.cancel_on_interrupt,
    )
    outcome = apply_declaration(context, options)
    show_outcome(context, outcome)
    return outcome.exit_status
