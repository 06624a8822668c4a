"""A pull request that edits YAML only: it can neither run code, nor read a secret, nor send anything to a stranger."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests

from provisioner.salesforce import transport
from provisioner.salesforce.clock import SYSTEM_CLOCK
from tests.cli.conftest import Person
from tests.cli.endpoint_commands import ASKING, Asking, Listener

SECRET = "the-runners-own-secret-80c1"
CONSUMER_KEY = "3MVG9" + "x" * 40
GOOD = {
    "login_url": "https://acme--uat.sandbox.my.salesforce.com",
    "username": "ci@acme.com.uat",
    "consumer_key": "${env:PR_CONSUMER_KEY}",
    "private_key": "${env:PR_PRIVATE_KEY}",
}


@pytest.fixture
def sent(person: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A runner with secrets, where every request is written down and none goes out."""
    from tests.localorg import material

    monkeypatch.setenv("PR_CONSUMER_KEY", CONSUMER_KEY)
    monkeypatch.setenv("PR_PRIVATE_KEY", material.private_pem().decode())
    monkeypatch.setenv("RUNNER_SECRET", SECRET)
    (person.folder / "secret.txt").write_text(SECRET)
    urls: list[str] = []

    class Adapter(transport.TrustAdapter):
        def send(self, request, *args, **kwargs):  # type: ignore[no-untyped-def]
            if urlsplit(request.url).hostname in ("localhost", "127.0.0.1"):
                return super().send(request, *args, **kwargs)
            urls.append(f"{request.url} {request.body!r}")
            raise requests.ConnectionError("nothing goes out of here", request=request)

    monkeypatch.setattr(transport, "TrustAdapter", Adapter)
    sleep = SYSTEM_CLOCK.sleep
    object.__setattr__(SYSTEM_CLOCK, "sleep", lambda seconds: sleep(min(seconds, 0.01)))
    yield urls
    object.__setattr__(SYSTEM_CLOCK, "sleep", sleep)


def environment(person: Person, **fields: str) -> None:
    lines = [f'{name}: "{value}"' for name, value in {**GOOD, **fields}.items()]
    (person.folder / "config/environments/pr.yaml").write_text(
        "\n".join([*lines, "variables: {storefront_issuer: 'https://id.example.com'}"]) + "\n"
    )


COMMANDS = (("validate",), ("plan",), ("drift",), ("diagnose", "login"), ("import",), ("keys", "expiring"))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "fields",
    [
        {"login_url": "https://evil.example"},
        {"login_url": "https://login.salesforce.com.evil.example"},
        {"login_url": "https://login.salesforce.com@evil.example"},
        {"login_url": "https://evil.example", "audience": "https://login.salesforce.com"},
        # An assertion to its own audience is of no use to anybody; a secret in it would be.
        {"login_url": "https://evil.example", "audience": "https://evil.example", "username": "${env:RUNNER_SECRET}"},
        {"login_url": "https://evil.example", "audience": "https://evil.example", "username": "${env:PR_PRIVATE_KEY}"},
        {"login_url": "https://evil.example", "audience": "https://evil.example",
         "username": "${file:../../secret.txt}"},
        {"login_url": "https://evil.example", "audience": "https://evil.example",
         "consumer_key": "${env:RUNNER_SECRET}"},
    ],
)  # fmt: skip
def test_no_useful_assertion_and_no_secret_goes_to_a_stranger(
    person: Person, sent: list[str], words: tuple[str, ...], fields: dict[str, str]
) -> None:
    """An assertion that is made out to the very host it is sent to is of no use to anybody: that alone may go."""
    environment(person, **fields)
    ran = person.run(*words, "--env", "pr")
    assert SECRET not in ran.out + ran.err
    for each in sent:
        assert SECRET not in each
        assert "PRIVATE" not in each
        if "assertion=" not in each:
            continue
        url, _, body = each.partition(" ")
        assertion = re.search(r"assertion=([\w.-]+)", body)
        assert assertion is not None
        claims = jwt.decode(assertion[1], options={"verify_signature": False})
        assert urlsplit(claims["aud"]).hostname == urlsplit(url).hostname
        assert (claims["sub"], claims["iss"]) == (GOOD["username"], CONSUMER_KEY)
    if words not in (("validate",), ("keys", "expiring")):
        assert ran.status in (1, 3, 4), ran.err


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("field", ["username", "consumer_key", "private_key"])
def test_no_command_runs(person: Person, sent: list[str], words: tuple[str, ...], field: str) -> None:
    environment(person, **{field: f"${{command:touch {person.folder / 'it-ran'}}}"})
    person.run(*words, "--env", "pr")
    assert not (person.folder / "it-ran").exists()


@pytest.mark.parametrize("reference", ["${env:RUNNER_SECRET}", "${file:../secret.txt}", "${command:cat secret.txt}"])
@pytest.mark.parametrize("place", ["label: Storefront\n", "description: Signs the web shop's identity tokens\n"])
def test_no_reference_is_resolved_in_a_declaration(person: Person, sent: list[str], reference: str, place: str) -> None:
    name = place.partition(":")[0]
    person.edit(place, f'{name}: "{reference}"\n')
    for words in (("validate",), ("plan",), ("render",), ("export", "out")):
        ran = person.run(*words, "--env", "local")
        assert SECRET not in ran.out + ran.err
        assert ran.status != 0 or words[0] == "render"


@pytest.mark.parametrize("place", ["../secret.txt", "/etc/passwd", "keys/link.crt", "keys/../../secret.txt"])
def test_no_file_outside_is_read(person: Person, sent: list[str], place: str) -> None:
    (person.folder / "config/keys/link.crt").symlink_to(person.folder / "secret.txt")
    person.edit("certificate: keys/storefront-2026-11.crt", f"certificate: {place}")
    for words in (("validate",), ("plan",), ("render",)):
        ran = person.run(*words, "--env", "local")
        assert SECRET not in ran.out + ran.err
        assert "root:" not in ran.out + ran.err


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that this process opens TCP connections to."""
    addresses: list[str] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple):
            addresses.append(f"{address[0]}:{address[1]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return addresses


@pytest.fixture
def metadata_service() -> Iterator[list[Listener]]:
    """Something on the runner's own network, on each of its loopback addresses; it counts who connects."""
    ipv4 = Listener("127.0.0.1")
    listeners = [ipv4, *([Listener("::1", ipv4.port)] if socket.has_ipv6 else [])]
    yield listeners
    for listener in listeners:
        listener.stop()


#: Names that somebody's DNS gives, and where they lead.
NAMES = {
    "metadata.example.com": "169.254.169.254",
    "intranet.example.com": "10.0.0.7",
    "rebound.example.com": "127.0.0.1",
    "six.example.com": "::1",
    "link-local.example.com": "fe80::1",
    "mapped.example.com": "::ffff:127.0.0.1",
}
HOSTS = ("127.0.0.1", "localhost", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", *NAMES)


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *args, **options: real(NAMES.get(host, host), *args, **options)
    )


@pytest.mark.parametrize("host", HOSTS)
def test_no_endpoint_leads_into_the_runners_network(
    person: Person, second_org: Path, dns: None, metadata_service: list[Listener], connected: list[str], host: str
) -> None:
    """No command so much as opens a connection, whatever the endpoint's host is called."""
    port = metadata_service[0].port
    asking = Asking(person, f"https://{host}:{port}/latest/meta-data", second_org)
    for words in (("validate",), ("keys", "jwks", "storefront"), ("plan",), ("drift",)):
        person.run(*words, "--env", "local", "--no-input")
    for command in ASKING:
        said = asking.run(command)
        assert "not on the public Internet" in said or "was not found" in said, command
    assert [listener.connections for listener in metadata_service] == [0] * len(metadata_service)
    assert not any(address.endswith(f":{port}") for address in connected)


def test_the_service_would_notice(person: Person, second_org: Path, metadata_service: list[Listener]) -> None:
    """With --allow-private each of these commands connects: the test above could fail."""
    asking = Asking(person, f"https://127.0.0.1:{metadata_service[0].port}/latest/meta-data", second_org)
    for command in ASKING:
        before = metadata_service[0].connections
        asking.run(command, "--allow-private")
        assert metadata_service[0].connections > before, command


@pytest.mark.parametrize(
    "text", ["::error::x", "%0A::set-output name=x::y", "</details><script>", "@everyone", "|a|b|", "![x](https://e/x)"]
)
def test_no_value_becomes_markup(person: Person, text: str) -> None:
    """In annotations, in SARIF, in a comment."""
    person.edit("label: Storefront November 2026", f'label: "{text}"')
    person.edit("issuer: storefront\n", f'issuer: "https://e.example/{text}"\n')
    for words in (
        ("validate", "--format", "github"),
        ("plan", "--format", "markdown"),
        ("drift", "--format", "markdown"),
    ):
        ran = person.run(*words, "--env", "local")
        for line in ran.out.splitlines():
            if words[0] == "validate":
                assert line.startswith(("::error ", "::warning ")) or not line.startswith("::")
            else:
                assert not line.lstrip().startswith("::")
        assert "<script>" not in ran.out.replace("`", "") or "`" in ran.out


def test_a_folder_of_a_local_org_runs_nothing(person: Person, tmp_path: Path) -> None:
    """`embedded_org` may be edited, too: what lies there is data, and what is not is refused."""
    there = person.folder / "org-of-a-stranger"
    there.mkdir()
    (there / "sitecustomize.py").write_text(f"open({str(person.folder / 'it-ran')!r}, 'w')\n")
    (there / "org.json").write_text("{}")
    (person.folder / "config/environments/pr.yaml").write_text(
        "embedded_org: ../../org-of-a-stranger\nvariables: {storefront_issuer: 'https://id.example.com'}\n"
    )
    person.run("plan", "--env", "pr")
    from provisioner import localorg

    localorg.stop(there)
    assert not (person.folder / "it-ran").exists()
