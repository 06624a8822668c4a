"""The YAML language server that editors run (npm: yaml-language-server), driven over its standard streams."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

import filelock

VERSION = "1.25.0"
INSTALL_SECONDS = 300
ANSWER_SECONDS = 60


class ServerUnavailableError(Exception):
    """The server is not available on this machine; the text says why, in one line."""


def installed() -> Path:
    """Return the server's program, installed if it is missing. Raises :class:`ServerUnavailableError`."""
    default = Path(__file__).parents[2] / ".cache" / "yaml-language-server"
    folder = Path(os.environ.get("YAML_LANGUAGE_SERVER_CACHE") or default) / VERSION
    program = folder / "node_modules/yaml-language-server/bin/yaml-language-server"
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise ServerUnavailableError("node and npm are not installed")
    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{folder}.lock", timeout=INSTALL_SECONDS):
        if not program.exists():
            (folder / "package.json").write_text('{"private": true}\n')
            words = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
            words.append(f"yaml-language-server@{VERSION}")
            try:
                done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS)
            except subprocess.TimeoutExpired:
                raise ServerUnavailableError("npm did not finish in time") from None
            if done.returncode != 0:
                raise ServerUnavailableError(f"npm failed: {done.stderr.strip().splitlines()[-1:]}")
    return program


class LanguageServer:
    """One running server. ``schemas`` maps the URI of a schema file to the glob of the files that it is for."""

    def __init__(self, program: Path, schemas: dict[str, str]) -> None:
        words = ["node", str(program), "--stdio"]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._ids = 0
        self._settings = {"schemas": schemas, "validate": True, "completion": True, "hover": True}
        self._settings["schemaStore"] = {"enable": False}
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}
        capabilities: dict[str, Any] = {
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": True}},
                "hover": {"contentFormat": ["markdown"]},
            },
            "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
        }
        self._ask("initialize", {"processId": os.getpid(), "rootUri": None, "capabilities": capabilities})
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": {"yaml": self._settings}})
        while self._read().get("method") != "workspace/configuration":
            pass
        self.hover("ready.yaml", "ready: true\n", 0, 0)

    def __enter__(self) -> LanguageServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def diagnostics(self, path: str, text: str) -> list[dict[str, Any]]:
        """Return what the server marks in the text of a file."""
        uri = self._open(path, text)
        while uri not in self._diagnostics:
            self._read()
        return self._diagnostics[uri]

    def completions(self, path: str, text: str, line: int, character: int) -> list[dict[str, Any]]:
        """Return what the server offers at a place of a text; lines and characters count from 0."""
        uri = self._open(path, text)
        answer = self._ask("textDocument/completion", _at(uri, line, character))
        items = answer["items"] if isinstance(answer, dict) else answer
        return list(items)

    def hover(self, path: str, text: str, line: int, character: int) -> str:
        """Return what the server shows about a place of a text."""
        uri = self._open(path, text)
        answer = self._ask("textDocument/hover", _at(uri, line, character))
        return str(answer["contents"]["value"]) if answer else ""

    def _open(self, path: str, text: str) -> str:
        """Open a file that was never open before, and return its URI."""
        self._ids += 1
        uri = f"file:///{self._ids}/{path}"
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def _tell(self, method: str, parameters: Any) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": parameters})

    def _ask(self, method: str, parameters: Any) -> Any:
        self._ids += 1
        asked = self._ids
        self._write({"jsonrpc": "2.0", "id": asked, "method": method, "params": parameters})
        while True:
            message = self._read()
            if message.get("id") == asked and "method" not in message:
                return message.get("result")

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        """Read one message, and answer it if the server asks for something."""
        stream = self._process.stdout
        assert stream is not None
        length = 0
        while (line := stream.readline().strip()) or not length:
            if not line and self._process.poll() is not None:
                raise AssertionError("the server ended")
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        message: dict[str, Any] = json.loads(stream.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            found = [self._settings if each.get("section") == "yaml" else {} for each in message["params"]["items"]]
            self._write({"jsonrpc": "2.0", "id": message["id"], "result": found})
        elif "method" in message and "id" in message:
            self._write({"jsonrpc": "2.0", "id": message["id"], "result": None})
        return message


def _at(uri: str, line: int, character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
