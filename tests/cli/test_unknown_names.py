"""Every command answers a name that nothing has in one way: status, code, nearest name, list."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Person

#: The words that are typed, the kind of name that is unknown, and the known name that is nearest.
CASES = (
    ("plan --env lcal", "environment", "local"),
    ("validate --env lcal", "environment", "local"),
    ("keys expiring --env lcal", "environment", "local"),
    ("plan --env local --target keyset.storefrnt", "target", "keyset.storefront"),
    ("apply --env local --yes --target chanel.Web_Chat", "target", "channel.Web_Chat"),
    ("keys generate k2 --keyset storefrnt", "keyset", "storefront"),
    ("keys jwks storefrnt", "keyset", "storefront"),
    ("token mint --env local --keyset storefrnt --key-file k.pem --sub s", "keyset", "storefront"),
    ("keys rotate storefrnt --env local --status", "keyset", "storefront"),
    ("keys rotate storefront --env local --revoke legcy --confirm legcy", "key", "legacy"),
    ("token explain t.txt --env local --channel web_chat", "channel", "Web_Chat"),
    ("rules yaml-tabs", "rule", "yaml-tab"),
)


@pytest.mark.parametrize(("typed", "kind", "near"), CASES, ids=[case[0] for case in CASES])
def test_an_unknown_name(person: Person, typed: str, kind: str, near: str) -> None:
    Path("t.txt").write_text("a.b.c")
    ran = person.run(*typed.split(), "--format", "json") if "mint" not in typed else person.run(*typed.split())
    assert ran.status == 64
    said = ran.json["error"] if ran.out else None
    if said is not None:
        assert said["code"] == f"unknown-{kind}"
        text = f"{said['message']} {said['next']}"
    else:
        text = " ".join(ran.err.split())
    assert f"There is no {kind} " in text
    assert f"Did you mean {near}?" in text
    assert f"{kind.capitalize()}s there: " in text


def test_an_unknown_entry_of_the_journal(person: Person) -> None:
    person.apply()
    ran = person.run("restore", "nope", "--env", "local", "--format", "json")
    assert (ran.status, ran.json["error"]["code"]) == (64, "unknown-entry")
    assert ran.json["error"]["next"].startswith("Entries there: 2")
