"""The catalogue of causes, as data.

``provisioner localorg break CAUSE`` reproduces the causes that an org or a key can show.
"""

from __future__ import annotations

from types import MappingProxyType

from provisioner.diagnosis.causes.app import APP_CAUSES
from provisioner.diagnosis.causes.cause import Cause, Grade
from provisioner.diagnosis.causes.client import CHAT_CAUSES, CLIENT_CAUSES
from provisioner.diagnosis.causes.machine import MACHINE_CAUSES
from provisioner.diagnosis.causes.request import REQUEST_CAUSES
from provisioner.diagnosis.causes.user import USER_CAUSES

#: Every cause of a failing login by its id.
CAUSES = MappingProxyType({cause.id: cause for cause in (*APP_CAUSES, *USER_CAUSES, *REQUEST_CAUSES, *MACHINE_CAUSES)})
#: Every cause that pasted output may have, including those of the chat and of other programs.
PASTED_CAUSES = MappingProxyType({**{cause.id: cause for cause in (*CHAT_CAUSES, *CLIENT_CAUSES)}, **CAUSES})
#: Causes that only the org's own record distinguishes: an administrator's session helps.
ON_RECORD = frozenset(cause.id for cause in (*APP_CAUSES, *USER_CAUSES)) - {"maintenance", "transient"}

__all__ = ["CAUSES", "ON_RECORD", "PASTED_CAUSES", "Cause", "Grade"]
