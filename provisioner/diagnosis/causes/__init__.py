"""The catalogue of causes, as data. ``provisioner localorg break CAUSE`` provokes those that an org or a key shows."""

from __future__ import annotations

from types import MappingProxyType

from provisioner.diagnosis.causes.app import APP_CAUSES
from provisioner.diagnosis.causes.cause import Cause, Grade
from provisioner.diagnosis.causes.machine import MACHINE_CAUSES
from provisioner.diagnosis.causes.request import REQUEST_CAUSES
from provisioner.diagnosis.causes.user import USER_CAUSES

#: Every cause by its id.
CAUSES = MappingProxyType({cause.id: cause for cause in (*APP_CAUSES, *USER_CAUSES, *REQUEST_CAUSES, *MACHINE_CAUSES)})

__all__ = ["CAUSES", "Cause", "Grade"]
