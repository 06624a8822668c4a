"""What each target is begun with: whole inputs as they should be, and those that are known to hurt parsers."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tests.jose.key_files import every_file
from tests.jose.making import private_pem, shop
from tests.localorg import material
from tests.tokens import making as tokens

ROOT = Path(__file__).parents[2]
_DEPTH = 20_000
#: A laughing billion, in YAML and in XML.
YAML_BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % (c + 1, c + 1, *[c] * 9) for c in range(97, 110)
)
XML_BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (c + 1, b"&%c;" % c * 10) for c in range(97, 108))
    + b"]><x>&l;</x>"
)
FOUND_IN_EDITS = (
    b"keys: {k: {}}\nkeysets: x",
    b"keys: {k: {}}\nremoved: [1]",
    b"keys: {k: {}}\nremoved: {keys: 1}",
    b"0:",
)
XML_FILE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x><label>&f;</label></x>'
COMMENTS = b"<!-- a --><x xmlns='http://soap.sforce.com/2006/04/metadata'><!-- b --><?c d?><l>e</l></x>"


def zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("PublicKeyCertificate/k.PublicKeyCertificate", b"0" * 300_000_000)
    return buffer.getvalue()


@cache
def seeds() -> dict[str, tuple[bytes, ...]]:
    """By target; with what the fuzzer once found, which lies in ``found/TARGET``."""
    return {name: (*made, *_found(name)) for name, made in _made().items()}


def _found(name: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((Path(__file__).parent / "found" / name).glob("*"))]


def _made() -> dict[str, tuple[bytes, ...]]:
    yaml = (ROOT / "config/user-verification.yaml").read_bytes()
    own = (
        b"version: 1\nissuers: {a: x}\nkeys:\n  k: {certificate: keys/k.crt, kid: k}  # dear\nkeysets:\n"
        b"  s:\n    issuer: a\n    keys:\n      - k\nchannels:\n  C:\n    user_verification: {enabled: true}\n"
    )
    nested = (b"[" * _DEPTH, b"{" * _DEPTH, b'{"a":' * _DEPTH, b"<a>" * _DEPTH, b"- " * _DEPTH, b"? " * _DEPTH)
    common = (b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"9" * 100_000, b"1e999999", b"\x1b[2J", *nested)
    jwk = material.jwk().encode()
    key_files = tuple(file.content for file in every_file().values())
    crt = shop().public_bytes(Encoding.PEM)
    key = material.key_file(material.jwk()).encode()
    channel = (ROOT / "provisioner/localorg/seeds/Web_Chat.messagingChannel").read_bytes()
    deep = b"<x xmlns='http://soap.sforce.com/2006/04/metadata'>" + b"<a>" * _DEPTH + b"</a>" * _DEPTH + b"</x>"
    less = b"<x xmlns='http://soap.sforce.com/2006/04/metadata'>" + b"<a>" * 1500 + b"</a>" * 1500 + b"</x>"
    xmls = (less, XML_BOMB, XML_FILE, COMMENTS, deep, key, channel)
    soap = (
        b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        b'xmlns="http://soap.sforce.com/2006/04/metadata"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>'
    )
    answer = (
        soap % b"<describeMetadataResponse><result><id>0Af</id><done>true</done></result></describeMetadataResponse>"
    )
    fault = soap % b"<soapenv:Fault><faultcode>sf:X</faultcode><faultstring>X: y</faultstring></soapenv:Fault>"
    odd = soap % b"<!-- a --><describeMetadataResponse><!-- b --><result><!-- c --></result></describeMetadataResponse>"
    jwks = json.dumps({"keys": [json.loads(jwk)]}).encode()
    token = tokens.token()
    token = token if isinstance(token, bytes) else token.encode()
    chat = json.dumps({"accessToken": token.decode(), "context": {"endUser": {"subject": "v2/x"}}}).encode()
    return {
        "declaration": (yaml, own, YAML_BOMB, *common),
        "environment": ((ROOT / "provisioner/cli/starting_config/environments/sandbox.yaml").read_bytes(), YAML_BOMB,
                        b"variables: {a: '${var:a}', b: '${var:b}${var:b}'}", *common),
        "edits": (yaml, own, *FOUND_IN_EDITS, *common),
        "jwk_file": (jwk, jwks, *common),
        "certificate_file": (crt, crt * 3, base64.b64encode(crt), *common),
        "any_key_file": (jwk, jwks, crt, private_pem(), token, *key_files, *common),
        "private_key": (*key_files, *common),
        "observed_jwk": (jwk, jwks, *common),
        "component": (*xmls, *common),
        "retrieved": (*xmls, *common, zip_bomb(), zipped(key)),
        "soap_answer": (answer, fault, odd, soap % b"<!-- a -->", soap % b"", *xmls, *common),
        "rest_answer": (b'{"totalSize": 1, "done": true, "records": [{"Id": "1"}]}', b'[{"version": "67.0"}]',
                        b'{"done": false, "nextRecordsUrl": "/services/data/v67.0/query/1", "records": []}',
                        b'{"done": false, "records": [1]}', b'[{"errorCode": "X", "message": "y"}]', *common),
        "chat_answer": (chat, b"<html><title>Down</title>", *common),
        "jwks_answer": (jwks, jwk, *common),
        "token": (token, *common),
        "plan_file": (b'{"format_version": "1", "environment": "e", "digest": "sha256:0"}', *common),
        "journal_entry": (b'{"format_version": "1", "settled": true}', *common),
        "pasted": (b"Error (JwtAuthError): user hasn't approved this consumer", token, *common),
    }  # fmt: skip


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("PublicKeyCertificate/k.PublicKeyCertificate", content)
        archive.writestr("../../etc/passwd", b"x")
    return buffer.getvalue()
