"""Markdown that must fit into a comment on a pull request or into an issue: what is left out, and the parts in common.

A comment and an issue hold 65,536 characters. The text of a plan or a drift omits what does not fit and says so. At
last only the names of changes remain, then the first of them and the number of the others, then the sums, then the
first rows of the table of all environments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

from provisioner.diagnostics import Diagnostic, Location
from provisioner.errors import ProvisionerError
from provisioner.model.types import Risk
from provisioner.planning.plan import Blocked, Change, Plan
from provisioner.report import plan_words
from provisioner.report.document import instruction
from provisioner.report.errors import findings_of, message_lines
from provisioner.report.markdown import code, markdown, plain
from provisioner.words import counted

LONGEST = 65_000
BADGES = {
    Risk.NONE: "none",
    Risk.DISRUPTIVE: "⚠️ disruptive",
    Risk.PERMANENT: "🛑 permanent",
    Risk.DESTRUCTIVE: "🛑 destructive",
}
_BY_RISK = sorted(Risk, key=lambda risk: risk.weight, reverse=True)
#: The lines of a table above its rows.
_HEAD = 2

T = TypeVar("T")


class Level(IntEnum):
    """The amount of detail, from all of it to the sums."""

    ALL = 0
    RISKY_FIELDS = 1
    NO_FIELDS = 2
    RISKY_ROWS = 3
    NO_IMPACT = 4
    NAMES = 5
    SUMS = 6


@dataclass(frozen=True, slots=True)
class Comment(Generic[T]):
    """Text about the results of environments. ``title`` is ``Plan for``; ``place`` is what it must fit into.

    ``left_out`` has the levels after ``ALL``, each with the parts that it omits. ``one`` returns the paragraphs of an
    environment at a level, with so many names at most; ``table`` the table of all. ``named`` returns the changes of an
    environment that keep their names longest, ``number`` their number in words. ``command`` shows all of NAME.
    """

    title: str
    place: str
    left_out: Mapping[Level, str]
    one: Callable[[T, Level, int], list[str]]
    table: Callable[[Sequence[tuple[str, T | ProvisionerError]]], str]
    named: Callable[[T], Sequence[Change]]
    number: Callable[[int], str]
    command: str

    def of(self, results: Sequence[tuple[str, T | ProvisionerError]]) -> str:
        """Return the environments, and a table if there are several, in at most :data:`LONGEST` characters."""
        texts = (self._at_level(results, level) for level in (Level.ALL, *self.left_out))
        return next((text for text in texts if len(text) <= LONGEST), None) or self._table_alone(results)

    def omission(self, level: Level, command: str) -> list[str]:
        """Return the sentence about the parts that a level leaves out, and the command that shows all of them."""
        if level not in self.left_out:
            return []
        return [f"Left out, to fit into {self.place}: {self.left_out[level]}. All of it: {code(command)}"]

    def _at_level(self, results: Sequence[tuple[str, T | ProvisionerError]], level: Level) -> str:
        """Return the text at a level; at ``NAMES``, with as many names of each environment as fit."""
        text = self._all(results, level)
        if level is not Level.NAMES:
            return text
        names = [[code(change.address) for change in _worst_first(self._named(each))] for _, each in results]
        return self._all(results, level, _number_that_fits(LONGEST - len(text), names))

    def _all(self, results: Sequence[tuple[str, T | ProvisionerError]], level: Level, most: int = 0) -> str:
        parts = []
        for name, each in results:
            if isinstance(each, ProvisionerError):
                parts += _failure(f"{self.title} {code(name)}", each, listed=level < Level.NAMES)
            else:
                parts += [f"### {self.title} {code(name)}", *self.one(each, level, most)]
        return _text([*parts, *([self.table(results)] if len(results) > 1 else [])])

    def _table_alone(self, results: Sequence[tuple[str, T | ProvisionerError]]) -> str:
        """Return the table of all environments, with as many rows as fit."""
        rows = self.table(results).splitlines()
        most = _number_that_fits(LONGEST - 1_000, [rows]) - _HEAD
        said = f"Left out, to fit into {self.place}: everything but this table. All of it: {code(self.command)}"
        parts = [f"### {self.title.split()[0]}", said, "\n".join(rows[: _HEAD + most])]
        if rest := results[most:]:
            number = self.number(sum(len(self._named(each)) for _, each in rest))
            parts.append(f"And {counted(len(rest), 'more environment')} with {number}.")
        return _text(parts)

    def _named(self, result: T | ProvisionerError) -> Sequence[Change]:
        return () if isinstance(result, ProvisionerError) else self.named(result)


def _text(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _number_that_fits(room: int, columns: Sequence[Sequence[str]]) -> int:
    """Return the number of texts of each column that fit together into ``room`` characters, with two between them."""
    number = 0
    while row := [column[number] for column in columns if len(column) > number]:
        room -= sum(len(text) + 2 for text in row)
        if room < 0:
            break
        number += 1
    return number


def _worst_first(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda each: each.risk.weight, reverse=True)


def _failure(title: str, error: ProvisionerError, *, listed: bool) -> list[str]:
    """Return the error of an environment; ``listed``: with the declaration's findings."""
    found = findings_of(error) if listed else ()
    message, following = (
        markdown(blocks).rstrip("\n") for blocks in (message_lines(error), instruction("Next:", error.next))
    )
    return [f"### {title}", message, *findings(found), following]


def section(title: str, items: Iterable[str]) -> list[str]:
    """Return a list of items under a title; nothing without items."""
    lines = "\n".join(f"- {each}" for each in items)
    return [f"**{title}:**\n\n{lines}"] if lines else []


def folded(summary: str, *parts: str) -> str:
    """Return parts that a reader opens by a click. ``summary`` is HTML."""
    return "\n\n".join((f"<details><summary>{summary}</summary>", *parts, "</details>"))


def place_of(location: Location | None) -> str:
    """Return a place as code; empty if there is none."""
    return code(str(location)) if location else ""


def _after(location: Location | None) -> str:
    return f" ({place_of(location)})" if location else ""


def findings(found: Iterable[Diagnostic]) -> list[str]:
    """Return a list of findings with their fixes; nothing without findings."""
    lines = [
        f"- {each.severity.value} {code(each.rule)}{_after(each.location)}: {plain(each.message)} "
        f"**Fix:** {plain(each.fix)}"
        for each in found
    ]
    return ["\n".join(lines)] if lines else []


def guards(title: str, found: Iterable[Blocked]) -> list[str]:
    """Return the guards that refuse a plan, each with its next step; nothing without guards."""
    return section(title, (
        f"**{plain(each.guard)}**{_after(each.declared_at)}: {plain(each.message)} **Next:** {plain(each.next)}"
        for each in found
    ))  # fmt: skip


def org_sentence(plan: Plan) -> str:
    """Return the org that was read, and the API version."""
    org = f"Org {code(plan.org.id)} ({plain(plan_words.org_kind(plan.org))}) at {code(plan.org.instance_url)}"
    return f"{org}, API version {plain(plan.api_version)}."


def by_kind(title: str, kinds: Iterable[str]) -> list[str]:
    """Return ``Warnings: 3 × `certificate-ends`, 1 × `label-length`.``; nothing without kinds."""
    numbers = ", ".join(f"{number:,} × {code(kind)}" for kind, number in Counter(kinds).items())
    return [f"{title} {numbers}."] if numbers else []


def names_by_risk(changes: Iterable[Change], most: int) -> list[str]:
    """Return one line for each risk, the worst first: its first names (``most`` in all), and the number of others."""
    found = list(changes)
    lines = []
    for risk in _BY_RISK:
        names = [each.address for each in found if each.risk is risk]
        if names:
            lines.append(f"**{BADGES[risk]} ({len(names):,}):** {_first_names(names, most)}")
            most = max(most - len(names), 0)
    return lines


def _first_names(names: Sequence[str], most: int) -> str:
    """Return ``a, b and 7 more``, every name as code; only the number if ``most`` is 0."""
    shown = ", ".join(map(code, names[:most]))
    left = len(names) - len(names[:most])
    if not left:
        return shown
    return f"{shown} and {left:,} more" if shown else f"{left:,}, not named here"
