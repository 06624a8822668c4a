"""The documentation site: ``python -m tests.docs.site`` builds and checks it (``make site``).

The pages are those that GitHub shows: README.md is the start page, and docs/navigation.yaml puts the pages into
sections. Sphinx builds them strictly. Then every link, anchor and file of the built pages is checked, and that no page
needs another site.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NAVIGATION = DOCS / "navigation.yaml"
SITE = ROOT / "build/site"
#: Documents of the root folder that are pages, by their name on the site.
OF_THE_ROOT = {"README": "index", "CONTRIBUTING": "CONTRIBUTING", "SECURITY": "SECURITY", "CHANGELOG": "CHANGELOG"}
_LINK = re.compile(r"(\]\()([^)\s#]+)((?:#[^)\s]*)?\))")
_ACCESSIBLE = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="On this page">',
    "<pre>": '<pre tabindex="0">',
}
_CODE = re.compile(r"^( *)(```|~~~).*?^\1\2[^\n]*$", re.DOTALL | re.MULTILINE)


def sections() -> dict[str, list[str]]:
    """Return the pages of each section, in order."""
    read: dict[str, list[str]] = yaml.safe_load(NAVIGATION.read_text("utf-8"))
    return read


def sources() -> dict[str, Path]:
    """Return the file of every page, by the page's name on the site."""
    found = {path.relative_to(DOCS).with_suffix("").as_posix(): path for path in sorted(DOCS.rglob("*.md"))}
    return found | {page: ROOT / f"{name}.md" for name, page in OF_THE_ROOT.items()}


def stage(folder: Path) -> None:
    """Write the pages into a folder as Sphinx reads them, with links that lead to pages or to files beside them."""
    pages = {source.resolve(): page for page, source in sources().items()}
    for source, page in pages.items():
        target = folder / f"{page}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_relinked(source, page, pages, folder), encoding="utf-8")
    with (folder / "index.md").open("a", encoding="utf-8") as index:
        for title, listed in sections().items():
            index.write(f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "\n".join(listed) + "\n```\n")
    shutil.copy(DOCS / "conf.py", folder)
    shutil.copytree(DOCS / "_static", folder / "_static")


def _relinked(source: Path, page: str, pages: dict[Path, str], folder: Path) -> str:
    """Return the text of a page with each relative link as the site has it; code stays as it is."""

    def replaced(match: re.Match[str]) -> str:
        if "://" in match[2] or match[2].startswith("mailto:"):
            return match[0]
        target = (source.parent / match[2]).resolve()
        if target in pages:
            goal = f"{pages[target]}.md"
        else:
            goal = f"files/{target.relative_to(ROOT).as_posix().lstrip('.')}"
            (folder / goal).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(target, folder / goal)
        return match[1] + os.path.relpath(goal, Path(page).parent) + match[3]

    text, done, parts = source.read_text("utf-8"), 0, []
    for code in _CODE.finditer(text):
        parts += [_LINK.sub(replaced, text[done : code.start()]), code[0]]
        done = code.end()
    return "".join((*parts, _LINK.sub(replaced, text[done:])))


def build(site: Path) -> bool:
    """Build the site; warnings are errors. Return whether that succeeded."""
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        shutil.rmtree(site, ignore_errors=True)
        words = ["-m", "sphinx", "--quiet", "--fail-on-warning", "--builder", "html", "--doctree-dir"]
        done = subprocess.run([sys.executable, *words, f"{folder}/.doctrees", folder, str(site)], cwd=ROOT)
    for path in site.rglob("*.html"):
        path.write_text(accessible(path.read_text("utf-8")), encoding="utf-8")
    return done.returncode == 0


def accessible(html: str) -> str:
    """Return a page with what the theme leaves out for screen readers and for the keyboard."""
    for before, after in _ACCESSIBLE.items():
        html = html.replace(before, after)
    return html


class _Page(HTMLParser):
    """Collects the anchors, the links and the loaded files of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        if "id" in given:
            self.anchors.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload"):
            self.loaded.append(given.get("href", ""))
        elif tag != "a" and "src" in given:
            self.loaded.append(given["src"])


def problems(site: Path, extra: Callable[[], dict[str, str]] = dict) -> Iterator[str]:
    """Yield each link of the built pages that leads nowhere, and each file that a page loads from another site.

    ``extra`` returns more links to check, relative to the site, by what names them.
    """
    paths = (path for path in sorted(site.rglob("*.html")) if "_downloads" not in path.parts)
    read = {path.resolve(): _Page(path.read_text("utf-8")) for path in paths}
    for path, page in read.items():
        name = path.relative_to(site.resolve()).as_posix()
        for url in page.loaded:
            if urlsplit(url).netloc:
                yield f"{name} loads {url}"
            elif not url.startswith("data:") and not (path.parent / urlsplit(url).path).is_file():
                yield f"{name} loads {url}, which does not exist"
        yield from (f"{name} links to {url}, {why}" for url in page.links if (why := _dead(url, path, read)))
    start = site.resolve() / "index.html"
    yield from (f"{name} links to {url}, {why}" for name, url in extra().items() if (why := _dead(url, start, read)))


def _dead(url: str, path: Path, read: dict[Path, _Page]) -> str:
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        return ""
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return "which does not exist"
    anchor = unquote(parts.fragment)
    return "which has no such anchor" if anchor and target in read and anchor not in read[target].anchors else ""


def pages_of_the_program() -> dict[str, str]:
    """Return where the program says that each rule and cause is explained, as links from the start page."""
    from provisioner.diagnosis.chat.causes import CAUSES as OF_THE_CHAT
    from provisioner.diagnosis.pasted.causes import PASTED_CAUSES
    from provisioner.report.pages import CAUSES, CHAT_CAUSES, RULES, cause_page, chat_cause_page, rule_page
    from provisioner.rules.pages import rule_ids

    named = {f"the rule {rule}": rule_page(rule) for rule in rule_ids()}
    named |= {f"the cause {cause}": cause_page(cause) for cause in PASTED_CAUSES}
    named |= {f"the cause {cause} of a chat": chat_cause_page(cause) for cause in OF_THE_CHAT}
    starts = tuple(page.removesuffix(".md").removeprefix("docs/") for page in (RULES, CAUSES, CHAT_CAUSES))
    found = {}
    for name, page in named.items():
        path, _, anchor = page.partition("#")
        place = next(start for start in starts if path.removesuffix(".md").removesuffix(".html").endswith(start))
        found[name] = f"{place}.html#{anchor}"
    return found


def main() -> int:
    if not build(SITE):
        return 1
    found = list(problems(SITE, pages_of_the_program))
    for problem in found:
        sys.stderr.write(f"{problem}\n")
    sys.stdout.write(f"Built {SITE.relative_to(ROOT)}/index.html.\n" if not found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
