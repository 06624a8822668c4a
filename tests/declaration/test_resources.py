"""Whatever 8 MiB of YAML hold, `validate` takes linear time and little memory, and prints little."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from provisioner.declaration.yaml_text import LARGEST_FILE

WHOLE, PART = LARGEST_FILE - 100, LARGEST_FILE // 8
MEGABYTES, PRINTED = 300, 2_000_000
_RUN = """
import resource, sys
from provisioner.cli.main import main
status = main(["validate", "--untrusted"])
used = resource.getrusage(resource.RUSAGE_SELF)
# ru_maxrss counts the process that started this one, too; VmHWM (Linux) does not.
status_of = open("/proc/self/status").read() if sys.platform == "linux" else "VmHWM: 0 kB"
most = status_of.partition("VmHWM:")[2].split()[0]
sys.stderr.write(f"\\nUSED {used.ru_utime + used.ru_stime} {most}\\n")
sys.exit(status)
"""


def lines(line: str, size: int) -> str:
    """As many lines as fit; ``{}`` is their number."""
    return "".join(line.format(number) for number in range(size // (len(line) + 6)))


TEXTS: dict[str, Callable[[int], str]] = {
    "escapes": lambda size: 'version: 1\nissuers: {a: "' + "\\u202e" * (size // 6) + '"}\n',
    "beginnings of references": lambda size: 'version: 1\nissuers: {a: "' + "${" * (size // 2) + '"}\n',
    "a tag": lambda size: "version: 1\nissuers: {a: !" + "t" * (size - 40) + " x}\n",
    "a name": lambda size: "version: 1\n" + "k" * (size - 40) + ": 1\n",
    "an alias": lambda size: "version: 1\nissuers: {a: *" + "t" * (size - 40) + "}\n",
    "a value": lambda size: f"version: 1\nchannels: {{a: {{user_verification: {{enabled: {'t' * (size - 80)}}}}}}}\n",
    "an API name": lambda size: f"version: 1\nkeysets: {{{'t' * (size - 80)}: {{issuer: a, keys: [b]}}}}\n",
    "the same name again": lambda size: "version: 1\n" + lines("keys: {{}}\n", size),
    "unknown names": lambda size: "version: 1\n" + lines("k{}: 1\n", size),
    "keys": lambda size: "version: 1\nkeys:\n" + lines("  k{0}: {{certificate: keys/a.crt, kid: k{0}}}\n", size),
}


@dataclass(frozen=True)
class Used:
    """What a process took: seconds of the processor, megabytes, and characters that it printed."""

    seconds: float
    megabytes: float
    printed: int


def validate(folder: Path, text: str) -> Used:
    """Check a declaration in a process of its own."""
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config/user-verification.yaml").write_text(text)
    ran = subprocess.run([sys.executable, "-c", _RUN], cwd=folder, capture_output=True, timeout=300)
    said, _, used = ran.stderr.decode().rpartition("USED ")
    assert ran.returncode in (0, 1), said
    seconds, kilobytes = used.split()
    return Used(float(seconds), int(kilobytes) / 1000, len(ran.stdout) + len(said))


@pytest.mark.parametrize("name", TEXTS)
def test_eight_megabytes(name: str, tmp_path: Path) -> None:
    part, whole = (validate(tmp_path, TEXTS[name](size)) for size in (PART, WHOLE))
    assert whole.megabytes < MEGABYTES
    assert whole.printed < PRINTED
    # Eight times the text: the time grows with it, not with its square.
    assert whole.seconds < 24 * part.seconds
