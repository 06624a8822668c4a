"""The session of the official Salesforce CLI for an org, from the ``sf`` on the PATH.

Source: plugin-org 5.11.26: ``sf org auth show-access-token`` prints the token, and ``sf org display`` no longer does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from provisioner.errors import LoginError
from provisioner.model.ids import ORGANIZATION, is_id
from provisioner.salesforce.parallel import in_background
from provisioner.secrets import Secret, redactor
from provisioner.untrusted import require_trusted

#: The CLI needs some seconds to start, and more after an update.
CLI_SECONDS = 120.0
INSTALL = "npm install --global @salesforce/cli"
#: The CLI's answer to an unknown command; a shell's own status for it.
_NO_COMMAND, _NO_COMMAND_STATUS = ("is not a sf command", "not found", "CommandNotFound"), 127
_NO_ORG = ("NamedOrgNotFound", "No authorization information found", "No org configuration found", "NoOrgFound")
_EXPIRED = ("expired access/refresh token", "RefreshTokenAuthError", "inactive user", "INVALID_SESSION_ID")
#: The number of characters of the CLI's message that ours contains.
_WORDS_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class CliSession:
    """A session of the CLI. ``org_id`` is empty if the CLI does not print it; ``client_id`` is the session's app."""

    access_token: Secret
    instance_url: str
    username: str
    org_id: str
    client_id: str


def session_of_alias(alias: str) -> CliSession:
    """Ask the CLI for the session of an alias or a username.

    The CLI renews the session first if it can. Raises :class:`LoginError` with the next command.
    """
    require_trusted(f"The Salesforce CLI is not asked for the session of {alias}")
    program = shutil.which("sf")
    if program is None:
        raise LoginError(
            f"The session of the Salesforce CLI for {alias} was asked for, but there is no `sf` on the PATH.",
            next=f"Install the CLI, and log in: {INSTALL} && sf org login web --alias {alias}",
            code="sf-missing",
        )
    display = in_background(partial(_ask, program, alias, "org", "display"))
    token = _text(_ask(program, alias, "org", "auth", "show-access-token", "--no-prompt"), "accessToken")
    if not token:
        raise _failed(alias, "it printed no access token")
    redactor.keep(token)
    shown = display.result()
    url, org_id = _text(shown, "instanceUrl"), _text(shown, "id")
    if not url:
        raise _failed(alias, "it printed no instance URL")
    return CliSession(
        access_token=Secret(token),
        instance_url=url,
        username=_text(shown, "username"),
        org_id=org_id if is_id(org_id, ORGANIZATION) else "",
        client_id=_text(shown, "clientId"),
    )


def _ask(program: str, alias: str, *words: str) -> Mapping[str, Any]:
    """Return the ``result`` of a command of the CLI. Raises :class:`LoginError`."""
    command = [program, *words, "--target-org", alias, "--json"]
    quiet = {"NO_COLOR": "1", "SF_SKIP_NEW_VERSION_CHECK": "true", "SF_AUTOUPDATE_DISABLE": "true"}
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **quiet},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=CLI_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failed(alias, f"it gave no answer within {CLI_SECONDS:.0f} seconds") from None
    except OSError as error:
        raise _failed(alias, f"it could not be started: {(error.strerror or 'error').lower()}") from None
    printed, talk = (part.decode("utf-8", "replace") for part in (done.stdout, done.stderr))
    answer = _document(printed)
    result = answer.get("result") if done.returncode == 0 else None
    if isinstance(result, dict):
        for name in ("accessToken", "sfdxAuthUrl", "password"):  # an older CLI, or one with that setting, shows them
            if isinstance(result.get(name), str) and not str(result[name]).startswith("[REDACTED]"):
                redactor.keep(str(result[name]))
        return result
    raise _refused(alias, words, done.returncode, answer, f"{printed}\n{talk}")


def _document(printed: str) -> Mapping[str, Any]:
    try:
        answer = json.loads(printed[max(printed.find("{"), 0) :])
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _refused(alias: str, words: tuple[str, ...], status: int, answer: Mapping[str, Any], said: str) -> LoginError:
    name, message = str(answer.get("name") or ""), str(answer.get("message") or "")
    if any(each in f"{name} {message}" for each in _NO_ORG):
        near = re.search(r'Did you mean "[^"]*"\?', f"{answer.get('actions')}")
        return LoginError(
            f"The Salesforce CLI knows no org {alias}." + (f" {near[0]}" if near else ""),
            next=f"Log in: sf org login web --alias {alias} (`sf org list` lists the orgs that it knows).",
            code="sf-unknown-org",
        )
    if any(each in f"{name} {message}" for each in _EXPIRED):
        return LoginError(
            f"The session that the Salesforce CLI has for {alias} expired or was revoked: {_short(message or name)}",
            next=f"Log in again: sf org login web --alias {alias}",
            code="session-expired",
        )
    if not answer and (status == _NO_COMMAND_STATUS or any(each in said for each in _NO_COMMAND)):
        command = " ".join(("sf", *(word for word in words if not word.startswith("-"))))
        return LoginError(
            f"The Salesforce CLI on the PATH is too old: it has no command `{command}`.",
            next=f"Update the CLI: sf update (installed with npm: {INSTALL}@latest)",
            code="sf-too-old",
        )
    return _failed(alias, _short(message) or f"it exited with status {status}")


def _failed(alias: str, why: str) -> LoginError:
    return LoginError(
        f"The Salesforce CLI gave no session for {alias}: {why}",
        next=f"Find out more with: sf org display --target-org {alias}",
        code="sf-failed",
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WORDS_AT_MOST else f"{line[:_WORDS_AT_MOST]}…"


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value.strip() if isinstance(value, str) else ""
