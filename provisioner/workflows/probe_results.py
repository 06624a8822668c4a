"""Keeps the results of a probe, so that the run after an interrupted one continues with the rest.

A file for each org beside the journal, for this person's eyes only. It is gone once a probe came to its end.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from provisioner import __version__
from provisioner.execution.state_directory import folder_of_org, make_private, open_private, state_directory
from provisioner.experiments.record import Record, Result
from provisioner.report.json import json_text
from provisioner.report.probe import probe_json, settled_in

#: Later than that, an org may have another release.
KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KeptResults:
    """The results of one org. ``path`` is None if there is no place for them; nothing here raises OSError."""

    path: Path | None

    @classmethod
    def of(cls, org_id: str) -> KeptResults:
        """Return the place of an org's results."""
        base = state_directory()
        return cls(base / "probes" / f"{folder_of_org(org_id)}.json" if base is not None else None)

    def write(self, record: Record) -> None:
        """Keep a record instead of the earlier one."""
        if self.path is None:
            return
        beside = self.path.with_suffix(".new")
        with contextlib.suppress(OSError):
            make_private(self.path.parent)
            with open_private(beside) as file:
                file.write(json_text({**probe_json(record), "began": record.began.isoformat()}))
            beside.replace(self.path)

    def read(self, api_version: str, now: datetime) -> tuple[Result, ...]:
        """Return the results of an interrupted run; none of another version, or older than a day."""
        try:
            document = json.loads(self.path.read_text("utf-8")) if self.path is not None else {}
            began = datetime.fromisoformat(document["began"])
            known = (document["tool_version"], document["org"]["api_version"]) == (__version__, api_version)
            return settled_in(document) if known and abs(now - began) < KEPT_FOR else ()
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return ()

    def forget(self) -> None:
        """Remove the kept results."""
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.unlink()
