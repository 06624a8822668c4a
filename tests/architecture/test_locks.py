"""The locks are complete and consistent: an installation without pip's resolver has everything that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.locks import GROUPS, PYTHONS, Pin, declared, options, pinned_versions, pins

LOCKS = (*GROUPS, "tools")


def installed() -> dict[str, str]:
    return {canonicalize_name(each.metadata["Name"]): each.version for each in metadata.distributions()}


def environment(python: str) -> dict[str, str]:
    """Return what markers see on this machine with a Python of that version."""
    here = {name: str(value) for name, value in default_environment().items()}
    return {**here, "python_version": python, "python_full_version": f"{python}.0", "extra": ""}


class Resolution:
    """What pip would want for some requirements, with the metadata of what is installed here."""

    def __init__(self, lock: str, python: str) -> None:
        self.environment = environment(python)
        self.pins = {pin.name: pin for pin in pins(lock) if pin.applies(self.environment)}
        self.installed = installed()
        self.unmet: list[str] = []
        self.seen: set[tuple[str, str]] = set()

    def follow(self, requirement: Requirement, extra: str = "", wanted_by: str = "pyproject.toml") -> None:
        marker = requirement.marker
        if marker is not None and not marker.evaluate({**self.environment, "extra": extra}):
            return
        name = canonicalize_name(requirement.name)
        pin = self.pins.get(name)
        if pin is None or not requirement.specifier.contains(pin.version, prereleases=True):
            self.unmet.append(f"{requirement} ({wanted_by})")
            return
        for each in ("", *requirement.extras):
            if (name, each) not in self.seen:
                self.seen.add((name, each))
                for inner in self.requirements_of(pin):
                    self.follow(inner, each, f"{name}[{each}]")

    def requirements_of(self, pin: Pin) -> Iterator[Requirement]:
        if self.installed.get(pin.name) == pin.version:
            yield from map(Requirement, metadata.requires(pin.name) or ())


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", GROUPS)
def test_a_lock_meets_every_requirement(lock: str, python: str) -> None:
    """pip takes a package beyond the lock if one is missing in it, and refuses it, or takes one that nobody tested."""
    resolution = Resolution(lock, python)
    for requirement in declared(lock):
        resolution.follow(requirement)
    assert resolution.unmet == []


def test_the_tests_run_with_the_versions_of_a_lock() -> None:
    """The test above knows the requirements of what is installed, so that must be the whole of one lock."""
    here = {name: str(value) for name, value in default_environment().items()}
    missing = {
        lock: {(pin.name, pin.version) for pin in pins(lock) if pin.applies(here)} - set(installed().items())
        for lock in ("requirements", "lowest")
    }
    assert not missing["requirements"] or not missing["lowest"], missing


def test_what_runs_is_what_is_tested() -> None:
    tested = {pin.name: pin for pin in pins("requirements")}
    for pin in pins("runtime"):
        assert (tested[pin.name].version, tested[pin.name].hashes) == (pin.version, pin.hashes), pin.name
    assert len(pinned_versions("runtime")) < len(tested)


def test_the_lowest_versions_are_those_declared() -> None:
    for requirement in declared("runtime"):
        if requirement.name in {"hatchling", "editables"}:
            continue
        (bound,) = [each.version for each in requirement.specifier if each.operator == ">="]
        found = {
            pin.version
            for python in PYTHONS
            for pin in pins("lowest")
            if pin.name == canonicalize_name(requirement.name)
            and pin.applies(environment(python))
            and (requirement.marker is None or requirement.marker.evaluate(environment(python)))
        }
        assert {_plain(each) for each in found} == {_plain(bound)}, requirement


def _plain(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, without zeros at its end."""
    return tuple(int(part) for part in version.removesuffix(".0").removesuffix(".0").split("."))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_file_is_a_wheel_pinned_by_its_hash(lock: str) -> None:
    assert options(lock) == ["--only-binary :all:"]
    found = pins(lock)
    assert len(found) > 20
    assert [pin.name for pin in found if not pin.hashes] == []
    assert all(each.startswith("sha256:") for pin in found for each in pin.hashes)
