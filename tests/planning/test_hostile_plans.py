"""A plan file of an attacker is refused within little memory and time, whatever it holds; a large honest one is not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.components.package import FILES_AT_MOST
from provisioner.planning.saved_plan import (
    LARGEST_BYTES,
    LARGEST_CONTENT,
    LARGEST_WITH_EMOJI,
    MOST_NAMES,
    MOST_OBJECTS,
    MOST_VALUES,
    read,
    sealed,
)
from tests.planning.test_saved_plan import EMPTY_ORG, saved
from tests.report import samples

MEGABYTES, SECONDS = 100, 1.0
#: The file is read as the command reads it; the memory is what that adds to the interpreter and its modules.
_RUN = """
import resource, sys
from pathlib import Path
from provisioner.planning.saved_plan import NotThePlanError
from provisioner.workflows.plan_files import open_plan
def memory(name):
    return int(Path("/proc/self/status").read_text().partition(name + ":")[2].split()[0])
def seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
before, began = memory("VmRSS"), seconds()
try:
    open_plan(Path(sys.argv[1]))
    code = "accepted"
except NotThePlanError as refused:
    code = refused.code
print(code, memory("VmHWM") - before, seconds() - began)
"""


def inside(value: bytes) -> bytes:
    return b'{"format_version": "1", "digest": "sha256:0", "changes": ' + value + b"}"


def filled(piece: bytes, most: int) -> bytes:
    """As many pieces as the limits of bytes and of values admit."""
    return inside(b"[" + piece * min(most, (LARGEST_CONTENT - 100) // len(piece)) + b"0]")


SHAPES: dict[str, Callable[[], bytes]] = {
    "deep lists": lambda: b"[" * (LARGEST_BYTES - 1),
    "deep lists within the limits": lambda: b"[" * (MOST_VALUES - 1),
    "deep objects": lambda: b'{"a":' * (MOST_OBJECTS - 1),
    "a million empty lists": lambda: filled(b"[],", 1_000_000),
    "empty lists": lambda: filled(b"[],", MOST_VALUES // 2 - 10),
    "objects": lambda: filled(b'{"":0},', MOST_OBJECTS - 10),
    "a number": lambda: inside(b"9" * (LARGEST_CONTENT - 100)),
    "numbers": lambda: filled(b"9" * 4000 + b",", MOST_VALUES - 10),
    "floats": lambda: filled(b"1.5e9,", MOST_VALUES - 10),
    "a string": lambda: inside(b'"' + b"a" * (LARGEST_CONTENT - 100) + b'"'),
    "a string of escapes": lambda: inside(b'"' + b'\\"' * ((LARGEST_CONTENT - 100) // 2) + b'"'),
    "short strings": lambda: filled(b'"ab",', MOST_VALUES - 10),
    "strings": lambda: filled(b'"' + b"a" * (LARGEST_CONTENT // MOST_VALUES - 4) + b'",', MOST_VALUES - 10),
    "a name again and again": lambda: b"{" + b'"name": 1,' * (MOST_VALUES - 10) + b'"b": 1}',
    "names": lambda: b"{" + b",".join(b'"%07d":"ab"' % number for number in range(MOST_VALUES - 10)) + b"}",
    "few names": lambda: b"{" + b",".join(b'"%05d":"ab"' % (n % MOST_NAMES) for n in range(MOST_VALUES - 10)) + b"}",
    "a string of wide characters": lambda: inside(b'"\xe2\x80\xa6' + b"a" * (LARGEST_CONTENT - 200) + b'"'),
    "a string with emoji": lambda: inside(b'"\xf0\x9f\x98\x80' + b"a" * (LARGEST_CONTENT - 200) + b'"'),
    "a short string with emoji": lambda: inside(b'"\xf0\x9f\x98\x80' + b"a" * (LARGEST_WITH_EMOJI - 200) + b'"'),
    "escaped emoji": lambda: inside(b'"\\uD83D\\uDE00' + b"a" * (LARGEST_CONTENT - 200) + b'"'),
    "short escaped emoji": lambda: inside(b'"\\ud83d\\ude00' + b"a" * (LARGEST_WITH_EMOJI - 200) + b'"'),
    "strings with emoji": lambda: inside(b"[" + (b'"\xf0\x9f\x98\x80' + b"a" * 90 + b'",') * 105_000 + b"0]"),
    "blanks": lambda: b" " * LARGEST_BYTES,
    "indentation": lambda: inside(b"[" + (b"\n" + b" " * 30) * (LARGEST_BYTES // 32) + b"]"),
    "indentation of one column": lambda: inside(b"[" + b"\n " * (LARGEST_CONTENT // 2 - 100) + b"]"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells the memory of a process on Linux")
@pytest.mark.parametrize("shape", SHAPES)
def test_a_hostile_plan_file_is_refused_cheaply(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(SHAPES[shape]())
    done = subprocess.run([sys.executable, "-c", _RUN, str(path)], capture_output=True, text=True, check=True)
    code, kilobytes, seconds = done.stdout.split()
    assert code.startswith("plan-")
    assert int(kilobytes) / 1000 < MEGABYTES
    assert float(seconds) < SECONDS


def test_a_plan_of_ten_thousand_changes_is_accepted() -> None:
    """Of the creation of a key, which has the most fields, as often as a deployment takes files."""
    plan = json.loads(saved(samples.FULL, EMPTY_ORG))
    (key,) = [change for change in plan["changes"] if change["action"] == "create"]
    names = [f"storefront_{number:05}" for number in range(FILES_AT_MOST)]
    plan["changes"] = [{**key, "address": f"key.{name}", "full_name": name} for name in names]
    plan["components"] = {f"key.{name}": "sha256:" + "0" * 64 for name in names}
    content = json.dumps(sealed(plan), indent=2).encode()
    assert len(content) > 20_000_000
    assert len(read(content, "plan.json").changes) == FILES_AT_MOST
