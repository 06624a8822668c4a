"""Several environments in one run, and one run for each of them."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.estate import Estate
from bench.measure import Comparison, compare
from tests.conformance.product import Configuration, LocalOrg, login_to, provisioner

#: What a request to an org takes at the least, in seconds; on this machine alone it would be next to nothing.
LATENCY = 0.1


class Fleet:
    """Local orgs that answer as late as orgs far away do, an environment for each, and one declaration for all."""

    def __init__(self, folder: Path, orgs: list[LocalOrg]) -> None:
        self.ours = Configuration(folder / "ours", orgs[0])
        environments = folder / "ours" / "config" / "environments"
        (environments / "local.yaml").unlink()
        self.names = [f"org_{number:02}" for number in range(1, len(orgs) + 1)]
        for name, org in zip(self.names, orgs, strict=True):
            (environments / f"{name}.yaml").write_text(json.dumps(login_to(org)), encoding="utf-8")
            org.break_(f"slow={LATENCY * 1000:.0f}ms")
        estate = Estate(3)
        estate.prepare(self.ours)
        estate.declare(self.ours, 1)

    def plan(self, environments: str) -> None:
        provisioner("plan", "--env", environments, cwd=self.ours.folder).expect(0)

    def one_by_one(self) -> None:
        for name in self.names:
            self.plan(name)

    def compared(self, rounds: int) -> Comparison:
        return compare(
            f"plan of {len(self.names)} environments in one run, in a run each",
            lambda: self.plan("*"),
            self.one_by_one,
            goal=0.4,
            rounds=rounds,
            sides=("one run", "each"),
        )


@contextlib.contextmanager
def fleet(size: int) -> Iterator[Fleet]:
    """A fleet in a folder that goes when it is done, its orgs stopped."""
    with tempfile.TemporaryDirectory(prefix="provisioner-bench-") as folder, contextlib.ExitStack() as started:
        orgs = []
        for number in range(size):
            orgs.append(LocalOrg.start(Path(folder) / f"org_{number}"))
            started.callback(orgs[-1].stop)
        yield Fleet(Path(folder), orgs)
