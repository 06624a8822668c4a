"""The names that completion offers: of the config, of the rules, of the local org and of the journal.

Each source gets the words before the cursor, which may name the config directory, and yields names with descriptions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from provisioner.cli.completing import Candidate
from provisioner.cli.options import CONFIG_VARIABLE, DEFAULT_CONFIG
from provisioner.declaration.environment_files import DECLARATION_FILE, EnvironmentFiles
from provisioner.declaration.lookup import find_config
from provisioner.declaration.tree import Branch
from provisioner.declaration.yaml_text import parse, read_file


def _config(before: Sequence[str]) -> Path:
    given = [value for option, value in zip(before, before[1:], strict=False) if option == "--config"]
    named = given[-1] if given else os.environ.get(CONFIG_VARIABLE)
    return Path(named or find_config(Path.cwd()).found or DEFAULT_CONFIG)


def _environments(before: Sequence[str]) -> Iterator[Candidate]:
    yield from ((name, "") for name in EnvironmentFiles(_config(before)).names())


def _declared(before: Sequence[str]) -> Branch | None:
    folder = _config(before)
    tree, _ = parse(read_file(folder / DECLARATION_FILE, folder), DECLARATION_FILE)
    return tree if isinstance(tree, Branch) else None


def _section(name: str) -> Callable[[Sequence[str]], Iterator[Candidate]]:
    def listed(before: Sequence[str]) -> Iterator[Candidate]:
        yield from _entries(before, name)

    return listed


def _entries(before: Sequence[str], section: str) -> Iterator[Candidate]:
    for name, fields in _fields(before, section):
        yield name, (fields.text("label") if fields is not None else None) or ""


def _fields(before: Sequence[str], section: str) -> Iterator[tuple[str, Branch | None]]:
    """Yield the names of the entries of a section, each with its fields."""
    tree = _declared(before)
    branch = tree.branch(section) if tree is not None else None
    for name, entry in branch.entries.items() if branch is not None else ():
        yield name, entry.value if isinstance(entry.value, Branch) else None


def _addresses(before: Sequence[str]) -> Iterator[Candidate]:
    from provisioner.model.types import TYPES, MetadataType

    for kind in (*TYPES, MetadataType.DEPLOYMENT):
        for name, label in _entries(before, kind.section):
            yield kind.address(name), label


def _kids(before: Sequence[str]) -> Iterator[Candidate]:
    for name, fields in _fields(before, "keys"):
        if fields is not None and (kid := fields.text("kid")):
            yield kid, name


def _configurations(before: Sequence[str]) -> Iterator[Candidate]:
    for channel, fields in _fields(before, "channels"):
        part = fields.branch("user_verification") if fields is not None else None
        names = part.branch("configurations") if part is not None else None
        for name in names.entries if names is not None else ():
            yield name, channel


def _deployments(before: Sequence[str]) -> Iterator[Candidate]:
    """Yield the declared deployments, and those that environments name under ``verify``."""
    yield from _entries(before, "deployments")
    files = EnvironmentFiles(_config(before))
    seen: dict[str, str] = {}
    for name in files.names():
        for channel, target in files.read(name).environment.verify.items():
            if target.deployment:
                seen.setdefault(target.deployment, channel)
    yield from seen.items()


def _rules(before: Sequence[str]) -> Iterator[Candidate]:
    from provisioner.rules.pages import ids_in_sources

    yield from ids_in_sources()


def _faults(before: Sequence[str]) -> Iterator[Candidate]:
    from provisioner.localorg import FAULTS

    yield from ((fault.name, fault.what) for fault in FAULTS)


def _experiments(before: Sequence[str]) -> Iterator[Candidate]:
    from provisioner.experiments.catalogue import BY_NAME

    yield from ((name, experiment.question) for name, experiment in BY_NAME.items())


def _journal(before: Sequence[str]) -> Iterator[Candidate]:
    from provisioner.execution.journal import Journal

    yield "latest", "the last apply"
    for name in Journal.here().names():
        yield name, ""


def _kinds(before: Sequence[str]) -> Iterator[Candidate]:
    from provisioner.report.schemas import kinds

    yield from ((kind, "") for kind in kinds())


SOURCES: dict[str, Callable[[Sequence[str]], Iterator[Candidate]]] = {
    "environments": _environments, "keys": _section("keys"), "keysets": _section("keysets"),
    "channels": _section("channels"), "addresses": _addresses, "kids": _kids, "configurations": _configurations,
    "deployments": _deployments, "rules": _rules, "faults": _faults, "experiments": _experiments,
    "entries": _journal, "kinds": _kinds,
}  # fmt: skip
