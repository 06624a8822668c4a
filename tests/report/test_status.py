"""The status of environments: on one screen, for programs, and as one HTML file."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from provisioner.model.types import MetadataType
from provisioner.planning.plan import OwnedElsewhere
from provisioner.report.document import Sum
from provisioner.report.html import document_html
from provisioner.report.markdown import markdown
from provisioner.report.plan_words import OWNED_ELSEWHERE
from provisioner.report.status import status_json, status_view
from provisioner.report.status_page import status_page
from provisioner.report.style import Look, Style
from provisioner.report.terminal import terminal
from tests.report import samples, statuses
from tests.report.golden import assert_golden, assert_golden_json
from tests.report.statuses import FLEET, NOW, SANDBOX, expiries, guests

ELEMENTS = set(
    re.findall(
        r"\w+",
        "html head meta link title style body a header main h1 h2 h3 p time dl div dt dd section label input span "
        "table thead tbody tr th td ol ul li svg rect code strong script",
    )
)


class Reader(HTMLParser):
    """What a browser makes of a page, as far as it matters: elements, attributes, and text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_at_a_terminal() -> None:
    assert_golden("status/three environments, 80 columns.txt", terminal(status_view(FLEET, NOW), Style(80)))


def test_one_environment_fits_a_screen() -> None:
    shown = terminal(status_view(FLEET[:1], NOW), Style(80))
    assert len(shown.splitlines()) <= 24
    assert max(map(len, shown.splitlines())) <= 130  # the sum is never broken


def test_the_sum_is_good_only_if_nothing_needs_action() -> None:
    well = replace(SANDBOX, expiries=(), guests=None)
    old = replace(well, expiries=expiries("sandbox"))
    alarmed = replace(well, guests=guests("sandbox"))
    sums = [status_view([("sandbox", each)], NOW)[-1] for each in (well, old, alarmed)]
    assert [each.look for each in sums if isinstance(each, Sum)] == [Look.GOOD, Look.STRONG, Look.STRONG]


def test_the_only_readable_environment_of_several_is_named() -> None:
    shown = terminal(status_view([("sandbox", SANDBOX), ("qa", statuses.FAILED)], NOW), Style(80))
    assert "Channels:\n  sandbox\n" in shown


def test_the_drift_of_an_unread_environment_is_not_known() -> None:
    (last,) = (each for each in status_view(FLEET[2:], NOW) if isinstance(each, Sum))
    assert last.text == "0 environments, 0 channels verifying, 1 environment could not be read."
    assert '<dd class="ok">' not in status_page(FLEET[2:], NOW)


def test_in_markdown() -> None:
    assert_golden("status/three environments.md", markdown(status_view(FLEET, NOW)))


def test_json() -> None:
    assert_golden_json("status/three environments.json", status_json(FLEET, NOW))


class TestPage:
    def test_it_needs_nothing_else(self) -> None:
        page = status_page(FLEET, NOW)
        for tag, attributes in Reader(page).elements:
            assert tag in ELEMENTS
            assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
            assert (attributes.get("src"), attributes.get("srcset")) == (None, None)
            assert (attributes.get("href") or "#").startswith(("#", "data:,"))

    def test_its_policy_admits_its_own_style_and_script_alone(self) -> None:
        page = status_page(FLEET, NOW)
        policy = next(each["content"] for tag, each in Reader(page).elements if tag == "meta" and "content" in each)
        assert policy is not None
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'")
        for tag in ("style", "script"):
            (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy

    @pytest.mark.parametrize("value", statuses.HOSTILE)
    def test_values_are_text(self, value: str) -> None:
        harmless, hostile = (Reader(status_page(statuses.hostile(each), NOW)) for each in ("x", value))
        assert [(tag, sorted(each)) for tag, each in hostile.elements] == [
            (tag, sorted(each)) for tag, each in harmless.elements
        ]
        assert "\u202e" not in hostile.text
        assert "\x1b" not in hostile.text
        assert [each.get("href") for tag, each in hostile.elements if tag == "a"] == ["#fleet", "#e0", "#e1", "#e2"]

    def test_forty_environments_are_small(self) -> None:
        page = status_page(statuses.forty(), NOW)
        assert len(page.encode()) < 300_000
        assert page.count('<section id="e') == 40

    def test_what_it_shows(self) -> None:
        shown = " ".join(Reader(status_page(FLEET, NOW)).text.split())
        expected = (
            "storefront-2026-11 until 2027-11-01",
            "kiosk (missing)",
            "Web_Chat: verifies",
            "Shop_Web: published",
            "Shop_Api: outdated",
            "Shop_App: unknown (HTTP 503: a web page (Service Unavailable))",
            "App_Web: not published",
            "Sessions of 14 days: 156 verified, 2 guests",
            "guests began 2 sessions on it",
            "cannot be counted: no access to MessagingSession",
            "differs, last changed by Ada Lovelace",
            "error: login-failed",
            "2026-12-08 (12 days)",
        )
        assert [words for words in expected if words not in shown] == []

    def test_it_lists_what_others_own(self) -> None:
        owned = OwnedElsewhere(MetadataType.KEYSET, "partner")
        plan = replace(samples.EMPTY, external=(owned,))
        state = replace(SANDBOX, drift=statuses.drift_of(plan))
        assert f"{OWNED_ELSEWHERE}keyset.partner" in Reader(status_page([("sandbox", state)], NOW)).text
        assert OWNED_ELSEWHERE not in Reader(status_page([("sandbox", SANDBOX)], NOW)).text

    def test_no_environment_and_no_certificate(self) -> None:
        assert "none" in Reader(status_page([], NOW)).text


def test_any_document_can_be_html() -> None:
    from provisioner.report.plan_view import plan_view

    found = Reader(document_html(plan_view(samples.FULL)))
    assert found.elements[0][0] == "h2"
    assert "Plan for sandbox" in found.text
    assert "storefront_2026_11" in found.text
