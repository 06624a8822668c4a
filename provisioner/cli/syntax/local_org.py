"""The options and the help of the commands of the local org. Nothing here loads code that a run needs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from provisioner.cli.commands import VERBS
from provisioner.cli.options import Syntax

DEFAULT_DIRECTORY = ".localorg"


def _syntax(verb: str, configure: Callable[[argparse.ArgumentParser], None]) -> Syntax:
    return Syntax(configure, f"{VERBS[verb].capitalize()}.")


def _directory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dir", metavar="DIR", help=f"the folder of the org (default: that of --env, else {DEFAULT_DIRECTORY})"
    )


def _start(parser: argparse.ArgumentParser) -> None:
    _directory(parser)
    parser.add_argument("--port", type=int, metavar="N", help="the port (default: a free one, kept)")
    parser.add_argument(
        "--like", type=Path, metavar="RECORD", help="behave as the org did of which this is the record of a probe"
    )
    parser.add_argument(
        "--bare", action="store_true", help="a new org without a connected app: only its administrator can log in"
    )
    parser.add_argument("--foreground", action="store_true", help="stay in the foreground until Ctrl-C")


def _break(parser: argparse.ArgumentParser) -> None:
    _directory(parser)
    parser.add_argument("name", nargs="?", help="the fault to switch on; without a name, list all faults")


def _mend(parser: argparse.ArgumentParser) -> None:
    _directory(parser)
    parser.add_argument("name", nargs="?", help="the fault to switch off; without a name, all faults")


LOCALORG_START = _syntax("localorg start", _start)
LOCALORG_STOP = _syntax("localorg stop", _directory)
LOCALORG_RESET = _syntax("localorg reset", _directory)
LOCALORG_STATUS = _syntax("localorg status", _directory)
LOCALORG_BREAK = _syntax("localorg break", _break)
LOCALORG_MEND = _syntax("localorg mend", _mend)
