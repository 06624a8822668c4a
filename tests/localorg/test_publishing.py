"""Publishing deployments, activating channels, and what visitors' browsers may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.localorg import material
from tests.localorg.client import Client
from tests.localorg.test_chat import Chat, provision

Break = Callable[..., None]


def deployment_id(org: Client, name: str = "Shop_Web") -> str:
    (row,) = org.query(f"SELECT Id FROM EmbeddedServiceConfig WHERE DeveloperName='{name}'", tooling=True)
    return str(row["Id"])


def publish(org: Client, record: str, version: str = "67.0") -> requests.Response:
    path = f"/services/data/v{version}/connect/embeddedservice/embeddedserviceconfig/publish/{record}"
    return org.http.post(org.connection.url + path, json={})


def mode(org: Client, name: str = "Shop_Web") -> Any:
    return Chat(org).config(name).json()["embeddedServiceConfig"]["embeddedServiceMessagingChannel"]["authMode"]


def test_publishing_answers_as_it_was_seen_to(org: Client) -> None:
    record = deployment_id(org)
    answer = publish(org, record)
    assert record.startswith("04I")
    assert (answer.status_code, answer.json()) == (
        201, {"isSuccess": True, "publishStatus": "Success", "embeddedServiceConfigId": record},
    )  # fmt: skip


@pytest.mark.parametrize("version", ["62.0", "66.0"])
def test_an_older_version_has_no_such_resource(org: Client, version: str) -> None:
    assert publish(org, deployment_id(org), version).status_code == 404


def test_an_unknown_deployment_is_not_found(org: Client) -> None:
    assert publish(org, "04ILO0000000099AAA").status_code == 404


def test_what_visitors_get_is_a_snapshot_of_the_publication(org: Client, broken: Break) -> None:
    broken("chat-config-snapshot")
    provision(org)
    assert mode(org) == "UnAuth"
    assert publish(org, deployment_id(org)).status_code == 201
    assert (mode(org), mode(org, "Shop_Api")) == ("Auth", "UnAuth")


def test_without_a_snapshot_they_get_the_channel_as_it_is(org: Client) -> None:
    provision(org)
    assert mode(org) == "Auth"


def test_a_publication_may_show_later(org: Client, broken: Break) -> None:
    broken("chat-config-snapshot", "publish-slow")
    provision(org)
    publish(org, deployment_id(org))
    assert [mode(org) for _ in range(3)] == ["UnAuth", "UnAuth", "Auth"]


def test_publications_that_fail(org: Client, broken: Break) -> None:
    record = deployment_id(org)
    broken("publish-not-success")
    answer = publish(org, record)
    assert (answer.status_code, answer.json()["isSuccess"]) == (201, False)
    broken("publish-404")
    assert publish(org, record).status_code == 404


def test_a_publication_whose_answer_is_lost_was_made(org: Client, broken: Break) -> None:
    broken("chat-config-snapshot", "publish-answer-lost=1")
    provision(org)
    with pytest.raises(requests.ConnectionError):
        publish(org, deployment_id(org))
    assert mode(org) == "Auth"


@pytest.mark.parametrize(
    ("pattern", "origin", "allowed"),
    [
        ("https://shop.example.com", "https://shop.example.com", True),
        ("https://shop.example.com", "https://shop.example.com:8443", False),
        ("https://*.example.com", "https://shop.example.com", True),
        ("https://*.example.com", "https://example.com", False),
        ("https://*.example.com", "https://shop.example.org", False),
        ("https://*.example.com", "https://shopXexample.com", False),
    ],
)
def test_who_may_read_the_configuration(org: Client, pattern: str, origin: str, allowed: bool) -> None:
    text = material.xml("CorsWhitelistOrigin", f"<urlPattern>{pattern}</urlPattern>")
    assert org.deploy({"CorsWhitelistOrigin/shop": text})["success"]
    headers = Chat(org).ask(
        "GET", "/embeddedservice/v1/embedded-service-config", headers={"Origin": origin},
        params={"orgId": org.connection.org_id[:15], "esConfigName": "Shop_Web"},
    ).headers  # fmt: skip
    assert headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)


def channel_id(org: Client, name: str = "Kiosk_Chat") -> str:
    return str(org.query(f"SELECT Id FROM MessagingChannel WHERE DeveloperName='{name}'")[0]["Id"])


def activate(org: Client) -> requests.Response:
    path = f"/services/data/v67.0/sobjects/MessagingChannel/{channel_id(org)}"
    return org.http.patch(org.connection.url + path, json={"IsActive": True})


def is_active(org: Client) -> bool:
    return bool(org.query("SELECT IsActive FROM MessagingChannel WHERE DeveloperName='Kiosk_Chat'")[0]["IsActive"])


def test_a_channel_is_activated_in_its_record(org: Client) -> None:
    assert activate(org).status_code == 204
    assert is_active(org)


def test_activations_that_do_nothing(org: Client, broken: Break) -> None:
    broken("activation-refused")
    answer = activate(org)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "FIELD_INTEGRITY_EXCEPTION")
    from provisioner.localorg import mend

    mend(org.directory, None)
    broken("activation-ignored")
    assert activate(org).status_code == 204
    assert not is_active(org)


def test_an_activation_whose_answer_is_lost_was_made(org: Client, broken: Break) -> None:
    broken("activation-lost=1")
    with pytest.raises(requests.ConnectionError):
        activate(org)
    assert is_active(org)


def test_a_channel_that_a_deployment_makes_is_inactive(org: Client) -> None:
    assert org.deploy({"MessagingChannel/New_Chat": material.channel_file()})["success"]
    rows = org.query("SELECT Id, IsActive FROM MessagingChannel WHERE DeveloperName='New_Chat'")
    assert [(row["Id"][:3], row["IsActive"]) for row in rows] == [("0Mj", False)]
