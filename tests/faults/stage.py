"""Where journeys happen: a folder, a local org whose components can be put back, and commands run in this process."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner import localorg
from provisioner.cli.main import main
from provisioner.localorg.layout import Layout
from provisioner.localorg.records import Component, MetadataType
from provisioner.localorg.store import Store

EXAMPLE = Path(__file__).parents[2] / "config"
ENVIRONMENT = "variables: {storefront_issuer: https://id.example.com}\n"
Components = dict[tuple[MetadataType, str], Component]
#: What each component is, without ids and dates.
Held = dict[str, tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command ended with and printed."""

    words: tuple[str, ...]
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout; None where it is not one."""
        try:
            return json.loads(self.out)
        except ValueError:
            return None


@dataclass
class Stage:
    """``folder`` holds a config directory and everything that commands leave behind; ``org`` is a running local org."""

    folder: Path
    org: Path
    template: Path = field(init=False)
    others: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()
        self.template = self.folder / "template"
        for name in ("here", "state", "home"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    @property
    def here(self) -> Path:
        """The folder that commands run in."""
        return self.folder / "here"

    def write(self, name: str, content: str) -> Path:
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def edit(self, old: str, new: str) -> None:
        """Change the declaration; what is replaced must be there."""
        path = self.here / "config/user-verification.yaml"
        text = path.read_text()
        assert old in text, old
        path.write_text(text.replace(old, new))

    def begin(self) -> None:
        """An empty folder with the example, and a newborn org with nothing broken."""
        localorg.mend(self.org, None)
        localorg.reset(self.org)
        self._empty()
        shutil.copytree(EXAMPLE, self.here / "config")
        self.write("config/environments/local.yaml", f"embedded_org: {self.org}\n{ENVIRONMENT}")

    def another_org(self) -> Path:
        """A second org, newborn; nothing puts it back, so a journey only reads it."""
        org = self.folder / f"org-{len(self.others) + 2}"
        localorg.start(org)
        self.others.append(org)
        return org

    def close(self) -> None:
        """Stop the orgs that the stage started by itself."""
        for org in self.others:
            localorg.stop(org)

    def _empty(self) -> None:
        for name in ("here", "state", "home"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir()

    def run(self, *words: str) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        with self._surroundings(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main([*words])
        return Ran(words, status, out.getvalue(), err.getvalue())

    @contextlib.contextmanager
    def _surroundings(self) -> Iterator[None]:
        kept, folder = dict(os.environ), Path.cwd()
        os.environ.update(HOME=str(self.folder / "home"), XDG_STATE_HOME=str(self.folder / "state"))
        os.chdir(self.here)
        try:
            yield
        finally:
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(kept)

    # The org's own view

    @contextlib.contextmanager
    def store(self, org: Path | None = None) -> Iterator[Store]:
        store = Store(Layout.of(org or self.org).database)
        try:
            yield store
        finally:
            store.close()

    def components(self, org: Path | None = None) -> Components:
        with self.store(org) as store:
            return store.components()

    def put_back(self, components: Components, org: Path | None = None) -> None:
        """The components as they were; the history of deployments goes on, and the chat's rate limit begins anew."""
        with self.store(org) as store, store.transaction():
            store._sql.execute("DELETE FROM tally WHERE key LIKE 'chat tokens %'")
            for kind, name in store.components().keys() - components.keys():
                store.delete_component(kind, name)
            store.put_components(components.values())
            known = {each.id for each in components.values()}
            store.set_assignments(each for each in store.assignments() if each.permission_set_id in known)

    def tokens(self) -> list[str]:
        """Every session that was ever given out, and is not ended."""
        with self.store() as store:
            return [row[0] for row in store._sql.execute("SELECT token FROM session")]

    def forget_sessions(self) -> None:
        """End every session, so that :meth:`tokens` has those of the next command alone."""
        with self.store() as store, store.transaction():
            store._sql.execute("DELETE FROM session")

    def deployments(self) -> list[Any]:
        with self.store() as store:
            return store.deployments()

    def settled(self) -> None:
        """Wait until no deployment runs."""
        while any(not each.done for each in self.deployments()):
            time.sleep(0.01)

    # What lies on disk

    def keep(self) -> None:
        """Remember the folders as they are."""
        shutil.rmtree(self.template, ignore_errors=True)
        self.template.mkdir()
        for name in ("here", "state", "home"):
            shutil.copytree(self.folder / name, self.template / name)

    def restore(self) -> None:
        """The folders as they were kept."""
        for name in ("here", "state", "home"):
            mirror(self.template / name, self.folder / name)


def mirror(source: Path, target: Path) -> None:
    """Make ``target`` what ``source`` is; only what differs is written, because a disk is slow and most is the same."""
    wanted = {path.relative_to(source) for path in source.rglob("*")}
    for path in sorted(target.rglob("*"), reverse=True):
        name = path.relative_to(target)
        if path.is_symlink() or name not in wanted or path.is_dir() != (source / name).is_dir():
            path.unlink() if path.is_symlink() or not path.is_dir() else shutil.rmtree(path)
    for name in sorted(wanted):
        if (source / name).is_dir():
            (target / name).mkdir(exist_ok=True)
        elif not _is_same(source / name, target / name):
            shutil.copy2(source / name, target / name)


def _is_same(source: Path, target: Path) -> bool:
    return (
        target.is_file()
        and target.stat().st_mode == source.stat().st_mode
        and target.read_bytes() == source.read_bytes()
    )


#: The site of a web deployment: its digits are those of the moment.
_SITE = re.compile(r"(ESW_\w+?)_\d{13}")


def held(components: Components) -> Held:
    return {
        f"{kind.name} {name}": (_SITE.sub(r"\1_", each.xml), each.active) for (kind, name), each in components.items()
    }
