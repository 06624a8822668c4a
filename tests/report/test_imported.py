"""What an import says, for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioner.components.snapshot import Snapshot
from provisioner.diagnostics import Location
from provisioner.planning.import_merge import Update
from provisioner.report.imported import Imported, Standing, imported_json, imported_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests.report import samples
from tests.report.golden import assert_golden

SNAPSHOT = Snapshot(samples.SANDBOX, "67.0", "67.0", types={}, active_channels={})
IMPORTED = Imported(
    content=b"",
    key_files={},
    declared=("key.storefront_2026_11", "keyset.storefront", "channel.Web_Chat"),
    updated=(
        Update("channel.App_Chat", ("channels", "App_Chat", "token_expiration_minutes", "verified"), 90, 60),
        Update(
            "channel.App_Chat",
            ("channels", "App_Chat", "user_verification", "configurations", "Fin"),
            None,
            {"keyset": "fin", "active": True},
        ),
        Update("keyset.fin", ("keysets", "fin", "keys"), ["a"], ["a", "b"]),
    ),
    left_out={
        "key.old": "it holds no readable RSA key",
        "keyset.old": "it holds key.old, which is left out",
        "key.leaked": "its JWK in the org holds private members (d, p, q): everyone who can read it there can sign "
        "tokens",
    },
    leaks={"leaked": ("d", "p", "q")},
    standing=(
        Standing(
            "keyset.mobile",
            'issuers.mobile is "https://m.example.com/" in the org, and it comes from the variable mobile_issuer: '
            "change config/environments/sandbox.yaml:9:18",
            ("keysets", "mobile", "issuer"),
            "https://m.example.com/",
            Location("config/environments/sandbox.yaml", 9, 18),
        ),
        Standing("key.next", "it is declared, but missing in the org"),
    ),
    unmanaged_channels=("Kiosk_Chat", "Test_Chat"),
)
WRITTEN = ["config/keys/storefront-2026-11.crt", "config/user-verification.yaml"]
NEXT = "provisioner plan --env sandbox"


@pytest.mark.parametrize("width", [80, 120])
def test_what_a_person_sees(width: int) -> None:
    shown = terminal(imported_view(IMPORTED, SNAPSHOT, "sandbox", WRITTEN, NEXT), Style(width))
    assert all(len(line) <= width for line in shown.splitlines())
    assert_golden(f"import/a merge with all that can happen, {width} columns.txt", shown)


def test_colour_adds_nothing_but_colour() -> None:
    import re

    shown = terminal(imported_view(IMPORTED, SNAPSHOT, "sandbox", WRITTEN, NEXT), Style(80, color=True))
    plain = terminal(imported_view(IMPORTED, SNAPSHOT, "sandbox", WRITTEN, NEXT), Style(80))
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == plain


def test_long_lists_end_with_their_number() -> None:
    many = replace(IMPORTED, declared=tuple(f"key.k{number}" for number in range(1000)))
    shown = terminal(imported_view(many, SNAPSHOT, "sandbox", WRITTEN, NEXT), Style(80))
    assert "and 981 more" in shown
    assert len(imported_json(many, SNAPSHOT, "sandbox", WRITTEN, NEXT)["declared"]) == 1000


def test_an_org_s_words_never_reach_the_terminal_raw() -> None:
    hostile = replace(IMPORTED, left_out={"key.\x1b[2J": "\x9b31m"})
    shown = terminal(imported_view(hostile, SNAPSHOT, "sandbox", WRITTEN, NEXT), Style(80))
    assert "\x1b" not in shown
    assert "\x9b" not in shown
