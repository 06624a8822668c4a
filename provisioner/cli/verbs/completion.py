"""``provisioner completion``: a completion script for a shell."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus

FORMATS = ("human",)
SHELLS = ("bash", "zsh", "tcsh")
DESCRIPTION = "Print a shell completion script."
EPILOG = """examples:
  provisioner completion bash \\
      > ~/.local/share/bash-completion/completions/provisioner
  provisioner completion zsh > "${fpath[1]}/_provisioner"
  provisioner completion tcsh > ~/.provisioner.csh

For tcsh, add `source ~/.provisioner.csh` to ~/.tcshrc."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="the shell")


def run(arguments: argparse.Namespace, context: Context) -> int:
    import shtab

    from provisioner.cli.main import build_parser

    # As it is: a shell's own signs may look like a CI's commands.
    context.output.stdout.document(shtab.complete(build_parser(), shell=arguments.shell) + "\n")
    return ExitStatus.DONE
