"""A copy of all that a running org stores, and the way back to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from provisioner import localorg
from provisioner.localorg import Connection
from provisioner.localorg.layout import Layout


def content_of(org: Path) -> sqlite3.Connection:
    """Return a copy of the org's database, in memory."""
    copy = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(Layout.of(org).database)) as database:
        database.backup(copy)
    return copy


def put_back(org: Path, content: sqlite3.Connection) -> Connection:
    """Give the org the content of a copy, mend its credentials, and admit its administrator; return its connection."""
    localorg.mend(org, None)
    with closing(sqlite3.connect(Layout.of(org).database)) as database:
        content.backup(database)
    return localorg.start(org)
