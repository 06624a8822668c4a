"""The files of a local org, and the way they are written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of the org in ``directory`` (absolute)."""

    directory: Path

    @classmethod
    def of(cls, directory: Path) -> Layout:
        return cls(directory.resolve())

    @property
    def database(self) -> Path:
        """Return the file with all data of the org: components, deployments, users, sessions, faults."""
        return self.directory / "org.sqlite3"

    @property
    def ca_bundle(self) -> Path:
        return self.directory / "ca.pem"

    @property
    def server_certificate(self) -> Path:
        return self.directory / "server.pem"

    @property
    def server_key(self) -> Path:
        return self.directory / "server.key"

    @property
    def login_key(self) -> Path:
        """Return the private key of the login; the org stores only its certificate."""
        return self.directory / "login.key"

    @property
    def login_certificate(self) -> Path:
        return self.directory / "login.crt"

    @property
    def administrator_key(self) -> Path:
        """Return the private key of the administrator, created on first use."""
        return self.directory / "administrator.key"

    @property
    def administrator_token(self) -> Path:
        """Return a file with an access token of the administrator, which needs no app."""
        return self.directory / "administrator.token"

    @property
    def change_lock(self) -> Path:
        """Return the lock that is held while the org is created, started, stopped or reset."""
        return self.directory / "change.lock"

    @property
    def serving_lock(self) -> Path:
        """Return the lock that the serving process holds while it runs; the file holds its process id."""
        return self.directory / "serving.lock"

    @property
    def git_ignore(self) -> Path:
        """Return the file that keeps the folder, with its private keys, out of git."""
        return self.directory / ".gitignore"

    @property
    def log(self) -> Path:
        return self.directory / "log"

    @staticmethod
    @cache
    def names() -> frozenset[str]:
        """Return every file name that an org may leave in its directory."""
        any_org = Layout(Path())
        files = (
            any_org.database, any_org.ca_bundle, any_org.server_certificate, any_org.server_key, any_org.login_key,
            any_org.login_certificate, any_org.administrator_key, any_org.administrator_token,
            any_org.change_lock, any_org.serving_lock, any_org.git_ignore, any_org.log,
        )  # fmt: skip
        kept = (f"{file.name}.whole" for file in (any_org.login_key, any_org.ca_bundle, any_org.login_certificate))
        beside_database = (f"{any_org.database.name}-{suffix}" for suffix in ("wal", "shm", "journal"))
        return frozenset((*(file.name for file in files), *kept, *beside_database))


def write_private(path: Path, content: bytes) -> None:
    """Write atomically a file that only its owner can read."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
