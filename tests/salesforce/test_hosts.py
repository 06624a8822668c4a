"""Who may see an assertion or a session."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import RefusedError
from provisioner.model.salesforce_hosts import LOGIN_DOMAINS
from provisioner.salesforce.hosts import (
    host_of,
    is_login_domain,
    parse_origin,
    require_instance,
    require_login_host,
)

LOGIN = "https://login.salesforce.com"


@pytest.mark.parametrize(
    "url",
    [
        "https://login.salesforce.com",
        "https://test.salesforce.com/",
        "https://ACME.my.salesforce.com",
        "https://acme--uat.sandbox.my.salesforce.com",
        "https://na42.salesforce.com",
        "https://agency.my.salesforce.mil",
        "https://acme.my.sfcrmproducts.cn",
        "https://localhost:8443",
        "https://127.0.0.1:8443",
        "https://[::1]:8443",
    ],
)
def test_salesforce_and_this_machine_may(url: str) -> None:
    assert require_login_host(url, LOGIN) == url.lower().rstrip("/")
    assert require_instance(url, LOGIN) == url.lower().rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "https://login.salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "https://login-salesforce.com",
        "https://login.salesforce.com@evil.example",
        "https://evil.example\\@login.salesforce.com",
        "https://evil.example#.salesforce.com",
        "https://evil.example?.salesforce.com",
        "https://login.salesforce.com/services/oauth2/token",
        "http://login.salesforce.com",
        "https://128.0.0.1",
        "https://127.0.0.1.evil.example",
        "https://acme.my.site.com",
        "https://acme.lightning.force.com",
        "https://login.salesforce.com\n.evil.example",
        "login.salesforce.com",
        "",
    ],
)
def test_nobody_else_may(url: str) -> None:
    for require in (require_login_host, require_instance):
        with pytest.raises(RefusedError) as refused:
            require(url, LOGIN)
        assert refused.value.exit_status == 3
        assert refused.value.next


def test_the_audiences_own_host_may() -> None:
    assert require_login_host("https://shop.example.com", "https://shop.example.com") == "https://shop.example.com"
    with pytest.raises(RefusedError):
        require_login_host("https://shop.example.com", "https://other.example.com")


@given(st.text(max_size=40), st.sampled_from(LOGIN_DOMAINS))
def test_a_host_is_salesforces_only_by_its_last_labels(prefix: str, domain: str) -> None:
    origin = parse_origin(f"https://{prefix}{domain}")
    if origin is not None and is_login_domain(host_of(origin)):
        assert prefix == "" or prefix.endswith(".")


@pytest.mark.parametrize("url", ["https://[", "https://acme.my.salesforce.com[", "https://[:.]", "https://a]b"])
def test_a_url_with_a_wrong_bracket_has_no_host(url: str) -> None:
    assert host_of(url) == ""
    assert parse_origin(url) is None
    with pytest.raises(RefusedError):
        require_instance(url, url)


def test_a_likely_secret_is_not_sent_to_an_unproven_host() -> None:
    shop = "https://shop.example.com"
    names = {"iss": "3MVG9" + "a" * 40, "sub": "ci@acme.com.uat"}
    assert require_login_host(shop, shop, names) == shop
    for claim, secret in (("sub", "-----BEGIN PRIVATE KEY-----"), ("sub", "hunter2"), ("iss", "postgres://a:b@c.d"),
                          ("sub", "postgres://a:b@c.d"), ("iss", "")):  # fmt: skip
        with pytest.raises(RefusedError) as refused:
            require_login_host(shop, shop, {**names, claim: secret})
        assert not secret or secret not in refused.value.message
        # Salesforce and this machine are told of wrong names: that is how they are found out.
        assert require_login_host("https://login.salesforce.com", shop, {**names, claim: secret})
        assert require_login_host("https://localhost:8443", shop, {**names, claim: secret})
