"""The records about logins: however many users an app has, each query fits into a URL."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from provisioner.salesforce.login_records import read_login_records

#: The longest URL that Salesforce takes.
LONGEST_URL = 16_384
USERS = 2_000


def test_the_users_of_a_common_app_are_read_in_parts() -> None:
    asked: list[str] = []

    def query(soql: str) -> list[dict[str, Any]]:
        asked.append(soql)
        ids = [f"005{number:012}AAA" for number in range(USERS)]
        if "FROM OauthToken" in soql:
            return [{"AppName": "ci", "UserId": each} for each in ids]
        if soql.startswith("SELECT Id, Username FROM User WHERE Id"):
            return [{"Id": each, "Username": f"{each}@example.com"} for each in ids if each in soql]
        return []

    org: Any = SimpleNamespace(query=query, session=SimpleNamespace(user_id="", client_id=""))
    found = read_login_records(org, (), (), {"ci": "CI"})

    assert len(found.app_users["ci"]) == USERS
    assert max(len(quote(soql)) for soql in asked) < LONGEST_URL - 200
