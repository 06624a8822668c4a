"""A tiny HTTPS org that answers by script: well by default, and as badly as a test asks for."""

from __future__ import annotations

import base64
import io
import json
import re
import socket
import ssl
import threading
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "00D5g0000000001!AQEAQdoorkeyforthetests"
ORG_ID, USER_ID = "00D5g0000000001EAA", "0055g0000000001AAA"
METADATA = "http://soap.sforce.com/2006/04/metadata"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; ``cut`` closes the connection after so many bytes of it, before the first where it is 0."""

    body: str | bytes = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    delay: float = 0.0
    """Seconds before the first byte."""
    drip: float = 0.0
    """Seconds between one byte and the next."""
    acts: bool = False
    """Whether the org carries the request out all the same, and only its answer is bad."""


CUT = Answer(cut=0)
CUT_AFTER_ACTING = Answer(cut=0, acts=True)
HTML_503 = Answer("<html><head><title>Down for Maintenance</title></head></html>", 503, {"Content-Type": "text/html"})


def json_answer(value: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(value), status, {"Content-Type": "application/json"})


def oauth_error(error: str, description: str, status: int = 400) -> Answer:
    return json_answer({"error": error, "error_description": description}, status)


def rest_error(code: str, message: str, status: int = 400) -> Answer:
    return json_answer([{"errorCode": code, "message": message}], status)


ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def soap(operation: str, inner: str) -> Answer:
    return Answer(
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{ENVELOPE}" '
        f'xmlns="{METADATA}" xmlns:xsi="{XSI}"><soapenv:Body>'
        f"<{operation}Response>{inner}</{operation}Response></soapenv:Body></soapenv:Envelope>"
    )


def fault(code: str, text: str, prefix: str = "sf") -> Answer:
    return Answer(
        f'<soapenv:Envelope xmlns:soapenv="{ENVELOPE}" xmlns:sf="urn:x"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>{prefix}:{code}</faultcode><faultstring>{code}: {text}</faultstring>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>",
        500,
    )


@dataclass(frozen=True)
class Received:
    """A request as it arrived. ``name`` is ``token``, ``versions``, ``query OBJECT``, a SOAP operation, or the path."""

    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body).items()}


class ScriptedOrg:
    """Holds a few components; ``script(name, …)`` queues answers, ``always(name, answer)`` replaces the usual one."""

    def __init__(self, chain: Path) -> None:
        self.received: list[Received] = []
        self.components: dict[str, dict[str, str]] = {
            "PublicKeyCertificate": {"k1": "<isActive>true</isActive><masterLabel>k1</masterLabel>"},
            "PublicKeyCertificateSet": {"s1": "<masterLabel>s1</masterLabel><type>JWKS</type>"},
            "MessagingChannel": {"Web_Chat": "<masterLabel>Web Chat</masterLabel>"},
        }
        self.deploys: list[dict[str, Any]] = []
        self._scripts: dict[str, list[Answer | Callable[[], Answer]]] = defaultdict(list)
        self.before_answering: Callable[[Received], None] = lambda received: None
        self._always: dict[str, Answer] = {}
        self._judges: dict[str, Callable[[Received], Answer | None]] = {}
        self._lock = threading.Lock()
        self._server = _Server(self, chain)
        self.port = self._server.server_address[1]
        self.url = f"https://localhost:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def script(self, name: str, *answers: Answer | Callable[[], Answer]) -> None:
        self._scripts[name] += answers

    def always(self, name: str, answer: Answer) -> None:
        self._always[name] = answer

    def judge(self, name: str, answer: Callable[[Received], Answer | None]) -> None:
        """Answer by what was asked."""
        self._judges[name] = answer

    def names(self) -> list[str]:
        return [received.name for received in self.received]

    def count(self, name: str) -> int:
        return self.names().count(name)

    def answer(self, request: Received) -> Answer:
        self.before_answering(request)
        with self._lock:
            self.received.append(request)
            queue = self._scripts[request.name]
            scripted = queue.pop(0) if queue else self._always.get(request.name)
            if callable(scripted):
                scripted = scripted()
            if scripted is None and request.name in self._judges:
                scripted = self._judges[request.name](request)
            if scripted is None:
                return self._usual(request)
            if scripted.acts:
                self._usual(request)
            return scripted

    def _usual(self, request: Received) -> Answer:
        usual = getattr(self, "_" + re.sub(r"\W+", "_", request.name).lower(), None)
        return usual(request) if usual else rest_error("NOT_FOUND", "The requested resource does not exist", 404)

    def _token(self, request: Received) -> Answer:
        identity = f"https://login.salesforce.com/id/{ORG_ID}/{USER_ID}"
        return json_answer({"access_token": TOKEN, "instance_url": self.url, "id": identity, "token_type": "Bearer"})

    def _versions(self, request: Received) -> Answer:
        return json_answer([{"version": version} for version in ("9.0", "62.0", "67.0", "66.0")])

    def _query_organization(self, request: Received) -> Answer:
        return records(
            {"Id": ORG_ID, "IsSandbox": True, "OrganizationType": "Enterprise Edition", "TrialExpirationDate": None}
        )

    def _query_messagingchannel(self, request: Received) -> Answer:
        return records({"Id": "0Mj5g0000000001", "DeveloperName": "Web_Chat", "IsActive": True})

    def _query_deployrequest(self, request: Received) -> Answer:
        return records(*reversed(self.deploys))

    def _describemetadata(self, request: Received) -> Answer:
        rows = "".join(f"<metadataObjects><xmlName>{name}</xmlName></metadataObjects>" for name in self.components)
        return soap("describeMetadata", f"<result>{rows}</result>")

    def _listmetadata(self, request: Received) -> Answer:
        rows = [
            f"<result><fullName>{name}</fullName><lastModifiedByName>Ada</lastModifiedByName>"
            f"<lastModifiedDate>2026-10-02T02:46:23.000Z</lastModifiedDate><type>{kind}</type></result>"
            for kind in re.findall(r"<type>(\w+)</type>", request.body)
            for name in self.components.get(kind, {})
        ]
        return soap("listMetadata", "".join(rows))

    def _readmetadata(self, request: Received) -> Answer:
        kind = re.findall(r"<type>(\w+)</type>", request.body)[0]
        rows = []
        for name in re.findall(r"<fullNames>([^<]+)</fullNames>", request.body):
            inner = self.components[kind].get(name)
            rows.append(
                '<records xsi:nil="true"/>'
                if inner is None
                else f'<records xsi:type="{kind}"><fullName>{name}</fullName>{inner}</records>'
            )
        return soap("readMetadata", f"<result>{''.join(rows)}</result>")

    def _retrieve(self, request: Received) -> Answer:
        return soap("retrieve", "<result><done>false</done><id>09S000000000001AAA</id><state>Queued</state></result>")

    def _checkretrievestatus(self, request: Received) -> Answer:
        asked = next(received.body for received in reversed(self.received) if received.name == "retrieve")
        directories = {"MessagingChannel": ("messagingChannels", "messagingChannel")}
        files: dict[str, str] = {"package.xml": "<Package/>"}
        problems: list[str] = []
        for members, kind in re.findall(r"<types>((?:<members>[^<]+</members>)+)<name>(\w+)</name>", asked):
            directory, suffix = directories.get(kind, (kind, kind))
            for name in re.findall(r"<members>([^<]+)</members>", members):
                inner = self.components[kind].get(name)
                if inner is None:
                    problems.append(f"Entity of type '{kind}' named '{name}' cannot be found")
                else:
                    files[f"{directory}/{name}.{suffix}"] = f'<{kind} xmlns="{METADATA}">\n    {inner}\n</{kind}>'
        return retrieve_result(files, *problems)

    def _deploy(self, request: Received) -> Answer:
        deploy_id = f"0Af5g00000000{len(self.deploys):02d}AAA"
        check_only = "<checkOnly>true" in request.body
        self.deploys.append({"Id": deploy_id, "CheckOnly": check_only, "CreatedById": USER_ID})
        return soap("deploy", f"<result><done>false</done><id>{deploy_id}</id><state>Queued</state></result>")


def deploy_result(**fields: Any) -> Answer:
    """A checkDeployStatus answer; ``details`` is given as XML."""
    inner = "".join(
        f"<{name}>{str(value).lower() if isinstance(value, bool) else value}</{name}>" for name, value in fields.items()
    )
    return soap("checkDeployStatus", f"<result>{inner}</result>")


def retrieve_result(files: Mapping[str, str], *problems: str) -> Answer:
    """A finished checkRetrieveStatus answer, with its zip and messages."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    said = "".join(
        f"<messages><fileName>package.xml</fileName><problem>{text}</problem></messages>" for text in problems
    )
    zipped = f"<zipFile>{base64.b64encode(packed.getvalue()).decode()}</zipFile>"
    done = "<done>true</done><id>09S000000000001AAA</id><status>Succeeded</status><success>true</success>"
    return soap("checkRetrieveStatus", f"<result>{done}{said}{zipped}</result>")


def records(*rows: Mapping[str, Any]) -> Answer:
    return json_answer({"done": True, "totalSize": len(rows), "records": [{"attributes": {}, **row} for row in rows]})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, org: ScriptedOrg, chain: Path) -> None:
        self.org = org
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(chain)
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.settimeout(10)
        return self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of many tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        received = Received(_name(self.path, body), self.command, self.path, dict(self.headers), body)
        answer = self.server.org.answer(received)
        content = answer.body.encode() if isinstance(answer.body, str) else answer.body
        time.sleep(answer.delay)
        if answer.cut is not None:
            if answer.cut:
                self._head(answer, len(content))
                self.wfile.write(content[: answer.cut])
            self.close_connection = True
            return
        self._head(answer, len(content))
        if answer.drip:
            for byte in content:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(answer.drip)
            return
        self.wfile.write(content)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _head(self, answer: Answer, length: int) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def _name(path: str, body: str) -> str:
    url = urlsplit(path)
    if url.path.endswith("/services/oauth2/token"):
        return "token"
    if url.path == "/services/data":
        return "versions"
    if url.path.rstrip("/").endswith("query"):
        return "query " + re.findall(r"FROM (\w+)", unquote(parse_qs(url.query)["q"][0]))[0]
    if "/services/Soap/m/" in url.path:
        return re.findall(r"Body>\s*<(?:\w+:)?(\w+)", body)[0]
    return url.path
