"""The catalogue of causes of a failing login, as data.

``provisioner localorg break CAUSE`` reproduces the causes that an org or a key can show.
"""

from __future__ import annotations

from types import MappingProxyType

from provisioner.diagnosis.login.causes.app import APP_CAUSES
from provisioner.diagnosis.login.causes.machine import MACHINE_CAUSES
from provisioner.diagnosis.login.causes.request import REQUEST_CAUSES
from provisioner.diagnosis.login.causes.user import USER_CAUSES

#: Every cause of a failing login by its id.
CAUSES = MappingProxyType({cause.id: cause for cause in (*APP_CAUSES, *USER_CAUSES, *REQUEST_CAUSES, *MACHINE_CAUSES)})
#: Causes that only the org's own record distinguishes: an administrator's session helps.
ON_RECORD = frozenset(cause.id for cause in (*APP_CAUSES, *USER_CAUSES)) - {"maintenance", "transient"}
