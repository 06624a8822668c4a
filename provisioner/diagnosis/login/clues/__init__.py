"""Clues: pure readings of the evidence, one module for each part. Each yields marks for and against causes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from provisioner.diagnosis.cases import Mark
from provisioner.diagnosis.login.clues import admin, answer, configured, network, pasted, refusals, session
from provisioner.diagnosis.login.evidence import LoginEvidence

#: All clues, in the order of their sentences in a finding.
CLUES: tuple[Callable[[LoginEvidence], Iterator[Mark]], ...] = (
    answer.clue,
    session.clue,
    configured.key_clue,
    configured.clue,
    network.clue,
    pasted.clue,
    refusals.clue,
    admin.clue,
)
