"""``localorg start``: a local org, as it is or like the org of a probe's record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provisioner import localorg
from provisioner.workflows.console import Console


@dataclass(frozen=True, slots=True)
class StartOptions:
    """The options of ``localorg start``. ``like`` is a probe's record; None as ``port`` chooses a free one."""

    directory: Path
    port: int | None = None
    bare: bool = False
    like: Path | None = None
    foreground: bool = False


def start_local_org(console: Console, options: StartOptions, show: Callable[[dict[str, object]], None]) -> None:
    """Start the org and show how to connect to it; in the foreground, return when it stops."""
    like = None
    if options.like is not None:
        from provisioner.workflows.like_record import likeness

        like = likeness(options.like)

    def ready(connection: localorg.Connection) -> None:
        document: dict[str, object] = {**connection.as_dict()}
        if like is not None:
            like.take(options.directory)
            for each in like.not_taken:
                console.say(f"Not taken from the record: {each}")
            document["like"] = {"broken": list(like.broken), "not_taken": list(like.not_taken)}
        show(document)

    if options.foreground:
        localorg.serve(options.directory, port=options.port, bare=options.bare, ready=ready)
    else:
        ready(localorg.start(options.directory, port=options.port, bare=options.bare))
