"""The sums of plans as the report that GitLab shows in a merge request (``artifacts:reports:terraform``).

Source: GitLab documentation, "artifacts:reports:terraform", and its parser: an object with the numbers ``create``,
``update`` and ``delete``. A report without them is shown as one that failed to generate.
"""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.errors import ProvisionerError
from provisioner.planning.plan import Action, Plan
from provisioner.report.errors import error_object
from provisioner.report.shapes import Json

_COUNTED = (Action.CREATE, Action.UPDATE, Action.DELETE)


def plans_gitlab(plans: Iterable[tuple[str, Plan | ProvisionerError]]) -> Json:
    """Return the sums over all environments; if one of them is unknown, an object with only the reason."""
    sums = dict.fromkeys((action.value for action in _COUNTED), 0)
    for name, plan in plans:
        if not isinstance(plan, Plan):
            return {"environment": name, "error": error_object(plan)}
        if not plan.complete:
            return {"environment": name, "complete": False}
        for action in _COUNTED:
            sums[action.value] += plan.count(action)
    return sums
