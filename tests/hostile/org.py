"""Answers of a hostile org: each command is recorded once, then run again with one text of one answer replaced."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from urllib3.response import HTTPResponse

from tests.faults.stage import Components
from tests.faults.wire import Seen, Send, Wire, purpose_of, tapped
from tests.hostile import answers, values
from tests.hostile.answers import Place
from tests.hostile.invariants import Run, faults
from tests.hostile.values import Value
from tests.security.secrets_planted import Planted

HERE = ("--env", "real")
LOOPBACK = frozenset({"localhost", "127.0.0.1"})
WEB = ("--channel", "Web_Chat", "--deployment", "Shop_Web")


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, the formats that take turns, and whether the org runs the declaration already."""

    words: tuple[str, ...]
    formats: tuple[str, ...]
    applied: bool = True

    def __str__(self) -> str:
        return " ".join(word for word in self.words if not word.startswith("-") and word != "real")


COMMANDS: tuple[Command, ...] = (
    Command(("plan", *HERE), ("human", "json", "markdown"), applied=False),
    Command(("apply", *HERE, "--yes"), ("human", "json"), applied=False),
    Command(("drift", *HERE, "--unmanaged"), ("human", "json", "markdown")),
    Command(("import", *HERE, "--out", "imported"), ("human", "json")),
    Command(("export", *HERE, "exported"), ("sfdx",), applied=False),
    Command(("restore", "latest", *HERE, "--yes", "--allow-destroy"), ("human", "json")),
    Command(("promote", "--from", "real", "--to", "second", "--yes", "--out", "record.md"), ("human", "json")),
    Command(("keys", "expiring", *HERE), ("human", "json")),
    Command(("keys", "rotate", "shop", *HERE, "--status"), ("human", "json")),
    Command(("verify", *HERE, *WEB, "--key-file", "secrets/signer.key"), ("human", "json")),
    Command(("diagnose", "login", *HERE), ("human", "json")),
    Command(("diagnose", "chat", *HERE, *WEB), ("human", "json")),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One text of one answer, and what an org answers in its place."""

    command: Command
    request: Seen
    place: Place
    value: Value
    shown: str

    def __str__(self) -> str:
        return f"{self.command} | {self.request} | {self.place} | {self.value.name} | {self.shown}"


class Ground:
    """A planted stage, the two states of its org, and the folders as they were."""

    def __init__(self, planted: Planted) -> None:
        self.planted = planted
        self.stage = planted.stage
        stage = self.stage
        self.other = stage.another_org()
        stage.write("config/environments/second.yaml", f"embedded_org: {self.other}\n")
        self.bare: Components = stage.components()
        self.untouched: Components = stage.components(self.other)
        with tapped(Wire()):
            ran = stage.run("apply", *HERE, "--yes")
            signer = ("--key-file", "secrets/signer.key", "--sub", "uv-probe-1", "--ttl", "3000")
            minted = stage.run("token", "mint", *HERE, "--keyset", "shop", *signer)
        assert (ran.status, minted.status) == (0, 0), ran.err + minted.err
        planted.source("secrets/token", minted.out)
        planted.secret(minted.out.strip(), "a token")
        self.applied: Components = stage.components()
        stage.keep()

    def put_back(self, command: Command) -> None:
        self.stage.put_back(self.applied if command.applied else self.bare)
        self.stage.put_back(self.untouched, self.other)
        self.stage.forget_sessions()
        self.stage.restore()

    def cases(self, command: Command) -> list[Case]:
        """Record the command, and return each text of each answer with each value."""
        self.put_back(command)
        recorder = Recorder()
        with tapped(recorder):
            self.stage.run(*command.words, "--format", command.formats[0])
        found = [(seen, place) for seen, places in recorder.places.items() for place in places]
        assert found, command
        return [
            Case(command, seen, place, value, command.formats[(number + turn) % len(command.formats)])
            for number, (seen, place) in enumerate(found)
            for turn, value in enumerate(values.ANSWERS)
        ]

    def attempt(self, case: Case) -> list[str]:
        """Run the command against the hostile org; return what is wrong."""
        self.put_back(case.command)
        wire = Hostile(case)
        began = time.monotonic()
        with tapped(wire):
            ran = self.stage.run(*case.command.words, "--format", case.shown, "-vv")
        seconds = time.monotonic() - began
        self.stage.settled()
        planted = self.planted
        run = Run(
            ran.words, case.shown, ran.status, ran.out, ran.err, self.stage.here, seconds,
            tuple(self.stage.tokens()), tuple(each.decode() for each in planted.needles),
            tuple(wire.elsewhere), {path.name: content for path, content in planted.files() if not _of_the_org(path)},
        )  # fmt: skip
        return faults(run)


class Recorder(Wire):
    """Passes everything on, and keeps the places of the texts of each answer."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[Seen, list[Place]] = {}

    def send(self, request: requests.PreparedRequest, send: Send) -> requests.Response:
        answer = super().send(request, send)
        known = {(seen.purpose, place) for seen, places in self.places.items() for place in places}
        with self._lock:
            seen = next(each for each in reversed(self.seen) if each.purpose == purpose_of(request))
            new = [place for place in answers.places(answer) if (seen.purpose, place) not in known]
            self.places.setdefault(seen, []).extend(new)
        return answer


class Listener(Wire):
    """Refuses to connect to any host but the org's, and keeps the names of the others."""

    def __init__(self, hosts: frozenset[str]) -> None:
        super().__init__()
        self.hosts = hosts
        self.elsewhere: list[str] = []

    def send(self, request: requests.PreparedRequest, send: Send) -> requests.Response:
        host = urlsplit(str(request.url)).hostname or ""
        if host not in self.hosts:
            self.elsewhere.append(host)
            raise requests.ConnectionError(request=request)
        return super().send(request, send)


class Hostile(Listener):
    """Replaces the text of one answer."""

    def __init__(self, case: Case) -> None:
        super().__init__(LOOPBACK)
        self.target, self.meddle = case.request, self._replace
        self.case = case

    def _replace(self, request: requests.PreparedRequest, send: Send, times: int) -> requests.Response:
        whole = send()
        session = _session(request, whole)
        text = self.case.value.text(session)
        try:
            body, headers = answers.replaced(whole, self.case.place, text)
        except (AssertionError, KeyError, IndexError, TypeError):  # the answer has no such text this time
            return whole
        return _answer(whole, body, headers)


def _of_the_org(path: Path) -> bool:
    """Whether a file holds a component as the org gives it: an export is a copy."""
    return path.name.endswith("-meta.xml") or "imported" in path.parts


def _session(request: requests.PreparedRequest, answer: requests.Response) -> str:
    """Return the session that the request carries, or that the login's answer gives."""
    carried = str(request.headers.get("Authorization", "")).partition(" ")[2]
    if "!" in carried:
        return carried
    try:
        return str(answer.json().get("access_token", ""))
    except (ValueError, AttributeError):
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        return body.partition(b"sessionId>")[2].partition(b"<")[0].decode("utf-8", "replace")


def _answer(whole: requests.Response, body: bytes, headers: dict[str, str]) -> requests.Response:
    answer = requests.Response()
    answer.status_code = whole.status_code
    answer.url, answer.request = whole.url, whole.request
    answer.headers.update({**whole.headers, **headers})
    answer.headers.pop("Content-Encoding", None)
    answer.headers.pop("Content-Length", None)
    answer.raw = HTTPResponse(io.BytesIO(body), status=whole.status_code, preload_content=False)
    return answer
