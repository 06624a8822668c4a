"""Everything that takes something away: its risk, what customers would feel, and that it is asked for twice."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from tests.cli.chatting import with_own_key
from tests.cli.conftest import Person
from tests.localorg import material

LEGACY = "  legacy:\n    jwk: keys/legacy.jwk.json\n"
BOTH, ONE = "[storefront_2026_11, legacy]", "[storefront_2026_11]"
KEYSET = "  storefront:\n    label: Storefront\n    issuer: storefront\n    keys: [storefront_2026_11, legacy]\n"
LOGIN = "        storefront_login: {keyset: storefront, active: true}\n"
OTHER = "  other:\n    issuer: https://other.example.com\n    keys: [legacy]\n"
END = "END"


@dataclass(frozen=True, slots=True)
class Removal:
    """Edits of the applied example; what the plan says of each touched component; ``guard`` is what stops it.

    ``forced``: with --allow-destroy, too, it is refused.
    """

    edits: tuple[tuple[str, str], ...]
    risks: dict[str, str]
    words: str
    guard: str | None = "destructive"
    forced: bool = False


CASES = {
    "a tombstone of a key": Removal(
        ((LEGACY, ""), (BOTH, ONE), (END, "removed:\n  keys: [legacy]\n")),
        {"keyset.storefront": "destructive", "key.legacy": "destructive"},
        "Tokens signed with kid legacy-2025 will stop verifying on Web_Chat",
    ),
    "a tombstone of a keyset whose place another takes": Removal(
        ((LOGIN, LOGIN.replace("storefront,", "next,")), (KEYSET, KEYSET.replace("  storefront:", "  next:", 1)),
         (END, "removed:\n  keysets: [storefront]\n")),
        {"keyset.next": "none", "channel.Web_Chat": "disruptive", "keyset.storefront": "destructive"},
        "keyset next takes the place of storefront: it has the same issuer and all of its keys",
    ),
    "a tombstone of a keyset whose place one of another issuer takes": Removal(
        ((LOGIN, LOGIN.replace("storefront,", "other,")), (KEYSET, OTHER),
         (END, "removed:\n  keysets: [storefront]\n")),
        {"keyset.other": "none", "channel.Web_Chat": "disruptive", "keyset.storefront": "destructive"},
        "Tokens with iss https://id.example.com will stop verifying on Web_Chat",
    ),
    "a tombstone of what is not there": Removal(
        ((END, "removed:\n  keys: [never_there]\n  keysets: [nor_this]\n"),), {}, "", guard=None
    ),
    "a keyset's member": Removal(
        ((BOTH, ONE),),
        {"keyset.storefront": "destructive"},
        "Tokens signed with kid legacy-2025 will stop verifying on Web_Chat",
    ),
    "a configuration": Removal(
        ((LOGIN, LOGIN.replace("storefront_login", "other_login").replace("storefront,", "other,")),
         ("\nchannels:", f"{OTHER}\nchannels:")),
        {"keyset.other": "none", "channel.Web_Chat": "destructive"},
        "Customers verified on Web_Chat under configuration storefront_login lose their conversations",
    ),
    "a renamed configuration": Removal(
        (("storefront_login:", "shop_login:"),),
        {"channel.Web_Chat": "destructive"},
        "Customers verified on Web_Chat under configuration storefront_login lose their conversations",
    ),
    "verification": Removal(
        (("enabled: true", "enabled: false"),),
        {"channel.Web_Chat": "destructive"},
        "Every customer on Web_Chat becomes a guest",
    ),
    "a kid under one name": Removal(
        (("kid: storefront-2026-11", "kid: storefront-2026-12"),),
        {"key.storefront_2026_11": "destructive"},
        "Tokens signed with kid storefront-2026-11 will stop verifying on Web_Chat",
    ),
    "an issuer in use": Removal(
        (("    issuer: storefront\n", "    issuer: https://new.example.com\n"),),
        {"keyset.storefront": "destructive"},
        "Tokens with iss https://id.example.com will stop verifying on Web_Chat; the delay is not documented. "
        "Only iss https://new.example.com will.",
    ),
    "a keyset's type in use": Removal(
        (("    keys: [storefront_2026_11, legacy]\n", "    endpoint: https://id.example.com/jwks.json\n"),),
        {"keyset.storefront": "destructive"},
        "The type of the keyset changes",
    ),
    "the last usable configuration": Removal(
        (("{keyset: storefront, active: true}", "{keyset: storefront, active: false}"),),
        {"channel.Web_Chat": "disruptive"},
        "Tokens for configuration storefront_login will stop verifying on Web_Chat",
        guard="no-usable-configuration",
        forced=True,
    ),
    "a key that is only switched off": Removal(
        (("    kid: storefront-2026-11\n", "    kid: storefront-2026-11\n    active: false\n"),),
        {"key.storefront_2026_11": "disruptive"},
        "Tokens signed with kid storefront-2026-11 will stop verifying on Web_Chat",
        guard=None,
    ),
    "a shorter life": Removal(
        (("verified: 60", "verified: 30"),),
        {"channel.Web_Chat": "disruptive"},
        "must be renewed after 30 minutes instead of 60",
        guard=None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_goes(person: Person, case: Removal) -> None:
    assert person.apply().status == 0
    for old, new in case.edits:
        if old == END:
            person.declaration.write_text(person.declaration.read_text() + f"\n{new}")
        else:
            person.edit(old, new)
    plan = person.plan()
    assert {each["address"]: each["risk"] for each in plan["changes"]} == case.risks
    assert case.words in " ".join(said for each in plan["changes"] for said in each["impact"])
    assert {each["guard"] for each in plan["blocked"]} == ({case.guard} if case.guard else set())

    first = person.apply()
    if case.guard is None:
        assert first.json["outcome"] == ("applied" if case.risks else "unchanged")
        return
    assert (first.status, first.json["outcome"]) == (3, "refused")
    assert person.plan()["changes"] == plan["changes"], "nothing was sent"
    second = person.apply("--allow-destroy")
    assert (second.status, second.json["outcome"]) == ((3, "refused") if case.forced else (0, "applied")), second.out
    if not case.forced:
        assert person.plan()["changes"] == []


def test_a_public_key_under_one_name(person: Person) -> None:
    """Another key in the file of an old name: tokens of the present private key end at once."""
    with_own_key(person, kid="mine-1")
    person.apply()
    (person.folder / "config/keys/own.jwk.json").write_text(json.dumps(material.members("another", "mine-1")))
    (change,) = person.plan()["changes"]
    assert (change["address"], change["risk"]) == ("key.storefront_2026_11", "destructive")
    assert "Tokens signed with the present private key of kid mine-1 will stop verifying" in change["impact"][0]
    assert person.apply().status == 3
    assert person.apply("--allow-destroy").status == 0
