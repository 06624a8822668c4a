"""Lines that say what is going on while a command waits. Text only; whoever prints them decides where."""

from __future__ import annotations

from provisioner.report.visible import visible


def deploying(deploy_id: str, status: str, done: int, total: int, seconds: float) -> str:
    """While a deploy runs. ``status`` is the org's own word."""
    counted = f", {done} of {total} components" if total else ""
    return f"Deployment {visible(deploy_id)}: {visible(status)}{counted}, {elapsed(seconds)}"


def elapsed(seconds: float) -> str:
    """``7 s``, ``2 min 05 s``."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
