"""Progress lines for a command that waits. Text only; the caller prints them."""

from __future__ import annotations

from provisioner.report.visible import visible


def deploying(deploy_id: str, status: str, done: int, total: int, seconds: float) -> str:
    """Return the line for a running deployment. ``status`` is the org's own word."""
    counted = f", {done} of {total} components" if total else ""
    return f"Deployment {visible(deploy_id)}: {visible(status)}{counted}, {elapsed(seconds)}"


def elapsed(seconds: float) -> str:
    """Return ``7 s``, ``2 min 05 s``."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
