"""The channel files of the corpus."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def channels(folder: str) -> dict[str, str]:
    """The files of a folder by channel name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / folder).glob("*.messagingChannel"))}
