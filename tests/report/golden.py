"""Golden files: what is printed, kept as a file whose name is a sentence. UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "golden"


def assert_golden(name: str, printed: str) -> None:
    """``printed`` is what the file ``name`` holds; escapes of a terminal stand there as ``␛``."""
    path = FOLDER / name
    shown = printed.replace("\x1b", "␛").rstrip("\n") + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert path.exists(), f"{name} is missing: run the test with UPDATE_GOLDEN=1, and read what it writes"
    assert shown == path.read_text(encoding="utf-8"), (
        f"{name} differs; if that is meant, UPDATE_GOLDEN=1 writes it anew"
    )


def assert_golden_json(name: str, document: dict[str, Any]) -> None:
    """The same for a JSON document."""
    assert_golden(name, json.dumps(document, indent=2, ensure_ascii=False))
