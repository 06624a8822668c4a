"""Files that a command wrote, and the next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioner.report.document import GAP, Block, Code, line
from provisioner.report.json import FORMAT_VERSION, Json, members
from provisioner.report.style import Look, Span


@dataclass(frozen=True, slots=True)
class Exported:
    """A project that was written. ``files`` are paths in ``directory``; the other lists are addresses."""

    environment: str
    api_version: str
    directory: str
    files: tuple[str, ...]
    components: tuple[str, ...]
    deletions: tuple[str, ...]
    external: tuple[str, ...]
    next: str
    unchanged: tuple[str, ...] = ()
    forceignore: tuple[str, ...] = ()


def written_view(files: Sequence[str], steps: Sequence[str]) -> list[Block]:
    """Return the files and the steps, each on a separate line, to be copied."""
    return [line("Written:"), Code(tuple(files)), GAP, line("Next:"), Code(tuple(steps))]


def starting_config_json(directory: str, files: Sequence[str], steps: Sequence[str]) -> Json:
    """Return ``init --format json``."""
    return {"format_version": FORMAT_VERSION, "directory": directory, "written": list(files), "next": list(steps)}


def exported_view(exported: Exported) -> list[Block]:
    """Return the files of a project, and the command that deploys it."""
    files = tuple(str(Path(exported.directory) / path) for path in exported.files)
    following = line(Span("Next:", Look.STRONG), " ", Span(exported.next, whole=True))
    blocks: list[Block] = [line("Written:"), Code(files)] if files else []
    if exported.unchanged:
        blocks += [line("Unchanged:"), Code(tuple(str(Path(exported.directory) / path) for path in exported.unchanged))]
    if exported.forceignore:
        blocks += [
            GAP,
            line(
                "If provisioner deploys these and the Salesforce CLI must leave them alone, add to .forceignore "
                "(--forceignore does it):"
            ),
            Code(exported.forceignore),
        ]
    return [*blocks, GAP, following]


def exported_json(exported: Exported) -> Json:
    """Return ``export --format json``."""
    return {
        "format_version": FORMAT_VERSION,
        **members(exported, "environment", "api_version", "directory", "written=files", "components", "deletions"),
        **members(exported, "external", "unchanged", "forceignore", "next"),
    }
