"""The journal's entry of a run that is going to change an org."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from provisioner import __version__
from provisioner.components.snapshot import OrgFacts
from provisioner.execution.journal import Journal, new_id
from provisioner.execution.journal_entry import ChangedComponent, Entry
from provisioner.execution.recorder import Recorder
from provisioner.workflows.actor import actor_of
from provisioner.workflows.console import Console


def new_recorder(
    console: Console,
    journal: Journal,
    environment: str,
    org: OrgFacts,
    digest: str,
    touched: Iterable[ChangedComponent],
    *,
    command: str | None = None,
    required: bool = False,
) -> Recorder:
    """Return the recorder of a new entry; ``digest`` is that of the declaration.

    ``command`` is the one that runs unless another is named; see :class:`Recorder` for ``required``.
    """
    now = datetime.now(UTC)
    entry = Entry(
        id=new_id(now),
        began=now,
        command=command or console.given.command,
        environment=environment,
        org_id=org.id,
        instance_url=org.instance_url,
        tool_version=__version__,
        declaration_digest=digest,
        touched=tuple(touched),
        by=actor_of(Path(console.config_path)),
        config=os.path.realpath(console.config_path),
    )
    return Recorder(journal, entry, lambda: datetime.now(UTC), console.say, required=required)
