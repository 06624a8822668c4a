"""Every command that asks a JWKS endpoint goes by the same rules: addresses, redirects, proxies, authorities."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from provisioner import localorg
from provisioner.salesforce import jwks_endpoint
from provisioner.workflows import endpoints
from tests.cli.conftest import Person
from tests.cli.endpoint_commands import ASKING, Asking, Listener
from tests.localorg import material
from tests.salesforce.certificates import Authority, make_authority
from tests.salesforce.test_jwks_endpoint import Endpoint, reply

PUBLIC = "93.184.216.34"


@pytest.fixture
def other(second_org: Path) -> Path:
    localorg.mend(second_org, None)
    localorg.reset(second_org)
    return second_org


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path, "endpoint")


@pytest.fixture
def serving(authority: Authority) -> Iterator[Endpoint]:
    endpoint = Endpoint(authority.server_chain)
    body = json.dumps({"keys": [material.members("storefront", "mine-1")]}).encode()
    endpoint.answer = lambda request: reply(request, body, Content_Type="application/json")
    yield endpoint
    endpoint.stop()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Names of the public DNS, and the address that each leads to; that of this machine may have two."""
    known = {"localhost": "127.0.0.1"}
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        return real(known.get(host, host), port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.mark.usefixtures("names")
def test_a_private_address_is_refused_by_all(person: Person, serving: Endpoint, other: Path) -> None:
    asking = Asking(person, serving.url, other)
    for command in ASKING:
        said = asking.run(command)
        assert "leads to 127.0.0.1, which is not on the public Internet" in said, command
        if command not in ("diagnose chat", "keys expiring"):  # they list what they saw
            assert "--allow-private" in said, command
        assert ".." not in said.replace("../", ""), command
    assert serving.paths == []


def test_allow_private_admits_it_for_all(person: Person, serving: Endpoint, other: Path, authority: Authority) -> None:
    asking = Asking(person, serving.url, other)
    for command in ASKING:
        before = len(serving.paths)
        said = asking.run(command, "--allow-private", "--ca-bundle", str(authority.ca_bundle))
        assert len(serving.paths) > before, command
        assert "not trusted" not in said, command


@pytest.mark.parametrize("named_by", ["option", "environment file", "REQUESTS_CA_BUNDLE", "nobody"])
def test_one_rule_for_authorities(
    person: Person, serving: Endpoint, other: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch, named_by: str
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    asking = Asking(person, serving.url, other)
    words = ["--allow-private"]
    if named_by == "option":
        words += ["--ca-bundle", str(authority.ca_bundle)]
    elif named_by == "REQUESTS_CA_BUNDLE":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.ca_bundle))
    elif named_by == "environment file":
        for name in ("local", "other", "bare"):
            with (person.folder / f"config/environments/{name}.yaml").open("a") as file:
                file.write(f"ca_bundle: {authority.ca_bundle}\n")
    for command in ASKING:
        if command == "diagnose endpoint" and named_by == "environment file":
            continue  # it needs no environment
        said = asking.run(command, *words)
        assert ("is not trusted" in said) is (named_by == "nobody"), command


def test_redirects_are_followed_and_named_by_all(
    person: Person, serving: Endpoint, other: Path, authority: Authority
) -> None:
    answer = serving.answer

    def moved(request: BaseHTTPRequestHandler) -> None:
        reply(request, b"", 302, Location="/new.json") if request.path == "/jwks.json" else answer(request)

    serving.answer = moved
    asking = Asking(person, serving.url, other)
    for command in ASKING:
        serving.paths.clear()
        said = asking.run(command, "--allow-private", "--ca-bundle", str(authority.ca_bundle))
        assert serving.paths[:2] == ["/jwks.json", "/new.json"], command
        if command != "keys expiring":  # the dates are the same
            assert "answers with a redirect" in said, command


def test_a_redirect_into_the_network_is_refused_by_all(
    person: Person, serving: Endpoint, other: Path, authority: Authority, names: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """127.0.0.1 passes for public here; 127.0.0.2 is what it is."""
    inside = Listener("127.0.0.2")
    names["inside.example.com"] = "127.0.0.2"
    url = f"https://inside.example.com:{inside.port}/latest/meta-data"
    serving.answer = lambda request: reply(request, b"", 307, Location=url)
    real = jwks_endpoint.is_public
    monkeypatch.setattr(jwks_endpoint, "is_public", lambda address: address == "127.0.0.1" or real(address))
    asking = Asking(person, serving.url, other)
    try:
        for command in ASKING:
            before = len(serving.paths)
            said = asking.run(command, "--ca-bundle", str(authority.ca_bundle))
            assert len(serving.paths) > before, command
            assert "leads to 127.0.0.2" in said, command
        assert inside.connections == 0
    finally:
        inside.stop()


@pytest.mark.parametrize(("words", "target"), [((), PUBLIC), (("--allow-private",), "id.example.com")])
def test_a_proxy_is_asked_for_the_checked_address_by_all(
    person: Person, other: Path, names: dict[str, str], monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...], target: str,
) -> None:  # fmt: skip
    """Only with --allow-private, where no address is checked, does the proxy get the name."""
    names["id.example.com"] = PUBLIC
    proxy = Listener(answer=lambda _: b"HTTP/1.1 403 Forbidden\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:hunter22@127.0.0.1:{proxy.port}")
    asking = Asking(person, "https://id.example.com/jwks.json", other)
    try:
        for command in ASKING:
            proxy.received.clear()
            said = asking.run(command, *words)
            assert proxy.received, command
            assert all(each.startswith(f"CONNECT {target}:443 ".encode()) for each in proxy.received), command
            assert "through the proxy 127.0.0.1" in said, command
            assert "403 Forbidden" in said, command
            assert "hunter22" not in said, command
    finally:
        proxy.stop()


def test_no_other_module_asks_an_endpoint() -> None:
    """What is listed above is all: who fetches a JWKS goes through ``workflows/endpoints.py``."""
    package = Path(endpoints.__file__).parents[1]
    users = {
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        if "salesforce.jwks_endpoint" in file.read_text() and file.name != "jwks_answer.py"
    }
    assert users == {"workflows/endpoints.py"}
