"""The org's storage: one SQLite file, written in transactions, read again for every request.

The serving process and the commands that break, mend or reset the org use it at the same time. The server stores
nothing in its own memory, so a write of one process is valid for the other immediately.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from provisioner.errors import InputError
from provisioner.localorg.clock import parse_time, rest_time
from provisioner.localorg.ids import record_id
from provisioner.localorg.layout import PRIVATE_FILE
from provisioner.localorg.records import (
    Assignment,
    Component,
    Deployment,
    Identity,
    Message,
    MetadataType,
    Session,
    User,
)

#: Increased whenever the tables below change.
_FORMAT = 5
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter (prefix TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS component (
  type TEXT, name TEXT, id TEXT, xml TEXT, created INTEGER, created_by TEXT, modified INTEGER, modified_by TEXT,
  active INTEGER,
  PRIMARY KEY (type, name));
CREATE TABLE IF NOT EXISTS deployment (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, value TEXT NOT NULL, messages TEXT NOT NULL DEFAULT '[]',
  done INTEGER NOT NULL DEFAULT 0, zip BLOB);
CREATE TABLE IF NOT EXISTS retrieval (id TEXT PRIMARY KEY, value TEXT NOT NULL, zip BLOB);
CREATE TABLE IF NOT EXISTS session (
  token TEXT PRIMARY KEY, user_id TEXT, created INTEGER, calls INTEGER, app TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS login (number INTEGER PRIMARY KEY AUTOINCREMENT, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS record (object TEXT, id TEXT, value TEXT NOT NULL, PRIMARY KEY (object, id));
CREATE TABLE IF NOT EXISTS fault (name TEXT PRIMARY KEY, argument TEXT, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS tally (key TEXT PRIMARY KEY, count INTEGER NOT NULL);
"""
_CLEAR = """
DELETE FROM meta; DELETE FROM counter; DELETE FROM component; DELETE FROM deployment; DELETE FROM retrieval;
DELETE FROM session; DELETE FROM login; DELETE FROM fault; DELETE FROM tally; DELETE FROM record
"""
_LOGINS_KEPT = 500
_MESSAGE_VALUES = attrgetter(*(field.name for field in fields(Message)))
_PATIENCE_SECONDS = 10
_ALL = "SELECT * FROM component ORDER BY name"
_SOME = "SELECT * FROM component WHERE type IN (SELECT value FROM json_each(?)) ORDER BY name"


class Store:
    """An open org database. One connection; not to be shared between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, PRIVATE_FILE))
        self._sql = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_SECONDS)
        try:
            self._prepare(path)
        except BaseException:
            self._sql.close()
            raise

    def _prepare(self, path: Path) -> None:
        """Set up the connection, and the tables of a new file.

        Raises :class:`InputError` if it is another kind of file.
        """
        try:
            self._sql.execute("PRAGMA journal_mode=WAL")
            self._sql.execute("PRAGMA synchronous=NORMAL")
            known = self._sql.execute("PRAGMA user_version").fetchone()[0]
            if known == 0:
                self._sql.executescript(f"{_SCHEMA}PRAGMA user_version={_FORMAT}")
        except sqlite3.DatabaseError as error:
            raise _unusable(path, f"cannot be read ({error})") from None
        if known not in (0, _FORMAT):
            raise _unusable(path, "was made by another version of this program")

    def close(self) -> None:
        self._sql.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a transaction. Transactions do not nest; an inner one is part of the outer."""
        if self._sql.in_transaction:
            yield
            return
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._sql.execute("ROLLBACK")
            raise
        self._sql.execute("COMMIT")

    def clear(self) -> None:
        """Delete everything."""
        for statement in _CLEAR.split(";"):
            self._sql.execute(statement)

    # -- the org itself

    def meta(self, key: str) -> Any:
        row = self._sql.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_meta(self, key: str, value: Any) -> None:
        self._sql.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def identity(self) -> Identity | None:
        """Return the identity; None if the org was not created yet."""
        value = self.meta("identity")
        if value is None:
            return None
        texts = {field.name for field in fields(Identity)} - {"port"}
        whole = isinstance(value, dict) and value.keys() == {*texts, "port"}
        # The port becomes part of a URL, so it must not be a text that leads to another host.
        if (
            not whole
            or not all(isinstance(value[name], str) for name in texts)
            or type(value["port"]) not in (int, type(None))
        ):
            raise _unusable(self._path, "holds no identity of an org")
        return Identity(**value)

    def set_identity(self, identity: Identity) -> None:
        self.set_meta("identity", asdict(identity))

    def users(self) -> list[User]:
        return [User(**{**value, "approvals": tuple(value["approvals"])}) for value in self.meta("users") or ()]

    def set_users(self, users: list[User]) -> None:
        self.set_meta("users", [asdict(user) for user in users])

    def assignments(self) -> list[Assignment]:
        """Return the permission sets of users, except those of profiles."""
        return [Assignment(**value) for value in self.meta("assignments") or ()]

    def set_assignments(self, assignments: Iterable[Assignment]) -> None:
        self.set_meta("assignments", [asdict(assignment) for assignment in assignments])

    def new_id(self, prefix: str) -> str:
        """Return the next id with that key prefix."""
        return self.new_ids(prefix, 1)[0]

    def new_ids(self, prefix: str, count: int) -> list[str]:
        """Return the next ids with that key prefix."""
        row = self._sql.execute(
            "INSERT INTO counter VALUES (?, ?) "
            "ON CONFLICT (prefix) DO UPDATE SET last = last + excluded.last RETURNING last",
            (prefix, count),
        ).fetchone()
        return [record_id(prefix, number) for number in range(row[0] - count + 1, row[0] + 1)]

    # -- components

    def components(self, *kinds: MetadataType) -> dict[tuple[MetadataType, str], Component]:
        """Return all components, or those of some types, by name."""
        found = (
            Component(MetadataType[kind], name, id_, xml, created, created_by, modified, modified_by, bool(active))
            for kind, name, id_, xml, created, created_by, modified, modified_by, active in self._sql.execute(
                *((_SOME, (json.dumps([kind.name for kind in kinds]),)) if kinds else (_ALL,))
            )
        )
        return {(component.type, component.name): component for component in found}

    def put_components(self, components: Iterable[Component]) -> None:
        rows = (
            (
                each.type.name, each.name, each.id, each.xml, each.created, each.created_by, each.modified,
                each.modified_by, each.active,
            )
            for each in components
        )  # fmt: skip
        self._sql.executemany("INSERT OR REPLACE INTO component VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def delete_component(self, kind: MetadataType, name: str) -> None:
        self._sql.execute("DELETE FROM component WHERE type = ? AND name = ?", (kind.name, name))

    def bound_routing(self) -> dict[str, dict[str, str | None]]:
        """Return the routing that was bound in the records of channels, by id."""
        return self.meta("routing") or {}

    def bind_routing(self, bound: Mapping[str, Mapping[str, str | None] | None]) -> None:
        """Bind the routing in some records; None removes the binding of a record."""
        every = {**self.bound_routing(), **bound}
        self.set_meta("routing", {record: values for record, values in every.items() if values is not None})

    # -- records that are no metadata

    def records(self, name: str) -> list[dict[str, Any]]:
        """Return the records of an object, by field, in the order of their ids."""
        rows = self._sql.execute("SELECT value FROM record WHERE object = ? ORDER BY id", (name,))
        return [json.loads(row[0]) for row in rows]

    def put_records(self, name: str, records: Iterable[dict[str, Any]]) -> None:
        """Create or replace records of an object, identified by ``Id``."""
        rows = ((name, record["Id"], json.dumps(record)) for record in records)
        self._sql.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", rows)

    # -- deployments and retrievals

    def add_deployment(self, deployment: Deployment, zip_file: bytes) -> None:
        self._sql.execute("INSERT INTO deployment (id, value, zip) VALUES (?, '', ?)", (deployment.id, zip_file))
        self.save_deployment(deployment)

    def save_deployment(self, deployment: Deployment) -> None:
        """Save a deployment.

        A finished one keeps its zip only after a successful validation: it can still be deployed.
        """
        value = asdict(replace(deployment, messages=[]))
        del value["messages"]
        messages = [_MESSAGE_VALUES(message) for message in deployment.messages]
        kept = not deployment.done or (deployment.check_only and deployment.success)
        self._sql.execute(
            "UPDATE deployment SET value = ?, messages = ?, done = ?, zip = iif(?, zip, NULL) WHERE id = ?",
            (json.dumps(value), json.dumps(messages), deployment.done, kept, deployment.id),
        )

    def count_poll(self, deployment_id: str) -> None:
        """Count a poll of an unfinished deployment."""
        self._sql.execute(
            "UPDATE deployment SET value = json_set(value, '$.polls', json_extract(value, '$.polls') + 1) "
            "WHERE id = ? AND NOT done",
            (deployment_id,),
        )

    def deployment(self, some_id: str) -> Deployment | None:
        """Return a deployment by an id of 15 or 18 characters."""
        if len(some_id) not in (15, 18):
            return None
        query = "SELECT value, messages FROM deployment WHERE substr(id, 1, 15) = ?"
        row = self._sql.execute(query, (some_id[:15],)).fetchone()
        return None if row is None else _deployment(*row)

    def deployments(self, *, open_only: bool = False) -> list[Deployment]:
        """Return the deployments, oldest first, without their messages."""
        query = "SELECT value FROM deployment WHERE done = 0 OR NOT ? ORDER BY number"
        return [_deployment(row[0], "[]") for row in self._sql.execute(query, (open_only,))]

    def deployment_zip(self, deployment_id: str) -> bytes:
        row = self._sql.execute("SELECT zip FROM deployment WHERE id = ?", (deployment_id,)).fetchone()
        return b"" if row is None or row[0] is None else bytes(row[0])

    def put_retrieval(self, retrieval_id: str, value: dict[str, Any], zip_file: bytes | None) -> None:
        self._sql.execute(
            "INSERT OR REPLACE INTO retrieval VALUES (?, ?, ?)", (retrieval_id, json.dumps(value), zip_file)
        )

    def retrieval(self, some_id: str) -> tuple[str, dict[str, Any], bytes | None] | None:
        """Return a retrieval's 18-character id, its record, and its zip if the server still has it."""
        row = self._sql.execute(
            "SELECT id, value, zip FROM retrieval WHERE substr(id, 1, 15) = ?", (some_id[:15],)
        ).fetchone()
        return None if row is None else (row[0], json.loads(row[1]), row[2])

    # -- sessions and logins

    def add_session(self, session: Session) -> None:
        self._sql.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?)",
            (session.token, session.user_id, session.created, 0, session.app),
        )

    def session(self, token: str) -> Session | None:
        row = self._sql.execute("SELECT * FROM session WHERE token = ?", (token,)).fetchone()
        return None if row is None else Session(*row)

    def count_call(self, token: str) -> None:
        self._sql.execute("UPDATE session SET calls = calls + 1 WHERE token = ?", (token,))

    def end_session(self, token: str) -> None:
        self._sql.execute("DELETE FROM session WHERE token = ?", (token,))

    def end_sessions(self, app: str | None = None) -> None:
        """End all sessions, or those that were opened through the app of that consumer key."""
        self._sql.execute("DELETE FROM session WHERE app = coalesce(?, app)", (app,))

    def age(self, by: int) -> None:
        """Make sessions and logins older by so many milliseconds."""
        self._sql.execute("UPDATE session SET created = created - ?", (by,))
        for number, text in self._sql.execute("SELECT number, value FROM login").fetchall():
            value = json.loads(text)
            name = next(each for each in ("LoginTime", "Timestamp") if each in value)
            value[name] = rest_time(parse_time(value[name]) - by)
            self._sql.execute("UPDATE login SET value = ? WHERE number = ?", (json.dumps(value), number))

    def add_login(self, value: dict[str, Any]) -> None:
        self._sql.execute("INSERT INTO login (value) VALUES (?)", (json.dumps(value),))
        self._sql.execute("DELETE FROM login WHERE number <= (SELECT max(number) FROM login) - ?", (_LOGINS_KEPT,))

    def logins(self) -> list[dict[str, Any]]:
        """Return the logins, oldest first."""
        return [json.loads(row[0]) for row in self._sql.execute("SELECT value FROM login ORDER BY number")]

    # -- faults and their counters

    def faults(self) -> dict[str, tuple[str | None, int]]:
        """Return the active faults by name: the argument, and the number of its uses."""
        rows = self._sql.execute("SELECT name, argument, used FROM fault ORDER BY name")
        return {name: (argument, used) for name, argument, used in rows}

    def put_fault(self, name: str, argument: str | None) -> None:
        self._sql.execute("INSERT OR REPLACE INTO fault VALUES (?, ?, 0)", (name, argument))

    def use_fault(self, name: str) -> None:
        self._sql.execute("UPDATE fault SET used = used + 1 WHERE name = ?", (name,))

    def delete_fault(self, name: str | None) -> None:
        """Delete one fault, or all."""
        self._sql.execute("DELETE FROM fault WHERE name = coalesce(?, name)", (name,))

    def tally(self, key: str) -> int:
        """Count one more of ``key`` and return the new count."""
        row = self._sql.execute(
            "INSERT INTO tally VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET count = count + 1 RETURNING count", (key,)
        ).fetchone()
        return int(row[0])


def _unusable(path: Path, why: str) -> InputError:
    return InputError(
        f"The local org's database {path} {why}.",
        next=f"Stop the org, remove {path.parent}, and start it again: a new org is made there.",
        code="localorg-unusable",
    )


def _deployment(value: str, messages: str) -> Deployment:
    return Deployment(**json.loads(value), messages=[Message(*values) for values in json.loads(messages)])
