"""The embedded org: a Salesforce org on this machine, over real HTTPS on loopback.

It is a separate reading of the protocol and shares no code with the packages that talk to an org. The import of this
package is cheap; each name is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from provisioner.errors import UsageError

if TYPE_CHECKING:
    from provisioner.localorg.admin_login import administrator
    from provisioner.localorg.connection import Connection
    from provisioner.localorg.fault_table import FAULTS
    from provisioner.localorg.folder import place_of
    from provisioner.localorg.process import break_, exists, mend, reset, running, serve, start, status, stop

__all__ = [
    "FAULTS", "Connection", "administrator", "break_", "exists", "mend", "place_of", "reset", "running", "runs_here",
    "serve", "start", "status", "stop",
]  # fmt: skip
_HOMES = {"Connection": "connection", "FAULTS": "fault_table", "administrator": "admin_login", "place_of": "folder"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name not in ("Connection", "FAULTS", "place_of"):
        _require_posix()
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'process')}"), name)


def runs_here() -> bool:
    """Return whether this system can run the org: it hands locks and sockets to its server as POSIX systems do."""
    return find_spec("fcntl") is not None


def _require_posix() -> None:
    if not runs_here():
        raise UsageError(
            "The local org runs on Linux, macOS and WSL, not on this system.",
            next="Run the command in WSL, or name the environment of a real org with --env.",
            code="localorg-not-here",
        )
