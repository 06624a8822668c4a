"""The rooms that are mutated, and which tests hold each: the quickest first, for the first failure ends a run."""

from __future__ import annotations

import sys
from pathlib import Path

#: Room to tests. Those with the official CLI, and the ones that take minutes of their own, are left out.
ROOMS: dict[str, list[str]] = {
    "components": [
        "tests/components",
        "tests/cli/test_export.py",
        "tests/planning",
        "tests/cli/test_apply.py",
        "tests/cli/test_import.py",
        "tests/cli/test_drift.py",
        "tests/cli/test_removals.py",
    ],
    "planning": [
        "tests/planning",
        "tests/components",
        *(
            f"tests/cli/test_{each}.py"
            for each in ("importing", "import", "saved_plans", "drift", "removals", "restore", "promote", "apply")
        ),
        "tests/report",
        "tests/execution",
    ],
    "rules": ["tests/rules", "tests/declaration", "tests/cli/test_validate.py", "tests/cli/test_removals.py"],
    "diagnosis": [
        "tests/diagnosis",
        *(
            f"tests/cli/test_{each}.py"
            for each in ("token_explain", "diagnose_chat", "verify", "diagnose_key", "diagnose_endpoint")
        ),
        "tests/cli/test_diagnose_login.py",
    ],
}


def tests_of(room: str, tree: Path) -> list[str]:
    """The command that runs them in a copy of the project."""
    return ["env", f"--chdir={tree}", f"PYTHONPATH={tree}", "CI=1", sys.executable,
            "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *ROOMS[room]]  # fmt: skip
