"""What strangers' bytes reach, each as a function that must not raise.

What a target catches is what its callers catch: an error that says what to do. Everything else is a defect.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from lxml import etree

from provisioner.errors import ProvisionerError
from provisioner.model.types import TYPES, MetadataType

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-"))


def declaration(data: bytes) -> None:
    """A declaration's text: read, checked by every rule, rendered in every format."""
    from provisioner.declaration.load import ConfigDirectory
    from provisioner.report.findings import findings_json
    from provisioner.report.github import findings_github
    from provisioner.rules.check import check

    loaded = ConfigDirectory(_FOLDER, data).load(None)
    findings = check(loaded, now=NOW).findings
    json.dumps(findings_json(findings))
    for line in findings_github(findings, str).splitlines():
        assert line.startswith(("::error ", "::warning ")), line


def environment(data: bytes) -> None:
    """An environment file under a declaration: overlays, variables, references."""
    from provisioner.declaration.load import ConfigDirectory
    from provisioner.rules.check import check

    folder = _FOLDER / "environments"
    folder.mkdir(exist_ok=True)
    (folder / "one.yaml").write_bytes(data)
    declared = (
        b"version: 1\nissuers: {a: '${var:a}'}\nkeysets: {s: {issuer: a, endpoint: 'https://a.example/${var:b}'}}\n"
    )
    loaded = ConfigDirectory(_FOLDER, declared).load("one")
    check(loaded, now=NOW, with_references=False)


def edits(data: bytes) -> None:
    """A declaration edited in every way: what comes back says what it said, and the one thing more."""
    from provisioner.declaration.edit_keys import NewKey, add_key, add_member, add_to_removed, set_active
    from provisioner.declaration.editor import Put, edit
    from provisioner.declaration.text_edits import NotEditable
    from provisioner.declaration.yaml_text import parse

    key = NewKey("new", {"certificate": "keys/new.crt", "kid": "${x"}, "s")
    puts = [Put(("keys", "k", "label"), "a: b"), Put(("channels", "C"), {"user_verification": {"enabled": True}})]
    for edited in (
        lambda: add_key(data, key),
        lambda: add_member(data, "s", "k"),
        lambda: edit(data, puts),
        lambda: set_active(data, "k", False),
        lambda: add_to_removed(data, "k"),
    ):
        with contextlib.suppress(NotEditable):
            _, problems = parse(edited(), "")
            assert not problems


def jwk_file(data: bytes) -> None:
    """A file under ``jwk``, and everything that looks at key material of unknown kind."""
    from provisioner.jose.material import derive
    from provisioner.model.estate import JwkSource, KeyFile

    derive(JwkSource(KeyFile("k.jwk.json", "k.jwk.json", data)), NOW)


def certificate_file(data: bytes) -> None:
    from provisioner.jose.material import derive
    from provisioner.model.estate import CertificateSource, KeyFile

    derive(CertificateSource(KeyFile("k.crt", "k.crt", data), "kid", "RS256"), NOW)


def any_key_file(data: bytes) -> None:
    """`diagnose key` with its repair, and `keys inspect`."""
    from provisioner.jose.diagnosis import diagnose
    from provisioner.jose.inspection import inspect
    from provisioner.jose.repair import Given, repair
    from provisioner.report.json import json_text
    from provisioner.report.key import key_json, key_view
    from provisioner.report.style import Style
    from provisioner.report.terminal import terminal

    with contextlib.suppress(ProvisionerError):
        found = diagnose(data, "file", NOW)
        repaired = repair(found, Given(), NOW)
        json_text(key_json("file", found, repaired))
        assert "\x1b" not in terminal(key_view("file", found, repaired), Style(80))
    with contextlib.suppress(ProvisionerError):
        inspect(data, "file", NOW, ())


def private_key(data: bytes) -> None:
    """A file where a private key belongs, with a passphrase that opens some of them."""
    from provisioner.jose.cures import Input, for_signing, for_upload
    from provisioner.jose.file_kinds import take
    from provisioner.jose.private_key import load_private_key, opened, repairs_of
    from provisioner.secrets import Secret

    taken, secret, passphrase = take(data), Secret.of_octets(data), Secret("correct horse")
    assert for_signing(taken, Input())
    assert for_upload(taken, Input.of_variable("KEY"))
    repairs_of(secret)
    with contextlib.suppress(ProvisionerError):
        load_private_key(secret, passphrase)
    with contextlib.suppress(ProvisionerError):
        opened(taken, passphrase, called="The key", given=Input())


def observed_jwk(data: bytes) -> None:
    """A JWK that an org holds."""
    from provisioner.components import xml
    from provisioner.components.key import read_key
    from provisioner.components.meaning import digest
    from provisioner.jose.uploaded_jwk import leaked_members, parse_observed

    text = data.decode("utf-8", "replace")
    parse_observed(text)
    leaked_members(text)
    with contextlib.suppress(ValueError):  # what XML cannot hold, no org can say
        element = xml.new_component(MetadataType.KEY)
        xml.set_text(element, "jsonWebKey", text)
        read_key(element)
        digest(element)


def component(data: bytes) -> None:
    """A component's document from an org: read, compared with itself, edited, imported."""
    from provisioner.components.channel import edit_channel, read_channel
    from provisioner.components.key import read_key
    from provisioner.components.keyset import edit_keyset, read_keyset
    from provisioner.components.meaning import digest, lost
    from provisioner.components.xml import to_file
    from provisioner.model.estate import Channel, Configuration, Endpoint, Issuer, Keyset
    from provisioner.salesforce.documents import as_document
    from provisioner.salesforce.soap import parse_xml

    try:
        document = parse_xml(data)
    except etree.XMLSyntaxError:
        return
    for kind in TYPES:
        element = as_document(kind, document)
        read_key(element), read_keyset(element), read_channel(element)
        digest(element)
        assert lost(element, element) == []
        to_file(element)
    channel = Channel("C", True, {"a": Configuration("a", "s", True)}, 60, 60)
    edited = edit_channel(as_document(MetadataType.CHANNEL, document), channel)
    assert digest(edit_channel(edited, channel)) == digest(edited)
    keyset = Keyset("s", Issuer("https://i.example"), Endpoint("https://e.example"))
    edit_keyset(as_document(MetadataType.KEYSET, document), keyset)


class _Session:
    """A transport that answers every request with the same bytes."""

    def __init__(self, data: bytes, status: int = 200) -> None:
        self._data, self._status = data, status
        self.headers: dict[str, str] = {}
        self.proxies: dict[str, str] = {}

    def request(self, *_: Any, **__: Any) -> requests.Response:
        return _response(self._data, self._status)

    post = get = request


def _response(data: bytes, status: int = 200) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    answer.url = "https://org.example.com/services"
    answer._content = data
    answer.headers["Content-Type"] = "text/xml"
    return answer


def retrieved(data: bytes) -> None:
    """A retrieve's result with these bytes as its zip, and with a component's file of these bytes."""
    from provisioner.salesforce import retrieve
    from provisioner.salesforce.soap import element

    names = [(MetadataType.KEY, "k"), (MetadataType.CHANNEL, "../C")]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("PublicKeyCertificate/k.PublicKeyCertificate", data)
    for content in (data, buffer.getvalue()):
        result = element("result", element("zipFile", text=base64.b64encode(content).decode()))
        with contextlib.suppress(ProvisionerError):
            retrieve._unpack(result, names)


def soap_answer(data: bytes) -> None:
    """An answer's body, as the SOAP client and the status's parser take it."""
    from provisioner.salesforce.api_errors import AttemptFailed, OrgFault
    from provisioner.salesforce.deploy_status import parse_deploy_status
    from provisioner.salesforce.soap import Soap, element

    for status in (200, 500):
        soap = object.__new__(Soap)
        soap.api_version = "67.0"
        http = _Session(data, status)
        session = type("S", (), {"instance_url": "https://org.example.com", "access_token": _secret()})()
        try:
            results = soap.send_once(element("describeMetadata"), http, session)  # type: ignore[arg-type]
        except (ProvisionerError, AttemptFailed, OrgFault):
            continue
        for each in results:
            parse_deploy_status(each)


def _secret() -> Any:
    from provisioner.secrets import Secret

    return Secret("00D-session")


def rest_answer(data: bytes) -> None:
    """Answers in JSON: the login's, the versions', a query's."""
    from provisioner.salesforce.api_errors import AttemptFailed, OrgFault
    from provisioner.salesforce.login import json_object
    from provisioner.salesforce.rest import Rest
    from provisioner.salesforce.versions import _offered

    for status in (200, 400, 503):
        json_object(_response(data, status))
        http = _Session(data, status)
        session: Any = type("S", (), {"instance_url": "https://org.example.com", "access_token": _secret()})()
        connection: Any = type("C", (), {"call": lambda _, send, patience=None: send(http, session)})()  # noqa: B023
        with contextlib.suppress(ProvisionerError, AttemptFailed, OrgFault):
            _offered(http, session.instance_url)  # type: ignore[arg-type]
        with contextlib.suppress(ProvisionerError, AttemptFailed, OrgFault):
            assert all(isinstance(each, dict) for each in Rest(connection, "67.0").query("SELECT Id FROM X"))


def chat_answer(data: bytes) -> None:
    from provisioner.salesforce.chat_answers import understand
    from provisioner.salesforce.clock import Clock

    clock = Clock(now=lambda: 1_800_000_000.0)
    for status in (200, 401):
        answer = understand(_response(data, status), clock)
        assert isinstance(answer.is_verified, bool)
        assert all(
            each is None or isinstance(each, str)
            for each in (answer.deployment_type, answer.auth_mode, answer.channel_address, *answer.subjects)
        )


def jwks_answer(data: bytes) -> None:
    """What a JWKS endpoint answers, judged and shown."""
    from provisioner.jose.endpoint_diagnosis import judge_endpoint
    from provisioner.jose.jwks_answer import Hop, JwksAnswer
    from provisioner.report.endpoint import endpoint_json, endpoint_view
    from provisioner.report.json import json_text
    from provisioner.report.style import Style
    from provisioner.report.terminal import terminal

    hop = Hop("https://e.example/jwks", "192.0.2.1", 200)
    answer = JwksAnswer(
        "https://e.example/jwks",
        (hop,),
        200,
        {"content-type": "application/json"},
        data,
    )
    found = judge_endpoint("https://e.example/jwks", answer, NOW, "kid")
    json_text(endpoint_json(found))
    assert "\x1b" not in terminal(endpoint_view(found), Style(80))


def token(data: bytes) -> None:
    """A token of anybody, explained."""
    from provisioner.report.json import json_text
    from provisioner.report.style import Style
    from provisioner.report.terminal import terminal
    from provisioner.report.token import token_json, token_view
    from tests.tokens.making import explained

    found = explained(data)
    json_text(token_json(found, environment="e", channel=None, live=False, show_claims=True))
    assert "\x1b" not in terminal(token_view(found, "the declaration", show_claims=True), Style(80))


def plan_file(data: bytes) -> None:
    from provisioner.planning.saved_plan import read

    with contextlib.suppress(ProvisionerError):
        read(data, "plan.json")


def journal_entry(data: bytes) -> None:
    """A file of the journal."""
    from provisioner.execution.journal import Damaged, Journal

    folder = _FOLDER / "journal/00D000000000001"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "20261121T045800123Z-3f9a2c.json").write_bytes(data)
    for each in Journal(_FOLDER / "journal").entries():
        assert isinstance(each, Damaged) or each.id


def pasted(data: bytes) -> None:
    """Somebody's terminal, pasted for `diagnose login --error`."""
    from provisioner.diagnosis.login.evidence import Configured
    from provisioner.diagnosis.pasted.output import understand

    understand(data.decode("utf-8", "replace"), Configured(environment="e", file="e.yaml"))


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        declaration, environment, edits, jwk_file, certificate_file, any_key_file, private_key, observed_jwk,
        component, retrieved, soap_answer, rest_answer, chat_answer, jwks_answer, token, plan_file, journal_entry,
        pasted,
    )
}  # fmt: skip
