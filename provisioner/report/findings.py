"""Findings: each with its marked source line, and its fix; and their places, for services that compare two runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.report.document import GAP, Block, Fitted, instruction, line
from provisioner.report.excerpt import SourceLines, excerpt
from provisioner.report.json import FORMAT_VERSION, Json, finding_json
from provisioner.report.style import Look, Part, Span, Style
from provisioner.words import counted

if TYPE_CHECKING:
    from provisioner.jose.defects import Defect

#: The lines of a file by its path in findings; empty if the file cannot be read.
ReadLines = Callable[[str], Sequence[str]]
#: No person reads more findings in a terminal.
SHOWN = 1_000
LOOKS = {Severity.ERROR: Look.DANGER, Severity.WARNING: Look.CAREFUL}
#: The margin at the right edge: some terminals break lines there.
_MARGIN = 1


def findings_view(findings: Iterable[Diagnostic], read_lines: ReadLines) -> list[Block]:
    """Return at most :data:`SHOWN` findings, by file and line; the last line counts all of them."""
    by_file: dict[str, list[Diagnostic]] = {}
    for each in findings:
        by_file.setdefault(each.location.file if each.location else "", []).append(each)
    blocks: list[Block] = []
    shown = errors = warnings = 0
    for file, listed in by_file.items():
        source = SourceLines(read_lines(file) if file else ())
        for each in sorted(listed, key=_place)[: max(0, SHOWN - shown)]:
            blocks += [*_one(each, source), GAP]
        shown += len(listed)
        wrong = sum(each.is_error for each in listed)
        errors, warnings = errors + wrong, warnings + len(listed) - wrong
    if shown > SHOWN:
        blocks += [line(f"{shown - SHOWN:,} more are not shown: --format json has them all."), GAP]
    return [*blocks, line(*summary(errors, warnings))]


def summary(errors: int, warnings: int) -> list[Part]:
    """Return ``2 errors, 1 warning.``, or ``No findings.``"""
    return [*severities(errors, warnings), "."] if errors or warnings else [Span("No findings.", Look.GOOD)]


def severities(errors: int, warnings: int) -> list[Span]:
    """Return ``2 errors, 1 warning``; nothing for none."""
    spans = [Span(counted(errors, "error"), Look.DANGER)] if errors else []
    if warnings:
        spans += [Span(", ")] if errors else []
        spans.append(Span(counted(warnings, "warning"), Look.CAREFUL))
    return spans


def _place(finding: Diagnostic) -> tuple[int, int]:
    return (finding.location.line, finding.location.column) if finding.location else (0, 0)


def rule_lines(found: Diagnostic | Defect, *about: Part, indent: int = 0, below: int = 2) -> list[Block]:
    """Return the rule that something breaks, the message, and the fix, which may have commands in its later lines."""
    head = line(
        Span(found.severity.value, LOOKS[found.severity]), f" {found.rule}", *about, indent=indent, hang=indent + below
    )
    return [head, line(found.message, indent=indent + below), *instruction("Fix:", found.fix, indent=indent + below)]


def _one(finding: Diagnostic, source: SourceLines) -> list[Block]:
    where = Span(str(finding.location), Look.STRONG) if finding.location else Span("(no place in a file)", Look.FAINT)
    head, *below = rule_lines(finding, "  ", where)
    about = [finding.address] if finding.address else []
    if finding.environments:
        about.append("in " + ", ".join(finding.environments))
    named = [line(Span("; ".join(about), Look.FAINT), indent=2)] if about else []
    return [head, *named, Fitted(partial(_source, finding, source)), *below]


def _source(finding: Diagnostic, source: SourceLines, style: Style) -> list[str]:
    if finding.location is None:
        return []
    number = str(finding.location.line)
    bar = " " * (len(number) + 3) + "|"
    shown = excerpt(source, finding.location, style.width - len(bar) - 1 - _MARGIN)
    if shown is None:
        return []
    marks = " " * shown.indent + style.paint("^" * shown.length, LOOKS[finding.severity])
    return [
        f"  {style.paint(f'{number} |', Look.FAINT)} {shown.text}",
        f"{style.paint(bar, Look.FAINT)} {marks}",
    ]


def findings_json(findings: Iterable[Diagnostic]) -> Json:
    """Return ``{"format_version", "findings", "summary": {"errors", "warnings"}}``, in the order given."""
    listed = list(findings)
    errors = sum(each.is_error for each in listed)
    return {
        "format_version": FORMAT_VERSION,
        "findings": [finding_json(each) for each in listed],
        "summary": {"errors": errors, "warnings": len(listed) - errors},
    }


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding with its place. ``path`` is relative to the root of the sources, ``number`` counts equal findings.

    ``identity`` names neither line nor message, because both move with time: it is the same in two runs.
    """

    finding: Diagnostic
    place: Location
    path: str
    identity: str
    number: int

    @property
    def hash(self) -> str:
        """Return the identity as 16 hexadecimal digits."""
        import hashlib  # loads OpenSSL

        return hashlib.sha256(self.identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def placed(findings: Iterable[Diagnostic], relative: Callable[[str], str], fallback_file: str) -> Iterator[Placed]:
    """Yield each finding with its place; a finding without one is put at the head of ``fallback_file``."""
    seen: Counter[str] = Counter()
    for finding in findings:
        place = finding.location or Location(fallback_file, 1, 1)
        path = relative(place.file)
        identity = "\0".join((finding.rule, path, finding.address or ""))
        seen[identity] += 1
        yield Placed(finding, place, path, identity, seen[identity])
