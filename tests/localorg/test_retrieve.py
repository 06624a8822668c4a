"""Retrieves: the files as Salesforce writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from provisioner.localorg import mend, package
from tests.localorg import material
from tests.localorg.client import Client
from tests.localorg.material import authorization, channel_file, key_file, keyset_file

BLOCK = """
    <embeddedConfig>
        <authMode>Auth</authMode>
        <messagingAuthorizations>
            <authIdentifier>shop</authIdentifier>
            <authorizationType>PublicKeyCertificateSet</authorizationType>
            <enabled>true</enabled>
            <publicKeyCertificateSetName>web</publicKeyCertificateSetName>
        </messagingAuthorizations>
        <verifiedUserJwtExpirationTime>60</verifiedUserJwtExpirationTime>
    </embeddedConfig>
"""
KEY, KEYSET, CHANNEL = "PublicKeyCertificate", "PublicKeyCertificateSet", "MessagingChannel"


def deploy_everything(org: Client) -> None:
    files = {
        f"{KEY}/k1": key_file(),
        f"{KEYSET}/web": keyset_file(["k1"]),
        f"{CHANNEL}/New_Chat": channel_file(f"<authMode>Auth</authMode>{authorization()}"),
    }
    assert org.deploy(files)["success"]


def test_everything_with_a_wildcard(org: Client) -> None:
    deploy_everything(org)
    result = org.retrieve({CHANNEL: ["*"], KEY: ["*"], KEYSET: ["*"]})
    names = ["App_Chat", "Kiosk_Chat", "New_Chat", "SMS_Alerts", "Web_Chat", "WhatsApp_US"]
    paths = [material.path(CHANNEL, name) for name in names] + [material.path(KEY, "k1"), material.path(KEYSET, "web")]
    assert sorted(result["files"]) == sorted([*paths, "package.xml"])
    assert {row["fileName"] for row in result["fileProperties"]} == set(result["files"])
    manifest = ElementTree.fromstring(result["files"]["package.xml"])
    assert [element.text for element in manifest.iter(f"{{{material.NAMESPACE}}}name")] == [KEY, KEYSET, CHANNEL]
    assert (result["status"], result["success"]) == ("Succeeded", "true")


def test_a_file_is_written_as_salesforce_writes_it(org: Client) -> None:
    deploy_everything(org)
    text = org.file(CHANNEL, "New_Chat")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<MessagingChannel xmlns="http://soap.sforce.com/')
    assert text.endswith("</MessagingChannel>\n")
    assert BLOCK in text
    assert "we won&apos;t contact you again" in org.file(CHANNEL, "Web_Chat")
    assert "Acme &amp; Sons" in org.file(CHANNEL, "Web_Chat")


def test_a_jwk_is_written_anew(org: Client) -> None:
    sent = material.members(y="y", crv="crv", d="d", k="k")
    deploy = {f"{KEY}/k1": key_file(material.jwk(y="y", crv="crv", d="d", k="k"))}
    assert org.deploy(deploy)["success"]
    text = jwk_of(org)
    assert list(json_members(text)) == ["kty", "e", "use", "kid", "x5c", "alg", "n", "y", "crv", "d", "k"]
    assert json_members(text) == sent
    assert " " not in text


def jwk_of(org: Client) -> str:
    root = ElementTree.fromstring(org.file(KEY, "k1"))
    return root.findtext(f"{{{material.NAMESPACE}}}jsonWebKey") or ""


def json_members(text: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(text)
    return found


def test_jwk_faults(org: Client, broken: Callable[..., None]) -> None:
    sent = material.jwk(extra="x")
    org.deploy({f"{KEY}/k1": key_file(sent)})
    usual = jwk_of(org)
    seen = {}
    for fault in ("jwk-verbatim", "jwk-reserialised-otherwise", "jwk-drops-unknown-members"):
        broken(fault)
        seen[fault] = jwk_of(org)
        mend(org.directory, fault)
    assert seen["jwk-verbatim"] == sent != usual
    assert "\n" in seen["jwk-reserialised-otherwise"]
    assert json_members(seen["jwk-reserialised-otherwise"]) == json_members(usual)
    assert json_members(seen["jwk-drops-unknown-members"]) == material.members()
    assert jwk_of(org) == usual


def test_elements_in_another_order(org: Client, broken: Callable[..., None]) -> None:
    usual = ElementTree.fromstring(org.file(CHANNEL, "Web_Chat"))
    broken("elements-reordered")
    turned = ElementTree.fromstring(org.file(CHANNEL, "Web_Chat"))
    assert [child.tag for child in turned] == [child.tag for child in reversed(usual)]
    names = "<met:fullNames>Web_Chat</met:fullNames>"
    body = f"<met:readMetadata><met:type>MessagingChannel</met:type>{names}</met:readMetadata>"
    assert list(org.call(body)[0]["records"])[:2] == ["fullName", "standardParameters"]


def test_what_cannot_be_had_is_a_message(org: Client) -> None:
    result = org.retrieve({CHANNEL: ["nope"], "Nope": ["*"]})
    assert [row["problem"] for row in result["messages"]] == [
        "Entity of type 'MessagingChannel' named 'nope' cannot be found", "Entity type: 'Nope' is unknown",
    ]  # fmt: skip
    assert list(result["files"]) == ["package.xml"]


@pytest.mark.parametrize("request_name", ["retrieveRequest", "request"])
def test_without_single_package_all_is_in_a_folder(org: Client, request_name: str) -> None:
    result = org.retrieve({CHANNEL: ["App_Chat"]}, single=False)
    assert sorted(result["files"]) == [
        "unpackaged/messagingChannels/App_Chat.messagingChannel",
        "unpackaged/package.xml",
    ]
    wanted = "<met:types><met:members>App_Chat</met:members><met:name>MessagingChannel</met:name></met:types>"
    body = f"<met:{request_name}><met:unpackaged>{wanted}</met:unpackaged></met:{request_name}>"
    [queued] = org.call(f"<met:retrieve>{body}</met:retrieve>")
    while (found := org.check_retrieve(queued["id"]))["done"] != "true":
        pass
    assert sorted(found["files"]) == sorted(result["files"])


def test_a_retrieve_of_too_many_files(org: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest is a file, too."""
    monkeypatch.setattr(package, "MOST_FILES", 2)
    assert org.retrieve({CHANNEL: ["App_Chat"]})["success"] == "true"
    result = org.retrieve({CHANNEL: ["App_Chat", "Web_Chat"]})
    assert (result["status"], result["success"], result["errorStatusCode"]) == ("Failed", "false", "LIMIT_EXCEEDED")
    assert result["errorMessage"] == "Too many files in retrieve call, limit is: 2"
    assert "zipFile" not in result


def test_a_zip_is_handed_out_once(org: Client) -> None:
    result = org.retrieve({CHANNEL: ["App_Chat"]})
    again = org.check_retrieve(result["id"])
    assert (again["status"], "zipFile" in again) == ("Succeeded", False)


def test_a_type_that_is_missing_or_unreadable(org: Client, broken: Callable[..., None]) -> None:
    deploy_everything(org)
    broken("type-missing")
    described = org.call("<met:describeMetadata/>")[0]["metadataObjects"]
    assert [row["xmlName"] for row in described][:3] == [KEYSET, CHANNEL, "EmbeddedServiceConfig"]
    listing = f"<met:listMetadata><met:queries><met:type>{KEY}</met:type></met:queries></met:listMetadata>"
    assert org.fault(listing) == ("INVALID_TYPE", f"Cannot use: {KEY} in this organization")
    result = org.retrieve({KEY: ["*"], KEYSET: ["*"]})
    assert result["messages"]["problem"] == f"Cannot use: {KEY} in this organization"
    assert material.path(KEYSET, "web") in result["files"]
    assert org.deploy({f"{KEY}/k2": key_file()})["details"]["componentFailures"][0]["problem"] == (
        "Not available for deploy for this organization"
    )
    broken("channel-unreadable")
    listing = f"<met:listMetadata><met:queries><met:type>{CHANNEL}</met:type></met:queries></met:listMetadata>"
    assert org.fault(listing)[0] == "INSUFFICIENT_ACCESS"
    assert org.deploy({f"{CHANNEL}/x1": channel_file()})["status"] == "Failed"
