"""Accepted warnings: an entry under ``ignore`` drops a finding, and an entry that drops none is a finding itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.model.estate import Ignore
from provisioner.names import Nearest
from provisioner.rules.pages import area_of, rule_ids, rule_page


class Ignores:
    """A declaration's ``ignore`` list, and its entries that found something to ignore. Errors are never ignored."""

    def __init__(self, entries: Iterable[Ignore]) -> None:
        self._entries = tuple(entries)
        self._known = {(entry.rule, entry.address) for entry in self._entries}
        self._used: set[tuple[str, str | None]] = set()

    def keep(self, findings: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return the findings that no entry accepts."""
        return [finding for finding in findings if not self._accepts(finding)]

    def _accepts(self, finding: Diagnostic) -> bool:
        if finding.is_error:
            return False
        matching = self._known & {(finding.rule, None), (finding.rule, finding.address)}
        self._used |= matching
        return bool(matching)

    def findings(self) -> Iterator[Diagnostic]:
        """Yield a finding for each entry that accepted nothing."""
        return self._of(used=False)

    def used_findings(self) -> Iterator[Diagnostic]:
        """Yield the findings of the used entries, as if unused: another environment may not need them."""
        return self._of(used=True)

    def _of(self, *, used: bool) -> Iterator[Diagnostic]:
        nearest = Nearest(rule_ids())
        for entry in self._entries:
            if ((entry.rule, entry.address) in self._used) is used:
                found = _unused(entry, nearest)
                if found is not None:
                    yield found


def _unused(entry: Ignore, nearest: Nearest) -> Diagnostic | None:
    at, own = entry.places.of("rule"), rule_page("ignore-unused")
    assert own is not None
    if entry.rule not in rule_ids():
        hint = nearest.hint(entry.rule)
        return own.finding(f"There is no rule {entry.rule}.{hint}", at, fix="`provisioner rules` lists the ids.")
    page = rule_page(entry.rule)
    if page is not None and page.severity is Severity.ERROR:
        message = f"{entry.rule} is an error, but only warnings can be ignored."
        return own.finding(message, at, fix="Remove the entry and correct the error.")
    if area_of(entry.rule) == "plan":  # only an org can tell
        return None
    where = f" at {entry.address}" if entry.address is not None else ""
    return own.finding(f"{entry.rule} has no finding{where}, so there is nothing to ignore.", at)
