"""Evidence from pasted output. Nothing is sent."""

from __future__ import annotations

from datetime import datetime

from provisioner.diagnosis.evidence import Configured, Evidence
from provisioner.diagnosis.pasted import understand


def explain(text: str, configured: Configured, now: datetime) -> Evidence:
    """Return the evidence in a program's output; ``configured`` holds an environment's login, if one was named."""
    pasted, answer, login = understand(text, configured)
    return Evidence(now, login, answer=answer, pasted=pasted)
