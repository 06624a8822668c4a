"""Setting up chat deployments, their sites and the frames that these trust."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.localorg.client import Client, failures
from tests.localorg.material import xml
from tests.localorg.test_chat import Chat

Break = Callable[..., None]
DATA = "/services/data/v67.0"
FILE = """\
<areGuestUsersAllowed>false</areGuestUsersAllowed>
<deploymentFeature>EmbeddedMessaging</deploymentFeature>
<deploymentType>API</deploymentType>
<embeddedServiceMessagingChannel>
  <isEnabled>true</isEnabled>
  <messagingChannel>Web_Chat</messagingChannel>
  <shouldShowAgentforceTagline>false</shouldShowAgentforceTagline>
  <shouldShowDeliveryReceipts>false</shouldShowDeliveryReceipts>
  <shouldShowEmojiSelection>false</shouldShowEmojiSelection>
  <shouldShowReadReceipts>false</shouldShowReadReceipts>
  <shouldShowTypingIndicators>false</shouldShowTypingIndicators>
  <shouldStartNewLineOnEnter>false</shouldStartNewLineOnEnter>
</embeddedServiceMessagingChannel>
<isEnabled>true</isEnabled>
<isTermsAndConditionsEnabled>false</isTermsAndConditionsEnabled>
<isTermsAndConditionsRequired>false</isTermsAndConditionsRequired>
<masterLabel>Shop API</masterLabel>
<shouldHideAuthDialog>false</shouldHideAuthDialog>
"""


def channel_id(org: Client, name: str = "Web_Chat") -> str:
    return str(org.query(f"SELECT Id FROM MessagingChannel WHERE DeveloperName='{name}'")[0]["Id"])


def set_up(org: Client, version: str = "67.0", **values: Any) -> requests.Response:
    body = {
        "name": "New_Web", "masterLabel": "New Web", "deploymentType": "Web", "clientVersion": "WebV2",
        "hostDomain": "new.example.com", "messagingChannelId": channel_id(org), **values,
    }  # fmt: skip
    path = f"/services/data/v{version}/connect/embeddedmessaging/deployment/setup"
    return org.http.post(org.connection.url + path, json=body)


def names(org: Client) -> list[str]:
    rows = org.query("SELECT DeveloperName FROM EmbeddedServiceConfig", tooling=True)
    return sorted(str(row["DeveloperName"]) for row in rows)


def site(org: Client, kind: str = "ChatterNetwork", name: str = "Shop_Web") -> dict[str, Any]:
    (row,) = org.query(f"SELECT Id, Name FROM Site WHERE SiteType='{kind}' AND Name LIKE 'ESW\\_{name}\\_%'")
    return row


def trust(org: Client, site_id: str, url: str) -> requests.Response:
    path = f"{DATA}/sobjects/SiteIframeWhiteListUrl"
    return org.http.post(org.connection.url + path, json={"SiteId": site_id, "Url": url})


def page(org: Client, deployment: str = "Shop_Web") -> requests.Response:
    url = Chat(org).config(deployment).json()["embeddedServiceConfig"]["siteUrl"]
    return requests.get(url, verify=org.connection.ca_bundle, timeout=10)


def test_a_web_deployment_is_set_up_with_its_sites(org: Client) -> None:
    answer = set_up(org)
    assert (answer.status_code, answer.json()["isSuccess"], answer.json()["isPublishSuccess"]) == (201, True, True)
    assert answer.json()["embeddedServiceDeploymentId"].startswith("04I")
    assert "New_Web" in names(org)
    assert site(org, name="New_Web")["Name"] + "1" == site(org, "ChatterNetworkPicasso", "New_Web")["Name"]
    assert Chat(org).config("New_Web").status_code == 200
    header = page(org, "New_Web").headers["Content-Security-Policy"]
    assert header == "frame-ancestors 'self' new.example.com *.new.example.com"


def test_an_older_version_has_no_such_resource(org: Client) -> None:
    assert set_up(org, "66.0").status_code == 404


def test_a_name_that_is_taken(org: Client, broken: Break) -> None:
    before = names(org)
    answer = set_up(org, name="Shop_Web")
    assert (answer.json()["isSuccess"], names(org)) == (False, before)
    broken("setup-duplicate")
    assert set_up(org, name="Shop_Web").json()["isSuccess"] is True
    assert names(org) == sorted([*before, "Shop_Web_1"])


@pytest.mark.parametrize(
    ("fault", "made"),
    [("setup-answer-lost=1", True), ("setup-not-arrived=1", False), ("setup-gateway-timeout=1", True),
     ("setup-internal-error", False), ("setup-internal-error=made", True)],
)  # fmt: skip
def test_answers_that_are_lost(org: Client, broken: Break, fault: str, made: bool) -> None:
    broken(fault)
    with contextlib.suppress(requests.ConnectionError):
        assert set_up(org).status_code >= 500
    assert ("New_Web" in names(org)) is made


def test_a_deployment_may_be_listed_later(org: Client, broken: Break) -> None:
    broken("setup-late=2")
    set_up(org)
    assert ["New_Web" in names(org) for _ in range(3)] == [False, False, True]


def test_a_frame_is_added_and_shown_in_the_header(org: Client) -> None:
    before = page(org).headers["Content-Security-Policy"]
    assert trust(org, site(org)["Id"], "https://www.example.com").status_code == 201
    assert page(org).headers["Content-Security-Policy"] == f"{before} https://www.example.com"
    assert trust(org, site(org)["Id"], "https://www.example.com").json()[0]["errorCode"] == "DUPLICATE_VALUE"


@pytest.mark.parametrize(
    ("kind", "url", "code"),
    [
        ("ChatterNetwork", "https://www.example.com/shop", "FIELD_INTEGRITY_EXCEPTION"),
        ("ChatterNetworkPicasso", "https://www.example.com", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"),
    ],
)
def test_frames_that_are_refused(org: Client, kind: str, url: str, code: str) -> None:
    assert trust(org, site(org, kind)["Id"], url).json()[0]["errorCode"] == code


def test_a_custom_client_is_deployed_and_not_published(org: Client) -> None:
    assert org.deploy({"EmbeddedServiceConfig/New_Api": xml("EmbeddedServiceConfig", FILE)})["success"]
    assert "New_Api" in names(org)
    assert Chat(org).config("New_Api").status_code == 412


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (">API<", ">Web<", "In field: Name - no Network named ESW_Site found"),
        ("Web_Chat", "No_Chat", "In field: messagingChannel - no MessagingChannel named No_Chat found"),
        ("<isEnabled>true</isEnabled>\n<isTerms", "<isTerms", "Required field is missing: isEnabled"),
        ("Receipts>false", "Receipts>true", "shouldShowDeliveryReceipts isn't supported for the deployment type API"),
    ],
)
def test_deployments_that_are_refused(org: Client, old: str, new: str, problem: str) -> None:
    assert old in FILE
    result = org.deploy({"EmbeddedServiceConfig/New_Api": xml("EmbeddedServiceConfig", FILE.replace(old, new))})
    assert not result["success"]
    assert problem in failures(result)
