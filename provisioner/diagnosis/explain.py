"""Pasted output → evidence. Nothing is sent."""

from __future__ import annotations

from datetime import datetime

from provisioner.diagnosis.evidence import Configured, Evidence
from provisioner.diagnosis.pasted import understand


def explain(text: str, configured: Configured, now: datetime) -> Evidence:
    """Evidence from a client's output alone; ``configured`` is what an environment's file says, if one was named."""
    pasted, answer = understand(text, configured)
    return Evidence(now, configured, answer=answer, pasted=pasted)
