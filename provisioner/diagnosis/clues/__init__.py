"""Clues: pure readings of the evidence, one module for each part. Each yields marks for and against causes."""

from __future__ import annotations

from provisioner.diagnosis.clues import admin, answer, configured, key, network, pasted, session
from provisioner.diagnosis.evidence_weight import Clue

#: All clues, in the order of their sentences in a finding.
CLUES: tuple[Clue, ...] = (
    answer.clue,
    session.clue,
    key.clue,
    configured.clue,
    network.clue,
    pasted.clue,
    admin.clue,
)

__all__ = ["CLUES"]
