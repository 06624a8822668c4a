"""Deployments: what is accepted, what is refused and in which words, and that it is all or nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.localorg import material
from tests.localorg.client import Client, deploy_body, failures, package, successes, zipped
from tests.localorg.material import authorization, channel_file, key_file, keyset_file

ELEMENT = f"Element {{{material.NAMESPACE}}}"
KEY, KEYSET, CHANNEL = "PublicKeyCertificate", "PublicKeyCertificateSet", "MessagingChannel"


def whole() -> dict[str, str]:
    """A key, a keyset that holds it, and a channel that names the keyset."""
    return {
        f"{KEY}/k1": key_file(),
        f"{KEYSET}/web": keyset_file(["k1"]),
        f"{CHANNEL}/New_Chat": channel_file(f"<authMode>Auth</authMode>{authorization()}"),
    }


def names(client: Client, type_name: str) -> list[str]:
    rows = client.call(
        f"<met:listMetadata><met:queries><met:type>{type_name}</met:type></met:queries></met:listMetadata>"
    )
    return [row["fullName"] for row in rows]


def test_one_package_carries_everything(org: Client) -> None:
    result = org.deploy(whole())
    assert (result["status"], result["success"], result["done"]) == ("Succeeded", True, True)
    assert (result["numberComponentsTotal"], result["numberComponentsDeployed"], result["numberComponentErrors"]) == (
        3,
        3,
        0,
    )
    rows = successes(result)
    assert all(
        row["created"] and row["changed"] and not row["deleted"] and len(row["id"]) == 18 for row in rows.values()
    )
    assert list(rows) == [f"{KEY}/k1", f"{KEYSET}/web", f"{CHANNEL}/New_Chat"]
    manifest = [row for row in result["details"]["componentSuccesses"] if row["fullName"] == "package.xml"]
    assert [(row["componentType"], row["changed"]) for row in manifest] == [("", True)]
    assert org.query("SELECT IsActive FROM MessagingChannel WHERE DeveloperName='New_Chat'") == [{"IsActive": False}]


def test_the_same_again_is_no_change(org: Client) -> None:
    org.deploy(whole())
    before = {name: org.file(*name.split("/")) for name in whole()}
    again = successes(org.deploy(whole()))
    assert all(not row["changed"] and not row["created"] for row in again.values())
    spelled = key_file(json.dumps(material.members(), indent=None, sort_keys=True))
    assert not successes(org.deploy({f"{KEY}/k1": spelled}))[f"{KEY}/k1"]["changed"]
    assert {name: org.file(*name.split("/")) for name in whole()} == before


def test_a_failure_rolls_everything_back(org: Client) -> None:
    files = {**whole(), f"{KEYSET}/other": keyset_file(["nope"])}
    result = org.deploy(files)
    assert (result["status"], result["success"]) == ("Failed", False)
    assert failures(result) == ["In field: publicKeyCertificate - no PublicKeyCertificate named nope found"]
    [row] = result["details"]["componentFailures"]
    assert (row["fileName"], row["problemType"]) == ("PublicKeyCertificateSet/other.PublicKeyCertificateSet", "Error")
    lines = files[f"{KEYSET}/other"].splitlines()
    at = lines.index("    <publicKeyCertificateSetKeys>")
    assert (row["lineNumber"], row["columnNumber"]) == (at + 1, 5)
    assert (result["numberComponentErrors"], result["numberComponentsDeployed"]) == (1, 3)
    assert names(org, KEY) == names(org, KEYSET) == []
    assert "New_Chat" not in names(org, CHANNEL)


def test_without_rollback_the_rest_is_kept(org: Client) -> None:
    result = org.deploy({**whole(), f"{KEYSET}/other": keyset_file(["nope"])}, rollbackOnError="false")
    assert (result["status"], result["success"], result["done"]) == ("SucceededPartial", False, True)
    assert names(org, KEYSET) == ["web"]


def test_check_only_changes_nothing(org: Client) -> None:
    result = org.deploy(whole(), checkOnly="true")
    assert (result["status"], result["checkOnly"]) == ("Succeeded", True)
    assert len(successes(result)) == 3
    assert names(org, KEY) == []
    bad = org.deploy({f"{KEYSET}/web": keyset_file(["k1"])}, checkOnly="true")
    assert bad["status"] == "Failed"


def test_a_package_may_stand_in_one_folder(org: Client) -> None:
    files = {f"zip/{name}": text for name, text in {
        "package.xml": material.manifest({KEY: ["*"]}), material.path(KEY, "k1"): key_file(),
    }.items()}  # fmt: skip
    assert org.wait(org.submit(zipped({"zip/": "", **files}), singlePackage="false"))["success"]
    assert names(org, KEY) == ["k1"]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "No package.xml found"),
        ({"package.xml": "<Package"}, "Error parsing file: unclosed token"),
        ({"package.xml": "<Other/>"}, "Error parsing file: unexpected root element Other"),
        ({"package.xml": material.manifest({}).replace("soap.sforce.com", "example.com")},
         "Error parsing file: unexpected root element Package"),
        ({"package.xml": material.manifest({}, None)}, "Required field is missing: version"),
        ({"package.xml": material.manifest({}, "88.0")}, "Invalid api version:88.0"),
        ({"package.xml": material.manifest({KEY: ["k1"]})},
         "An object 'k1' of type PublicKeyCertificate was named in package.xml, but was not found in zipped directory"),
        ({"package.xml": material.manifest({"Nope": ["x"]})}, "Unknown type name 'Nope' specified in package.xml"),
        ({"package.xml": material.manifest({KEY: ["k1"]}, "61.0"), material.path(KEY, "k1"): key_file()},
         "Not available for deploy for this API version"),
        ({"package.xml": material.manifest({KEY: ["k1"]}), material.path(KEY, "k1"): keyset_file()},
         (f"Error parsing file: {ELEMENT}PublicKeyCertificateSet invalid at this "
         "location")),
        ({"package.xml": material.manifest({KEY: ["k1"]}), material.path(KEY, "k1"): "<a>"},
         "Error parsing file: no element found"),
        ({"package.xml": material.manifest({}), "destructiveChangesPost.xml": material.manifest({KEY: ["*"]}, None)},
         "Wildcards aren't supported in destructive changes"),
    ],
)  # fmt: skip
def test_packages_that_are_refused(org: Client, files: dict[str, str], problem: str) -> None:
    result = org.wait(org.submit(zipped(files)))
    assert result["status"] == "Failed"
    assert failures(result) == [problem]


def test_what_is_no_zip(org: Client) -> None:
    assert failures(org.wait(org.submit(b"PK no"))) == ["The zip file can't be read"]


def test_an_unlisted_file_is_a_warning(org: Client) -> None:
    content = package({f"{KEY}/k1": key_file()}, listed={})
    refused = org.wait(org.submit(content))
    assert (refused["status"], failures(refused)) == ("Failed", ["Not in package.xml"])
    assert refused["details"]["componentFailures"][0]["problemType"] == "Warning"
    ignored = org.wait(org.submit(content, ignoreWarnings="true"))
    assert ignored["success"]
    assert names(org, KEY) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (key_file(label=None), "Required field is missing: masterLabel"),
        (key_file(label=""), "Required field is missing: masterLabel"),
        (key_file(label="x" * 81), f"masterLabel: data value too large: {'x' * 81} (max length=80)"),
        (key_file(active="yes"), "Error parsing file: 'yes' is not a valid value for the type xsd:boolean"),
        (key_file().replace("isActive", "active"),
         (f"Error parsing file: {ELEMENT}active invalid at this location in type "
         "PublicKeyCertificate")),
        (key_file().replace("</masterLabel>", "</masterLabel><masterLabel>y</masterLabel>"),
         (f"Error parsing file: {ELEMENT}masterLabel is duplicated at this "
         "location in type PublicKeyCertificate")),
        (key_file().replace("A key", "<b>x</b>"),
         "Error parsing file: Element masterLabel must not have child elements"),
        (key_file(" "), "Required field is missing: jsonWebKey"),
        (key_file().replace(f' xmlns="{material.NAMESPACE}"', ""),
         "Error parsing file: Element {}PublicKeyCertificate invalid at this location"),
    ],
)  # fmt: skip
def test_key_files_that_are_refused(org: Client, text: str, problem: str) -> None:
    result = org.deploy({f"{KEY}/k1": text})
    assert failures(result) == [problem]
    assert result["details"]["componentFailures"][0]["lineNumber"] >= 2


SECRET = "JSON web key contains private key properties"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("not json", "The JSON web key isn't valid JSON. Upload each key individually."),
        (json.dumps([material.members()]), "The JSON web key isn't valid JSON. Upload each key individually."),
        (json.dumps({"keys": [material.members()]}), "The JSON web key is a key set. Upload each key individually."),
        ('{"kty":"RSA","kty":"RSA"}', "The JSON web key isn't valid JSON. Upload each key individually."),
        (material.jwk(kid=None), "The JSON web key is missing these required properties: kid"),
        (material.jwk(x5c=None, alg=None), "The JSON web key is missing these required properties: alg, x5c"),
        (material.jwk(kty="EC"), "The JSON web key's kty must be RSA."),
        (material.jwk(alg="RS384"), "The JSON web key's alg must be one of: RS256, RS512"),
        (material.jwk(d="c2VjcmV0"), f"The {SECRET}. Upload the public key."),
        (material.jwk(oth=[]), f"The {SECRET}. Upload the public key."),
        (material.jwk(x5c=["!"]), "The x5c property must be a base64-encoded X.509 certificate."),
        (material.jwk(x5c=["aGVsbG8="]), "The x5c property must be a base64-encoded X.509 certificate."),
        (material.jwk(x5c="text"), "The x5c property must be a base64-encoded X.509 certificate."),
        (material.jwk(n=material.number(3)), "The n property doesn't match the certificate's public key."),
        (material.jwk(e=5), "The e property doesn't match the certificate's public key."),
        (material.jwk(name="short", bits=1024), "The certificate must hold an RSA public key of at least 2048 bits."),
        (material.jwk(days=9), "The certificate must be valid for at least 10 days."),
        (material.jwk(days=-1), "The certificate must be valid for at least 10 days."),
    ],
)  # fmt: skip
def test_jwks_that_are_refused(org: Client, text: str, problem: str) -> None:
    result = org.deploy({f"{KEY}/k1": key_file(text)})
    assert failures(result) == [problem]


@pytest.mark.parametrize(
    "text",
    [
        material.jwk(alg="RS512"), material.jwk(days=11), material.jwk(n=None, e=None, use=None),
        material.jwk(y="y", crv="crv", d="d", k="k"),
    ],
)  # fmt: skip
def test_jwks_that_are_taken(org: Client, text: str) -> None:
    assert org.deploy({f"{KEY}/k1": key_file(text)})["success"]


def test_an_old_certificate_does_not_stop_other_changes(org: Client, broken: Callable[..., None]) -> None:
    """The certificate is looked at when the JWK comes; switching the key off is possible ever after."""
    org.deploy({f"{KEY}/k1": key_file()})
    held = org.file(KEY, "k1")
    assert org.deploy({f"{KEY}/k1": held.replace("<isActive>true", "<isActive>false")})["success"]
    assert "<isActive>false</isActive>" in org.file(KEY, "k1")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (keyset_file(endpoint="https://x.example/k", type_="JWKS"),
         "You can't configure JWKS_URL when the key type selected is JWKS_KEY."),
        (keyset_file(["k1"], endpoint="https://x.example/k"),
         "You can't configure JWKS_KEY when the key type selected is JWKS_URL."),
        (keyset_file(type_="JWKS_URL"), "Required field is missing: jwksEndPoint"),
        (keyset_file(endpoint="http://x.example/k"), "The endpoint URL must begin with https://: http://x.example/k"),
        (keyset_file(type_="Jwks"), "'Jwks' is not a valid value for the enum 'PublicKeyCertificateSetType'"),
        (keyset_file(["k1", "k1"]), "duplicate value found: publicKeyCertificate k1"),
    ],
)  # fmt: skip
def test_keyset_files_that_are_refused(org: Client, text: str, problem: str) -> None:
    assert problem in failures(org.deploy({f"{KEY}/k1": key_file(), f"{KEYSET}/web": text}))


SYNCHRONOUS = "<isSynchronousChatEnabled>true</isSynchronousChatEnabled>"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (channel_file(f"<authMode>Auth</authMode>{authorization(keyset='nope')}"),
         "In field: publicKeyCertificateSetName - no PublicKeyCertificateSet named nope found"),
        (channel_file("<authMode>Auth</authMode>", SYNCHRONOUS),
         "You can't enable Session-Based Chat for verified users"),
        (channel_file("<authMode>auth</authMode>"), "'auth' is not a valid value for authMode"),
        (channel_file("<isSaveTranscriptEnabled>true</isSaveTranscriptEnabled>"),
         "Required field is missing: authMode"),
        (channel_file(type_="WhatsApp"), "embeddedConfig is supported only for the channel type EmbeddedMessaging"),
        (channel_file(type_="Pigeon"), "'Pigeon' is not a valid value for the enum 'MessagingChannelType'"),
        (channel_file(f"<authMode>Auth</authMode>{authorization('1a')}"),
         "The authIdentifier must begin with a letter and contain only alphanumeric characters and underscores."),
        (channel_file(f"<authMode>Auth</authMode>{authorization()}{authorization()}"),
         "duplicate value found: authIdentifier shop"),
        (channel_file(f"<authMode>Auth</authMode>{authorization(keyset=None)}"),
         "Required field is missing: publicKeyCertificateSetName"),
        (channel_file(f"<authMode>Auth</authMode>{authorization(type_='AuthProvider', keyset=None)}"),
         "Required field is missing: authProviderName"),
        (channel_file("<authMode>UnAuth</authMode><verifiedUserJwtExpirationTime>0</verifiedUserJwtExpirationTime>"),
         "verifiedUserJwtExpirationTime must be greater than 0"),
        (channel_file("<authMode>UnAuth</authMode><verifiedUserJwtExpirationTime>1h</verifiedUserJwtExpirationTime>"),
         "Error parsing file: '1h' is not a valid value for the type xsd:int"),
    ],
)  # fmt: skip
def test_channel_files_that_are_refused(org: Client, text: str, problem: str) -> None:
    org.deploy({f"{KEYSET}/web": keyset_file()})
    assert failures(org.deploy({f"{CHANNEL}/New_Chat": text})) == [problem]


@pytest.mark.parametrize("name", ["1abc", "a__b", "a_", "a b", "ä", "x" * 81])
def test_names_that_are_refused(org: Client, name: str) -> None:
    [problem] = failures(org.deploy({f"{KEY}/{name}": key_file()}))
    assert "API Name" in problem


def test_an_auth_provider_and_a_session_based_chat_are_possible(org: Client) -> None:
    provider = authorization(type_="AuthProvider", keyset=None, provider="Login")
    text = channel_file(f"<authMode>UnAuth</authMode>{provider}", SYNCHRONOUS)
    assert org.deploy({f"{CHANNEL}/New_Chat": text})["success"]
    assert "<authProviderName>Login</authProviderName>" in org.file(CHANNEL, "New_Chat")


def test_a_channel_is_replaced_whole(org: Client) -> None:
    """What its file omits is gone; the expiration has a default; a redeployed channel stays active."""
    assert "<description>" in org.file(CHANNEL, "Web_Chat")
    embedded = "<authMode>UnAuth</authMode><anonymousUserJwtExpirationTime>90</anonymousUserJwtExpirationTime>"
    org.deploy({f"{CHANNEL}/Web_Chat": channel_file(embedded)})
    after = org.file(CHANNEL, "Web_Chat")
    assert "<description>" not in after
    assert "<automatedResponses>" not in after
    assert "<anonymousUserJwtExpirationTime>90<" in after
    org.deploy({f"{CHANNEL}/Web_Chat": channel_file()})
    assert "<anonymousUserJwtExpirationTime>360<" in org.file(CHANNEL, "Web_Chat")
    assert org.query("SELECT IsActive FROM MessagingChannel WHERE DeveloperName='Web_Chat'") == [{"IsActive": True}]


@pytest.mark.parametrize(
    ("mode", "sent", "kept"),
    [
        ("Auth", {}, {"verified": "60"}),
        ("UnAuth", {}, {"anonymous": "360"}),
        ("Auth", {"verified": "90", "anonymous": "300"}, {"verified": "90"}),
        ("UnAuth", {"verified": "90", "anonymous": "300"}, {"anonymous": "300"}),
        ("Auth", {"anonymous": "300"}, {"verified": "60"}),
        ("UnAuth", {"verified": "90"}, {"anonymous": "360"}),
    ],
)
def test_only_the_expiration_in_force_is_kept(
    org: Client, mode: str, sent: dict[str, str], kept: dict[str, str]
) -> None:
    org.deploy({f"{CHANNEL}/Web_Chat": channel_file(f"<authMode>{mode}</authMode>{expirations(sent)}")})
    assert kept_expirations(org) == kept


def expirations(minutes: dict[str, str]) -> str:
    return "".join(f"<{who}UserJwtExpirationTime>{each}</{who}UserJwtExpirationTime>" for who, each in minutes.items())


def kept_expirations(org: Client) -> dict[str, str]:
    found = re.findall(r"<(\w+)UserJwtExpirationTime>(\d+)</\1UserJwtExpirationTime>", org.file(CHANNEL, "Web_Chat"))
    return dict(found)


@pytest.mark.parametrize("name", ["Web_Chat", "App_Chat", "Kiosk_Chat", "WhatsApp_US", "SMS_Alerts"])
def test_what_was_retrieved_deploys_without_a_change(org: Client, name: str) -> None:
    text = org.file(CHANNEL, name)
    [row] = successes(org.deploy({f"{CHANNEL}/{name}": text})).values()
    assert not row["changed"]
    assert org.file(CHANNEL, name) == text


def test_an_older_version_leaves_alone_what_it_does_not_know(org: Client, broken: Callable[..., None]) -> None:
    old, new = org.file(CHANNEL, "Web_Chat", "63.0"), org.file(CHANNEL, "Web_Chat")
    assert old != new
    assert org.deploy({f"{CHANNEL}/Web_Chat": old}, version="63.0")["success"]
    assert org.file(CHANNEL, "Web_Chat") == new
    assert "invalid at this location" in failures(org.deploy({f"{CHANNEL}/Web_Chat": new}, version="63.0"))[0]
    broken("newer-omitted-gone")
    org.deploy({f"{CHANNEL}/Web_Chat": old}, version="63.0")
    assert org.file(CHANNEL, "Web_Chat") == old


# -- deletions


def test_deletions_after_the_changes_that_drop_the_references(org: Client) -> None:
    org.deploy({**whole(), f"{KEY}/k2": key_file(material.jwk(kid="kid-2"))})
    moved = {f"{KEYSET}/web": keyset_file(["k2"])}
    result = org.deploy(moved, removed={KEY: ["k1"]})
    assert result["success"]
    assert successes(result)[f"{KEY}/k1"]["deleted"]
    assert names(org, KEY) == ["k2"]


def test_deletions_before_the_changes_find_the_references(org: Client) -> None:
    org.deploy({**whole(), f"{KEY}/k2": key_file(material.jwk(kid="kid-2"))})
    content = package({f"{KEYSET}/web": keyset_file(["k2"])}, removed={KEY: ["k1"]}, before=True)
    result = org.wait(org.submit(content))
    assert failures(result) == [
        (
            "This PublicKeyCertificate is referenced elsewhere in salesforce.com. Remove the usage and try again. : "
            "PublicKeyCertificateSet - web"
        )
    ]
    assert names(org, KEY) == ["k1", "k2"]
    assert org.deploy({}, listed={}, removed={KEYSET: ["web"]})["status"] == "Failed"


def test_deleting_what_is_not_there_is_a_warning(org: Client) -> None:
    result = org.deploy({}, listed={}, removed={KEY: ["gone"]})
    [row] = result["details"]["componentFailures"]
    assert (row["problem"], row["problemType"]) == ("No PublicKeyCertificate named: gone found", "Warning")
    assert (row["fileName"], row["fullName"]) == ("destructiveChangesPost.xml", "destructiveChangesPost.xml")
    assert org.deploy({}, listed={}, removed={KEY: ["gone"]}, ignoreWarnings="true")["success"]


def test_a_channel_cannot_be_deleted(org: Client) -> None:
    for name in ("Web_Chat", "Kiosk_Chat"):
        refused = failures(org.deploy({}, listed={}, removed={CHANNEL: [name]}))
        assert refused == ["Messaging channels can't be deleted."]
    assert "Kiosk_Chat" in names(org, CHANNEL)


def test_what_a_channel_routes_to_must_exist(org: Client) -> None:
    queue = "<sessionHandlerQueue>{}</sessionHandlerQueue>"
    text = channel_file("<authMode>UnAuth</authMode>")
    assert queue.format("Support") in text
    unknown = text.replace(queue.format("Support"), queue.format("Gone"))
    assert failures(org.deploy({f"{CHANNEL}/New_Chat": unknown})) == [
        "In field: sessionHandlerQueue - no Queue named Gone found"
    ]
    flow = text.replace(queue.format("Support"), "<sessionHandlerFlow>Route_Messaging</sessionHandlerFlow>")
    assert failures(org.deploy({f"{CHANNEL}/New_Chat": flow})) == [
        "A Fallback Queue must be specified when selecting a Flow routing method."
    ]


def test_an_org_that_deletes_channels_deletes_inactive_ones(org: Client, broken: Callable[..., None]) -> None:
    broken("channel-deletable")
    assert failures(org.deploy({}, listed={}, removed={CHANNEL: ["Web_Chat"]})) == [
        "Deactivate the channel before you delete it."
    ]
    assert org.deploy({}, listed={}, removed={CHANNEL: ["Kiosk_Chat"]})["success"]
    assert "Kiosk_Chat" not in names(org, CHANNEL)


# -- options, queue, cancel, quick deploy


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"rollbackOnError": "false"}, "rollbackOnError option must be true on a production org"),
        ({"testLevel": "NoTestRun"}, "testLevel of NoTestRun cannot be used in production organizations"),
        ({"allowMissingFiles": "true"}, "allowMissingFiles option must be false on a production org"),
    ],
)
def test_production_refuses_some_options(
    org: Client, broken: Callable[..., None], options: dict[str, str], text: str
) -> None:
    body = deploy_body(package({f"{KEY}/k1": key_file()}), **options)
    assert org.soap(body).status_code == 200
    broken("production")
    assert org.fault(body) == ("INVALID_OPERATION", text)
    assert org.deploy({f"{KEY}/k2": key_file()})["success"]


def test_booleans_of_other_clients_and_odd_words(org: Client) -> None:
    content = package({f"{KEY}/k1": key_file()})
    assert org.wait(org.submit(content, checkOnly="True", rollbackOnError="True"))["checkOnly"] is True
    assert org.fault(deploy_body(content, testLevel="Some"))[0] == "INVALID_OPERATION"


def test_a_deployment_is_seen_under_way_and_then_done(org: Client) -> None:
    deployment_id = org.submit(package(whole()))
    seen = [org.look(deployment_id)["status"]]
    seen.append(org.wait(deployment_id)["status"])
    assert seen[0] in ("Pending", "InProgress")
    assert seen[1] == "Succeeded"


def test_deployments_can_be_queried(org: Client) -> None:
    deployment_id = org.submit(package({f"{KEYSET}/web": keyset_file(["nope"])}))
    org.wait(deployment_id)
    query = "SELECT Id, Status, NumberComponentErrors, Type FROM DeployRequest WHERE CreatedDate = TODAY"
    [row] = org.query(query, tooling=True)
    assert (row["Id"], row["Status"], row["NumberComponentErrors"], row["Type"]) == (deployment_id, "Failed", 1, "Api")
    fifteen = deployment_id[:15]
    assert org.query(f"SELECT Id FROM DeployRequest WHERE Id='{fifteen}'", tooling=True) == [{"Id": deployment_id}]
    assert org.look(fifteen)["id"] == deployment_id


def test_deployments_wait_for_each_other(org: Client, broken: Callable[..., None]) -> None:
    broken("deploy-queued=5")
    first, second = org.submit(package({f"{KEY}/k1": key_file()})), org.submit(package({f"{KEY}/k2": key_file()}))
    assert org.look(second)["status"] == "Pending"
    assert org.wait(first)["success"]
    assert org.wait(second)["success"]
    done = {
        row["Id"]: row["CompletedDate"]
        for row in org.query("SELECT Id, CompletedDate FROM DeployRequest", tooling=True)
    }
    assert done[first] <= done[second]


def test_cancel(org: Client, broken: Callable[..., None]) -> None:
    broken("deploy-queued=1000")
    deployment_id = org.submit(package(whole()))
    [answer] = org.call(f"<met:cancelDeploy><met:String>{deployment_id}</met:String></met:cancelDeploy>")
    assert answer == {"done": "false", "id": deployment_id}
    result = org.wait(deployment_id)
    assert (result["status"], result["success"], result["canceledByName"]) == ("Canceled", False, "Ada Admin")
    assert names(org, KEY) == []
    again = f"<met:cancelDeploy><met:id>{deployment_id}</met:id></met:cancelDeploy>"
    assert org.fault(again) == ("INVALID_ID_FIELD", "Deployment already completed")
    assert org.fault("<met:cancelDeploy><met:String>x</met:String></met:cancelDeploy>") == (
        "INVALID_ID_FIELD", "Invalid deploy ID",
    )  # fmt: skip


def test_a_finalizing_deployment_is_not_canceled(org: Client, broken: Callable[..., None]) -> None:
    broken("deploy-finalizing=3")
    deployment_id = org.submit(package(whole()))
    while org.look(deployment_id)["status"] != "Finalizing":
        pass
    url = f"{org.connection.url}/services/data/v67.0/metadata/deployRequest/{deployment_id}"
    refused = org.http.patch(url, json={"deployResult": {"status": "Canceling"}})
    assert refused.json()[0]["message"] == "You cannot cancel the deployment while finalizing is in progress"
    assert org.wait(deployment_id)["success"]


def test_quick_deploy(org: Client, broken: Callable[..., None]) -> None:
    validation = org.submit(package(whole()), checkOnly="true")
    org.wait(validation)
    body = f"<met:deployRecentValidation><met:validationId>{validation}</met:validationId></met:deployRecentValidation>"
    [deployment_id] = org.call(body)
    assert deployment_id != validation
    assert org.wait(deployment_id)["success"]
    assert names(org, KEY) == ["k1"]
    assert org.fault(body)[0] == "INVALID_ID_FIELD"
    url = f"{org.connection.url}/services/data/v67.0/metadata/deployRequest"
    assert org.http.post(url, json={"validatedDeployRequestId": validation}).status_code == 404
    second = org.submit(package(whole()), checkOnly="true")
    org.wait(second)
    quick = org.http.post(f"{url}/validatedDeployRequestId", json={"validatedDeployRequestId": second})
    assert quick.status_code == 201
    assert (quick.json()["validatedDeployRequestId"], quick.json()["id"] != second) == (second, True)
    broken("no-quick-deploy")
    third = org.submit(package({f"{KEY}/k3": key_file()}), checkOnly="true")
    org.wait(third)
    assert org.http.post(url, json={"validatedDeployRequestId": third}).status_code == 404


# -- the REST resource


def rest_deploy(org: Client, content: bytes, name: str = "json", **options: Any) -> Any:
    body = json.dumps({"deployOptions": {"rollbackOnError": True, "singlePackage": True, **options}})
    parts = {"file": ("package.xml", content, "application/zip"), name: (None, body, "application/json")}
    return org.http.post(f"{org.connection.url}/services/data/v67.0/metadata/deployRequest", files=parts)


@pytest.mark.parametrize("name", ["json", "entity_content"])
def test_the_rest_resource(org: Client, name: str) -> None:
    answer = rest_deploy(org, package(whole()), name)
    assert answer.status_code == 201
    body = answer.json()
    assert body["url"].endswith(f"/services/data/v67.0/metadata/deployRequest/{body['id']}")
    assert body["deployResult"]["status"] == "Pending"
    assert (body["deployOptions"]["rollbackOnError"], body["deployOptions"]["runAllTests"]) == (True, False)
    assert org.wait(body["id"])["success"]
    without = org.get(f"/services/data/v67.0/metadata/deployRequest/{body['id']}").json()["deployResult"]
    assert without["details"] is None


def test_the_rest_resource_refuses(org: Client) -> None:
    url = f"{org.connection.url}/services/data/v67.0/metadata/deployRequest"
    assert org.http.post(url, data=b"x", headers={"Content-Type": "application/zip"}).status_code == 400
    assert org.http.post(url, json={}).status_code == 415
    assert org.http.post(url, files={"json": (None, "{}")}).status_code == 400
    assert org.http.post(url, files={"json": (None, "{}"), "file": b"x"}).json()[0]["errorCode"] == "JSON_PARSER_ERROR"
    assert org.get("/services/data/v67.0/metadata/deployRequest/0AfLO00000000990AA").status_code == 404
    assert (
        org.http.patch(f"{url}/0AfLO00000000990AA", json={"deployResult": {"status": "Canceling"}}).status_code == 400
    )
    assert org.http.patch(f"{url}/0AfLO00000000990AA", json={}).status_code == 400
