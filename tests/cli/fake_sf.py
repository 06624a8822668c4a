"""An ``sf`` on the PATH that answers as the official CLI does, with what a test puts into its folder."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provisioner import localorg
from provisioner.salesforce import LoginSettings, Org
from provisioner.secrets import Secret

_PROGRAM = """\
#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/calls"
case "$*" in
  *show-access-token*) answer=token ;;
  *"org display"*) answer=display ;;
  *) answer=none ;;
esac
cat "$here/$answer.err" >&2 2>/dev/null
cat "$here/$answer.json" 2>/dev/null
exit "$(cat "$here/$answer.rc" 2>/dev/null || echo 127)"
"""


@dataclass
class FakeCli:
    """``folder`` is on the PATH; nothing else there is called ``sf``."""

    folder: Path

    def answers(self, which: str, document: object, status: int = 0, stderr: str = "") -> None:
        """Let ``token`` or ``display`` print a document, or a text as it is, and exit."""
        text = document if isinstance(document, str) else json.dumps(document)
        for ending, content in (("json", text), ("rc", str(status)), ("err", stderr)):
            (self.folder / f"{which}.{ending}").write_text(content)

    def has_session(self, token: str, **shown: str) -> None:
        self.answers("token", {"status": 0, "result": {"accessToken": token}, "warnings": ["This command exposes"]})
        hidden = {"accessToken": "[REDACTED] Use 'sf org auth show-access-token' to view"}
        self.answers("display", {"status": 0, "result": {**hidden, **shown}})

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def unknown_org(self, alias: str, near: str) -> None:
        failure = {
            "name": "NamedOrgNotFoundError",
            "message": f"Parsing --target-org \n\tNo authorization information found for {alias}.",
            "actions": [f'It looks like you mistyped the username or alias. Did you mean "{near}"?'],
            "status": 2,
        }
        for which in ("token", "display"):
            self.answers(which, failure, 2)


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FakeCli:
    folder.mkdir(exist_ok=True)
    program = folder / "sf"
    program.write_text(_PROGRAM)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.defpath}")
    return FakeCli(folder)


def admin_session(org: Path) -> tuple[str, dict[str, str]]:
    """A session in a local org that runs, and what ``sf org display`` says of it."""
    served: Any = localorg.start(org)
    settings = LoginSettings(
        login_url=served.url,
        audience=served.audience or served.url,
        username=served.username,
        consumer_key=served.consumer_key,
        private_key=Secret(Path(served.private_key_file).read_text()),
        ca_bundle=Path(served.ca_bundle),
    )
    session = Org.connect(settings).session
    shown = {
        "id": session.org_id,
        "instanceUrl": session.instance_url,
        "username": served.username,
        "clientId": "PlatformCLI",
    }
    return session.access_token.reveal(), shown
