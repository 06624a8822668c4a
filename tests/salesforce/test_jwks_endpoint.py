"""A JWKS is fetched from the public Internet only, from the address that was looked at, and within bounds."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from provisioner.errors import InputError
from provisioner.jose.jwks_answer import JwksAnswer, NoAnswer
from provisioner.salesforce import jwks_endpoint, trust
from provisioner.salesforce.jwks_endpoint import LARGEST_BODY, MOST_REDIRECTS, fetch
from tests.salesforce.certificates import Authority, make_authority

JWKS = b'{"keys": []}'
Handler = Callable[[BaseHTTPRequestHandler], None]


class Endpoint:
    """An HTTPS server on this machine whose answers a test writes."""

    def __init__(self, chain: Path) -> None:
        self.seen: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.answer: Handler = lambda request: reply(request, JWKS)
        endpoint = self

        class _Request(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                endpoint.seen.append({name.lower(): value for name, value in self.headers.items()})
                endpoint.paths.append(self.path)
                self.close_connection = True
                with suppress(OSError):  # the client went away, as it should
                    endpoint.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class _Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), _Request)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_address[1]
        self.url = f"https://localhost:{self.port}/jwks.json"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Proxy:
    """An HTTP proxy that connects every CONNECT to one port of this machine."""

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        self._target = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # until it is closed
            while True:
                threading.Thread(target=self._serve, args=(self._socket.accept()[0],), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self._target)) as server:
            self.asked.append(client.recv(65536).decode())
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=_pump, args=(client, server), daemon=True).start()
            _pump(server, client)

    def stop(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def reply(request: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


@pytest.fixture
def endpoint(authority: Authority) -> Iterator[Endpoint]:
    serving = Endpoint(authority.server_chain)
    yield serving
    serving.stop()


@pytest.fixture
def ask(endpoint: Endpoint, authority: Authority) -> Callable[..., JwksAnswer | NoAnswer]:
    def asked(url: str | None = None, **options: object) -> JwksAnswer | NoAnswer:
        given = {"allow_private": True, "ca_bundle": authority.ca_bundle, "timeout": 5.0, **options}
        return fetch(endpoint.url if url is None else url, **given)  # type: ignore[arg-type]

    return asked


def test_an_answer_comes_with_its_headers_and_its_way(endpoint: Endpoint, ask: Callable[..., JwksAnswer]) -> None:
    endpoint.answer = lambda request: reply(request, JWKS, Content_Type="application/json", Cache_Control="max-age=60")
    answer = ask()
    assert (answer.status, answer.body, answer.url) == (200, JWKS, endpoint.url)
    assert (answer.header("content-type"), answer.header("cache-control")) == ("application/json", "max-age=60")
    assert [(hop.address, hop.status) for hop in answer.hops] == [("127.0.0.1", 200)]
    assert not answer.public
    assert answer.private_ca


def test_private_addresses_are_not_asked(endpoint: Endpoint, ask: Callable[..., NoAnswer]) -> None:
    answer = ask(allow_private=False)
    assert (answer.rule, answer.certain) == ("keyset-endpoint-private-host", True)
    assert endpoint.seen == []


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "localhost."])
def test_no_spelling_of_this_machine_is_asked(host: str) -> None:
    answer = fetch(f"https://{host}/jwks.json", timeout=5)
    assert isinstance(answer, NoAnswer)
    assert answer.rule in ("keyset-endpoint-private-host", "endpoint-unreachable")
    assert answer.hops == ()


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks_endpoint, "resolve", lambda host, port: ["93.184.216.34", "10.0.0.7"])
    answer = fetch("https://id.example.com/jwks.json", timeout=5)
    assert isinstance(answer, NoAnswer)
    assert "10.0.0.7" in answer.message


def test_the_checked_address_is_the_connected_one(
    endpoint: Endpoint, ask: Callable[..., JwksAnswer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is resolved once: what it means a moment later does not matter."""
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(jwks_endpoint, "resolve", resolve)
    answer = ask(f"https://acme.my.salesforce.com:{endpoint.port}/jwks.json")
    assert answer.status == 200
    assert asked == ["acme.my.salesforce.com"]
    assert endpoint.seen[0]["host"] == f"acme.my.salesforce.com:{endpoint.port}"


def test_the_certificate_must_be_the_hosts(
    endpoint: Endpoint, ask: Callable[..., NoAnswer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks_endpoint, "resolve", lambda host, port: ["127.0.0.1"])
    answer = ask(f"https://other.example.com:{endpoint.port}/")
    assert (answer.rule, answer.certain) == ("endpoint-tls", False)
    assert endpoint.seen == []


def test_an_unknown_authority_is_not_trusted(endpoint: Endpoint, ask: Callable[..., NoAnswer], tmp_path: Path) -> None:
    assert ask(ca_bundle=None).rule == "endpoint-tls"
    assert ask(ca_bundle=make_authority(tmp_path, "stranger").ca_bundle).rule == "endpoint-tls"
    assert endpoint.seen == []


def test_a_ca_bundle_that_is_none_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(InputError):
        fetch("https://id.example.com", ca_bundle=tmp_path / "ca.pem")


def test_nothing_of_the_persons_own_is_sent(
    endpoint: Endpoint, ask: Callable[..., JwksAnswer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither netrc, nor cookies; nor, towards this machine, a proxy."""
    (tmp_path / "netrc").write_text("machine localhost login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    endpoint.answer = lambda request: reply(request, JWKS, Set_Cookie="a=b")
    assert ask().status == 200
    assert ask().status == 200
    for headers in endpoint.seen:
        assert set(headers) == {"host", "accept", "accept-encoding", "user-agent"}


class TestProxies:
    @pytest.fixture
    def proxy(self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
        """A proxy that takes every target for the endpoint."""
        running = Proxy(endpoint.port)
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:hunter%32@127.0.0.1:{running.port}")
        for name in ("NO_PROXY", "no_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield running
        running.stop()

    @pytest.mark.parametrize(
        ("address", "target"), [("93.184.216.34", "93.184.216.34"), ("2606:2800:220:1::34", "[2606:2800:220:1::34]")]
    )
    def test_it_is_asked_for_the_checked_address(
        self, proxy: Proxy, endpoint: Endpoint, ask: Callable[..., JwksAnswer], monkeypatch: pytest.MonkeyPatch,
        address: str, target: str,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(jwks_endpoint, "resolve", lambda host, port: [address])
        answer = ask("https://acme.my.salesforce.com/jwks.json", allow_private=False)
        assert (answer.status, answer.body, answer.public) == (200, JWKS, True)
        assert proxy.asked[0].startswith(f"CONNECT {target}:443 ")
        assert "proxy-authorization: basic " + "bWU6aHVudGVyMg==".lower() in proxy.asked[0].lower(), "me:hunter2"
        assert endpoint.seen[0]["host"] == "acme.my.salesforce.com"
        assert set(endpoint.seen[0]) == {"host", "accept", "accept-encoding", "user-agent"}

    def test_a_private_address_is_not_asked_for(
        self, proxy: Proxy, ask: Callable[..., NoAnswer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jwks_endpoint, "resolve", lambda host, port: ["10.0.0.7"])
        assert ask("https://acme.my.salesforce.com/", allow_private=False).rule == "keyset-endpoint-private-host"
        assert proxy.asked == []

    def test_a_name_that_only_the_proxy_knows(
        self, proxy: Proxy, ask: Callable[..., JwksAnswer | NoAnswer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(host: str, port: int) -> list[str]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(jwks_endpoint, "resolve", fails)
        unknown = ask("https://acme.my.salesforce.com/", allow_private=False)
        assert isinstance(unknown, NoAnswer)
        assert ("--allow-private" in unknown.fix, proxy.asked) == (True, [])
        assert isinstance(ask("https://acme.my.salesforce.com/", allow_private=True), JwksAnswer)
        assert proxy.asked[0].startswith("CONNECT acme.my.salesforce.com:443 ")

    @pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
    def test_no_proxy_holds(
        self, proxy: Proxy, endpoint: Endpoint, ask: Callable[..., JwksAnswer], monkeypatch: pytest.MonkeyPatch,
        variable: str,
    ) -> None:  # fmt: skip
        monkeypatch.setenv(variable, "my.salesforce.com")
        monkeypatch.setattr(jwks_endpoint, "resolve", lambda host, port: ["127.0.0.1"])
        assert ask(f"https://acme.my.salesforce.com:{endpoint.port}/jwks.json").status == 200
        assert proxy.asked == []

    @pytest.mark.parametrize(
        "url", ["socks5://127.0.0.1:1", "https://127.0.0.1:1", "http://", "http://h:99999", "http://["]
    )
    def test_one_that_cannot_be_used_is_said(
        self, ask: Callable[..., NoAnswer], monkeypatch: pytest.MonkeyPatch, url: str
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", url)
        answer = ask("https://acme.my.salesforce.com/", allow_private=False)
        assert (answer.rule, "HTTPS_PROXY" in answer.fix) == ("endpoint-unreachable", True)


def test_public_authorities_are_tried_before_the_bundle(
    endpoint: Endpoint,
    ask: Callable[..., JwksAnswer],
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Only if they do not suffice is it an authority that Salesforce does not trust."""
    assert ask().private_ca
    monkeypatch.setattr(trust, "DEFAULT_CA_BUNDLE_PATH", str(authority.ca_bundle))
    assert not ask(ca_bundle=make_authority(tmp_path, "company").ca_bundle).private_ca
    assert not ask(ca_bundle=None).private_ca


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_a_variable_names_holds(
    ask: Callable[..., JwksAnswer], authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, str(authority.ca_bundle))
    assert ask(ca_bundle=None).private_ca


class TestUrls:
    @pytest.mark.parametrize(
        ("url", "rule"),
        [
            ("http://id.example.com/jwks.json", "keyset-endpoint-not-https"),
            ("id.example.com", "keyset-endpoint-not-https"),
            ("file:///etc/passwd", "keyset-endpoint-not-https"),
            ("https://", "keyset-endpoint-not-https"),
            ("https://[::1", "keyset-endpoint-not-https"),
            ("https://id.example.com:99999/", "keyset-endpoint-not-https"),
            ("https://id.example.com:0/", "keyset-endpoint-not-https"),
            ("https://me:secret@id.example.com/", "keyset-endpoint-credentials"),
        ],
    )
    def test_what_is_no_plain_https_url_is_not_asked(self, url: str, rule: str) -> None:
        answer = fetch(url, timeout=5)
        assert isinstance(answer, NoAnswer)
        assert (answer.rule, answer.certain) == (rule, True)
        assert "secret" not in answer.message + answer.fix

    @pytest.mark.parametrize("path", ["/a b", "/ä", "/\x01", "/x\r\nHost: evil", "?q=a b&c=\n"])
    def test_a_path_cannot_break_out_of_its_line(
        self, path: str, endpoint: Endpoint, ask: Callable[..., JwksAnswer]
    ) -> None:
        ask(f"https://localhost:{endpoint.port}{path}")
        assert all(seen["host"] == f"localhost:{endpoint.port}" for seen in endpoint.seen)

    def test_a_fragment_is_never_sent(self, endpoint: Endpoint, ask: Callable[..., JwksAnswer]) -> None:
        assert ask(endpoint.url + "?a=b#keys").status == 200
        assert endpoint.paths == ["/jwks.json?a=b"]


class TestRedirects:
    def test_they_are_followed_and_kept(self, endpoint: Endpoint, ask: Callable[..., JwksAnswer]) -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            if request.path == "/jwks.json":
                reply(request, b"", 302, Location="/there")
            else:
                reply(request, JWKS)

        endpoint.answer = answer
        found = ask()
        assert [(hop.url.rpartition("/")[2], hop.status) for hop in found.hops] == [("jwks.json", 302), ("there", 200)]
        assert found.url.endswith("/there")

    def test_there_is_an_end_to_them(self, endpoint: Endpoint, ask: Callable[..., NoAnswer]) -> None:
        endpoint.answer = lambda request: reply(request, b"", 302, Location="/again")
        assert ask().rule == "endpoint-redirect"
        assert len(endpoint.seen) == MOST_REDIRECTS + 1

    @pytest.mark.parametrize(
        ("location", "rule"),
        [
            ("http://id.example.com/", "keyset-endpoint-not-https"),
            ("//me@id.example.com/", "keyset-endpoint-credentials"),
            ("https://[", "keyset-endpoint-not-https"),
        ],
    )
    def test_each_is_looked_at(
        self, endpoint: Endpoint, ask: Callable[..., NoAnswer], location: str, rule: str
    ) -> None:
        endpoint.answer = lambda request: reply(request, b"", 302, Location=location)
        answer = ask()
        assert (answer.rule, len(answer.hops)) == (rule, 1)

    def test_none_leads_from_outside_into_this_machine(
        self, endpoint: Endpoint, ask: Callable[..., NoAnswer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first address passes for public here; the second is what it is."""
        endpoint.answer = lambda request: reply(request, b"", 302, Location="https://internal.example.com/")
        real = jwks_endpoint.is_public
        monkeypatch.setattr(jwks_endpoint, "is_public", lambda address: address == "127.0.0.1" or real(address))
        places = {"localhost": ["127.0.0.1"], "internal.example.com": ["169.254.169.254"]}
        monkeypatch.setattr(jwks_endpoint, "resolve", lambda host, port: places[host])
        answer = ask(allow_private=False)
        assert (answer.rule, len(answer.hops)) == ("keyset-endpoint-private-host", 1)
        assert "169.254.169.254" in answer.message


class TestBounds:
    def test_a_body_beyond_the_limit_is_not_read(self, endpoint: Endpoint, ask: Callable[..., NoAnswer]) -> None:
        endpoint.answer = lambda request: reply(request, b" " * (LARGEST_BODY * 3))
        assert ask().rule == "endpoint-too-large"

    def test_an_endless_body_is_not_read_to_its_end(self, endpoint: Endpoint, ask: Callable[..., NoAnswer]) -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.end_headers()
            while True:
                request.wfile.write(b" " * 65536)

        endpoint.answer = answer
        assert ask().rule == "endpoint-too-large"

    def test_a_zip_bomb_does_not_unfold(self, endpoint: Endpoint, ask: Callable[..., NoAnswer]) -> None:
        bomb = gzip.compress(b" " * 200_000_000, 9)
        assert len(bomb) < LARGEST_BODY
        endpoint.answer = lambda request: reply(request, bomb, Content_Encoding="gzip")
        assert ask().rule == "endpoint-too-large"

    def test_gzip_that_nobody_asked_for_is_read(self, endpoint: Endpoint, ask: Callable[..., JwksAnswer]) -> None:
        endpoint.answer = lambda request: reply(request, gzip.compress(JWKS), Content_Encoding="gzip")
        assert ask().body == JWKS

    def test_deflate_without_its_frame_is_read(self, endpoint: Endpoint, ask: Callable[..., JwksAnswer]) -> None:
        packer = zlib.compressobj(wbits=-15)
        body = packer.compress(JWKS) + packer.flush()
        endpoint.answer = lambda request: reply(request, body, Content_Encoding="deflate")
        assert ask().body == JWKS

    def test_gzip_that_was_cut_short_is_said(self, endpoint: Endpoint, ask: Callable[..., NoAnswer]) -> None:
        endpoint.answer = lambda request: reply(request, gzip.compress(JWKS * 90)[:-12], Content_Encoding="gzip")
        stopped = ask()
        assert (stopped.rule, stopped.certain) == ("endpoint-encoding", False)
        assert "cut short" in stopped.message

    @pytest.mark.parametrize("encoding", ["br", "gzip"])
    def test_what_cannot_be_unfolded_is_said(
        self, endpoint: Endpoint, ask: Callable[..., NoAnswer], encoding: str
    ) -> None:
        endpoint.answer = lambda request: reply(request, JWKS, Content_Encoding=encoding)
        assert ask().rule == "endpoint-encoding"

    @pytest.mark.parametrize("where", ["before the status", "in the headers", "in the body"])
    def test_a_drip_is_cut_off(self, endpoint: Endpoint, ask: Callable[..., NoAnswer], where: str) -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            if where != "before the status":
                request.wfile.write(b"HTTP/1.1 200 OK\r\n")
            if where == "in the body":
                request.wfile.write(b"\r\n")
            for _ in range(1000):
                request.wfile.write(b" " if where == "in the body" else b"x")
                request.wfile.flush()
                time.sleep(0.05)

        endpoint.answer = answer
        answer_ = ask(timeout=0.4)
        assert (answer_.rule, answer_.certain) == ("endpoint-too-slow", False)
        assert "x" * 5 not in answer_.message

    @pytest.mark.parametrize(
        "words", [b"", b"HTTP/9 what\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 90000]
    )
    def test_what_is_no_http_is_said(self, endpoint: Endpoint, ask: Callable[..., NoAnswer], words: bytes) -> None:
        endpoint.answer = lambda request: request.wfile.write(words)  # type: ignore[func-returns-value]
        assert ask().rule == "endpoint-unreachable"

    def test_a_closed_port_and_an_unknown_name_are_said(
        self, ask: Callable[..., NoAnswer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            closed = ask(f"https://localhost:{held.getsockname()[1]}/")
        assert (closed.rule, closed.certain) == ("endpoint-unreachable", False)

        def fails(host: str, port: int) -> list[str]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(jwks_endpoint, "resolve", fails)
        unknown = ask("https://id.example.com/")
        assert (unknown.rule, unknown.certain) == ("endpoint-unreachable", False)
        assert "id.example.com" in unknown.message

    def test_a_name_server_that_never_answers_is_not_waited_for(
        self, ask: Callable[..., NoAnswer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = threading.Event()

        def never(host: str, port: int) -> list[str]:
            waiting.wait(60)
            return []

        monkeypatch.setattr(jwks_endpoint, "resolve", never)
        assert ask("https://id.example.com/", timeout=0.2).rule == "endpoint-too-slow"
        waiting.set()


def test_a_refused_connection_is_called_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    stopped = fetch(f"https://localhost:{port}/jwks.json", allow_private=True)
    assert isinstance(stopped, NoAnswer)
    assert stopped.message == "The connection to localhost failed (Connection refused)."
