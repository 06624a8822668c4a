"""The rules take time in proportion to what is declared: a thousand keys are no feat."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from provisioner.declaration.load import Loaded
from provisioner.rules.check import check
from tests.declaration.configs import LOCAL
from tests.keys.making import NOW
from tests.rules.running import directory


def estate(folder: Path, size: int, named: str) -> Loaded:
    """So many keys, keysets and channels, the keysets naming their keys by ``named``; and one keyset with all keys."""
    keys = "".join(f"  k{n}: {{certificate: keys/k{n}.crt, kid: kid-{n}, label: Key {n}}}\n" for n in range(size))
    keysets = "".join(f"  s{n}: {{issuer: https://{n}.example.com, keys: [{named}{n}]}}\n" for n in range(size))
    keysets += f"  all: {{issuer: https://all.example.com, keys: [{', '.join(f'k{n}' for n in range(size))}]}}\n"
    channels = "".join(
        f"  c{n}: {{user_verification: {{enabled: true, configurations: {{l{n}: {{keyset: s{n}}}}}}}}}\n"
        for n in range(size)
    )
    config = directory(folder, f"keys:\n{keys}keysets:\n{keysets}channels:\n{channels}", a=LOCAL)
    content = (config.directory / "keys" / "shop.crt").read_bytes()
    for number in range(size):
        (config.directory / "keys" / f"k{number}.crt").write_bytes(content)
    return config.load("a")


@pytest.mark.parametrize("named", ["k", "missing", "kx"])
def test_ten_times_as_much_takes_by_far_less_than_a_hundred_times_the_time(named: str, tmp_path: Path) -> None:
    def seconds(size: int) -> float:
        loaded = estate(tmp_path / str(size), size, named)
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            check(loaded, now=NOW)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(1_000) < 40 * seconds(100)
