"""Who came as a guest, as a person and as a program read it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from provisioner.diagnosis.chat.guests import Guests, judge
from provisioner.model.estate import Channel, Configuration
from provisioner.report.guests import ASCII_BLOCKS, BLOCKS, guests_json, guests_view, sparkline
from provisioner.report.markdown import markdown
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.salesforce.messaging_sessions import Sessions, Visits
from tests.report.golden import assert_golden, assert_golden_json

TODAY = date(2026, 11, 26)
DAYS = tuple(TODAY - timedelta(days=back) for back in range(14, -1, -1))
WEEK = (12, 11, 10, 0, 0, 9, 11)


def visits(channel: str, numbers: list[int], guests: int = 0) -> dict[tuple[str, date], Visits]:
    found = {(channel, day): Visits(verified=number) for day, number in zip(DAYS, numbers, strict=True) if number}
    found[channel, DAYS[3]] = Visits(verified=numbers[3], guests=guests)
    return found


def guests() -> Guests:
    login = Configuration("shop_login", "shop")
    declared = {
        "Web_Chat": Channel("Web_Chat", enabled=True, configurations={"shop_login": login}),
        "App_Chat": Channel("App_Chat", enabled=True, configurations={}),
        "Kiosk_Chat": Channel("Kiosk_Chat", enabled=False),
        "Gone_Chat": Channel("Gone_Chat", enabled=True),
    }
    found = {
        **visits("Web_Chat", [*WEEK, *WEEK, 4], guests=2),
        **visits("App_Chat", [*WEEK, *WEEK[:4], 0, 0, 0, 0]),
        ("Kiosk_Chat", TODAY): Visits(guests=7, other=1),
    }
    names = ("App_Chat", "Kiosk_Chat", "Old_Chat", "Web_Chat")
    named = {("Web_Chat", "shop_login"): 100}
    return judge("sandbox", declared, Sessions(DAYS, "Europe/Berlin", names, found, named, 3, sees_all=False))


QUIET = judge("sandbox", {}, Sessions(DAYS, "UTC", ("Web_Chat",), {}, {}, sees_all=True))
UNSEEN = replace(QUIET, sessions=replace(QUIET.sessions, sees_all=None))


@pytest.mark.parametrize("width", [80, 120])
def test_the_screen(width: int) -> None:
    assert_golden(f"guests/alarms, {width} columns.txt", terminal(guests_view(guests()), Style(width)))


def test_a_screen_without_block_elements() -> None:
    shown = terminal(guests_view(guests(), levels=ASCII_BLOCKS), Style(80))
    assert shown.isascii()
    assert_golden("guests/alarms, ASCII.txt", shown)


def test_markdown_and_json() -> None:
    assert_golden("guests/alarms.md", markdown(guests_view(guests())))
    assert_golden_json("guests/alarms.json", guests_json(guests()))


@pytest.mark.parametrize(
    ("found", "last", "complete"),
    [(QUIET, "No alarm.", True), (UNSEEN, "Not known: no session was seen.", False)],
)
def test_nothing_is_good_only_if_it_was_looked_at(found: Guests, last: str, complete: bool) -> None:
    assert terminal(guests_view(found), Style(80)).splitlines()[-1] == last
    assert guests_json(found)["complete"] is complete


def test_an_org_without_chat_channels() -> None:
    empty = judge("sandbox", {}, Sessions(DAYS, "UTC", (), {}, {}, sees_all=True))
    assert "no Enhanced Chat channel" in terminal(guests_view(empty), Style(80))


@pytest.mark.parametrize(
    ("totals", "shown"),
    [
        ([], ""),
        ([0, 0], ".."),
        ([5], "█"),
        ([1, 8], "▁█"),
        ([1, 1000], "▁█"),
        ([8, 7, 6, 5, 4, 3, 2, 1, 0], "█▇ ▆▅▄▃▂▁."),
        ([1] * 15, "█ ███████ ███████"),
    ],
)
def test_a_sparkline_has_a_sign_a_day(totals: list[int], shown: str) -> None:
    assert sparkline(totals) == shown
    assert len(BLOCKS) == len(ASCII_BLOCKS)


def test_names_from_an_org_do_nothing_to_the_screen() -> None:
    evil = "\x1b[2J\u202eevil"
    found = judge("sandbox", {}, Sessions(DAYS, evil, (evil,), {}, {}, sees_all=True))
    assert not re.search("[\x1b\u202e]", terminal(guests_view(found), Style(80)))
