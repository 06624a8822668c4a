"""Reads the locks of .ci, and pyproject.toml's requirements that they are made from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYTHONS = tuple((ROOT / ".ci/pythons").read_text(encoding="utf-8").split())
#: Each lock, with the dependency groups that it holds beside the program's own requirements.
GROUPS = {"requirements": ("dev",), "runtime": ("build",), "lowest": ("dev",)}


@dataclass(frozen=True, slots=True)
class Pin:
    """One entry of a lock."""

    name: str
    version: str
    marker: Marker | None
    hashes: frozenset[str]

    def applies(self, environment: dict[str, str]) -> bool:
        return self.marker is None or self.marker.evaluate(environment)


def lock_file(lock: str) -> Path:
    return ROOT / f".ci/{lock}.txt"


def options(lock: str) -> list[str]:
    """Return the lines of a lock that are an option of pip."""
    return [line for line in lock_file(lock).read_text(encoding="utf-8").splitlines() if line.startswith("-")]


def pins(lock: str) -> list[Pin]:
    text = re.sub(r"^ *#.*\n", "", lock_file(lock).read_text(encoding="utf-8"), flags=re.M).replace("\\\n", " ")
    return [_pin(line) for line in text.splitlines() if line and not line.startswith("-")]


def _pin(line: str) -> Pin:
    words, *hashes = re.split(r"\s+--hash=", line.strip())
    requirement = Requirement(words)
    (specifier,) = requirement.specifier
    assert specifier.operator == "==", line
    return Pin(canonicalize_name(requirement.name), specifier.version, requirement.marker, frozenset(hashes))


def pinned_versions(lock: str) -> set[tuple[str, str]]:
    return {(pin.name, pin.version) for pin in pins(lock)}


def declared(lock: str) -> Iterator[Requirement]:
    """Yield the requirements of pyproject.toml that a lock is made from."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = document["project"]
    yield from map(Requirement, [*project["dependencies"], *project["optional-dependencies"]["localorg"]])
    for name in GROUPS[lock]:
        yield from _group(document["dependency-groups"], name)


def _group(groups: dict[str, Any], name: str) -> Iterator[Requirement]:
    for each in groups[name]:
        if isinstance(each, dict):
            yield from _group(groups, each["include-group"])
        else:
            yield Requirement(each)
