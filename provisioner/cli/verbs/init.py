"""``provisioner init``: a commented starting config that validates as it is."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from provisioner.cli.context import DEFAULT_CONFIG, Context
from provisioner.cli.options import cli_alias
from provisioner.errors import ExitStatus, RefusedError
from provisioner.localorg.serving import missing_packages
from provisioner.project import install_command
from provisioner.words import enumerated
from provisioner.workflows.new_files import NewFiles
from provisioner.workflows.schema_files import SchemaFiles
from provisioner.workflows.starting_files import EXAMPLE_FOLDER, NewFile, example, starting_config

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Write a commented starting config: a declaration, three environments (a local org, a sandbox,
production), and the JSON Schemas for editors beside the config directory. The command overwrites nothing."""
EPILOG = """examples:
  provisioner init
  provisioner init infra/chat
  provisioner init --example
  provisioner init --from-sf acme-uat --env sandbox

With --example the environments are two local orgs, sandbox and production, and
.example/signer.key is a new private key that signs identity tokens.

With --from-sf the environment file has the org's id, My Domain and chat host,
and uses the session of the Salesforce CLI; its name is the alias, or that of
--env. A declaration that exists is not changed."""


def configure(parser: argparse.ArgumentParser) -> None:
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


def run(arguments: argparse.Namespace, context: Context) -> int:
    directory = _directory(arguments, context)
    if arguments.from_sf is not None:
        return _from_cli(context, directory, arguments.from_sf)
    contents = example(directory, context.now) if arguments.example else starting_config(directory)
    missing = {path: file for path, file in contents.items() if not path.exists()}
    missing |= {path: NewFile(text.encode()) for path, text in SchemaFiles(directory).missing().items()}
    # What a run made that was cut off is completed; what somebody wrote is left alone.
    there = [path for path, file in contents.items() if path not in missing and (not missing or not _holds(path, file))]
    if there:
        names = enumerated([str(path) for path in there])
        raise RefusedError(
            f"{names} {'is' if len(there) == 1 else 'are'} already there, and provisioner never overwrites files.",
            next="Name another directory: provisioner init DIR.",
            code="already-there",
        )
    with NewFiles() as files:
        for path, file in missing.items():
            files.write(path, file.content, file.mode)
    written = sorted(map(str, missing))
    steps = _next_of_example(directory) if arguments.example else _next(directory)
    from provisioner.report.written import written_view

    context.show(
        lambda: written_view(written, steps),
        lambda: {"format_version": "1", "directory": str(directory), "written": written, "next": steps},
    )
    return ExitStatus.DONE


def _from_cli(context: Context, directory: Path, alias: str) -> int:
    from provisioner.report.imported import imported_json, imported_view
    from provisioner.workflows.init_from_cli import init_from_cli

    shown = init_from_cli(context, directory, alias, context.arguments.env)
    context.show(lambda: imported_view(*shown), lambda: imported_json(*shown))
    return ExitStatus.DONE


def _directory(arguments: argparse.Namespace, context: Context) -> Path:
    """Return the directory to write. Raises :class:`RefusedError` for one that nobody named inside of a project."""
    named = arguments.directory or context.named_config
    if named is None and Path(context.config_path) != Path(DEFAULT_CONFIG):
        raise RefusedError(
            f"This folder belongs to a project that has a config already: {context.config_path}.",
            next="Use that one: every command finds it from here. For a second config name its directory: "
            "provisioner init DIR.",
            code="already-there",
        )
    return Path(named or DEFAULT_CONFIG)


def _holds(path: Path, file: NewFile) -> bool:
    try:
        return file.is_fixed and path.read_bytes() == file.content
    except OSError:
        return False


def _next(directory: Path) -> list[str]:
    option = _config_option(directory)
    declaration = directory / "user-verification.yaml"
    return [
        f"provisioner {option}validate           (the starting config is valid)",
        *_installing(),
        f"provisioner {option}plan --env local   (starts a local org on this machine)",
        f"Write your keys, keysets and channels into {declaration}: its comments show how.",
        f"Write your orgs into {directory / 'environments'}; keep .localorg/ out of git.",
    ]


def _next_of_example(directory: Path) -> list[str]:
    option = _config_option(directory)
    return [
        *_installing(),
        f"provisioner {option}plan --env sandbox     (starts a local org on this machine)",
        f"provisioner {option}apply --env sandbox",
        f"provisioner {option}verify --env sandbox   (proves that customers are verified)",
        f"At the end, remove {directory} and {directory.parent / EXAMPLE_FOLDER}.",
    ]


def _installing() -> list[str]:
    if not missing_packages():
        return []
    return [f"{install_command('localorg')}   (installs the local org, which is missing)"]


def _config_option(directory: Path) -> str:
    return "" if directory == Path(DEFAULT_CONFIG) else f"--config {shlex.quote(str(directory))} "
