"""A plain client for the tests: requests over the org's own certificate authority, and envelopes by hand."""

from __future__ import annotations

import base64
import io
import time
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.localorg import Connection
from tests.localorg import material

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PATIENCE_SECONDS = 60.0
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"


class Client:
    """Talks to one org. ``org`` is its directory, for those who break it."""

    def __init__(self, connection: Connection, directory: Path) -> None:
        self.connection = connection
        self.directory = directory
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = connection.ca_bundle
        self.token: str | None = None

    def close(self) -> None:
        self.http.close()

    # -- logging in

    def assertion(self, *, key: bytes | None = None, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """A signed assertion; a claim of None is left out."""
        whole = {
            "iss": self.connection.consumer_key, "sub": self.connection.username, "aud": self.connection.url,
            "exp": int(time.time()) + 180, **claims,
        }  # fmt: skip
        present = {name: value for name, value in whole.items() if value is not None}
        signer = loaded(key or Path(self.connection.private_key_file).read_bytes())
        return jwt.encode(present, signer, algorithm="RS256", headers=dict(header or {}))

    def ask_token(self, assertion: str | None = None, **claims: Any) -> requests.Response:
        form = {"grant_type": GRANT, "assertion": assertion or self.assertion(**claims)}
        return self.http.post(f"{self.connection.url}/services/oauth2/token", data=form)

    def login(self) -> Client:
        answer = self.ask_token()
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        return self

    # -- REST

    def get(self, path: str, **params: str) -> requests.Response:
        return self.http.get(self.connection.url + path, params=params)

    def query(self, text: str, *, tooling: bool = False, version: str = "67.0") -> list[dict[str, Any]]:
        """The records, without what is about them."""
        path = f"/services/data/v{version}{'/tooling' if tooling else ''}/query"
        answer = self.get(path, q=text)
        assert answer.status_code == 200, answer.text
        return [
            {name: value for name, value in record.items() if name != "attributes"}
            for record in answer.json()["records"]
        ]

    # -- SOAP

    def soap(
        self, body: str, *, version: str = "67.0", header: str = "", tail: str = "", token: str | None = None
    ) -> requests.Response:
        session = f"<met:SessionHeader><met:sessionId>{token or self.token}</met:sessionId></met:SessionHeader>"
        envelope = (
            f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}" '
            f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:met="{material.NAMESPACE}">'
            f"<soapenv:Header>{header}{session}</soapenv:Header><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
        )
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
        return self.http.post(
            f"{self.connection.url}/services/Soap/m/{version}{tail}", envelope.encode(), headers=headers
        )

    def call(self, body: str, **more: Any) -> Any:
        """The answer's ``result`` elements as plain values: text, mappings, lists where a name is repeated."""
        answer = self.soap(body, **more)
        assert answer.status_code == 200, answer.text
        envelope = ElementTree.fromstring(answer.content)
        return [plain(result) for result in envelope[0][0]]

    def fault(self, body: str, **more: Any) -> tuple[str, str]:
        """The code, and the text without the code in front."""
        answer = self.soap(body, **more)
        assert answer.status_code == 500, answer.text
        fault = ElementTree.fromstring(answer.content)[0][0]
        code = (fault.findtext("faultcode") or "").removeprefix("sf:")
        text = fault.findtext("faultstring") or ""
        assert text.startswith(f"{code}: ")
        return code, text.removeprefix(f"{code}: ")

    # -- deploying and retrieving

    def deploy(
        self,
        files: Mapping[str, str],
        *,
        listed: Mapping[str, Sequence[str]] | None = None,
        version: str = "67.0",
        removed: Mapping[str, Sequence[str]] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """Deploy components given as ``{"Type/name": file text}``, and wait; the deployResult of the REST resource."""
        return self.wait(self.submit(package(files, listed=listed, version=version, removed=removed), **options))

    def submit(self, content: bytes, **options: Any) -> str:
        answer = self.soap(deploy_body(content, **options))
        assert answer.status_code == 200, answer.text
        return ElementTree.fromstring(answer.content).findtext(f".//{{{material.NAMESPACE}}}id") or ""

    def wait(self, deployment_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            result = self.look(deployment_id)
            if result["done"]:
                return result
            time.sleep(0.005)
        raise AssertionError(f"{deployment_id} is not done")

    def look(self, deployment_id: str) -> dict[str, Any]:
        answer = self.get(f"/services/data/v67.0/metadata/deployRequest/{deployment_id}", includeDetails="true")
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()["deployResult"]
        return result

    def retrieve(
        self, types: Mapping[str, Sequence[str]], version: str = "67.0", *, single: bool = True
    ) -> dict[str, Any]:
        """The RetrieveResult, with ``files`` from its zip."""
        wanted = ""
        for type_name, names in types.items():
            members = "".join(f"<met:members>{name}</met:members>" for name in names)
            wanted += f"<met:types>{members}<met:name>{type_name}</met:name></met:types>"
        [queued] = self.call(
            f"<met:retrieve><met:retrieveRequest><met:apiVersion>{version}</met:apiVersion>"
            f"<met:singlePackage>{str(single).lower()}</met:singlePackage>"
            f"<met:unpackaged>{wanted}<met:version>{version}</met:version></met:unpackaged>"
            "</met:retrieveRequest></met:retrieve>"
        )
        assert queued["state"] == "Queued"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            result = self.check_retrieve(queued["id"])
            if result["done"] == "true":
                return result
            time.sleep(0.002)
        raise AssertionError("the retrieve is not done")

    def check_retrieve(self, retrieve_id: str) -> dict[str, Any]:
        [result] = self.call(
            f"<met:checkRetrieveStatus><met:asyncProcessId>{retrieve_id}</met:asyncProcessId>"
            "<met:includeZip>true</met:includeZip></met:checkRetrieveStatus>"
        )
        if "zipFile" in result:
            with zipfile.ZipFile(io.BytesIO(base64.b64decode(result["zipFile"]))) as archive:
                result["files"] = {name: archive.read(name).decode() for name in archive.namelist()}
        return dict(result)

    def file(self, type_name: str, name: str, version: str = "67.0") -> str:
        """One component as the org gives it back."""
        text: str = self.retrieve({type_name: [name]}, version)["files"][material.path(type_name, name)]
        return text


@cache
def loaded(pem: bytes) -> rsa.RSAPrivateKey:
    """Loading a key takes longer than signing with it."""
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def plain(element: ElementTree.Element) -> Any:
    if not len(element):
        return element.text or ""
    values: dict[str, Any] = {}
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name in values:
            before = values[name] if isinstance(values[name], list) else [values[name]]
            values[name] = [*before, plain(child)]
        else:
            values[name] = plain(child)
    return values


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def package(
    files: Mapping[str, str],
    *,
    listed: Mapping[str, Sequence[str]] | None = None,
    version: str = "67.0",
    removed: Mapping[str, Sequence[str]] | None = None,
    before: bool = False,
) -> bytes:
    """A zip of components given as ``{"Type/name": file text}``; ``removed`` go last, or first."""
    named: dict[str, list[str]] = {}
    content: dict[str, str | bytes] = {}
    for address, text in files.items():
        type_name, _, name = address.partition("/")
        named.setdefault(type_name, []).append(name)
        content[material.path(type_name, name)] = text
    whole: dict[str, str | bytes] = {"package.xml": material.manifest(named if listed is None else listed, version)}
    if removed is not None:
        name = "destructiveChangesPre.xml" if before else "destructiveChangesPost.xml"
        whole[name] = material.manifest(removed, None)
    return zipped(whole | content)


def deploy_body(content: bytes, **options: Any) -> str:
    chosen = {"rollbackOnError": "true", "singlePackage": "true", **options}
    flags = "".join(f"<met:{name}>{value!s}</met:{name}>" for name, value in chosen.items() if value is not None)
    zip_text = base64.b64encode(content).decode()
    return (
        f"<met:deploy><met:ZipFile>{zip_text}</met:ZipFile><met:DeployOptions>{flags}</met:DeployOptions></met:deploy>"
    )


def failures(result: Mapping[str, Any]) -> list[str]:
    """The problems of a deployment."""
    return [row["problem"] for row in result["details"]["componentFailures"]]


def successes(result: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The components of a deployment that went well, by ``Type/name``, without the manifest's row."""
    rows = result["details"]["componentSuccesses"]
    return {f"{row['componentType']}/{row['fullName']}": row for row in rows if row["componentType"]}
