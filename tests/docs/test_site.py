"""The site's navigation, and the checks of built pages. `make site` builds the whole site."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.docs import site


def test_every_page_is_in_one_section() -> None:
    listed = Counter(page for pages in site.sections().values() for page in pages)
    missing = sorted(set(site.sources()) - set(listed) - {"index"})
    assert missing == [], "add these pages to a section of docs/navigation.yaml"
    assert sorted(set(listed) - set(site.sources())) == [], "docs/navigation.yaml lists pages that do not exist"
    assert [page for page, times in listed.items() if times > 1] == []


def test_links_lead_to_pages_and_to_files_beside_them(tmp_path: Path) -> None:
    site.stage(tmp_path)
    start = (tmp_path / "index.md").read_text("utf-8")
    assert "](stability.md)" in start
    assert "](docs/" not in start
    assert "](files/action.yml)" in (tmp_path / "ci.md").read_text("utf-8")
    assert (tmp_path / "files/action.yml").is_file()
    assert "](proof.md)" in (tmp_path / "CONTRIBUTING.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ('<a href="other.html#there">', ""),
        ('<a href="https://elsewhere.example/">', ""),
        ('<img src="data:image/svg+xml,x">', ""),
        ('<a href="gone.html">', "page.html links to gone.html, which does not exist"),
        ('<a href="other.html#gone">', "page.html links to other.html#gone, which has no such anchor"),
        ('<a href="#gone">', "page.html links to #gone, which has no such anchor"),
        ('<img src="gone.svg">', "page.html loads gone.svg, which does not exist"),
        ('<script src="https://elsewhere.example/x.js">', "page.html loads https://elsewhere.example/x.js"),
        ('<link rel="stylesheet" href="//elsewhere.example/x.css">', "page.html loads //elsewhere.example/x.css"),
    ],
)
def test_a_dead_link_and_a_foreign_file_are_found(tmp_path: Path, markup: str, problem: str) -> None:
    (tmp_path / "other.html").write_text('<h1 id="there">Title</h1>')
    (tmp_path / "page.html").write_text(markup)
    assert list(site.problems(tmp_path)) == ([problem] if problem else [])


def test_a_page_is_made_for_the_keyboard_and_for_screen_readers() -> None:
    assert site.accessible("<pre>wide") == '<pre tabindex="0">wide'
    assert 'aria-level="2"' in site.accessible('<p class="caption" role="heading">')


def test_a_link_of_the_program_is_checked(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>")
    assert list(site.problems(tmp_path, lambda: {"rule a-b": "rules.html#a-b"})) == [
        "rule a-b links to rules.html#a-b, which does not exist"
    ]


def test_the_generator_is_pinned_as_everything_else() -> None:
    """A package that is in both locks has one version, so that `make site` changes nothing in .venv."""
    pinned = {}
    for lock in ("requirements", "docs"):
        text = (site.ROOT / f".ci/{lock}.txt").read_text("utf-8")
        pinned[lock] = dict(re.findall(r"^([\w.-]+)==([\w.]+) *(?:;.*)?\\$", text, re.M))
        assert text.count("--hash=sha256:") >= len(pinned[lock])
    assert {"sphinx", "myst-parser", "furo"} <= set(pinned["docs"])
    both = set(pinned["docs"]) & set(pinned["requirements"])
    assert len(both) > 5
    assert {name for name in both if pinned["docs"][name] != pinned["requirements"][name]} == set()
