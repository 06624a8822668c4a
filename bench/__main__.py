"""``python -m bench``: measure, print the tables. ``--quick`` takes fewer rounds and leaves the large estates out."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.estate import CHANNEL, Estate
from bench.fleet import fleet
from bench.load import SIZES, growths
from bench.load import table as growth_table
from bench.measure import Comparison, Latencies, compare, seconds, table
from bench.page import page
from tests.conformance.cli import CliUnavailableError, SalesforceCli, installed
from tests.conformance.material import SourceProject
from tests.conformance.product import PROVISIONER, Configuration, LocalOrg

SMALL, LARGE, ENVIRONMENTS = 3, 1000, 10
LATENCY = 0.4


class Bench:
    """One local org, our tool and the official CLI logged in to it, and an estate that both bring into it in turn."""

    def __init__(self, folder: Path, org: LocalOrg, cli: Path, size: int) -> None:
        self.org = org
        self.estate = Estate(size)
        self.ours = Configuration(folder / "ours", self.org)
        self.theirs = SourceProject(folder / "theirs")
        (folder / "home").mkdir()
        self.sf = SalesforceCli(cli, folder / "home", self.theirs.folder, self.org.ca_bundle)
        self.variants = itertools.count(1)
        self.estate.prepare(self.ours)
        self.sf.log_in(self.org).result  # noqa: B018 - asking for the result proves the login
        self.declare()
        self.apply()
        self.manifest = self.estate.manifest(self.theirs)
        self.retrieve()
        self.channel = self.theirs.path("MessagingChannel", CHANNEL).read_text(encoding="utf-8")

    def declare(self) -> None:
        self.estate.declare(self.ours, next(self.variants))

    def write(self) -> None:
        self.estate.write(self.theirs, next(self.variants), self.channel)

    def plan(self) -> None:
        self.ours.run("plan").expect(0)

    def apply(self) -> None:
        self.ours.run("apply", "--yes").expect(0)

    def retrieve(self) -> None:
        result = self.sf.run("project", "retrieve", "start", "--manifest", self.manifest).result
        assert len(result["files"]) == self.estate.size, f"{len(result['files'])} files, not {self.estate.size}"

    def deploy(self) -> None:
        result = self.sf.run("project", "deploy", "start", "--source-dir", "force-app").result
        assert result["numberComponentsDeployed"] >= self.estate.size

    def compared(self, rounds: int) -> list[Comparison]:
        """Reading the estate, and changing every component of it."""
        what = f"{self.estate.size:,} components"
        read = compare(
            f"plan of {what}, sf project retrieve start", self.plan, self.retrieve, rounds=rounds,
            goal=0.3 if self.estate.size == SMALL else 0.5,
        )  # fmt: skip
        changed = compare(
            f"apply of {what}, sf project deploy start", self.apply, self.deploy, rounds=rounds, goal=0.5,
            before_ours=self.declare, before_theirs=self.write,
        )  # fmt: skip
        return [read, changed]

    def latencies(self, rounds: int) -> Latencies:
        """How many answers in a row a plan waits for."""
        quick = tuple(seconds(self.plan) for _ in range(rounds))
        self.org.break_(f"slow={LATENCY * 1000:.0f}ms")
        slow = tuple(seconds(self.plan) for _ in range(rounds))
        self.org.mend()
        return Latencies(f"plan of {self.estate.size:,} components", quick, slow, LATENCY, goal=3)


@contextlib.contextmanager
def bench(cli: Path, size: int) -> Iterator[Bench]:
    """A bench in a folder that goes when it is done, its org stopped."""
    with tempfile.TemporaryDirectory(prefix="provisioner-bench-") as folder:
        org = LocalOrg.start(Path(folder) / "org")
        try:
            yield Bench(Path(folder), org, cli, size)
        finally:
            org.stop()


def versions(cli: Path, rounds: int) -> Comparison:
    """Doing nothing but starting."""
    with tempfile.TemporaryDirectory() as folder:
        sf = SalesforceCli(cli, Path(folder), Path(folder), Path(folder) / "no-ca.pem")
        environment = sf.environment()
        del environment["NODE_EXTRA_CA_CERTS"]

        def run(command: list[str]) -> None:
            subprocess.run(
                command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=True
            )

        return compare(
            "provisioner --version, sf --version",
            lambda: run([str(PROVISIONER), "--version"]),
            lambda: run(sf.command("--version")),
            goal=0.5,
            rounds=rounds,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and only the small estate")
    parser.add_argument("--out", type=Path, help="also write it there, as a page with the machine and the versions")
    given = parser.parse_args()
    quick = given.quick
    try:
        cli = installed()
    except CliUnavailableError as error:
        sys.stderr.write(f"The official Salesforce CLI cannot be had, so there is nothing to compare with: {error}.\n")
        return 1
    comparisons = [versions(cli, rounds=3 if quick else 9)]
    with bench(cli, SMALL) as small:
        sys.stderr.write(f"Comparing on {small.estate.size} components …\n")
        comparisons += small.compared(rounds=3 if quick else 5)
        latencies = [small.latencies(rounds=3)]
    if not quick:
        with bench(cli, LARGE) as large:
            sys.stderr.write(f"Comparing on {large.estate.size:,} components …\n")
            comparisons += large.compared(rounds=3)
    with fleet(ENVIRONMENTS) as several:
        sys.stderr.write(f"Comparing on {ENVIRONMENTS} environments …\n")
        comparisons.append(several.compared(rounds=1 if quick else 3))
    compared = table(comparisons, latencies)
    print(compared)
    sizes = SIZES[:2] if quick else SIZES
    sys.stderr.write(f"Measuring how it grows, up to {sizes[-1]:,} components …\n")
    grown = growth_table(growths(sizes))
    print(f"\n{grown}")
    if given.out is not None:
        given.out.write_text(page(compared, grown, cli))
    return 0


if __name__ == "__main__":
    sys.exit(main())
