"""The options and the help of the commands for setup. Nothing here loads code that a run needs."""

from __future__ import annotations

import argparse

from provisioner.cli.options import Syntax, add_target_org, cli_alias, no_options

#: The shells, each with its script in `cli/shells`. A script asks `provisioner __complete` for everything.
SHELLS = {"bash": "bash.sh", "zsh": "zsh.sh", "fish": "fish.sh", "powershell": "powershell.ps1"}


def _init(parser: argparse.ArgumentParser) -> None:
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--example",
        action="store_true",
        help="instead, write an example to try: two local orgs and a key that signs identity tokens",
    )
    instead.add_argument(
        "--from-sf",
        metavar="ALIAS",
        type=cli_alias,
        help="instead, write the environment of an org that the official Salesforce CLI knows, and import the org's "
        "declaration",
    )
    parser.add_argument("directory", metavar="DIR", nargs="?", help="the config directory (default: that of --config)")


INIT = Syntax(
    _init,
    """Write a commented starting config: a declaration, three environments (a local org, a sandbox,
production), and the JSON Schemas for editors beside the config directory. The command overwrites nothing.""",
    """examples:
  provisioner init
  provisioner init infra/chat
  provisioner init --example
  provisioner init --from-sf acme-uat --env sandbox

With --example the environments are two local orgs, sandbox and production, and
.example/signer.key is a new private key that signs identity tokens.

With --from-sf the environment file has the org's id, My Domain and chat host,
and uses the session of the Salesforce CLI; its name is the alias, or that of
--env. A declaration that exists is not changed.""",
)


def _doctor(parser: argparse.ArgumentParser) -> None:
    add_target_org(parser)
    parser.add_argument("--offline", action="store_true", help="send nothing over the network")


DOCTOR = Syntax(
    _doctor,
    """Check what the other commands need: the config and its environments, the trusted authorities, the way
to each login host, certificates that expire soon, the local org; with --env also the login of that environment and its
permissions. The command changes nothing. Its output holds no secret and no user name, so it is safe to paste.""",
    """examples:
  provisioner doctor
  provisioner doctor --env sandbox
  provisioner doctor --offline --format json

Exits with 1 if something is wrong on this machine, 4 if an org cannot be reached or logged in to. Warnings alone
leave the exit status 0.""",
)


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", metavar="KIND", help="a kind of file, or a command such as plan or token-explain")


SCHEMA = Syntax(
    _schema,
    """Print a JSON Schema (2020-12): of one kind of config file, for editors, or of the JSON that a command
prints, for programs. Without --kind it prints one schema for all config files.""",
    """examples:
  provisioner schema --kind declaration > provisioner.schema.json
  provisioner schema --kind environment \\
      > provisioner.environment.schema.json
  provisioner schema --kind plan

An editor with a YAML language server finds the schema by the first line:
  # yaml-language-server: $schema=../provisioner.schema.json""",
    formats=("human", "json"),
)


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=list(SHELLS), help="the shell")


COMPLETION = Syntax(
    _completion,
    """Print a shell completion script. It completes commands, options and files, and the names of
environments, keysets, keys, channels, rules, faults and journal entries.""",
    """examples:
  provisioner completion bash \\
      > ~/.local/share/bash-completion/completions/provisioner
  provisioner completion zsh > "${fpath[1]}/_provisioner"
  provisioner completion fish > ~/.config/fish/completions/provisioner.fish
  provisioner completion powershell >> $PROFILE""",
    formats=("human",),
)


VERSION = Syntax(no_options, "Print the version.", formats=("human", "json"))
