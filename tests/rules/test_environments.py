"""Environment files, beyond the examples of the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.model.salesforce_hosts import HostKind, host_kind
from tests.rules.running import LOGIN, findings, ids


def environment(url: str, username: str = "ci@acme.com.uat", more: str = "") -> str:
    return f"login_url: {url}\nusername: {username}\n{LOGIN}{more}"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://login.salesforce.com", []),
        ("https://test.salesforce.com/", []),
        ("https://acme.my.salesforce.com", []),
        ("https://ACME.my.salesforce.com", []),
        ("https://acme--uat.sandbox.my.salesforce.com", []),
        ("https://acme-dev-ed.develop.my.salesforce.com", []),
        ("https://acme.my.salesforce.mil", []),
        ("https://login.sfcrmproducts.cn", []),
        ("https://localhost:8443", []),
        ("https://127.0.0.1:8443", []),
        ("http://acme.my.salesforce.com", ["login-url-not-https"]),
        ("acme.my.salesforce.com", ["login-url-not-https"]),
        ("https://", ["login-url-not-https"]),
        ("ftp://acme.my.salesforce.com", ["login-url-not-https"]),
        ("wss://na12.salesforce.com", ["login-url-not-https"]),
        ("https://acme.my.salesforce.com/services/oauth2/token", ["login-url-unknown-shape"]),
        ("https://acme.my.salesforce.com?a=b", ["login-url-unknown-shape"]),
        ("https://acme.lightning.force.com", ["login-url-unknown-shape"]),
        ("https://acme.my.salesforce-setup.com", ["login-url-unknown-shape"]),
        ("https://acme.my.site.com", ["login-url-unknown-shape"]),
        ("https://na12.salesforce.com", ["login-url-unknown-shape"]),
        ("https://salesforce.com", ["login-url-unknown-shape"]),
        ("https://login.salesforce.com.example.com", ["login-url-unknown-shape"]),
        ("https://id.example.com", ["login-url-unknown-shape"]),
    ],
)
def test_login_urls(url: str, expected: list[str], tmp_path: Path) -> None:
    assert ids(tmp_path, "", environment(url)) == expected


def test_credentials_in_a_url_are_not_repeated(tmp_path: Path) -> None:
    for number, url in enumerate(
        ("https://ci:hunter2@acme.my.salesforce.com", "http://ci:hunter2@acme.my.salesforce.com")
    ):
        found = findings(tmp_path / str(number), "", environment(url))
        assert len(found) == 1
        assert "hunter2" not in found[0].message


def test_a_chat_url_must_be_https_too(tmp_path: Path) -> None:
    text = environment("https://acme.my.salesforce.com", more="chat_url: http://acme.my.salesforce-scrt.com\n")
    found = findings(tmp_path, "", text)
    assert [(each.rule, each.location.line if each.location else 0) for each in found] == [("login-url-not-https", 5)]


@pytest.mark.parametrize(
    ("host", "kind", "sandbox"),
    [
        ("acme--uat.sandbox.my.salesforce.com", HostKind.SANDBOX, "uat"),
        ("acme--uat.my.salesforce.com", HostKind.SANDBOX, "uat"),
        ("acme--uat.cs83.my.salesforce.com", HostKind.SANDBOX, "uat"),
        ("Acme--UAT.sandbox.my.salesforce.com.", HostKind.SANDBOX, "uat"),
        ("acme-a-b.my.salesforce.com", HostKind.MY_DOMAIN, None),
        ("acme.scratch.my.salesforce.com", HostKind.OTHER_ORG, None),
        ("acme.trailblaze.my.salesforce.com", HostKind.OTHER_ORG, None),
        ("my.salesforce.com", HostKind.UNKNOWN, None),
        ("cs12.salesforce.com", HostKind.INSTANCE, None),
        ("login.salesforce.com", HostKind.LOGIN, None),
        ("test.salesforce.com", HostKind.TEST, None),
        ("logintest.salesforce.com", HostKind.UNKNOWN, None),
        ("foo.localhost", HostKind.LOOPBACK, None),
        ("::1", HostKind.LOOPBACK, None),
        ("", HostKind.UNKNOWN, None),
    ],
)
def test_hosts_say_what_they_are(host: str, kind: HostKind, sandbox: str | None) -> None:
    assert host_kind(host) == (kind, sandbox)


@pytest.mark.parametrize(
    ("url", "username", "is_missed"),
    [
        ("https://acme--uat.sandbox.my.salesforce.com", "ci@acme.com.uat", False),
        ("https://acme--uat.sandbox.my.salesforce.com", "ci@acme.com.UAT", False),
        ("https://acme--uat.sandbox.my.salesforce.com", "ci@acme.com", True),
        ("https://acme--uat.sandbox.my.salesforce.com", "ci@acme.com.dev", True),
        ("https://acme--uat.sandbox.my.salesforce.com", "${env:NAME}", False),
        ("https://test.salesforce.com", "ci@acme.com", True),
        ("https://test.salesforce.com", "ci@acme.com.uat", False),
        ("https://test.salesforce.com", "ci@acme.com.qa", False),
        ("https://acme.my.salesforce.com", "ci@acme.com", False),
        ("https://login.salesforce.com", "ci@acme.com", False),
    ],
)
def test_user_names_of_a_sandbox(url: str, username: str, is_missed: bool, tmp_path: Path) -> None:
    expected = ["username-without-sandbox-suffix"] if is_missed else []
    assert ids(tmp_path, "", environment(url, username)) == expected


@pytest.mark.parametrize(
    ("url", "more", "expected"),
    [
        ("https://acme.my.salesforce.com", "org_id: 00D5g000000AbCd", []),
        ("https://acme.my.salesforce.com", "", ["production-without-org-id"]),
        ("https://test.salesforce.com", "org_id: 00D5g000000AbCd", ["production-with-sandbox-login"]),
        ("https://acme--uat.sandbox.my.salesforce.com", "org_id: 00D5g000000AbCd", ["production-with-sandbox-login"]),
    ],
)
def test_production(url: str, more: str, expected: list[str], tmp_path: Path) -> None:
    assert ids(tmp_path, "", environment(url, more=f"production: true\n{more}\n")) == expected


@pytest.mark.parametrize(
    ("org_id", "is_good"),
    [
        ("00D5g000000AbCd", True),
        ("00D5g000000AbCdEAK", True),
        ("00D5g000000AbCdE", False),
        ("00d5g000000AbCd", False),
        ("0015g000000AbCd", False),
        ("00D5g000000AbC-", False),
        ("", False),
    ],
)
def test_org_ids(org_id: str, is_good: bool, tmp_path: Path) -> None:
    text = f"embedded_org: x\norg_id: '{org_id}'\n"
    assert ids(tmp_path, "", text) == ([] if is_good else ["org-id-shape"])


@pytest.mark.parametrize(
    ("version", "is_good"),
    [
        ("62.0", True),
        ("67.0", True),
        ("100.0", True),
        ("61.0", False),
        ("62", False),
        ("62.1", False),
        ("v62.0", False),
        ("062.0", False),
        ("६२.0", False),
        ("", False),
    ],
)
def test_api_versions(version: str, is_good: bool, tmp_path: Path) -> None:
    text = f"embedded_org: x\napi_version: '{version}'\n"
    assert ids(tmp_path, "", text) == ([] if is_good else ["api-version-invalid"])


def test_an_environment_of_production_alone_is_no_crash(tmp_path: Path) -> None:
    found = set(ids(tmp_path, "", "production: true\n"))
    assert found == {"production-without-org-id", "yaml-missing-field"}


@pytest.mark.parametrize("field", ["username", "consumer_key", "private_key", "private_key_passphrase"])
@pytest.mark.parametrize("reference", ["${env:}", "${file: }", "${command:}"])
def test_a_reference_that_names_nothing(field: str, reference: str, tmp_path: Path) -> None:
    text = environment("https://acme--uat.sandbox.my.salesforce.com", more="private_key_passphrase: ${env:KEY}\n")
    lines = [f"{field}: '{reference}'" if line.startswith(f"{field}:") else line for line in text.splitlines()]
    (found,) = findings(tmp_path, "", "\n".join(lines) + "\n")
    assert found.rule == "reference-unset"
    assert found.message == f"`{field}` is {reference}, which names nothing."


@pytest.mark.parametrize("more", ["", "chat_url: ${env:URL}\n"])
def test_a_reference_as_a_url_is_one_finding(more: str, tmp_path: Path) -> None:
    url = "https://acme--uat.sandbox.my.salesforce.com" if more else "${env:URL}"
    assert ids(tmp_path, "", environment(url, more=more)) == ["environment-reference-misplaced"]


def test_a_reference_as_an_alias_is_one_finding(tmp_path: Path) -> None:
    assert ids(tmp_path, "", "sf_org: ${env:ALIAS}\n") == ["environment-reference-misplaced"]
