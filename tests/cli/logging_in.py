"""Somebody who wants a login by JWT in an org that has only an administrator."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from provisioner import localorg
from provisioner.cli.main import main
from provisioner.localorg import Connection
from provisioner.workflows import login_proof
from tests.cli.conftest import Ran
from tests.localorg import kept, material
from tests.localorg.logins import private_pem

LOGINS = """\
version: 1
logins:
  provisioner_ci:
    app:
      type: external
      name: Provisioner_CI
      label: Provisioner CI
      contact_email: platform@example.com
      certificate: keys/first.crt
      scopes: [api, refresh_token]
    policy: {permitted_users: admin_approved, ip: enforce, session_timeout_minutes: 15}
    access:
      gate: Provisioner_CI_Access
      permission_set:
        name: Provisioner_CI_Permissions
        user_permissions: [api_enabled, modify_metadata, view_setup, configure_messaging]
    assigned_to: ${env_field:username}
"""
ADMIN = ("--admin-token-env", "ADMIN_TOKEN")
ADDRESSES = [
    "permission_set.Provisioner_CI_Access",
    "permission_set.Provisioner_CI_Permissions",
    "assignment.Provisioner_CI_Access",
    "assignment.Provisioner_CI_Permissions",
    "app.Provisioner_CI",
]


@dataclass
class Applicant:
    """``folder`` has a config directory whose environment ``uat`` is the bare org, still without a consumer key."""

    folder: Path
    org: Path
    connection: Connection
    capsys: pytest.CaptureFixture[str]

    @property
    def logins(self) -> Path:
        return self.folder / "config/logins.yaml"

    @property
    def key_file(self) -> Path:
        return self.folder / "secrets/uat.consumer_key"

    @property
    def environment(self) -> Path:
        return self.folder / "config/environments/uat.yaml"

    def edit(self, old: str, new: str) -> None:
        text = self.logins.read_text()
        assert old in text
        self.logins.write_text(text.replace(old, new))

    def certificate(self, name: str) -> None:
        """Declare the certificate of that name, and let the environment have its private key."""
        written = material.certificate(name).public_bytes(Encoding.PEM)
        (self.folder / f"config/keys/{name}.crt").write_bytes(written)
        (self.folder / "secrets/uat.key").write_bytes(private_pem(name))

    def run(self, *words: str) -> Ran:
        self.capsys.readouterr()
        status = main([*words])
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        return Ran(status, out, err)

    def plan(self, *words: str) -> Any:
        ran = self.run("login", "plan", "--env", "uat", *ADMIN, "--format", "json", *words)
        assert ran.out, ran.err
        return ran.json

    def apply(self, *words: str) -> Ran:
        return self.run("login", "apply", "--env", "uat", *ADMIN, "--yes", "--format", "json", *words)

    def breaks(self, fault: str) -> None:
        localorg.break_(self.org, fault)

    def mends(self) -> None:
        localorg.mend(self.org, None)


def settle_in(folder: Path, org: Path, connection: Connection, capsys: pytest.CaptureFixture[str]) -> Applicant:
    """Write the config directory, and the private key beside it."""
    for name in ("config/environments", "config/keys", "secrets"):
        (folder / name).mkdir(parents=True)
    (folder / "config/user-verification.yaml").write_text("version: 1\n")
    (folder / "config/logins.yaml").write_text(LOGINS)
    applicant = Applicant(folder, org, connection, capsys)
    applicant.certificate("first")
    login = {
        "login_url": connection.url,
        "username": connection.username,
        "consumer_key": "${file:../../secrets/uat.consumer_key}",
        "private_key": "${file:../../secrets/uat.key}",
        "ca_bundle": connection.ca_bundle,
    }
    applicant.environment.write_text(json.dumps(login))
    return applicant


@dataclass
class Ground:
    """A folder, a state directory and a bare org that are put back to moments, because a login takes long to make."""

    folder: Path
    org: Path
    contents: dict[str, sqlite3.Connection] = field(default_factory=dict)

    @property
    def here(self) -> Path:
        """The folder that commands run in."""
        return self.folder / "here"

    def at(self, moment: str, make: Callable[[], object]) -> None:
        """Put back what the moment left the last time, or make it."""
        parts = ("here", "state")
        if moment in self.contents:
            os.chdir(self.folder)
            for part in parts:
                shutil.rmtree(self.folder / part)
                shutil.copytree(self.folder / moment / part, self.folder / part)
            kept.put_back(self.org, self.contents[moment])
            os.chdir(self.here)
            return
        make()
        for part in parts:
            shutil.copytree(self.folder / part, self.folder / moment / part)
        self.contents[moment] = kept.content_of(self.org)

    def established(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Applicant:
        """Return somebody whose login works."""
        monkeypatch.chdir(self.folder)
        monkeypatch.setenv("PROVISIONER_STATE_DIR", str(self.folder / "state"))
        monkeypatch.setattr(login_proof, "PAUSE_SECONDS", 0.2)
        monkeypatch.setattr(login_proof, "BETWEEN_SECONDS", 0.01)

        def admitted() -> Connection:
            connection = localorg.start(self.org)
            monkeypatch.setenv("ADMIN_TOKEN", Path(connection.admin_token_file).read_text().strip())
            return connection

        def make() -> None:
            for part in ("here", "state"):
                shutil.rmtree(self.folder / part, ignore_errors=True)
                (self.folder / part).mkdir()
            localorg.mend(self.org, None)
            localorg.reset(self.org)
            os.chdir(self.here)
            assert settle_in(self.here, self.org, admitted(), capsys).apply().status == 0

        self.at("established", make)
        return Applicant(self.here, self.org, admitted(), capsys)
