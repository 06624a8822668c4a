"""The place and the fingerprint of each finding, for services that compare the findings of two runs."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic, Location


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
