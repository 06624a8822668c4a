"""What a run of ``keys rotate`` came to: the value that its reports show."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.diagnosis.chat_proof_words import Probed
from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome
from provisioner.jose.rotation_state import Rotating, Step, StepRefusal
from provisioner.jose.rotation_words import Words
from provisioner.salesforce.chat_proof import Proof


@dataclass(frozen=True, slots=True)
class Rotated:
    """Where a keyset stands now, and what was done on the way.

    ``outcomes`` are the plans that were applied, or refused; ``refused`` is why what was asked for was not done.
    """

    environment: str
    org_id: str
    view: Rotating
    step: Step
    words: Words
    proofs: tuple[tuple[Proof, Probed], ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    refused: tuple[StepRefusal, ...] = ()
    notes: tuple[str, ...] = ()
    exit_status: ExitStatus = ExitStatus.DONE
