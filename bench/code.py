"""``python -m bench.code``: the size and shape of the code, as a table. ``make measure`` prints it.

What the code cannot tell by itself, such as the files that a new cause touches, is counted where it can be: a field, a
type, a format or a cause touches each file that names an existing one of its kind.
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRODUCT = ROOT / "provisioner"
#: An existing field, type, format and cause, as the code names them. A new one touches the files that name these. The
#: types are the ones without features of their own: what only a keyset can do, another type has not.
PROBES = {
    "a field": r"unverified_minutes|unverified\b.*minutes|anonymousUserJwtExpirationTime",
    "a read type": r"MetadataType\.CORS_ORIGIN\b|CorsWhitelistOrigin\b",
    "a sent type": r"MetadataType\.SETTINGS\b|LiveMessageSettings\b",
    "a format": r"[\"']sarif[\"']|findings_sarif",
    "a cause": r"ip[-_]restricted",
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Room:
    """The figures of one package below ``provisioner``; files beside the packages are the room ``leaves``."""

    name: str
    files: int
    lines: int
    functions: int
    longest: int
    late_imports: int


def rooms() -> list[Room]:
    """Return the figures of every room, the largest first."""
    by_room: dict[str, list[Path]] = {}
    for path in sorted(PRODUCT.rglob("*")):
        if path.suffix in (".py", ".yaml") and path.is_file():
            parts = path.relative_to(PRODUCT).parts
            by_room.setdefault(parts[0] if len(parts) > 1 else "leaves", []).append(path)
    return sorted((_room(name, paths) for name, paths in by_room.items()), key=lambda room: -room.lines)


def _room(name: str, paths: list[Path]) -> Room:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths if path.suffix == ".py"]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)]
    return Room(
        name,
        len(paths),
        sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths),
        len(functions),
        max((_length(function) for function in functions), default=0),
        sum(1 for function in functions for _ in _imports(function)),
    )


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _imports(function: ast.AST) -> Iterator[ast.AST]:
    """Yield the imports of a function's own body, without those of functions inside it."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, _FUNCTIONS):
            yield from _imports(node)


def longest_functions(most: int = 5) -> list[tuple[int, str]]:
    """Return the longest functions with their length in lines."""
    found = [
        (_length(node), f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
        for path in PRODUCT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, _FUNCTIONS)
    ]
    return sorted(found, reverse=True)[:most]


def touched(pattern: str) -> list[str]:
    """Return the files of the program that match ``pattern``."""
    search = re.compile(pattern)
    paths = (path for path in sorted(PRODUCT.rglob("*")) if path.suffix in (".py", ".yaml"))
    return [str(path.relative_to(PRODUCT)) for path in paths if search.search(path.read_text(encoding="utf-8"))]


def start_up(*words: str, rounds: int = 7) -> float:
    """Return the median seconds of ``provisioner WORDS`` in a process of its own."""
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "provisioner", *words], check=True, capture_output=True, cwd=ROOT)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def report() -> str:
    """Return all figures as text."""
    found = rooms()
    local = next(room for room in found if room.name == "localorg")
    total = Room(
        "total",
        files=sum(room.files for room in found),
        lines=sum(room.lines for room in found),
        functions=sum(room.functions for room in found),
        longest=max(room.longest for room in found),
        late_imports=sum(room.late_imports for room in found),
    )
    lines = [f"{'room':<14}{'files':>7}{'lines':>9}{'functions':>11}{'longest':>9}{'late imports':>14}"]
    lines += [
        f"{room.name:<14}{room.files:>7,}{room.lines:>9,}{room.functions:>11,}{room.longest:>9}{room.late_imports:>14}"
        for room in [*found, total]
    ]
    lines.append(f"without localorg: {total.files - local.files:,} files, {total.lines - local.lines:,} lines")
    lines += ["", "The longest functions:"]
    lines += [f"{length:>6}  {where}" for length, where in longest_functions()]
    lines += ["", "Files that name an existing one, which a new one touches (product, local org):"]
    for what, pattern in PROBES.items():
        files = touched(pattern)
        inside = sum(name.startswith("localorg/") for name in files)
        lines.append(f"  {what:<12}{len(files) - inside:>4}{inside:>4}")
    version, overview, verb = start_up("--version"), start_up("--help"), start_up("plan", "--help")
    lines += ["", f"--version {version:.3f} s, --help {overview:.3f} s, plan --help {verb:.3f} s (median of 7)"]
    return "\n".join(lines)


def main() -> None:
    """Print the report, or write it to a file."""
    parser = argparse.ArgumentParser(prog="python -m bench.code", description=__doc__)
    parser.add_argument("--out", type=Path, help="also write the report to this file")
    arguments = parser.parse_args()
    text = report()
    sys.stdout.write(text + "\n")
    if arguments.out is not None:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
