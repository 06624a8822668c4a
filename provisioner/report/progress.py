"""Lines that say what is going on while a command waits. Text only; whoever prints them decides where."""

from __future__ import annotations

from provisioner.report.visible import visible


def logging_in(environment: str, login_url: str) -> str:
    """Before the login."""
    return f"Logging in to {visible(environment)} at {visible(login_url)} …"


def reading(environment: str) -> str:
    """Before the org is observed."""
    return f"Reading {visible(environment)} …"


def deploying(deploy_id: str, status: str, done: int, total: int, seconds: float) -> str:
    """While a deploy runs. ``status`` is the org's own word."""
    counted = f", {done} of {total} components" if total else ""
    return f"Deployment {visible(deploy_id)}: {visible(status)}{counted}, {elapsed(seconds)}"


def phase(name: str, number: int, count: int) -> str:
    """At the start of a phase of a phased apply."""
    return f"Phase {number} of {count}: {visible(name)} …"


def reading_back(count: int) -> str:
    """Before the read-back."""
    return f"Reading back {count} component{'' if count == 1 else 's'} …"


def elapsed(seconds: float) -> str:
    """``7 s``, ``2 min 05 s``."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
