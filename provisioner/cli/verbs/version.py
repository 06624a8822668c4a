"""``provisioner version``."""

from __future__ import annotations

import argparse

from provisioner import __version__
from provisioner.cli.context import Context
from provisioner.errors import ExitStatus


def run(arguments: argparse.Namespace, context: Context) -> int:
    if context.wants_json:
        context.json({"format_version": "1", "version": __version__})
    else:
        context.stdout(f"provisioner {__version__}")
    return ExitStatus.DONE
