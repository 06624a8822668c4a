"""Coverage-guided fuzzing by atheris: ``python -m tests.fuzz [TARGET…] --seconds N``, each target in its own process.

Ends with 1 where any target raised, hung for a second, or took more than 200 MB beyond what it began with. What was
found lies in .fuzz/TARGET; the corpus is kept there, too.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

FOLDER = Path(".fuzz")
#: The interpreter, its modules and the seeds; then 200 MB.
MEGABYTES = 200 + 400


def one(name: str) -> None:
    """Fuzz a target in this process; the options are libFuzzer's."""
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["provisioner"], enable_loader_override=False):
        from tests.fuzz.targets import TARGETS

        TARGETS[name](b"")  # targets import what they need when they are called
    atheris.Setup(sys.argv[:1] + sys.argv[3:], TARGETS[name])
    atheris.Fuzz()


def main() -> int:
    from tests.fuzz.seeds import seeds
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="*", choices=[[], *TARGETS], default=[], help="only these")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    given = parser.parse_args()
    failed = []
    for name in given.target or TARGETS:
        corpus = FOLDER / name
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds()[name]):
            if len(seed) < 20_000:
                (corpus / f"seed-{number}").write_bytes(seed)
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "--one", name, str(corpus), f"-max_total_time={given.seconds}",
             "-timeout=1", f"-rss_limit_mb={MEGABYTES}", "-max_len=20000", f"-artifact_prefix={corpus}/found-",
             "-print_final_stats=1"],
            capture_output=True, text=True, errors="replace",
        )  # fmt: skip
        runs = next((line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line), "?")
        sys.stdout.write(f"{name}: {runs} inputs, {'well' if done.returncode == 0 else 'FAILED'}\n")
        sys.stdout.flush()
        if done.returncode:
            failed.append(name)
            said = [line for line in done.stderr.splitlines() if not line.startswith(("#", "0x", "stat::"))]
            sys.stdout.write("\n".join(said[-25:]) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2])
    else:
        sys.exit(main())
