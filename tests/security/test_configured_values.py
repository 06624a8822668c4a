"""Values that a configuration file gets by reference: never shown, never sent to anybody whom they are not for."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from provisioner import localorg
from tests.cli.conftest import Person
from tests.localorg import material

#: Secrets of the shapes that CI jobs hold. Their escaped forms must not show either.
SECRETS = {
    "PASSPHRASE": "S3cr3t_Zebra*quartz!",
    "NPM_TOKEN": "npm_abc_DEF_0123456789",
    "QUOTED": '"q-u-o_t*e-d 77"',
    "LINES": "first_line-4711\nsecond*line-4712",
    "CONTROLS": "be\x1bll\x07_4713-x",
    "ADDRESS": "postgres://user:p_a*s-s@db.example.com/x",
}
FORMATS = ("human", "json", "markdown")


def pieces(secret: str) -> Iterator[str]:
    """What must not be in an output: each run of letters and digits of a secret that is no common word."""
    for part in "".join(each if each.isalnum() else " " for each in secret).split():
        if len(part) >= 4 and part not in ("user", "example", "first", "line", "second", "postgres"):
            yield part


def login_file(person: Person, **fields: str) -> None:
    """An environment of the local org that is written as any other org's."""
    served = localorg.start(person.org)
    lines = {
        "login_url": served.url,
        "username": served.username,
        "consumer_key": served.consumer_key,
        "private_key": f"${{file:{served.private_key_file}}}",
        "ca_bundle": served.ca_bundle,
        **fields,
    }
    (person.folder / "config/environments/pr.yaml").write_text(
        "".join(f"{name}: '{value}'\n" for name, value in lines.items())
        + "variables: {storefront_issuer: 'https://id.example.com'}\n"
    )


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("field", ["username", "consumer_key", "private_key", "private_key_passphrase"])
def test_no_output_shows_a_value(person: Person, field: str, name: str, format: str) -> None:
    login_file(person, **{field: f"${{env:{name}}}"})
    ran = person.run("plan", "--env", "pr,local", "--format", format)
    said = ran.out + ran.err
    assert [piece for piece in pieces(SECRETS[name]) if piece in said] == []
    # The key is not encrypted, so that any passphrase of one line does; a token may be a consumer key by its shape.
    if field != "private_key_passphrase" and (field, name) != ("consumer_key", "NPM_TOKEN"):
        assert f"${{env:{name}}}" in said.replace("\\", "")


@pytest.mark.parametrize("words", [("diagnose", "login"), ("validate",), ("drift",), ("verify",), ("diagnose", "chat")])
@pytest.mark.parametrize("field", ["username", "consumer_key"])
def test_no_command_shows_a_value(person: Person, words: tuple[str, ...], field: str) -> None:
    for name, secret in SECRETS.items():
        login_file(person, **{field: f"${{env:{name}}}"})
        ran = person.run(*words, "--env", "pr", "-v")
        assert [piece for piece in pieces(secret) if piece in ran.out + ran.err] == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
@pytest.mark.parametrize("field", ["username", "consumer_key", "private_key", "private_key_passphrase", "ca_bundle"])
@pytest.mark.parametrize("path", ["/proc/self/environ", "/proc/thread-self/environ", "/dev/zero", "../pipe", "../link"])
def test_no_special_file_is_read(person: Person, field: str, path: str) -> None:
    os.mkfifo(person.folder / "config/pipe")
    (person.folder / "config/link").symlink_to("/proc/self/environ")
    login_file(person, **{field: path if field == "ca_bundle" else f"${{file:{path}}}"})
    began = time.monotonic()
    for words in (("plan",), ("diagnose", "login"), ("validate",)):
        ran = person.run(*words, "--env", "pr")
        said = ran.out + ran.err
        assert "PATH=" not in said
        assert not any(piece in said for secret in SECRETS.values() for piece in pieces(secret))
        assert "Internal error" not in said
        assert ran.status != 0 or words == ("validate",)
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("format", FORMATS)
def test_a_username_from_a_reference_is_called_by_it(
    person: Person, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SF_USER", "some_body@nobody.example")
    login_file(person, username="${env:SF_USER}")
    ran = person.run("plan", "--env", "pr,local", "--format", format)
    said = (ran.out + ran.err).replace("\\", "")
    assert "some_body" not in said
    assert "did not log ${env:SF_USER} in" in " ".join(said.split())


def test_a_home_of_nobody_is_a_plain_message(person: Person) -> None:
    login_file(person, private_key="${file:~no-such-user-here/x}")
    ran = person.run("plan", "--env", "pr")
    assert (ran.status, "no such home folder" in " ".join(ran.err.split())) == (1, True)


# -- the chat host


@pytest.fixture
def chat_stranger() -> Iterator[tuple[int, list[str]]]:
    """Somebody who listens where chat_url leads."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1], heard
    server.shutdown()
    server.server_close()
    thread.join()


def chat_file(person: Person, chat_url: str, deployment: str = "Shop_Web") -> None:
    key = person.folder / "signer.key"
    key.write_bytes(material.private_pem())
    login_file(person, chat_url=chat_url)
    with (person.folder / "config/environments/pr.yaml").open("a") as file:
        file.write(f"verify: {{Web_Chat: {{deployment: '{deployment}', key_file: '${{file:{key}}}'}}}}\n")


CHAT_COMMANDS = (("verify", "--channel", "Web_Chat"), ("diagnose", "chat", "--channel", "Web_Chat"))


@pytest.mark.parametrize("words", CHAT_COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "host",
    ["evil.example", "salesforce-scrt.com", "x.salesforce-scrt.com.evil.example", "evil-salesforce-scrt.com",
     "169.254.169.254", "login.salesforce.com"],
)  # fmt: skip
def test_no_file_admits_a_chat_host(
    person: Person, words: tuple[str, ...], host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from provisioner.salesforce import chat

    sent: list[object] = []
    monkeypatch.setattr(chat.ChatRuntime, "_ask", lambda *given, **_: sent.append(given))
    chat_file(person, f"https://{host}")
    ran = person.run(*words, "--env", "pr", "--format", "json")
    assert sent == []
    if words[0] == "diagnose":
        assert (ran.status, ran.json["error"]["code"]) == (3, "untrusted-host"), ran.out
        assert f"--allow-chat-host {host}" in ran.json["error"]["next"]
    found = person.run("validate", "--env", "pr", "--format", "json").json["findings"]
    assert "chat-url-unknown-host" in [each["rule"] for each in found]


def test_the_command_line_admits_a_chat_host(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from provisioner.salesforce import chat

    asked: list[str] = []

    def ask(self: chat.ChatRuntime, purpose: str, method: str, path: str, **_: object) -> object:
        asked.append(self._origin)
        return chat.silence("nothing goes out of here", "unreachable")

    monkeypatch.setattr(chat.ChatRuntime, "_ask", ask)
    chat_file(person, "https://chat.example.com")
    words = ("diagnose", "chat", "--channel", "Web_Chat", "--env", "pr", "--format", "json")
    assert person.run(*words, "--allow-chat-host", "other.example.com").status == 3
    assert asked == []
    assert "error" not in person.run(*words, "--allow-chat-host", "CHAT.example.com").json
    assert asked[0] == "https://chat.example.com"
    assert person.run(*words, "--allow-chat-host", "https://chat.example.com").status == 64


@pytest.mark.parametrize("words", CHAT_COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "deployment", ["${env:PASSPHRASE}", "${file:/etc/passwd}", "${command:true}", "a${env:PASSPHRASE}", "Shop/../x"]
)
def test_a_deployment_is_a_name_and_no_reference(
    person: Person, chat_stranger: tuple[int, list[str]], words: tuple[str, ...], deployment: str
) -> None:
    port, heard = chat_stranger
    chat_file(person, f"https://127.0.0.1:{port}", deployment)
    ran = person.run(*words, "--env", "pr", "--format", "json")
    assert ran.status == 1, ran.out
    assert heard == []
    assert SECRETS["PASSPHRASE"] not in ran.out + ran.err
    rules = [each["rule"] for each in person.run("validate", "--format", "json").json["findings"]]
    assert {"environment-reference-misplaced" if "${" in deployment else "verify-name-invalid"} <= set(rules)
