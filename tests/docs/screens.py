"""The README's screens, and the commands that print them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
_SCREEN = re.compile(r"(<!-- screen: (\w+) -->\n```text\n)(.*?)(```\n)", re.DOTALL)


def screens() -> dict[str, str]:
    """The screens that stand in the README, by name."""
    return {match[2]: match[3] for match in _SCREEN.finditer(README.read_text())}


def write(printed: dict[str, str]) -> None:
    """Put what was printed into the README."""
    text = _SCREEN.sub(lambda match: match[1] + printed[match[2]] + match[4], README.read_text())
    README.write_text(text)


def steady(text: str) -> str:
    """What differs from run to run, made the same: ids, ports, the local org's passing states."""
    text = re.sub(r"\b00D[A-Za-z0-9]{12,15}\b", "00DLO0000000001EAA", text)
    text = re.sub(r"\b0Af[A-Za-z0-9]{12,15}\b", "0AfLO00000000010AA", text)
    text = re.sub(r"https://localhost:\d+", "https://localhost:8443", text)
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join(line for line in lines if not re.match(r"Deployment \w+: ", line)) + "\n"
