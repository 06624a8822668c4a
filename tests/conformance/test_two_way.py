"""Our product and the official CLI read what the other wrote, and mean the same by it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from tests.conformance.cli import SalesforceCli
from tests.conformance.material import (
    NAMESPACE,
    SourceProject,
    certificate,
    certificate_pem,
    jwk,
    key_xml,
    keyset_xml,
    load_certificate,
    rsa_key,
)
from tests.conformance.product import Configuration, LocalOrg
from tests.conformance.xml import canonical, child

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(900)]

ISSUER = "https://id.example.com"
DECLARATION = f"""
version: 1
keys:
  storefront_2026:
    label: Storefront 2026
    certificate: keys/storefront.crt
    kid: storefront-2026
keysets:
  storefront:
    label: Storefront
    issuer: {ISSUER}
    keys: [storefront_2026]
channels:
  Web_Chat:
    user_verification:
      enabled: true
      configurations:
        storefront_login: {{keyset: storefront, active: true}}
    token_expiration_minutes: {{verified: 90, unverified: 300}}
"""
#: What DECLARATION makes of the channel's verification, in the words of the Metadata API.
VERIFIED = """
        <authMode>Auth</authMode>
        <messagingAuthorizations>
            <authIdentifier>storefront_login</authIdentifier>
            <authorizationType>PublicKeyCertificateSet</authorizationType>
            <enabled>true</enabled>
            <publicKeyCertificateSetName>storefront</publicKeyCertificateSetName>
        </messagingAuthorizations>"""
OURS = {"authMode", "messagingAuthorizations", "anonymousUserJwtExpirationTime", "verifiedUserJwtExpirationTime"}


@pytest.fixture
def declared(configuration: Configuration) -> Configuration:
    """DECLARATION with its key material."""
    (configuration.keys / "storefront.crt").write_bytes(certificate_pem(certificate(rsa_key(1), "storefront")))
    configuration.declare(DECLARATION)
    return configuration


def not_ours(channel: str) -> object:
    """A channel's file without the elements that the declaration speaks of."""
    root = etree.fromstring(channel.encode())
    config = root.find(f"{{{NAMESPACE}}}embeddedConfig")
    assert config is not None
    for element in list(config):
        if etree.QName(element).localname in OURS:
            config.remove(element)
    return canonical(etree.tostring(root, encoding="unicode"))


def test_what_apply_wrote_the_cli_retrieves_as_it_was_meant(
    sf: SalesforceCli, project: SourceProject, declared: Configuration
) -> None:
    before = sf.retrieve(project, "MessagingChannel", "Web_Chat").read_text(encoding="utf-8")

    declared.run("apply", "--yes").expect(0)

    key = sf.retrieve(project, "PublicKeyCertificate", "storefront_2026").read_text(encoding="utf-8")
    stored = json.loads(child(key, "jsonWebKey") or "")
    pem = (declared.keys / "storefront.crt").read_bytes()
    assert stored == jwk(load_certificate(pem), "storefront-2026")
    assert (child(key, "isActive"), child(key, "masterLabel")) == ("true", "Storefront 2026")

    keyset = sf.retrieve(project, "PublicKeyCertificateSet", "storefront").read_text(encoding="utf-8")
    assert canonical(keyset) == canonical(keyset_xml("Storefront", ISSUER, "storefront_2026"))

    channel = sf.retrieve(project, "MessagingChannel", "Web_Chat").read_text(encoding="utf-8")
    assert child(channel, "embeddedConfig/authMode") == "Auth"
    authorization = "embeddedConfig/messagingAuthorizations"
    assert child(channel, f"{authorization}/authIdentifier") == "storefront_login"
    assert child(channel, f"{authorization}/authorizationType") == "PublicKeyCertificateSet"
    assert child(channel, f"{authorization}/enabled") == "true"
    assert child(channel, f"{authorization}/publicKeyCertificateSetName") == "storefront"
    assert child(channel, f"{authorization}/authProviderName") is None
    assert child(channel, "embeddedConfig/verifiedUserJwtExpirationTime") == "90"
    assert child(channel, "embeddedConfig/anonymousUserJwtExpirationTime") is None, "it is not in force"
    assert not_ours(channel) == not_ours(before)


def test_what_the_cli_deployed_plan_reads_as_no_change(
    sf: SalesforceCli, project: SourceProject, declared: Configuration
) -> None:
    made = load_certificate((declared.keys / "storefront.crt").read_bytes())
    project.write("PublicKeyCertificate", "storefront_2026", key_xml("Storefront 2026", jwk(made, "storefront-2026")))
    project.write("PublicKeyCertificateSet", "storefront", keyset_xml("Storefront", ISSUER, "storefront_2026"))
    channel = sf.retrieve(project, "MessagingChannel", "Web_Chat").read_text(encoding="utf-8")
    for old, new in (
        ("\n        <authMode>UnAuth</authMode>", VERIFIED),
        ("anonymousUserJwtExpirationTime>360<", "verifiedUserJwtExpirationTime>90<"),
        ("</anonymousUserJwtExpirationTime>", "</verifiedUserJwtExpirationTime>"),
    ):
        assert old in channel
        channel = channel.replace(old, new)
    project.write("MessagingChannel", "Web_Chat", channel)
    assert sf.run("project", "deploy", "start", "--source-dir", "force-app").result["success"] is True

    assert "No changes." in declared.run("plan").expect(0).stdout
    summary = declared.run("plan", "--format", "json").expect(0).document["summary"]
    assert (summary["create"], summary["update"], summary["delete"]) == (0, 0, 0)


def test_what_somebody_changed_with_the_cli_is_drift(
    sf: SalesforceCli, project: SourceProject, declared: Configuration
) -> None:
    declared.run("apply", "--yes").expect(0)
    declared.run("drift").expect(0)
    keyset = sf.retrieve(project, "PublicKeyCertificateSet", "storefront").read_text(encoding="utf-8")
    project.write("PublicKeyCertificateSet", "storefront", keyset.replace(ISSUER, f"{ISSUER}/"))
    assert sf.run("project", "deploy", "start", "--source-dir", "force-app").result["success"] is True

    (drifted,) = declared.run("drift", "--format", "json").expect(2).document["drift"]
    assert (drifted["address"], drifted["difference"]) == ("keyset.storefront", "differs")
    (field,) = drifted["fields"]
    assert (field["org"], field["declared"]) == (f"{ISSUER}/", ISSUER)
    assert drifted["last_modified_by"]
    assert drifted["last_modified_date"]
    assert "keyset.storefront" in declared.run("drift").expect(2).stdout


def test_the_cli_deploys_an_export_completely(sf: SalesforceCli, org: LocalOrg, declared: Configuration) -> None:
    document = declared.run("export", "--format", "json", "exported").expect(0).document
    there = replace(sf, project=declared.folder / "exported")
    deployed = there.run(
        *("project", "deploy", "start", "--manifest", "manifest/package.xml", "--target-org", org.username)
    ).result
    assert deployed["success"] is True
    assert {each["fullName"] for each in deployed["files"]} >= {"storefront_2026", "storefront", "Web_Chat"}
    assert deployed.get("warnings") in (None, [])
    assert len(document["components"]) == 3

    assert "No changes." in declared.run("plan").expect(0).stdout
    declared.run("drift").expect(0)


def test_what_we_export_into_a_project_the_cli_takes_or_ignores(sf: SalesforceCli, declared: Configuration) -> None:
    root = declared.folder / "shop"
    (root / "chat/main").mkdir(parents=True)
    (root / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "chat", "default": true}]}')
    written = declared.run("export", "--format", "json", "shop").expect(0).document["written"]
    components = {path for path in written if path.startswith("chat/")}
    assert len(components) == 3
    there = replace(sf, project=root)
    there.run("project", "convert", "source", "--output-dir", "out")
    converted = {path.name for path in (root / "out").rglob("*") if path.is_file()}
    assert {Path(path).name.removesuffix("-meta.xml") for path in components} <= converted

    declared.run("export", "--format", "json", "--forceignore", "shop").expect(0)
    ignored = there.run("project", "list", "ignored").result["ignoredFiles"]
    assert components <= {Path(each).as_posix() for each in ignored}


def test_a_deployment_of_the_cli_is_imported_completely(
    sf: SalesforceCli, project: SourceProject, declared: Configuration
) -> None:
    made = load_certificate((declared.keys / "storefront.crt").read_bytes())
    project.write("PublicKeyCertificate", "shop", key_xml("The shop", jwk(made, "shop-1")))
    project.write("PublicKeyCertificateSet", "shops", keyset_xml("Shops", f"{ISSUER}/shops", "shop"))
    assert sf.run("project", "deploy", "start", "--source-dir", "force-app").result["success"] is True

    document = declared.run("import", "--out", "imported", "--format", "json").expect(0).document
    assert document["declared"] == ["key.shop", "keyset.shops"]
    assert document["left_out"] == []
    planned = declared.run("plan", "--config", "imported").expect(0)
    assert "No changes." in planned.stdout
    pem = (declared.folder / "imported/keys/shop.crt").read_bytes()
    assert load_certificate(pem) == made
