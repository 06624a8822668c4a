"""``provisioner completion``: a completion script for a shell."""

from __future__ import annotations

import argparse
from importlib import resources

from provisioner.cli.context import Context
from provisioner.cli.syntax.setup import SHELLS
from provisioner.errors import ExitStatus


def run(arguments: argparse.Namespace, context: Context) -> int:
    script = resources.files("provisioner.cli") / "shells" / SHELLS[arguments.shell]
    # Unchanged: a shell's syntax may look like a CI's commands.
    context.output.stdout.document(script.read_text(encoding="utf-8"))
    return ExitStatus.DONE
