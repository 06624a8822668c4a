"""The project's addresses, and the command that installs its extras.

``pyproject.toml`` is the one place for addresses. They are read from the metadata of the installed package; if it has
none, messages name another next step.
"""

from __future__ import annotations

import json
import shlex
import sys
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

DISTRIBUTION = "salesforce-verification-provisioner"


def address(label: str) -> str | None:
    """Return the address under a label of ``[project.urls]``; None if the package has none."""
    try:
        lines = metadata.metadata(DISTRIBUTION).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return None
    named = (line.partition(",") for line in lines)
    return next((url.strip() for name, _, url in named if name.strip().lower() == label.lower()), None)


def page_address(page: str) -> str | None:
    """Return the address of a page such as docs/reference/rules.md#id: on the site, else in the repository."""
    site, repository = address("Documentation"), address("Repository")
    if site:
        path, _, anchor = page.removeprefix("docs/").partition("#")
        return f"{site.rstrip('/')}/{path.removesuffix('.md')}.html{f'#{anchor}' if anchor else ''}"
    return f"{repository}/blob/HEAD/{page}" if repository else None


def report_to() -> str:
    """Return the address for reports of defects, as the end of "report it"."""
    issues = address("Issues")
    return f"at {issues}" if issues else "to the people who gave you this program"


def install_command(extra: str) -> str:
    """Return the command that installs an extra from the checkout or wheel of this program."""
    origin, options = _origin()
    python = shlex.quote(sys.executable or "python")
    command = " ".join((python, "-m pip install", *options, shlex.quote(f"{origin or 'FILE'}[{extra}]")))
    return command if origin else f"{command} (FILE: the wheel or the checkout that this program came from)"


def _origin() -> tuple[str | None, tuple[str, ...]]:
    """Return the path of the checkout or wheel and pip's options for it; None if it is unknown or missing."""
    try:
        recorded = json.loads(metadata.distribution(DISTRIBUTION).read_text("direct_url.json") or "{}")  # PEP 610
        url = urlsplit(recorded.get("url", ""))
        editable = bool(recorded.get("dir_info", {}).get("editable"))
    except (metadata.PackageNotFoundError, ValueError, AttributeError):
        return None, ()
    path = Path(url2pathname(url.path))
    if url.scheme != "file" or not path.exists():
        return None, ()
    return str(path), ("--editable",) if editable else ()
