"""Breaks and mends: ``break NAME`` or ``break NAME=ARGUMENT``; ``mend NAME``.

A fault that counts times lasts until it is mended, unless the argument gives the number of times.
"""

from __future__ import annotations

import difflib

from provisioner.errors import UsageError
from provisioner.localorg.fault_table import FAULTS, Fault, milliseconds
from provisioner.localorg.store import Store

BY_NAME = {fault.name: fault for fault in FAULTS}
#: Causes of failing logins that are faults with another name.
ALIASES = {
    "certificate-mismatch": "wrong-certificate",
    "missing-refresh-token-scope": "no-refresh-token-scope",
    "missing-api-scope": "no-api-scope",
    "transient": "transient-login-error",
}


def lookup(name: str) -> Fault:
    """Return the fault of a name; raises :class:`UsageError` with the nearest one."""
    fault = BY_NAME.get(ALIASES.get(name, name))
    if fault is None:
        near = difflib.get_close_matches(name, [*BY_NAME, *ALIASES], 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(
            f"The local org has no fault {name}.{hint}",
            next="Run `provisioner localorg break` for the list.",
            code="unknown-fault",
        )
    return fault


def parse(text: str) -> tuple[Fault, str | None]:
    """Parse ``NAME`` or ``NAME=ARGUMENT``; raises :class:`UsageError`."""
    name, equals, argument = text.partition("=")
    fault = lookup(name.strip())
    return fault, fault.check(argument.strip() if equals else None)


class Faults:
    """The faults that apply to one request."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._active = store.faults()

    def on(self, name: str) -> bool:
        return name in self._active

    def argument(self, name: str) -> str | None:
        """Return the argument of an active fault; None if it is inactive or has none."""
        return self._active.get(name, (None, 0))[0]

    def number(self, name: str) -> int:
        """Return the argument as a number; 0 if the fault is inactive."""
        argument = self.argument(name)
        return int(argument) if argument is not None else 0

    def milliseconds(self, name: str) -> int:
        argument = self.argument(name)
        return 0 if argument is None else milliseconds(argument) or 0

    def strike(self, name: str) -> bool:
        """Return whether the fault applies now. One with a number of times is mended by the last."""
        if name not in self._active:
            return False
        argument, used = self._active[name]
        if argument is not None and used + 1 >= int(argument):
            self._store.delete_fault(name)
            del self._active[name]
        else:
            self.count(name)
        return True

    def count(self, name: str) -> None:
        """Count an event for a fault that begins after some; nothing if the fault is inactive."""
        if name in self._active:
            argument, used = self._active[name]
            self._store.use_fault(name)
            self._active[name] = (argument, used + 1)

    def has_begun(self, name: str) -> bool:
        """Return whether a fault is active and has counted as many events as its argument names."""
        argument, used = self._active.get(name, (None, 0))
        return argument is not None and used >= int(argument)

    def active(self) -> dict[str, str | None]:
        return {name: argument for name, (argument, _) in self._active.items()}
