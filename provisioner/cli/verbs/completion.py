"""``provisioner completion``: a completion script for a shell."""

from __future__ import annotations

import argparse
from importlib import resources

from provisioner.cli.context import Context
from provisioner.errors import ExitStatus

FORMATS = ("human",)
#: The shells, each with its script in `cli/shells`. A script asks `provisioner __complete` for everything.
SHELLS = {"bash": "bash.sh", "zsh": "zsh.sh", "fish": "fish.sh", "powershell": "powershell.ps1"}
DESCRIPTION = """Print a shell completion script. It completes commands, options and files, and the names of
environments, keysets, keys, channels, rules, faults and journal entries."""
EPILOG = """examples:
  provisioner completion bash \\
      > ~/.local/share/bash-completion/completions/provisioner
  provisioner completion zsh > "${fpath[1]}/_provisioner"
  provisioner completion fish > ~/.config/fish/completions/provisioner.fish
  provisioner completion powershell >> $PROFILE"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=list(SHELLS), help="the shell")


def run(arguments: argparse.Namespace, context: Context) -> int:
    script = resources.files("provisioner.cli") / "shells" / SHELLS[arguments.shell]
    # Unchanged: a shell's syntax may look like a CI's commands.
    context.output.stdout.document(script.read_text(encoding="utf-8"))
    return ExitStatus.DONE
