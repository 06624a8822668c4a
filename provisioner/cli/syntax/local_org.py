"""The options and the help of the commands of the local org. Nothing here loads code that a run needs."""

from __future__ import annotations

import argparse
from pathlib import Path

from provisioner.cli.options import Syntax, whole

DEFAULT_DIRECTORY = ".localorg"
_FORMATS = ("human", "json")
_PORT = whole(0, 65535, "must be a port from 1 to 65535, or 0 for a free one")


def _directory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dir", metavar="DIR", help=f"the folder of the org (default: that of --env, else {DEFAULT_DIRECTORY})"
    )


def _start(parser: argparse.ArgumentParser) -> None:
    _directory(parser)
    parser.add_argument("--port", type=_PORT, metavar="N", help="the port (default: a free one, kept)")
    parser.add_argument("--like", type=Path, metavar="RECORD", help="behave as the org in this record of a probe did")
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


LOCALORG_START = Syntax(_start, "Start a simulated org on this machine.", formats=_FORMATS)
LOCALORG_STOP = Syntax(_directory, "Stop the local org.", formats=_FORMATS)
LOCALORG_RESET = Syntax(_directory, "Make the local org as new again. Its credentials are kept.", formats=_FORMATS)
LOCALORG_STATUS = Syntax(_directory, "Show whether the local org runs, and which faults are on.", formats=_FORMATS)
LOCALORG_BREAK = Syntax(_break, "Switch a fault on, to see how the commands treat it.", formats=_FORMATS)
LOCALORG_MEND = Syntax(_mend, "Switch one fault of the local org off, or all of them.", formats=_FORMATS)
