"""The local orgs that this process starts, each while it is in use."""

from __future__ import annotations

import contextlib
import os
import shlex
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner import localorg
from provisioner.errors import InputError, InterruptedRunError, UsageError
from provisioner.salesforce.parallel import in_background
from provisioner.untrusted import require_trusted
from provisioner.workflows.console import Console, environment_file, environment_name, is_silent

if TYPE_CHECKING:
    from provisioner.localorg import Connection


@dataclass(slots=True)
class _Place:
    """A directory and the number of users of its org. ``lock`` guards starting and stopping."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class LocalOrgs:
    """Starts the orgs of several directories in parallel, and stops each after its last use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: dict[Path, _Place] = {}

    @contextlib.contextmanager
    def served(self, directory: Path, console: Console) -> Iterator[Connection]:
        """Yield the connection of the org of ``directory``. One that ran already keeps running."""
        require_trusted(f"The local org in {directory} is neither used nor started")
        with self._lock:
            place = self._places.setdefault(directory, _Place())
        with place.lock:
            if is_silent():  # interrupted during the wait: no one would stop an org that starts now
                raise InterruptedRunError("Interrupted.", next="You can safely run the command again.")
            connection = localorg.running(directory)
            ours = connection is None or place.users > 0
            if connection is None:
                console.say("Starting the local org.")
                connection = localorg.start(directory)
            place.users += ours
        try:
            yield connection
        finally:
            if ours:
                self._leave(directory, place)

    def _leave(self, directory: Path, place: _Place) -> None:
        with place.lock:
            if place.users:  # else all were stopped meanwhile
                place.users -= 1
                if not place.users:
                    localorg.stop(directory)

    def stop_all(self) -> None:
        """Stop the orgs that were started, also those in use; wait for one that is just starting."""

        def stop(directory: Path, place: _Place) -> None:
            with place.lock:
                if place.users:
                    place.users = 0
                    localorg.stop(directory)

        with self._lock:
            places = dict(self._places)
        for stopping in [in_background(partial(stop, *each)) for each in places.items()]:
            stopping.result()


LOCAL_ORGS = LocalOrgs()


@dataclass(frozen=True, slots=True)
class StartOptions:
    """The options of ``localorg start``. ``like`` is a probe's record; ``port`` None chooses a free one."""

    directory: Path
    port: int | None = None
    bare: bool = False
    like: Path | None = None
    foreground: bool = False


def start_local_org(console: Console, options: StartOptions, show: Callable[[dict[str, object]], None]) -> None:
    """Start the org and show how to connect to it; in the foreground, return when it stops."""
    like = None
    if options.like is not None:
        from provisioner.workflows.like_record import likeness  # the experiments

        like = likeness(options.like)

    def ready(connection: Connection) -> None:
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


def folder_of_environment(console: Console) -> Path:
    """Return the folder of the named environment's local org. Raises :class:`UsageError` if it has none."""
    environment = environment_file(console, environment_name(console)).environment
    if environment.embedded_org is None:
        raise UsageError(
            f"The environment {environment.name} is no local org.",
            next="Name an environment with embedded_org, or give --dir DIR.",
        )
    return local_org_folder(console, environment.embedded_org, environment.file)


def local_org_folder(console: Console, written: Path, file: str) -> Path:
    """Return the folder of a local org that an environment file names.

    Anyone who can edit the file can name any path. So a new folder is allowed only beside the config directory, in the
    current folder, or in the temporary folder; anywhere else the folder must hold a local org already. Raises
    :class:`InputError`.
    """
    place = localorg.place_of(written)
    roots = (Path(console.config_path).absolute().parent, Path.cwd(), Path(tempfile.gettempdir()))
    if any(place.is_relative_to(os.path.realpath(root)) for root in roots) or localorg.exists(written):
        return place
    raise InputError(
        f"{file} names the local org's folder {written}, which holds no local org. provisioner creates a local org "
        f"only beside the config directory or in the current folder.",
        next=f"Name a folder such as ../../.localorg, or create the org yourself: "
        f"provisioner localorg start --dir {shlex.quote(str(place))}",
        code="directory-outside",
    )
