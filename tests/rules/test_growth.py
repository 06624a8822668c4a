"""The rules take time in proportion to what is declared: a thousand keys are no feat."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from provisioner.cli.sources import read_lines
from provisioner.declaration.load import ConfigDirectory, Loaded
from provisioner.report.findings import findings_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from provisioner.rules.check import check, validate
from tests import growth
from tests.declaration.configs import LOCAL
from tests.jose.making import NOW
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
def test_time_does_not_grow_with_the_square(named: str, tmp_path: Path) -> None:
    loaded = {size: estate(tmp_path / str(size), size, named) for size in (100, 1_000)}

    def seconds(size: int) -> float:
        start = time.process_time()
        check(loaded[size], now=NOW)
        return time.process_time() - start

    assert growth.at_most(40, seconds, 100, 1_000)


#: Declarations in which everything is wrong, as many times as asked for: a slip of the pen, or ill will.
WRONG = {
    "keys without a source": lambda n: "keys:\n" + "".join(f"  k{i}: {{}}\n" for i in range(n)),
    "keys that are nothing": lambda n: "keys:\n" + "".join(f"  k{i}:\n" for i in range(n)),
    "unknown keys": lambda n: "keysets:\n" + "".join(f"  s{i}: {{issuer: x, keys: [a{i}]}}\n" for i in range(n)),
    "one keyset of unknown keys": lambda n: (
        "keys:\n" + "".join(f"  a{i}: {{}}\n" for i in range(n))
        + "keysets:\n  s: {issuer: x, keys: [" + ", ".join(f"b{i}" for i in range(n)) + "]}\n"
    ),
    "unknown issuers": lambda n: (
        "issuers:\n" + "".join(f"  a{i}: https://{i}.example.com\n" for i in range(n))
        + "keysets:\n" + "".join(f"  s{i}: {{issuer: b{i}, keys: [a]}}\n" for i in range(n))
    ),
    "many configurations": lambda n: (
        "channels:\n  c:\n    user_verification:\n      enabled: true\n      configurations:\n"
        + "".join(f"        l{i}: {{keyset: s{i}}}\n" for i in range(n))
    ),
    "one kid for all": lambda n: "keys:\n" + "".join(f"  k{i}: {{certificate: a.crt, kid: k}}\n" for i in range(n)),
    "one keyset of keys with one kid": lambda n: (
        "keys:\n" + "".join(f"  k{i}: {{certificate: a.crt, kid: k}}\n" for i in range(n))
        + "keysets:\n  s: {issuer: x, keys: [" + ", ".join(f"k{i}" for i in range(n)) + "]}\n"
    ),
    "one configuration on many channels": lambda n: "channels:\n" + "".join(
        f"  c{i}: {{user_verification: {{enabled: true, configurations: {{l: {{keyset: s}}}}}}}}\n" for i in range(n)
    ),
    "ignores of nothing": lambda n: "ignore:\n" + "".join(f"  - {{rule: r{i}, reason: x}}\n" for i in range(n)),
    "warnings and their ignores": lambda n: (
        "keysets:\n" + "".join(f"  s{i}: {{issuer: ' x', keys: [a]}}\n" for i in range(n))
        + "ignore:\n" + "".join("  - {rule: keyset-unused, reason: x}\n" for i in range(n))
    ),
    "removed and declared": lambda n: (
        "keys:\n" + "".join(f"  k{i}: {{}}\n" for i in range(n))
        + "removed:\n  keys: [" + ", ".join(f"k{i}" for i in range(n)) + "]\n"
    ),
    "unknown variables": lambda n: "issuers:\n" + "".join(f"  k{i}: ${{var:x{i}}}\n" for i in range(n)),
    "unknown sections": lambda n: "".join(f"k{i}: x\n" for i in range(n)),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_time_grows_linearly_with_mistakes(wrong: str, tmp_path: Path) -> None:
    folders = {}
    for size in (500, 4_000):
        variables = "variables:\n" + "".join(f"  y{i}: z\n" for i in range(size))
        folders[size] = directory(tmp_path / str(size), WRONG[wrong](size), a=LOCAL + variables).directory

    def seconds(size: int) -> float:
        start = time.process_time()
        found = validate(ConfigDirectory(folders[size]), ["a"], now=NOW, with_references=False)
        terminal(findings_view(found, read_lines), Style(80, False))
        return time.process_time() - start

    assert growth.at_most(24, seconds, 500, 4_000), "eight times as much; a square would be sixty-four times"
