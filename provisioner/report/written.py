"""Files that a command wrote, and the next step."""

from __future__ import annotations

from collections.abc import Sequence

from provisioner.report.document import GAP, Block, Code, line
from provisioner.report.style import Look, Span


def written_view(files: Sequence[str], steps: Sequence[str]) -> list[Block]:
    """Return the files and the steps, each on a separate line, to be copied."""
    return [line("Written:"), Code(tuple(files)), GAP, line("Next:"), Code(tuple(steps))]


def exported_view(files: Sequence[str], command: str) -> list[Block]:
    """Return the files of a project, and the command that deploys it."""
    following = line(Span("Next:", Look.STRONG), " ", Span(command, whole=True))
    return [line("Written:"), Code(tuple(files)), GAP, following]
