"""The REST data resources, over HTTPS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.localorg.client import Client


def test_versions_need_no_session(stranger: Client) -> None:
    for path in ("/services/data", "/services/data/"):
        listed = stranger.get(path).json()
        assert listed[0]["version"] == "31.0"
        assert listed[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}
        assert {row["label"] for row in listed} >= {"Spring '25", "Winter '26", "Summer '24"}


@pytest.mark.parametrize(("fault", "newest"), [("old-api", "64.0"), ("too-old-api", "61.0"), ("new-api", "68.0")])
def test_other_newest_versions(org: Client, broken: Callable[..., None], fault: str, newest: str) -> None:
    broken(fault)
    assert org.get("/services/data").json()[-1]["version"] == newest
    assert org.get(f"/services/data/v{newest}").status_code == 200
    above = f"{int(float(newest)) + 1}.0"
    assert org.get(f"/services/data/v{above}/limits").status_code == 404
    assert org.fault("<met:describeMetadata/>", version=above)[0] == "UNSUPPORTED_API_VERSION"


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [
        ("v30.0", 410, "UNSUPPORTED_API_VERSION"),
        ("v68.0", 404, "NOT_FOUND"),
        ("vX", 404, "NOT_FOUND"),
        ("67.0", 404, "NOT_FOUND"),
    ],
)
def test_versions_that_are_not_served(org: Client, version: str, status: int, code: str) -> None:
    answer = org.get(f"/services/data/{version}/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_a_session_is_needed(stranger: Client) -> None:
    for path in ("", "/limits", "/query?q=SELECT+Id+FROM+User", "/metadata/deployRequest/0AfLO00000000010AA"):
        answer = stranger.get(f"/services/data/v67.0{path}")
        assert answer.status_code == 401
        assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    stranger.http.headers["Authorization"] = "Bearer 00Dnonsense!x"
    assert stranger.get("/services/data/v67.0/limits").status_code == 401


def test_limits_are_counted(org: Client) -> None:
    first = org.get("/services/data/v67.0/limits")
    second = org.get("/services/data/v67.0/limits")
    used = [
        int(answer.headers["Sforce-Limit-Info"].removeprefix("api-usage=").split("/")[0]) for answer in (first, second)
    ]
    assert used[0] < used[1]
    left = [answer.json()["DailyApiRequests"]["Remaining"] for answer in (first, second)]
    assert left[0] > left[1]


def test_what_is_not_there(org: Client) -> None:
    answer = org.get("/services/data/v67.0/tooling/sobjects/SourceMember/describe")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (404, "NOT_FOUND")
    assert org.get("/nothing").status_code == 404
    assert (
        org.http.post(f"{org.connection.url}/services/data/v67.0/limits").json()[0]["errorCode"] == "METHOD_NOT_ALLOWED"
    )


def test_the_orgs_own_record(org: Client) -> None:
    [row] = org.query("SELECT Id, Name, IsSandbox, OrganizationType, TrialExpirationDate FROM Organization")
    assert row["Id"] == org.connection.org_id
    assert (row["IsSandbox"], row["TrialExpirationDate"]) == (True, None)


@pytest.mark.parametrize(
    ("fault", "trial", "edition"),
    [("production", False, "Unlimited Edition"), ("production-trial", True, "Unlimited Edition"),
     ("developer-edition", False, "Developer Edition")],
)  # fmt: skip
def test_other_kinds_of_org(org: Client, broken: Callable[..., None], fault: str, trial: bool, edition: str) -> None:
    broken(fault)
    [row] = org.query("SELECT IsSandbox, TrialExpirationDate, OrganizationType FROM Organization")
    assert row["IsSandbox"] is False
    assert (row["TrialExpirationDate"] is not None) is trial
    assert row["OrganizationType"] == edition


def test_the_channels_of_a_newborn_org(org: Client) -> None:
    rows = org.query(
        "SELECT Id, DeveloperName, MasterLabel, IsActive, MessageType FROM MessagingChannel ORDER BY DeveloperName"
    )
    assert {row["DeveloperName"]: (row["IsActive"], row["MessageType"]) for row in rows} == {
        "App_Chat": (True, "EmbeddedMessaging"),
        "Kiosk_Chat": (False, "EmbeddedMessaging"),
        "SMS_Alerts": (True, "Text"),
        "Web_Chat": (True, "EmbeddedMessaging"),
        "WhatsApp_US": (True, "WhatsApp"),
    }
    assert all(row["Id"].startswith("0Mj") and len(row["Id"]) == 18 for row in rows)


def test_relationships_counts_and_columns(org: Client) -> None:
    answer = org.get(
        "/services/data/v67.0/query", q="SELECT Id, Profile.Name FROM User WHERE Username LIKE 'admin%'"
    ).json()
    [record] = answer["records"]
    assert record["Profile"]["Name"] == "System Administrator"
    assert record["attributes"]["url"].endswith(f"/sobjects/User/{record['Id']}")
    assert (answer["totalSize"], answer["done"]) == (1, True)
    counted = org.get("/services/data/v67.0/query", q="SELECT COUNT() FROM MessagingChannel").json()
    assert (counted["totalSize"], counted["records"]) == (5, [])
    columns = org.get("/services/data/v67.0/query", q="SELECT Id, Profile.Name FROM User", columns="true").json()
    assert [column["columnName"] for column in columns["columnMetadata"]] == ["Id", "Profile"]
    assert columns["columnMetadata"][1]["joinColumns"][0]["columnName"] == "Name"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Nope FROM User", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id FROM DeployRequest", "INVALID_TYPE"),
        ("SELECT FROM User", "MALFORMED_QUERY"),
        ("SELECT Id FROM LoginHistory WHERE Status='Success'", "INVALID_FIELD"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_queries_that_are_refused(org: Client, query: str, code: str) -> None:
    answer = org.get("/services/data/v67.0/query", q=query)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_a_channel_is_activated_by_its_record(org: Client) -> None:
    [row] = org.query("SELECT Id FROM MessagingChannel WHERE DeveloperName='Kiosk_Chat'")
    url = f"{org.connection.url}/services/data/v67.0/sobjects/MessagingChannel/{row['Id']}"
    assert org.http.patch(url, json={"IsActive": True}).status_code == 204
    assert org.http.get(url).json()["IsActive"] is True
    assert org.query("SELECT IsActive FROM MessagingChannel WHERE DeveloperName='Kiosk_Chat'") == [{"IsActive": True}]
    for body in ({"MasterLabel": "x"}, {"IsActive": "yes"}, ["IsActive"]):
        assert org.http.patch(url, json=body).status_code == 400
    assert org.http.patch(url[:-4], json={"IsActive": True}).status_code == 404


def test_a_slash_too_many_in_front(org: Client) -> None:
    assert org.get("//services/data/v67.0/limits").status_code == 200


@pytest.mark.parametrize("tooling", [False, True])
def test_a_large_answer_comes_in_pages(org: Client, broken: Callable[..., None], tooling: bool) -> None:
    broken("query-pages")
    base, name = ("/tooling", "EmbeddedServiceConfig") if tooling else ("", "MessagingChannel")
    page = org.get(f"/services/data/v67.0{base}/query", q=f"SELECT DeveloperName FROM {name}").json()
    names = [record["DeveloperName"] for record in page["records"]]
    while not page["done"]:
        page = org.get(page["nextRecordsUrl"]).json()
        assert (page["totalSize"], len(page["records"]) <= 2) == (5, True)
        names += [record["DeveloperName"] for record in page["records"]]
    assert len(set(names)) == 5
    assert "nextRecordsUrl" not in page


@pytest.mark.parametrize("cursor", ["01gLO0000000000AAA-2", "01gLO0000000000AAA", "nonsense-x"])
def test_an_unknown_page(org: Client, cursor: str) -> None:
    answer = org.get(f"/services/data/v67.0/query/{cursor}")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")
