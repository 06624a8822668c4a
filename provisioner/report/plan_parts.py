"""Parts that the views of a plan and of a drift share: warnings, unreadable parts, and guards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provisioner.diagnostics import Diagnostic, Location
from provisioner.planning.plan import Blocked
from provisioner.report.document import Block, labelled, line
from provisioner.report.style import Look, Part, Span

_SIGN = Span("!", Look.DANGER)


def at(place: Location | None) -> list[Part]:
    """Return the place after an address, if there is one."""
    return ["  ", Span(str(place), Look.FAINT, whole=True)] if place else []


def warning_lines(warnings: Iterable[Diagnostic]) -> list[Block]:
    """Return each warning with its fix."""
    blocks: list[Block] = []
    for each in warnings:
        look = Look.DANGER if each.is_error else Look.CAREFUL
        about: list[Part] = ["  ", Span(each.address, whole=True)] if each.address else []
        blocks.append(line(Span(each.severity.value, look), f" {each.rule}", *about, *at(each.location), hang=4))
        blocks += [line(each.message, indent=4), labelled("Fix:", each.fix, indent=4)]
    return blocks


def unread_lines(title: str, parts: Iterable[tuple[str, str, str]]) -> list[Block]:
    """Return the unreadable parts, each with the reason and the required permission; nothing if everything was read."""
    blocks: list[Block] = []
    for what, reason, needed in parts:
        blocks.append(line(Span(what, Look.STRONG, whole=True), mark=_SIGN, indent=2, hang=4))
        blocks += [line(reason, indent=4), labelled("Needed:", needed, indent=4)]
    return [line(Span(title, Look.DANGER)), *blocks] if blocks else []


def guard_lines(title: str, guards: Sequence[Blocked]) -> list[Block]:
    """Return the guards that refuse a plan, each with its next step; nothing if there are none."""
    blocks: list[Block] = []
    for each in guards:
        about: list[Part] = ["  ", Span(each.address, Look.STRONG, whole=True)] if each.address else []
        blocks.append(line(each.guard, *about, *at(each.declared_at), mark=_SIGN, indent=2, hang=4))
        blocks += [line(each.message, indent=4), labelled("Next:", each.next, indent=4)]
    return [line(Span(title, Look.DANGER)), *blocks] if blocks else []
