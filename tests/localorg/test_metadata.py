"""The Metadata API over SOAP, read by simple-salesforce's own WSDL in zeep's strict mode, and by hand."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import zeep
from zeep.exceptions import Fault
from zeep.transports import Transport

from provisioner.localorg import soap_service
from tests.localorg import material
from tests.localorg.client import Client, zipped
from tests.localorg.conftest import ServedOrg

#: The WSDL's own version: strict parsing allows no element that it does not know.
VERSION = "63.0"
LIST_KEYS = "<met:listMetadata><met:queries><met:type>PublicKeyCertificate</met:type></met:queries></met:listMetadata>"
TYPE = "<type>MessagingChannel</type>"
NS = f"{{{material.NAMESPACE}}}"


def reading(name: str) -> str:
    names = f"<met:fullNames>{name}</met:fullNames>"
    return f"<met:readMetadata><met:type>MessagingChannel</met:type>{names}</met:readMetadata>"


@pytest.fixture(scope="session")
def wsdl() -> Path:
    spec = find_spec("simple_salesforce")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations))) / "metadata.wsdl"


@pytest.fixture(scope="session")
def zeep_client(wsdl: Path) -> zeep.Client:
    return zeep.Client(str(wsdl), settings=zeep.Settings(strict=True))


class Strict:
    """The WSDL's operations, as zeep calls them."""

    def __init__(self, zeep_client: zeep.Client, org: Client) -> None:
        zeep_client.transport.session = org.http
        self._client = zeep_client
        self._service = zeep_client.create_service(
            f"{NS}MetadataBinding", f"{org.connection.url}/services/Soap/m/{VERSION}/{org.connection.org_id}"
        )
        self._session = zeep_client.get_element(f"{NS}SessionHeader")(sessionId=org.token)
        self._org = org

    def __call__(self, name: str, *arguments: Any, all_or_none: bool | None = None, **named: Any) -> Any:
        headers = [self._session]
        if all_or_none is not None:
            headers.append(self._client.get_element(f"{NS}AllOrNoneHeader")(allOrNone=all_or_none))
        return getattr(self._service, name)(*arguments, **named, _soapheaders=headers)

    def make(self, type_name: str, **values: Any) -> Any:
        return self._client.get_type(f"{NS}{type_name}")(**values)


@pytest.fixture
def strict(zeep_client: zeep.Client, org: Client) -> Strict:
    assert isinstance(zeep_client.transport, Transport)
    return Strict(zeep_client, org)


def test_describe(strict: Strict) -> None:
    described = strict("describeMetadata", 63.0)
    rows = {
        row.xmlName: (row.directoryName, row.suffix, row.inFolder, row.metaFile) for row in described.metadataObjects
    }
    assert rows == {
        "PublicKeyCertificate": ("PublicKeyCertificate", "PublicKeyCertificate", False, False),
        "PublicKeyCertificateSet": ("PublicKeyCertificateSet", "PublicKeyCertificateSet", False, False),
        "MessagingChannel": ("messagingChannels", "messagingChannel", False, False),
        "EmbeddedServiceConfig": ("EmbeddedServiceConfig", "EmbeddedServiceConfig", False, False),
        "CorsWhitelistOrigin": ("corsWhitelistOrigins", "corsWhitelistOrigin", False, False),
        "Settings": ("settings", "settings", False, False),
        "PermissionSet": ("permissionsets", "permissionset", False, False),
        "ExternalClientApplication": ("externalClientApps", "eca", False, False),
        "ExtlClntAppOauthSettings": ("extlClntAppOauthSettings", "ecaOauth", False, False),
        "ExtlClntAppGlobalOauthSettings": ("extlClntAppGlobalOauthSets", "ecaGlblOauth", False, False),
        "ExtlClntAppOauthConfigurablePolicies": ("extlClntAppOauthPolicies", "ecaOauthPlcy", False, False),
        "ExtlClntAppConfigurablePolicies": ("extlClntAppPolicies", "ecaPlcy", False, False),
        "ConnectedApp": ("connectedApps", "connectedApp", False, False),
    }
    assert (described.partialSaveAllowed, described.testRequired) == (True, False)


def test_list(strict: Strict) -> None:
    rows = strict("listMetadata", [strict.make("ListMetadataQuery", type="MessagingChannel")], 63.0)
    assert {row.fullName for row in rows} == {"App_Chat", "Kiosk_Chat", "SMS_Alerts", "Web_Chat", "WhatsApp_US"}
    [web] = [row for row in rows if row.fullName == "Web_Chat"]
    assert web.fileName == "messagingChannels/Web_Chat.messagingChannel"
    assert (web.type, web.manageableState, web.createdByName) == ("MessagingChannel", "unmanaged", "Ada Admin")
    assert strict("listMetadata", [strict.make("ListMetadataQuery", type="PublicKeyCertificate")], 63.0) == []


def test_read_gives_a_place_to_each_name(strict: Strict) -> None:
    records = strict("readMetadata", "MessagingChannel", ["Web_Chat", "nope", "WhatsApp_US"])
    assert [record.fullName for record in records] == ["Web_Chat", None, "WhatsApp_US"]
    assert records[0].embeddedConfig.authMode == "UnAuth"
    assert (
        records[0].embeddedConfig.verifiedUserJwtExpirationTime,
        records[0].embeddedConfig.anonymousUserJwtExpirationTime,
    ) == (None, 360)
    assert "Grüß Gott" in records[0].automatedResponses[2].response
    assert records[2].embeddedConfig is None


def test_save_read_and_delete(strict: Strict) -> None:
    key = strict.make(
        "PublicKeyCertificate",
        fullName="k1",
        isActive=True,
        jsonWebKey=f"\n  {material.jwk()}\n",
        masterLabel=" A key ",
    )
    [made] = strict("upsertMetadata", [key])
    assert (made.created, made.success, made.fullName) == (True, True, "k1")
    [again] = strict("upsertMetadata", [key])
    assert (again.created, again.success) == (False, True)
    [record] = strict("readMetadata", "PublicKeyCertificate", ["k1"])
    assert (record.masterLabel, record.isActive) == ("A key", True)
    assert record.jsonWebKey.startswith('{"kty":"RSA","e":"AQAB","use":"sig","kid":"kid-1","x5c":["')
    [twice] = strict("createMetadata", [key])
    assert not twice.success
    assert "duplicate value found" in twice.errors[0].message
    [gone] = strict("deleteMetadata", "PublicKeyCertificate", ["k1"])
    assert gone.success
    [nothing] = strict("deleteMetadata", "PublicKeyCertificate", ["k1"])
    assert "no PublicKeyCertificate named k1 found" in nothing.errors[0].message


def test_saves_are_single_unless_all_or_none(strict: Strict) -> None:
    good = strict.make("PublicKeyCertificate", fullName="good", jsonWebKey=material.jwk(), masterLabel="x")
    bad = strict.make("PublicKeyCertificate", fullName="bad", jsonWebKey="{}", masterLabel="x")
    together = strict("createMetadata", [good, bad], all_or_none=True)
    assert [row.success for row in together] == [False, False]
    assert together[0].errors[0].statusCode == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert [record.fullName for record in strict("readMetadata", "PublicKeyCertificate", ["good"])] == [None]
    assert [row.success for row in strict("createMetadata", [good, bad])] == [True, False]
    assert [record.fullName for record in strict("readMetadata", "PublicKeyCertificate", ["good"])] == ["good"]


def test_update_needs_the_component_and_rename_moves_it(strict: Strict) -> None:
    key = strict.make("PublicKeyCertificate", fullName="k1", jsonWebKey=material.jwk(), masterLabel="x")
    assert not strict("updateMetadata", [key])[0].success
    assert strict("createMetadata", [key])[0].success
    assert strict("updateMetadata", [key])[0].success
    assert strict("renameMetadata", "PublicKeyCertificate", "k1", "k2").success
    names = [record.fullName for record in strict("readMetadata", "PublicKeyCertificate", ["k1", "k2"])]
    assert names == [None, "k2"]
    assert not strict("renameMetadata", "PublicKeyCertificate", "k2", "2 bad").success


def test_a_deploy_in_strict_parsing(strict: Strict, org: Client) -> None:
    content = zipped(
        {
            "package.xml": material.manifest({"PublicKeyCertificate": ["k1"]}, "63.0"),
            "PublicKeyCertificate/k1.PublicKeyCertificate": material.key_file(),
        }
    )
    options = {
        "allowMissingFiles": False, "autoUpdatePackage": False, "checkOnly": False, "ignoreWarnings": False,
        "performRetrieve": False, "purgeOnDelete": False, "rollbackOnError": True, "singlePackage": True,
        "testLevel": "NoTestRun",
    }  # fmt: skip
    queued = strict("deploy", content, options)
    assert (queued.done, queued.state) == (False, "Queued")
    org.wait(queued.id)
    result = strict("checkDeployStatus", queued.id, True).body.result
    assert (result.status, result.success, result.numberComponentsTotal) == ("Succeeded", True, 1)
    rows = {row.fullName: row for row in result.details.componentSuccesses}
    assert rows["package.xml"].componentType in ("", None)
    assert rows["k1"].created
    failed = strict("deploy", zipped({"package.xml": "<no"}), options).id
    org.wait(failed)
    result = strict("checkDeployStatus", failed, True).body.result
    assert result.details.componentFailures[0].problem.startswith("Error parsing file:")


def test_a_retrieve_in_strict_parsing(strict: Strict, org: Client) -> None:
    package = {"types": [{"members": ["*", "nope"], "name": "MessagingChannel"}], "version": "63.0"}
    queued = strict("retrieve", {"apiVersion": 63.0, "singlePackage": True, "unpackaged": package})
    result = strict("checkRetrieveStatus", queued.id, True)
    while not result.done:
        result = strict("checkRetrieveStatus", queued.id, True)
    assert result.messages[0].problem == "Entity of type 'MessagingChannel' named 'nope' cannot be found"
    assert len(result.fileProperties) == 6
    assert bytes(result.zipFile)[:2] == b"PK"


def test_limits_of_a_call(strict: Strict) -> None:
    with pytest.raises(Fault, match="LIMIT_EXCEEDED"):
        strict("readMetadata", "MessagingChannel", [f"n{number}" for number in range(11)])
    with pytest.raises(Fault, match="LIMIT_EXCEEDED"):
        strict("listMetadata", [strict.make("ListMetadataQuery", type="MessagingChannel")] * 4, 63.0)
    with pytest.raises(Fault, match="INVALID_TYPE: Unknown type:Nope"):
        strict("listMetadata", [strict.make("ListMetadataQuery", type="Nope")], 63.0)


def test_simple_salesforces_own_client(org: Client, served_org: ServedOrg) -> None:
    from simple_salesforce.metadata import SfdcMetadataApi

    url = f"{org.connection.url}/services/Soap/m/67.0/"
    api = SfdcMetadataApi(org.http, str(org.token), "localhost", url, {}, "67.0")
    api._client.transport.session = org.http
    assert len(api.describe_metadata().metadataObjects) == 13
    assert api.MessagingChannel.read(["App_Chat"]).masterLabel == "App Chat"
    content = served_org.directory.parent / "package.zip"
    content.write_bytes(
        zipped(
            {
                "package.xml": material.manifest({"PublicKeyCertificateSet": ["web"]}),
                "PublicKeyCertificateSet/web.PublicKeyCertificateSet": material.keyset_file(
                    endpoint="https://id.example.com/keys"
                ),
            }
        )
    )
    deployment_id, state = api.deploy(str(content), sandbox=True)
    assert state == "Queued"
    org.wait(str(deployment_id))
    assert api.check_deploy_status(deployment_id)[0] == "Succeeded"
    retrieve_id, _ = api.retrieve("r", unpackaged={"PublicKeyCertificateSet": ["web"]})
    while api.check_retrieve_status(retrieve_id)[0] != "Succeeded":
        pass
    assert org.file("PublicKeyCertificateSet", "web")


@pytest.mark.parametrize(
    "body",
    [
        "<met:listMetadata><met:queries><met:type>MessagingChannel</met:type></met:queries></met:listMetadata>",
        f'<listMetadata xmlns=""><queries>{TYPE}</queries><asOfVersion>67.0</asOfVersion></listMetadata>',
        f"<met:listMetadata><met:queries>{TYPE}</met:queries><asOfVersion>67</asOfVersion></met:listMetadata>",
    ],
)
def test_namespaces_do_not_matter(org: Client, body: str) -> None:
    assert len(org.call(body)) == 5


@pytest.mark.parametrize("tail", ["/", "/00DLO", "/deployRequest/0Af"])
def test_the_end_of_the_url_does_not_matter(org: Client, tail: str) -> None:
    assert org.soap("<met:describeMetadata/>", tail=tail).status_code == 200


def test_types_may_be_prefixed_or_not(org: Client) -> None:
    for number, prefix in enumerate(("met:", "ns0:", "")):
        content = f"<met:fullName>k{number}</met:fullName><jsonWebKey>{material.jwk()}</jsonWebKey>"
        content += "<met:masterLabel>x</met:masterLabel>"
        sent = f'<met:metadata xsi:type="{prefix}PublicKeyCertificate">{content}</met:metadata>'
        body = f"<met:upsertMetadata>{sent}</met:upsertMetadata>"
        assert org.call(body) == [{"created": "true", "fullName": f"k{number}", "success": "true"}]


def test_an_answer_looks_like_salesforces(org: Client) -> None:
    answer = org.soap(
        "<met:listMetadata><met:queries><met:type>PublicKeyCertificate</met:type></met:queries></met:listMetadata>"
    )
    assert answer.headers["Content-Type"].lower() == "text/xml;charset=utf-8"
    assert "<soapenv:Body><listMetadataResponse></listMetadataResponse></soapenv:Body>" in answer.text
    missing = org.soap(
        "<met:readMetadata><met:type>MessagingChannel</met:type><met:fullNames>x</met:fullNames></met:readMetadata>"
    )
    assert '<result><records xsi:nil="true"/></result>' in missing.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<met:nothing/>", "UNKNOWN_EXCEPTION"),
        ("", "UNKNOWN_EXCEPTION"),
        ("<met:checkDeployStatus><met:asyncProcessId>0AfLO00000000990AA</met:asyncProcessId></met:checkDeployStatus>",
         "INVALID_CROSS_REFERENCE_KEY"),
        ("<met:checkRetrieveStatus><met:asyncProcessId>09S</met:asyncProcessId></met:checkRetrieveStatus>",
         "INVALID_CROSS_REFERENCE_KEY"),
        ("<met:describeMetadata><met:asOfVersion>88</met:asOfVersion></met:describeMetadata>",
         "UNSUPPORTED_API_VERSION"),
        ("<met:retrieve><met:retrieveRequest><met:apiVersion>9</met:apiVersion></met:retrieveRequest></met:retrieve>",
         "UNSUPPORTED_API_VERSION"),
        ("<met:retrieve/>", "UNKNOWN_EXCEPTION"),
        ("<met:deploy><met:ZipFile>*</met:ZipFile></met:deploy>", "UNKNOWN_EXCEPTION"),
    ],
)  # fmt: skip
def test_calls_that_fault(org: Client, body: str, code: str) -> None:
    assert org.fault(body)[0] == code


def test_a_message_that_is_too_large(org: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip of 39 MB fits only if a megabyte is a million bytes."""
    monkeypatch.setattr(soap_service, "LARGEST_MESSAGE", 1_000)
    code, text = org.fault(f"<met:describeMetadata>{' ' * 1_000}</met:describeMetadata>")
    assert code == "LIMIT_EXCEEDED"
    assert text == "Maximum size of request reached. Maximum size of request is 1000 bytes"


def test_a_call_without_a_session_or_xml(stranger: Client) -> None:
    assert stranger.fault("<met:describeMetadata/>", token="00Dx!y") == (
        "INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session",
    )  # fmt: skip
    url = f"{stranger.connection.url}/services/Soap/m/67.0"
    for content in (b"", b"<x", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\xff\xfe"):
        assert stranger.http.post(url, content).status_code == 500
    assert stranger.http.get(url).status_code == 405


def test_what_a_version_does_not_know(org: Client) -> None:
    old = org.call("<met:describeMetadata><met:asOfVersion>61.0</met:asOfVersion></met:describeMetadata>")
    names = [row["xmlName"] for row in old[0]["metadataObjects"]]
    assert names[:4] == ["MessagingChannel", "EmbeddedServiceConfig", "CorsWhitelistOrigin", "Settings"]
    assert "ExternalClientApplication" in names
    listing = (
        "<met:listMetadata><met:queries><met:type>PublicKeyCertificate</met:type></met:queries></met:listMetadata>"
    )
    assert org.fault(listing, version="61.0")[0] == "INVALID_TYPE"
    versions = ("61.0", "63.0", "66.0", "67.0")
    shown = {version: org.call(reading("Web_Chat"), version=version)[0]["records"] for version in versions}
    assert ["embeddedConfig" in shown[version] for version in shown] == [False, True, True, True]
    assert ["isVoiceModeEnabled" in shown[version] for version in shown] == [False, False, True, True]
    assert ["chatAbandonmentTimeout" in shown[version]["embeddedConfig"] for version in ("63.0", "66.0", "67.0")] == [
        False,
        False,
        True,
    ]


def test_permissions_that_are_missing(org: Client, broken: Callable[..., None]) -> None:
    broken("metadata-permission-missing")
    assert org.fault("<met:describeMetadata/>")[0] == "INSUFFICIENT_ACCESS"
    assert org.get("/services/data/v67.0/metadata/deployRequest/0AfLO00000000010AA").status_code == 403


def test_a_connected_app_can_be_read(strict: Strict, org: Client, broken: Callable[..., None]) -> None:
    [row] = strict("listMetadata", [strict.make("ListMetadataQuery", type="ConnectedApp")], 63.0)
    assert (row.fullName, row.fileName) == ("Provisioner", "connectedApps/Provisioner.connectedApp")
    [app, nothing] = strict("readMetadata", "ConnectedApp", ["Provisioner", "nope"])
    assert nothing.fullName is None
    config = app.oauthConfig
    assert (config.consumerKey, config.scopes) == (org.connection.consumer_key, ["Api", "RefreshToken"])
    assert config.certificate == (org.directory / "login.crt").read_text()
    assert (config.isAdminApproved, config.consumerSecret, app.profileName) == (True, None, ["System Administrator"])
    broken("wrong-certificate", "no-refresh-token-scope", "user-not-approved")
    [app] = strict("readMetadata", "ConnectedApp", ["Provisioner"])
    assert app.oauthConfig.certificate != config.certificate
    assert (app.oauthConfig.scopes, app.oauthConfig.isAdminApproved) == (["Api"], False)
    broken("digital-signatures-not-enabled", "external-client-app")
    assert strict("listMetadata", [strict.make("ListMetadataQuery", type="ConnectedApp")], 63.0) == []
