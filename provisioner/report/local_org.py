"""The state and the faults of a local org, as lines for a person."""

from __future__ import annotations

from collections.abc import Mapping


def local_org_status(status: Mapping[str, object]) -> str:
    """Return one line for each property."""
    return "\n".join(f"{name}: {_shown(value)}" for name, value in status.items())


def local_org_faults(faults: Mapping[str, str]) -> str:
    """Return the names of the faults, each with its description."""
    width = max(map(len, faults))
    return "\n".join(f"{name:<{width}}  {what}" for name, what in faults.items())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping) and "what" in value:  # a fault
        argument = f"={value['argument']}" if value["argument"] is not None else ""
        return f"{value['name']}{argument} ({value['what']})"
    if isinstance(value, Mapping):
        return ", ".join(f"{number} {name}" for name, number in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value)) or "none"
    return "none" if value is None else str(value)
