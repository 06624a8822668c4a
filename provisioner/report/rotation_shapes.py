"""The result of a run of ``keys rotate``, as a value for its reports."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.diagnosis.chat.proof_words import Probed
from provisioner.errors import ExitStatus
from provisioner.execution.outcome import Outcome
from provisioner.jose.rotation_state import RotatingKeyset, RotationStep, StepRefusal
from provisioner.jose.rotation_words import Words
from provisioner.salesforce.chat_proof import Proof


@dataclass(frozen=True, slots=True)
class Rotated:
    """The step of a keyset, and the actions of this run.

    ``outcomes`` are the plans that were applied, or refused; ``refused`` is the reason if the request was not executed.
    """

    environment: str
    org_id: str
    view: RotatingKeyset
    step: RotationStep
    words: Words
    proofs: tuple[tuple[Proof, Probed], ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    refused: tuple[StepRefusal, ...] = ()
    notes: tuple[str, ...] = ()
    exit_status: ExitStatus = ExitStatus.DONE
