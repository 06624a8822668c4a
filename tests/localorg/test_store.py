"""The org's database file: a connection that is refused is closed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.localorg.store import Store


@pytest.mark.parametrize("content", ["not a database", "another version"])
def test_a_refused_database_is_closed(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.13 and newer warn about a connection that nobody closed."""
    path = tmp_path / "org.sqlite3"
    if content == "another version":
        other = sqlite3.connect(path)
        other.execute("PRAGMA user_version = 999999")
        other.close()
    else:
        path.write_text(content)
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def remembered(*words: object, **options: object) -> sqlite3.Connection:
        opened.append(connect(*words, **options))  # type: ignore[call-overload]
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", remembered)
    with pytest.raises(InputError):
        Store(path)
    (connection,) = opened
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
