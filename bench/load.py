"""How time and memory grow with the size of an estate, up to the most that one deployment carries."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.estate import ISSUER, certificates
from provisioner.localorg.layout import Layout
from provisioner.localorg.records import MetadataType
from provisioner.localorg.store import Store
from tests.conformance.material import certificate_pem
from tests.conformance.product import PROVISIONER, Configuration, LocalOrg

#: Components of an estate; the largest has 8,000 keys, 1,000 keysets and 500 channels.
SIZES = (100, 1_000, 9_500)
_KEYS, _KEYSETS, _CHANNELS, _ALL = 8_000, 1_000, 500, 9_500
#: A component of the largest estate may cost this much more than one of the middle one, and growth is still called
#: linear: a quadratic step would make it nine times as dear.
TOLERANCE = 2.0


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: seconds, and the most memory that its process held, in megabytes."""

    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Growth:
    """A command at each size."""

    command: str
    runs: dict[int, Run]

    def per_component(self, size: int) -> tuple[float, float]:
        """Milliseconds and kilobytes that each component costs, beyond what the smallest estate costs as a whole."""
        first, small = self.runs[SIZES[0]], SIZES[0]
        seconds = self.runs[size].seconds - first.seconds
        megabytes = self.runs[size].megabytes - first.megabytes
        return 1000 * seconds / (size - small), 1000 * megabytes / (size - small)

    @property
    def is_linear(self) -> bool:
        """Whether a component of the largest estate costs no more than one of the middle one, but for a tolerance."""
        middle, large = (self.per_component(size)[0] for size in SIZES[1:])
        return large <= middle * TOLERANCE


class Load:
    """An org with the channels of an estate, and its declaration."""

    def __init__(self, folder: Path, org: LocalOrg, size: int) -> None:
        self.size = size
        self.ours = Configuration(folder / "ours", org)
        keys, keysets, self.channels = (max(1, size * part // _ALL) for part in (_KEYS, _KEYSETS, _CHANNELS))
        self.keys = [f"key_{number:04}" for number in range(keys)]
        self.keysets = {f"keyset_{number:04}": self.keys[number::keysets] for number in range(keysets)}
        for name, made in zip(self.keys, certificates(keys), strict=True):
            (self.ours.keys / f"{name}.crt").write_bytes(certificate_pem(made))
        _open_channels(org.folder, self.channels)
        self.declare()

    def declare(self) -> None:
        names = list(self.keysets)
        channels = {
            f"Chat_{number:03}": {
                "user_verification": {
                    "enabled": True,
                    "configurations": {f"login_{number:03}": {"keyset": names[number % len(names)], "active": True}},
                },
                "token_expiration_minutes": {"verified": 60, "unverified": 360},
            }
            for number in range(self.channels)
        }
        keys = {name: {"certificate": f"keys/{name}.crt", "kid": name} for name in self.keys}
        keysets = {name: {"issuer": f"{ISSUER}/{name}", "keys": members} for name, members in self.keysets.items()}
        self.ours.declare(json.dumps({"version": 1, "keys": keys, "keysets": keysets, "channels": channels}, indent=1))

    def run(self, *words: str, status: int = 0) -> Run:
        """Run the product; its memory is what the kernel counted."""
        begun = time.perf_counter()
        process = subprocess.Popen(
            [PROVISIONER, *words, "--env", "local"],
            cwd=self.ours.folder,
            env={**os.environ, "HOME": str(self.ours.folder), "PROVISIONER_STATE_DIR": str(self.ours.folder / "state")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        with process.stderr:
            said = process.stderr.read()
        _, ended, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(ended)
        assert process.returncode == status, said[-2000:]
        return Run(seconds, used.ru_maxrss / 1000)


def _open_channels(org: Path, count: int) -> None:
    """Channels like Web_Chat, straight into the org: none can be made through the API that we use."""
    store = Store(Layout.of(org).database)
    try:
        pattern = store.components()[MetadataType.CHANNEL, "Web_Chat"]
        store.put_components(
            [
                replace(pattern, name=f"Chat_{number:03}", id=f"{pattern.id[:10]}{number:05}AAA")
                for number in range(count)
            ]
        )
    finally:
        store.close()


@contextmanager
def load(size: int) -> Iterator[Load]:
    """An estate of that size in a folder that goes when it is done, its org stopped."""
    with tempfile.TemporaryDirectory(prefix="provisioner-load-") as folder:
        org = LocalOrg.start(Path(folder) / "org")
        try:
            yield Load(Path(folder), org, size)
        finally:
            org.stop()


def growths(sizes: tuple[int, ...] = SIZES) -> list[Growth]:
    """`validate`, `plan`, `apply`, and the empty plan after it, at each size."""
    commands = ("validate", "plan", "apply --yes", "plan, nothing to do", "import into a new directory")
    found: dict[str, dict[int, Run]] = {command: {} for command in commands}
    for size in sizes:
        with load(size) as estate:
            found["validate"][size] = estate.run("validate")
            found["plan"][size] = estate.run("plan")
            found["apply --yes"][size] = estate.run("apply", "--yes")
            found["plan, nothing to do"][size] = estate.run("plan")
            found["import into a new directory"][size] = estate.run("import", "--out", "imported")
    return [Growth(command, runs) for command, runs in found.items()]


def table(measured: list[Growth]) -> str:
    """A line a command: time and memory at each size, and what a component costs; a bar for the largest."""
    width = max(len(each.command) for each in measured)
    sizes = list(next(iter(measured)).runs)
    lines = [f"{'':<{width}}  " + "  ".join(f"{size:>8,} components" for size in sizes) + "  per component"]
    for each in measured:
        figures = "  ".join(f"{run.seconds:>8.2f} s {run.megabytes:>5.0f} MB" for run in each.runs.values())
        cost = ""
        if len(sizes) == len(SIZES):
            milliseconds, kilobytes = each.per_component(sizes[-1])
            cost = f"  {milliseconds:.2f} ms, {kilobytes:.0f} kB, {'linear' if each.is_linear else 'NOT LINEAR'}"
        lines.append(f"{each.command:<{width}}  {figures}{cost}")
    return "\n".join([*lines, "", *_plot(measured)])


def _plot(measured: list[Growth]) -> Iterator[str]:
    """Bars as long as the time that a thousand components take at each size: level where growth is linear."""
    width = max(len(each.command) for each in measured)
    rates = {(each.command, size): 1000 * run.seconds / size for each in measured for size, run in each.runs.items()}
    longest = max(rates.values())
    yield f"{'':<{width}}  {'':>6}  seconds for a thousand components"
    for each in measured:
        for size in each.runs:
            rate = rates[each.command, size]
            yield f"{each.command:<{width}}  {size:>6,}  {'#' * max(1, round(40 * rate / longest))} {rate:.2f}"
