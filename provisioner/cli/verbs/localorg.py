"""``provisioner localorg …``: an org on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner import localorg
from provisioner.cli.context import Context
from provisioner.cli.syntax.local_org import DEFAULT_DIRECTORY
from provisioner.errors import ExitStatus
from provisioner.report.local_org import local_org_faults, local_org_status
from provisioner.untrusted import require_trusted
from provisioner.workflows.local_orgs import StartOptions, folder_of_environment, start_local_org


def run(arguments: argparse.Namespace, context: Context) -> int:
    require_trusted("No local org is used or started")
    named = arguments.dir is None and arguments.env is not None
    directory = folder_of_environment(context) if named else Path(arguments.dir or DEFAULT_DIRECTORY)
    part = arguments.verb.split()[-1]
    if part == "start":
        options = StartOptions(directory, arguments.port, arguments.bare, arguments.like, arguments.foreground)
        start_local_org(context, options, context.json)
    elif part == "stop":
        stopped = localorg.stop(directory)
        _say(context, {"stopped": stopped}, "Stopped." if stopped else "It was not running.")
    elif part == "reset":
        localorg.reset(directory)
        _say(context, {"reset": True}, "Local org reset. Its credentials are kept.")
    elif part == "status":
        status = localorg.status(directory)
        _say(context, status, local_org_status(status))
    elif part == "break":
        if arguments.name is None:
            faults = {fault.name: fault.what for fault in localorg.FAULTS}
            listed = {fault.name: fault.listed for fault in localorg.FAULTS}
            _say(context, {"faults": faults}, local_org_faults(listed))
        else:
            localorg.break_(directory, arguments.name)
            _say(context, {"broken": arguments.name}, f"Broken: {arguments.name}.")
    else:
        localorg.mend(directory, arguments.name)
        _say(context, {"mended": arguments.name}, f"Mended: {arguments.name or 'everything'}.")
    return ExitStatus.DONE


def _say(context: Context, document: dict[str, object], sentence: str) -> None:
    if context.wants_json:
        context.json({"format_version": "1", **document})
    else:
        context.stdout(sentence)
