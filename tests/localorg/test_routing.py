"""The routing in the records of channels: by metadata, bound in the record, and cleared."""

from __future__ import annotations

import pytest

from tests.localorg.conftest import Client
from tests.localorg.test_faults import CHANNEL, Break

FIELDS = "SessionHandlerId, FallbackQueueId, RoutingType, TargetQueueId"
AGENT, QUEUE = "0XxLO0000000001AAA", "00GLO0000000001AAA"


def record(org: Client, name: str = "Web_Chat") -> dict[str, object]:
    [row] = org.query(f"SELECT {FIELDS} FROM MessagingChannel WHERE DeveloperName='{name}'")
    return dict(row)


def patch(org: Client, body: dict[str, object], name: str = "Web_Chat") -> int:
    [row] = org.query(f"SELECT Id FROM MessagingChannel WHERE DeveloperName='{name}'")
    url = f"{org.connection.url}/services/data/v67.0/sobjects/MessagingChannel/{row['Id']}"
    return int(org.http.patch(url, json=body).status_code)


def redeploy(org: Client, **replaced: str) -> None:
    text = org.file(CHANNEL, "Web_Chat")
    for old, new in replaced.items():
        text = text.replace(old, new)
    org.deploy({f"{CHANNEL}/Web_Chat": text})


def test_metadata_routes_and_a_record_binds(org: Client) -> None:
    assert str(record(org)["SessionHandlerId"]).startswith("300")
    assert record(org)["FallbackQueueId"] == record(org, "App_Chat")["SessionHandlerId"]
    assert patch(org, {"SessionHandlerId": AGENT, "FallbackQueueId": QUEUE}) == 204
    assert (record(org)["SessionHandlerId"], record(org)["FallbackQueueId"]) == (AGENT, QUEUE)
    redeploy(org)
    assert record(org)["SessionHandlerId"] == AGENT, "a deployment that routes as before keeps it"
    redeploy(org, Route_Messaging="Route_Web_Chat")
    assert str(record(org)["SessionHandlerId"]).startswith("300")


@pytest.mark.parametrize(
    "body",
    [
        {"SessionHandlerId": "nothing"},
        {"SessionHandlerId": 7},
        {"FallbackQueueId": None},  # the flow needs one
        {"PlatformType": "Enhanced"},
    ],
)
def test_bindings_that_are_refused(org: Client, body: dict[str, object]) -> None:
    before = record(org)
    assert patch(org, body) == 400
    assert record(org) == before


def test_a_deployment_that_clears_the_binding(org: Client, broken: Break) -> None:
    other = record(org, "App_Chat")
    broken("session-handler-cleared")
    redeploy(org)
    assert (record(org)["SessionHandlerId"], record(org)["FallbackQueueId"]) == (None, None)
    assert record(org, "App_Chat") == other


@pytest.mark.parametrize(("argument", "missing"), [("", "SessionHandlerId"), ("=routing-type", "RoutingType")])
def test_an_org_that_lacks_the_fields(org: Client, broken: Break, argument: str, missing: str) -> None:
    broken(f"routing-fields-missing{argument}")
    answer = org.get("/services/data/v67.0/query", q=f"SELECT {FIELDS} FROM MessagingChannel")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert f"No such column '{missing}'" in answer.json()[0]["message"]
    assert org.query("SELECT IsActive FROM MessagingChannel WHERE DeveloperName='Web_Chat'")
